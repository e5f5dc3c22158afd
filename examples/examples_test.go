package examples_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/auth"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// programs are built once, into a folder of the test binary.
var programs struct {
	once sync.Once
	dir  string
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if programs.dir != "" {
		os.RemoveAll(programs.dir)
	}
	os.Exit(code)
}

// program returns the path of an example that was built.
func program(t *testing.T, name string) string {
	t.Helper()
	programs.once.Do(func() {
		if programs.dir, programs.err = os.MkdirTemp("", "examples"); programs.err != nil {
			return
		}
		cmd := exec.Command("go", "build", "-o", programs.dir+string(filepath.Separator), "./...")
		cmd.Env = append(os.Environ(), "GOFLAGS=") // not those of the test: -race of each would take minutes
		var out []byte
		if out, programs.err = cmd.CombinedOutput(); programs.err != nil {
			t.Logf("%s", out)
		}
	})
	if programs.err != nil {
		t.Fatal(programs.err)
	}
	return filepath.Join(programs.dir, name)
}

// lines is what a program that runs says.
type lines struct {
	t    *testing.T
	next chan string
}

// start runs an example until the test ends.
func start(t *testing.T, name string, args ...string) *lines {
	t.Helper()
	cmd := exec.Command(program(t, name), args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	l := &lines{t, make(chan string, 100)}
	read := make(chan struct{})
	go func() {
		defer close(read)
		defer close(l.next)
		for s := bufio.NewScanner(out); s.Scan(); {
			l.next <- s.Text()
		}
		io.Copy(io.Discard, out)
	}()
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		killed := time.AfterFunc(5*time.Second, func() { cmd.Process.Kill() })
		<-read
		cmd.Wait()
		killed.Stop()
		if complaints.Len() > 0 {
			t.Logf("%s: %s", name, complaints.Bytes())
		}
	})
	return l
}

// want returns what stands behind prefix in the next line.
func (l *lines) want(prefix string) string {
	l.t.Helper()
	select {
	case s, ok := <-l.next:
		rest, found := strings.CutPrefix(s, prefix)
		if !ok || !found {
			l.t.Fatalf("got %q (%v), want %q", s, ok, prefix)
		}
		return strings.TrimSpace(rest)
	case <-time.After(30 * time.Second):
		l.t.Fatalf("nothing more was said, want %q", prefix)
	}
	return ""
}

// at returns the URI of bob at what a program says that it listens on.
func (l *lines) at() string {
	l.t.Helper()
	said := l.want("listening on")
	return "sip:bob@" + said[strings.LastIndexByte(said, ' ')+1:]
}

func agent(t *testing.T, cfg *ua.Config) *ua.Agent {
	t.Helper()
	a, err := ua.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, stop := context.WithTimeout(context.Background(), 5*time.Second)
		defer stop()
		a.Shutdown(ctx)
	})
	return a
}

func address(a *ua.Agent) string { return a.Addrs()[0].Addr.String() }

func sdp(s string) ua.Body { return ua.Body{Type: "application/sdp", Data: []byte(s)} }

const anywhere = "udp:127.0.0.1:0"

// Each program is shorter than 60 lines, and stands in README.md.
func TestProgramsAreShort(t *testing.T) {
	names, err := filepath.Glob("*/main.go")
	if err != nil || len(names) < 7 {
		t.Fatalf("%v, %v", names, err)
	}
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(text, []byte("\n")); n >= 60 {
			t.Errorf("%s has %d lines", name, n)
		}
		if dir := "(examples/" + filepath.Dir(name) + "/main.go)"; !strings.Contains(string(readme), dir) {
			t.Errorf("README.md does not link %s", dir)
		}
	}
}

func TestCallAndAnswer(t *testing.T) {
	callee := start(t, "answer", anywhere)
	caller := start(t, "call", callee.at())
	callee.want("a call by sip:ringback@127.0.0.1")
	for s := ""; s != "answered"; {
		select {
		case s = <-caller.next:
		case <-time.After(30 * time.Second):
			t.Fatal("no answer")
		}
	}
	caller.want("over, by the peer: false")
	callee.want("over: <nil>")
}

