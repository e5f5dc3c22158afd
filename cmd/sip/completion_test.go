package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/internal/golden"
)

func TestCompletionScripts(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		r := sip(t, "completion", shell)
		if r.code != exitYes || r.stderr != "" {
			t.Errorf("sip completion %s: got %d and %q on stderr, want 0 and nothing", shell, r.code, r.stderr)
		}
		golden.Equal(t, "testdata/completion/sip."+shell, []byte(r.stdout))
	}
}

// Where a shell is there, it must find its script well formed.
func TestCompletionScriptsAreWellFormed(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		path, err := exec.LookPath(shell)
		if err != nil {
			t.Logf("no %s on this machine", shell)
			continue
		}
		cmd := exec.Command(path, "-n")
		cmd.Stdin = strings.NewReader(sip(t, "completion", shell).stdout)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s -n: %v: %s", shell, err, out)
		}
	}
}

// bash runs the script as its readline would, and prints what it offers.
func TestBashCompletes(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Log("no bash on this machine")
		return
	}
	dir := t.TempDir()
	for _, name := range []string{"one message.dat", "other.dat"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name, line string // the last word is the one under the cursor
		want       string
	}{
		{"commands", "sip ", strings.Join(append(names(), "help"), "\n")},
		{"one command", "sip pa", "parse"},
		{"flags", "sip parse -", "-h\n-json\n-stream"},
		{"one flag", "sip parse -js", "-json"},
		{"files", "sip parse o", "one message.dat\nother.dat"},
		{"files after a flag", "sip parse -json ot", "other.dat"},
		{"words", "sip completion ", "bash\nzsh\nfish"},
		{"help", "sip help comp", "completion"},
		{"unknown command", "sip dial ", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			words := strings.Split(tt.line, " ")
			cmd := exec.Command(bash, "-c", `eval "$SCRIPT"; COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _sip; printf '%s\n' "${COMPREPLY[@]}"`, "bash")
			cmd.Args = append(cmd.Args, words...)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "SCRIPT="+sip(t, "completion", "bash").stdout)
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			if got := strings.TrimRight(string(out), "\n"); got != tt.want {
				t.Errorf("%q: got %q, want %q", tt.line, got, tt.want)
			}
		})
	}
}
