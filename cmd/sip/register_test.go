package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// bind answers a REGISTER: what it asks for is bound for so long.
func (p *peer) bind(m *parser.Message, expires string) {
	p.t.Helper()
	p.send("SIP/2.0 200 OK\r\nVia: " + string(m.Raw(parser.HeaderVia)) + "\r\nFrom: " + string(m.Raw(parser.HeaderFrom)) + "\r\nTo: " + string(m.Raw(parser.HeaderTo)) +
		";tag=r\r\nCall-ID: " + string(m.CallID()) + "\r\nCSeq: " + string(m.Raw(parser.HeaderCSeq)) + "\r\nContact: " + string(m.Raw(parser.HeaderContact)) +
		";expires=" + expires + "\r\nContent-Length: 0\r\n\r\n")
}

// gone answers a REGISTER: nothing is bound any more.
func (p *peer) gone(m *parser.Message) {
	p.t.Helper()
	p.send("SIP/2.0 200 OK\r\nVia: " + string(m.Raw(parser.HeaderVia)) + "\r\nFrom: " + string(m.Raw(parser.HeaderFrom)) + "\r\nTo: " + string(m.Raw(parser.HeaderTo)) +
		";tag=r\r\nCall-ID: " + string(m.CallID()) + "\r\nCSeq: " + string(m.Raw(parser.HeaderCSeq)) + "\r\nContent-Length: 0\r\n\r\n")
}

// It stays, refreshes before what was granted is over, and removes what it registered when it is interrupted.
func TestRegisterStaysAndRefreshes(t *testing.T) {
	p := newPeer(t, "")
	r := launch(t, "register", "-expires", "2m", "sip:alice@"+p.addr())
	m := p.until(isMethod(parser.MethodRegister))
	if got := string(m.StartLine()); got != "REGISTER sip:"+p.addr()+" SIP/2.0" {
		t.Errorf("got %q", got)
	}
	if to, from := string(m.Raw(parser.HeaderTo)), string(m.Raw(parser.HeaderFrom)); to != "<sip:alice@127.0.0.1>" || !strings.HasPrefix(from, to) {
		t.Errorf("To %q, From %q", to, from)
	}
	if got := string(m.Raw(parser.HeaderExpires)); got != "120" {
		t.Errorf("asked for %s s, want 120", got)
	}
	p.bind(m, "2")
	r.stdout.line(t, "registered for 2 s, after ")
	began := time.Now()
	again := p.until(isMethod(parser.MethodRegister))
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("refreshed after %v, want about 1 s", took)
	}
	if string(again.CallID()) != string(m.CallID()) {
		t.Error("the refresh has another Call-ID")
	}
	p.bind(again, "60")
	r.stdout.line(t, "registered for 60 s, after ")
	r.stop()
	last := p.until(func(m *parser.Message) bool { return m.IsRequest() && string(m.Raw(parser.HeaderExpires)) == "0" })
	p.gone(last)
	r.wait(t, exitYes)
	if got := states(r.stdout.String()); got != "registering registered refreshing, registered unregistering, unregistered," {
		t.Errorf("got states %q", got)
	}
}

// -once ends after the answer, and leaves what it registered.
func TestRegisterOnce(t *testing.T) {
	p := newPeer(t, "")
	r := launch(t, "register", "-once", "-json", "-from", "sip:alice@example.com", "sip:"+p.addr())
	m := p.until(isMethod(parser.MethodRegister))
	if to := string(m.Raw(parser.HeaderTo)); to != "<sip:alice@example.com>" || string(m.Raw(parser.HeaderExpires)) != "3600" {
		t.Errorf("To %q, Expires %s", to, m.Raw(parser.HeaderExpires))
	}
	p.bind(m, "600")
	r.wait(t, exitYes)
	lines := strings.Split(strings.TrimSpace(r.stdout.String()), "\n")
	var first, last struct {
		Event    string
		URI      string
		Expires  int
		Ms       *float64
		Bindings []struct {
			URI     string
			Expires int
		}
	}
	if len(lines) != 2 || json.Unmarshal([]byte(lines[0]), &first) != nil || json.Unmarshal([]byte(lines[1]), &last) != nil {
		t.Fatalf("got\n%s", r.stdout.String())
	}
	if first.Event != "registering" || first.URI != "sip:"+p.addr() || last.Event != "registered" || last.Expires != 600 || last.Ms == nil ||
		len(last.Bindings) != 1 || last.Bindings[0].Expires != 600 || !strings.HasPrefix(last.Bindings[0].URI, "sip:alice@127.0.0.1:") {
		t.Errorf("got\n%s", r.stdout.String())
	}
	p.conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if n, _, err := p.conn.ReadFrom(make([]byte, 65536)); err == nil {
		t.Errorf("another %d octets were sent", n)
	}
}

func TestRegisterRefused(t *testing.T) {
	for status, want := range map[parser.Status]string{403: "does not let", 404: "no such user", 302: "none of them", 486: ""} {
		p := newPeer(t, "")
		r := launch(t, "register", "sip:alice@"+p.addr())
		p.respond(p.until(isMethod(parser.MethodRegister)), status, nil)
		r.wait(t, exitNo)
		if !strings.Contains(r.stdout.String(), "refused ") || !strings.Contains(r.stderr.String(), want) {
			t.Errorf("%d: got %s%s", status, r.stdout.String(), r.stderr.String())
		}
	}
	p := newPeer(t, "")
	if r := sip(t, "register", "-t1", "1ms", "-json", "sip:alice@"+p.addr()); r.code != exitSilence || !strings.Contains(r.stdout, `"event":"failed","error":"`) {
		t.Errorf("nobody there: got %d and %s", r.code, r.stdout)
	}
}

