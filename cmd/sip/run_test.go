package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
)

// testFolder is where the test data of this package are.
var testFolder, _ = os.Getwd()

// TestMain makes the test binary the program itself when a test starts it as a process of its own.
func TestMain(m *testing.M) {
	if os.Getenv("SIP_TEST_MAIN") == "1" {
		main()
		return
	}
	os.Exit(m.Run())
}

// result is what one run of the program did.
type result struct {
	code           int
	stdout, stderr string
}

// sip runs the program in this process with nothing on stdin.
func sip(t *testing.T, args ...string) result {
	t.Helper()
	return sipWith(t, "", args...)
}

// sipWith is sip with text on stdin.
func sipWith(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), args, strings.NewReader(stdin), &stdout, &stderr)
	return result{code, stdout.String(), stderr.String()}
}

func TestWrongUsageIsExplained(t *testing.T) {
	tests := []struct {
		name string
		args []string
		want string // on stderr
	}{
		{"no command", nil, "Usage: sip COMMAND"},
		{"unknown command", []string{"dial"}, `there is no command "dial": want one of `},
		{"help for an unknown command", []string{"help", "dial"}, `there is no command "dial"`},
		{"unknown flag", []string{"parse", "-users", "x"}, "not defined: -users"},
		{"no file", []string{"parse"}, "no file is given"},
		{"no shell", []string{"completion"}, "is missing"},
		{"unknown shell", []string{"completion", "tcsh"}, "want bash, zsh or fish"},
		{"too many", []string{"completion", "bash", "zsh"}, "one argument too many"},
		{"flag after an operand", []string{"completion", "bash", "-x"}, "flags go before it"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := sip(t, tt.args...)
			if r.code != exitUsage {
				t.Errorf("exit status: got %d, want %d", r.code, exitUsage)
			}
			if r.stdout != "" {
				t.Errorf("stdout: got %q, want nothing", r.stdout)
			}
			if !strings.Contains(r.stderr, tt.want) {
				t.Errorf("stderr: got %q, want %q in it", r.stderr, tt.want)
			}
			if !strings.Contains(r.stderr, "-h") {
				t.Errorf("stderr: got %q, want it to name -h", r.stderr)
			}
		})
	}
}

func TestHelpIsAsked(t *testing.T) {
	overview := sip(t, "-h")
	for _, args := range [][]string{{"--help"}, {"-help"}, {"help"}} {
		if r := sip(t, args...); r != overview || r.code != exitYes || r.stderr != "" {
			t.Errorf("sip %s: got %+v, want what sip -h prints", args[0], r)
		}
	}
	for _, name := range names() {
		long := sip(t, name, "-h")
		if long.code != exitYes || long.stderr != "" || !strings.HasPrefix(long.stdout, "sip "+name+" - ") {
			t.Errorf("sip %s -h: got %+v, want its help on stdout", name, long)
		}
		if r := sip(t, "help", name); r != long {
			t.Errorf("sip help %s: got %+v, want what sip %s -h prints", name, r, name)
		}
		if !strings.Contains(overview.stdout, "\n  "+name+" ") {
			t.Errorf("sip -h does not list %s", name)
		}
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestResultThatCannotBeWritten(t *testing.T) {
	var stderr bytes.Buffer
	code := run(context.Background(), []string{"completion", "bash"}, nil, full{}, &stderr)
	if code != exitUsage || !strings.Contains(stderr.String(), "could not be written: no space left on device") {
		t.Errorf("got %d and %q, want %d and the reason", code, stderr.String(), exitUsage)
	}
}
