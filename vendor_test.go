package ringback_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A service that vendors the module gets what it imports and little else: the parser alone stays alone, and the user agent brings the layers
// below it and at most two packages of golang.org/x. It works without a network.
func TestVendorBringsLittle(t *testing.T) {
	tests := []struct {
		name string
		main string
		own  []string // every package of this module in the vendor tree, if not nil
		x    []string // packages outside this module that may be there
	}{
		{
			name: "parser",
			main: `package main

import "github.com/ringback-sip/ringback/parser"

func main() {
	var m parser.Message
	println(m.Parse([]byte("OPTIONS sip:a@h SIP/2.0\r\n\r\n")) != nil)
}
`,
			own: []string{"parser"},
		},
		{
			name: "ua",
			main: `package main

import "github.com/ringback-sip/ringback/ua"

func main() {
	a, err := ua.New(nil)
	println(a != nil, err != nil)
}
`,
			x: []string{"golang.org/x/net/dns/dnsmessage", "golang.org/x/sync/"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := vendored(t, tt.main)
			var own []string
			for _, p := range vendorPackages(t, dir) {
				name, isOwn := strings.CutPrefix(p, module+"/")
				switch {
				case isOwn:
					own = append(own, name)
				case !slices.ContainsFunc(tt.x, func(x string) bool { return p == x || strings.HasSuffix(x, "/") && strings.HasPrefix(p, x) }):
					t.Errorf("%s is in the vendor tree", p)
				}
			}
			if tt.own != nil && !slices.Equal(own, tt.own) {
				t.Errorf("packages of the module in the vendor tree: got %q, want %q", own, tt.own)
			}
			if !slices.Contains(own, tt.name) {
				t.Errorf("%s is not in the vendor tree %q", tt.name, own)
			}
			for _, p := range own {
				if strings.HasPrefix(p, "cmd/") || p == "siptest" || p == "internal/golden" {
					t.Errorf("%s is in the vendor tree", p)
				}
			}
		})
	}
}

// vendored makes a module around a main.go, has the go command vendor what it imports, and builds it from that.
func vendored(t *testing.T, src string) string {
	t.Helper()
	dir := scratch(t, src)
	goIn(t, dir, "mod", "vendor")
	goIn(t, dir, "build", "-mod=vendor", "-o", os.DevNull, ".")
	return dir
}

// scratch makes a module around a main.go that imports this one from where it stands.
func scratch(t *testing.T, src string) string {
	t.Helper()
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("main.go", src)
	write("go.mod", fmt.Sprintf("module example.com/service\n\ngo 1.25.0\n\nrequire %[1]s v0.0.0\n\nreplace %[1]s => %[2]s\n", module, root))
	if sum, err := os.ReadFile("go.sum"); err == nil {
		write("go.sum", string(sum))
	}
	goIn(t, dir, "mod", "tidy") // as go get would
	return dir
}

// goIn runs the go command in dir. The network is out of reach: what the core requires has to be on the machine already, as it
// is after building the core.
func goIn(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
	run(t, cmd)
}

// vendorPackages reads the packages of vendor/modules.txt, and fails if the tree holds a folder with Go files that is not among them.
func vendorPackages(t *testing.T, dir string) []string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "vendor", "modules.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for s := bufio.NewScanner(bytes.NewReader(b)); s.Scan(); {
		if l := s.Text(); !strings.HasPrefix(l, "#") {
			all = append(all, l)
		}
	}
	top := filepath.Join(dir, "vendor")
	err = filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" {
			return err
		}
		rel, err := filepath.Rel(top, filepath.Dir(path))
		if p := filepath.ToSlash(rel); err == nil && !slices.Contains(all, p) {
			t.Errorf("%s is in the vendor tree, but not in modules.txt", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