// Who is refused later hears of it too.
func TestRegisterRefusedLater(t *testing.T) {
	p := newPeer(t, "")
	r := launch(t, "register", "-json", "sip:alice@"+p.addr())
	p.bind(p.until(isMethod(parser.MethodRegister)), "1")
	p.respond(p.until(func(m *parser.Message) bool { s, _ := m.CSeq(); return s.Number == 2 }), 403, nil)
	r.wait(t, exitNo)
	if out := r.stdout.String(); !strings.Contains(out, `"event":"refreshing"`) || !strings.Contains(out, `"event":"refused","status":403,"reason":"Forbidden"`) {
		t.Errorf("got %s", out)
	}
}

func TestRegisterAsksAndRemoves(t *testing.T) {
	p := newPeer(t, "")
	r := launch(t, "register", "-fetch", "sip:alice@"+p.addr())
	m := p.until(isMethod(parser.MethodRegister))
	if m.Has(parser.HeaderContact) {
		t.Error("to ask has a Contact")
	}
	p.respond(m, 200, nil)
	r.wait(t, exitYes)
	if out := r.stdout.String(); !strings.HasPrefix(out, "1 bindings, after ") || !strings.Contains(out, "\n  sip:peer@"+p.addr()+" for 3600 s\n") {
		t.Errorf("got %s", out)
	}
	r = launch(t, "register", "-remove-all", "-json", "sip:alice@"+p.addr())
	m = p.until(isMethod(parser.MethodRegister))
	if string(m.Raw(parser.HeaderContact)) != "*" {
		t.Errorf("removed by %s", m.Raw(parser.HeaderContact))
	}
	p.gone(m)
	r.wait(t, exitYes)
	if out := r.stdout.String(); !strings.HasPrefix(out, `{"event":"bindings","bindings":[],"ms":`) {
		t.Errorf("got %s", out)
	}
}

// -user, -password and -proxy are those of every command that sends requests.
func TestCommandsHaveCredentials(t *testing.T) {
	for _, tt := range []struct {
		args   []string
		method parser.Method
	}{
		{[]string{"options", "URI"}, parser.MethodOptions},
		{[]string{"message", "URI", "hi"}, parser.MethodMessage},
		{[]string{"call", "URI"}, parser.MethodInvite},
		{[]string{"register", "-once", "URI"}, parser.MethodRegister},
	} {
		p := newPeer(t, "")
		args := append([]string{tt.args[0], "-user", "al ice", "-password", "secret", "-proxy", "sip:" + p.addr()}, tt.args[1:]...)
		for i, a := range args {
			if a == "URI" {
				args[i] = "sip:bob@127.0.0.3"
			}
		}
		r := launch(t, args...)
		m := p.until(isMethod(tt.method))
		if got := string(m.Raw(parser.HeaderRoute)); got != "<sip:"+p.addr()+";lr>" {
			t.Errorf("%s: Route %q", tt.args[0], got)
		}
		from, err := m.From()
		want := "sip:al%20ice@127.0.0.3"
		if tt.method == parser.MethodRegister {
			want = "sip:bob@127.0.0.3"
		}
		if err != nil || string(from.URI().Raw()) != want {
			t.Errorf("%s: From %q, want %s", tt.args[0], m.Raw(parser.HeaderFrom), want)
		}
		p.respond(m, 401, func(b *parser.Builder) {
			b.Header(parser.HeaderWWWAuthenticate, `Digest realm="r", nonce="n", qop="auth"`)
		})
		m = p.until(func(m *parser.Message) bool { return m.Method() == tt.method && m.Has(parser.HeaderAuthorization) })
		if got := string(m.Raw(parser.HeaderAuthorization)); !strings.Contains(got, `username="al ice"`) {
			t.Errorf("%s: %s", tt.args[0], got)
		}
		p.respond(m, 401, func(b *parser.Builder) {
			b.Header(parser.HeaderWWWAuthenticate, `Digest realm="r", nonce="n", qop="auth"`)
		})
		r.wait(t, exitNo)
		if !strings.Contains(r.stderr.String(), "the password was not taken") {
			t.Errorf("%s: said %q", tt.args[0], r.stderr.String())
		}
	}
}

func TestIdentityThatCannotBe(t *testing.T) {
	for _, args := range [][]string{
		{"options", "-password", "x", "sip:127.0.0.1"}, {"options", "-proxy", "x", "sip:127.0.0.1"}, {"call", "-from", "tel:1", "sip:127.0.0.1"},
		{"register", "sip:127.0.0.1"}, {"register", "-expires", "0", "sip:a@127.0.0.1"}, {"register", "-expires", "x", "sip:a@127.0.0.1"}, {"register"},
	} {
		if r := sip(t, args...); r.code != exitUsage || r.stderr == "" {
			t.Errorf("%q: got exit status %d and %q", args, r.code, r.stderr)
		}
	}
	if r := sip(t, "register", "-t1", "1ms", "-reg-id", "1", "sip:a@127.0.0.1:9"); r.code == exitYes || !strings.Contains(r.stderr, "instance") {
		t.Errorf("reg-id alone: got exit status %d and %q", r.code, r.stderr)
	}
}

// As a process: SIGINT unregisters.
func TestRegisterProcessEndsBySignal(t *testing.T) {
	p := newPeer(t, "")
	r := spawn(t, "register", "sip:alice@"+p.addr())
	p.bind(p.until(isMethod(parser.MethodRegister)), "600")
	r.stdout.line(t, "registered for 600 s")
	r.signal(t, os.Interrupt)
	p.gone(p.until(func(m *parser.Message) bool { return string(m.Raw(parser.HeaderExpires)) == "0" }))
	if code := r.wait(t); code != exitYes {
		t.Errorf("got exit status %d, want 0", code)
	}
}