func TestMessage(t *testing.T) {
	reader := start(t, "message", anywhere)
	to := reader.at()
	start(t, "message", to, "Dinner?").want("delivered")
	reader.want(`"Dinner?"`)
	deaf := agent(t, nil)
	start(t, "message", "sip:bob@"+address(deaf), "Dinner?").want("not delivered: sip: 405")
}

func TestPing(t *testing.T) {
	p := start(t, "ping", start(t, "answer", anywhere).at())
	for range 3 {
		p.want("answered after")
	}
}

func TestGuarded(t *testing.T) {
	server := start(t, "guarded", anywhere, "alice", "wonderland")
	to := server.at()
	knows := agent(t, &ua.Config{Credentials: auth.User("alice", "wonderland")})
	if _, err := knows.Message(t.Context(), to, ua.Body{Type: "text/plain", Data: []byte("hello")}, nil); err != nil {
		t.Error(err)
	}
	server.want(`alice says "hello"`)
	call, err := knows.Call(t.Context(), to, sdp("offer"), nil)
	if err != nil {
		t.Fatal(err)
	}
	call.Hangup(t.Context())
	if _, err := agent(t, nil).Message(t.Context(), to, ua.Body{Type: "text/plain", Data: []byte("hello")}, nil); err == nil {
		t.Error("a message without a password was taken")
	}
}

// A phone registers with the registrar, and who calls its user is sent there; who is nowhere is unavailable.
func TestRegistrar(t *testing.T) {
	server := start(t, "registrar", anywhere, t.TempDir())
	alice := strings.Replace(server.at(), "sip:bob@", "sip:alice@", 1)
	phone := agent(t, &ua.Config{From: alice, OnCall: func(c *ua.Call) { c.Answer(c.Offer()) }})
	refused := func(want parser.Status) *ua.ResponseError {
		t.Helper()
		var err *ua.ResponseError
		stays := &ua.Config{Redirect: func(_, _ parser.URI) bool { return false }}
		if _, e := agent(t, stays).Call(t.Context(), alice, sdp("offer"), nil); !errors.As(e, &err) || err.Status != want {
			t.Fatalf("the call ended with %v, want %d", e, want)
		}
		return err
	}
	refused(parser.StatusTemporarilyUnavailable)
	if _, err := phone.Register(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if contact, err := refused(parser.StatusMovedTemporarily).Message.Contact(); err != nil || string(contact.URI().User()) != "alice" {
		t.Fatalf("sent to %q: %v", contact.Raw(), err)
	}
	call, err := agent(t, nil).Call(t.Context(), alice, sdp("offer"), nil)
	if err != nil {
		t.Fatal(err)
	}
	call.Hangup(t.Context())
}

// registering is a registrar that remembers one binding.
type registering struct{ bound chan string }

func (g registering) Handle(r *ua.Request) bool {
	if r.Method() != parser.MethodRegister {
		return false
	}
	contact := string(r.Message().Raw(parser.HeaderContact))
	if expires, err := r.Message().Expires(); err == nil && expires == 0 || strings.Contains(contact, "expires=0") {
		r.Respond(parser.StatusOK, nil)
		g.bound <- ""
		return true
	}
	r.Respond(parser.StatusOK, &ua.ResponseOptions{Header: []ua.Field{{Name: "Contact", Value: contact + ";expires=600"}}})
	g.bound <- contact
	return true
}

func TestRegister(t *testing.T) {
	g := registering{make(chan string, 10)}
	registrar := agent(t, &ua.Config{Handlers: []ua.Handler{g}})
	t.Run("program", func(t *testing.T) {
		p := start(t, "register", "sip:alice@"+address(registrar), "secret")
		uri := p.want("registered")
		bound := <-g.bound
		if !strings.Contains(bound, uri) {
			t.Errorf("registered %s, bound %s", uri, bound)
		}
		call, err := registrar.Call(t.Context(), uri, sdp("offer"), nil)
		if err != nil {
			t.Fatal(err)
		}
		call.Hangup(t.Context())
	})
	select {
	case s := <-g.bound:
		if s != "" {
			t.Errorf("bound %s", s)
		}
	case <-time.After(10 * time.Second):
		t.Error("the interrupt did not unregister")
	}
}
