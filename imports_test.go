package ringback_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/ringback-sip/ringback"

// A room is what the packages of one folder may import. Patterns are import paths; one that ends in /... names
// the package before it too.
type room struct {
	own  []string // packages of this module, relative to it
	x    []string // packages outside std and this module
	std  []string // if not nil, the only packages of std
	not  []string // packages of std that are refused
	deps []string // packages that may not be reached at all, through std either
}

// pureStd is what a package without I/O, clock, lock and log needs of std beside time.
var pureStd = []string{"bytes", "cmp", "errors", "fmt", "iter", "maps", "math", "math/bits", "slices", "strconv", "strings", "unicode/utf8"}

// house is the map that README.md and doc.go draw. A package in no room fails the test.
var house = map[string]room{
	"":                   {std: []string{}},
	"internal/...":       {not: []string{"net", "net/http/..."}},
	"parser":             {not: []string{"net", "net/http/...", "log/...", "sync/...", "os/...", "context"}, deps: []string{"net"}},
	"dialog":             {own: []string{"parser"}, std: append([]string{"encoding/binary", "hash/crc32", "time"}, pureStd...)},
	"event":              {own: []string{"parser"}, std: append([]string{"time"}, pureStd...)},
	"registration":       {std: append([]string{"time"}, pureStd...)},
	"auth":               {own: []string{"parser"}, not: []string{"net", "net/http/...", "log/...", "os/...", "context"}},
	"store":              {},
	"transaction":        {own: []string{"parser", "internal/..."}, not: []string{"net", "os/..."}},
	"transport":          {own: []string{"parser", "transport/stun", "transport/ws", "internal/..."}, x: []string{"golang.org/x/net/dns/dnsmessage", "golang.org/x/sync/..."}},
	"transport/ws":       {std: append([]string{"bufio", "crypto/sha1", "encoding/base64", "encoding/binary", "net/http", "net/url"}, pureStd...)},
	"transport/stun":     {std: append([]string{"encoding/binary", "net/netip"}, pureStd...)},
	"transport/capture":  {own: []string{"parser", "transport"}, not: []string{"net", "os/..."}},
	"transport/resolver": {own: []string{"parser", "transport"}, x: []string{"golang.org/x/net/dns/dnsmessage", "golang.org/x/sync/singleflight"}},
	"ua":                 {own: []string{"parser", "auth", "dialog", "event", "registration", "transaction", "transport", "transport/resolver", "internal/..."}, x: []string{"golang.org/x/sync/..."}},
	"conference":         {own: []string{"parser", "event", "store", "ua", "internal/..."}},
	"registrar":          {own: []string{"parser", "store", "transport", "ua", "internal/..."}},
	"proxy":              {own: []string{"parser", "ua", "internal/..."}},
	"siptest":            {own: []string{"parser", "transport", "internal/..."}},
	"cmd/sip":            {own: []string{"..."}},
	"examples/...":       {own: []string{"..."}},
	"fuzz/...":           {own: []string{"..."}},
	"blackbox":           {std: []string{}},
	"store/storetest":    {own: []string{"store"}},
}

// never is what no library package imports: a service that vendors the module gets no flags, no handlers and no variables
// that it did not ask for, and the code stays readable without the reflective packages.
var never = []string{"expvar", "flag", "net/http/pprof", "plugin", "reflect", "regexp/...", "testing/...", "unsafe"}

// neverExcept are the folders that never does not bind: the program, what tests use, and what is no library.
var neverExcept = []string{"cmd/sip", "internal/golden", "siptest/...", "store/storetest", "examples/...", "fuzz/..."}

// listed is what go list prints of a package.
type listed struct {
	ImportPath string
	Standard   bool
	Imports    []string
	Deps       []string
}

func TestImportsPointDown(t *testing.T) {
	for _, goos := range []string{"linux", "darwin", "windows"} {
		for _, p := range list(t, goos) {
			for _, v := range violations(p) {
				t.Errorf("GOOS=%s: %s", goos, v)
			}
		}
	}
}

