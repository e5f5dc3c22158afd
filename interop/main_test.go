package interop

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// sip is the program under test. TestMain builds it.
var sip string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "interop")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		sip = filepath.Join(dir, "sip")
		args := []string{"build", "-o", sip}
		if os.Getenv("CI") != "" {
			args = append(args, "-race") // a race then ends the server with a status that is not 0
		}
		build := exec.Command("go", append(args, "github.com/ringback-sip/ringback/cmd/sip")...)
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			fmt.Fprintln(os.Stderr, "build cmd/sip:", err)
			return 1
		}
		return m.Run()
	}())
}

// need returns the path of a peer's program. A machine without it skips the test, unless it is the one that has to
// have it.
func need(t *testing.T, name, pkg string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is missing: apt-get install %s", name, pkg)
	}
	t.Skipf("%s is missing: apt-get install %s", name, pkg)
	return ""
}