// The judge itself: each import that the map forbids is found, and what it allows is not.
func TestImportsJudge(t *testing.T) {
	tests := []struct {
		name    string
		pkg     string
		imports []string
		deps    []string
		want    int
	}{
		{name: "parser may use std", pkg: "parser", imports: []string{"bytes", "iter", "net/netip"}, want: 0},
		{name: "parser takes no lock, log, net", pkg: "parser", imports: []string{"sync", "sync/atomic", "log/slog", "net"}, want: 4},
		{name: "parser reaches no net", pkg: "parser", imports: []string{"mime"}, deps: []string{"net", "errors"}, want: 1},
		{name: "parser stands on nothing of ours", pkg: "parser", imports: []string{module + "/internal/timer"}, want: 1},
		{name: "dialog has no clock but time, no context", pkg: "dialog", imports: []string{"time", "context", "crypto/rand", module + "/parser"}, want: 2},
		{name: "a registration knows no chance of its own", pkg: "registration", imports: []string{"time", "math/rand/v2"}, want: 1},
		{name: "dialog does not know transactions", pkg: "dialog", imports: []string{module + "/transaction"}, want: 1},
		{name: "transaction does not know transport", pkg: "transaction", imports: []string{module + "/transport", module + "/parser"}, want: 1},
		{name: "transport does not know transaction", pkg: "transport", imports: []string{module + "/transaction", "net"}, want: 1},
		{name: "capture files need no socket", pkg: "transport/capture", imports: []string{module + "/transport", "io", "net"}, want: 1},
		{name: "the resolver speaks DNS", pkg: "transport/resolver", imports: []string{module + "/transport", "golang.org/x/net/dns/dnsmessage", "net"}, want: 0},
		{name: "of x/net only dnsmessage", pkg: "transport", imports: []string{"golang.org/x/net/dns/dnsmessage", "golang.org/x/net/ipv4"}, want: 1},
		{name: "nothing outside x", pkg: "ua", imports: []string{"golang.org/x/sync/errgroup", "github.com/a/b"}, want: 1},
		{name: "x only in two rooms", pkg: "transaction", imports: []string{"golang.org/x/sync/errgroup"}, want: 1},
		{name: "siptest stands low", pkg: "siptest", imports: []string{module + "/ua", "testing"}, want: 1},
		{name: "expvar only in the program", pkg: "ua", imports: []string{"expvar"}, want: 1},
		{name: "expvar in the program", pkg: "cmd/sip", imports: []string{"expvar", "flag"}, want: 0},
		{name: "no reflection", pkg: "transport", imports: []string{"reflect", "unsafe", "regexp"}, want: 3},
		{name: "a folder that the map does not know", pkg: "helpers", want: 1},
		{name: "a folder below a room is not the room", pkg: "parser/sub", want: 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := violations(listed{ImportPath: module + "/" + tt.pkg, Imports: tt.imports, Deps: tt.deps})
			if len(got) != tt.want {
				t.Errorf("got %d violations, want %d: %q", len(got), tt.want, got)
			}
		})
	}
}

// go.mod lists x/net and x/sync at most: whoever vendors the module gets nothing else with it.
func TestModuleRequiresLittle(t *testing.T) {
	out := run(t, exec.Command("go", "mod", "edit", "-json"))
	var mod struct {
		Module  struct{ Path string }
		Require []struct{ Path string }
		Replace []struct{ Old struct{ Path string } }
	}
	if err := json.Unmarshal(out, &mod); err != nil {
		t.Fatal(err)
	}
	if mod.Module.Path != module {
		t.Errorf("module: got %s, want %s", mod.Module.Path, module)
	}
	for _, r := range mod.Require {
		if r.Path != "golang.org/x/net" && r.Path != "golang.org/x/sync" {
			t.Errorf("go.mod requires %s", r.Path)
		}
	}
	for _, r := range mod.Replace {
		t.Errorf("go.mod replaces %s; who imports the module would not get the replacement", r.Old.Path)
	}
}

// list asks go list for the packages of the module, as they are built for goos.
func list(t *testing.T, goos string) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Standard,Imports,Deps", "./...")
	cmd.Env = append(os.Environ(), "GOOS="+goos, "CGO_ENABLED=0")
	d := json.NewDecoder(strings.NewReader(string(run(t, cmd))))
	var all []listed
	for {
		var p listed
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < 4 {
		t.Fatalf("go list found %d packages", len(all))
	}
	return all
}

// violations holds the imports of p against the map.
func violations(p listed) []string {
	name := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
	r, ok := roomOf(name)
	if !ok {
		return []string{p.ImportPath + " is in no room of the map"}
	}
	var bad []string
	refuse := func(format string, a ...any) {
		bad = append(bad, p.ImportPath+" "+fmt.Sprintf(format, a...))
	}
	for _, i := range p.Imports {
		own, isOwn := strings.CutPrefix(i, module+"/")
		switch {
		case isOwn && !matches(r.own, own):
			refuse("imports %s, which is not below it", i)
		case isOwn:
		case !isStd(i) && !matches(r.x, i):
			refuse("imports %s", i)
		case !isStd(i):
		case matches(never, i) && !matches(neverExcept, name):
			refuse("imports %s, which no library package does", i)
		case matches(r.not, i), r.std != nil && !matches(r.std, i):
			refuse("imports %s of std", i)
		}
	}
	for _, d := range p.Deps {
		if slices.Contains(r.deps, d) && !slices.Contains(p.Imports, d) {
			refuse("reaches %s through what it imports", d)
		}
	}
	return bad
}

// roomOf finds the room of a folder: the one that names it, else the pattern that covers it.
func roomOf(name string) (room, bool) {
	if r, ok := house[name]; ok {
		return r, true
	}
	for dir := name; dir != "."; dir = path.Dir(dir) {
		if r, ok := house[dir+"/..."]; ok {
			return r, true
		}
	}
	return room{}, false
}

// matches reports whether one of the patterns covers an import path.
func matches(patterns []string, name string) bool {
	for _, p := range patterns {
		base, tree := strings.CutSuffix(p, "...")
		base = strings.TrimSuffix(base, "/")
		if name == p || tree && (base == "" || name == base || strings.HasPrefix(name, base+"/")) {
			return true
		}
	}
	return false
}

// isStd reports whether an import path is of the standard library: its first element has no dot.
func isStd(name string) bool {
	first, _, _ := strings.Cut(name, "/")
	return !strings.Contains(first, ".")
}

// run runs a command in the root of the module, which is where go test stands, and returns its output.
func run(t *testing.T, cmd *exec.Cmd) []byte {
	t.Helper()
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(cmd.Args, " "), err, stderr.String())
	}
	return out
}
