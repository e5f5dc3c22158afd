package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/auth"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// register registers contacts of an address of record and returns the answer.
func (p *peer) register(aor, domain string, fields ...string) *parser.Message {
	p.t.Helper()
	p.seq++
	p.branch++
	p.send(fmt.Sprintf("REGISTER sip:%s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%d\r\nFrom: <%s>;tag=r\r\nTo: <%s>\r\nCall-ID: %s\r\nCSeq: %d REGISTER\r\n"+
		"Max-Forwards: 70\r\n%s\r\nContent-Length: 0\r\n\r\n", domain, p.addr(), p.branch, aor, aor, p.addr(), p.seq, strings.Join(fields, "\r\n")))
	return p.receive()
}

// Who asks for somebody who is registered is sent to the places where that is, the best first; then nowhere any more.
func TestServeRedirectsToWhoIsRegistered(t *testing.T) {
	s := serve(t, "-domain", "example.com", "-debug", "127.0.0.1:0")
	base := strings.TrimSuffix(s.stderr.line(t, "debug "), "/debug/vars")
	p := newPeer(t, s.udp)
	if m := p.register("sip:bob@example.com", s.udp, `Contact: <sip:bob@127.0.0.1:4000>;q=0.2, <sip:bob@127.0.0.1:4001>;expires=600, <sip:bob@x.invalid;transport=ws>`); m.Status() != 200 {
		t.Fatalf("got %q", m.StartLine())
	}
	if v := readVars(t, base); *v.SIP.Registrations != 3 {
		t.Errorf("registrations are %d, want 3", *v.SIP.Registrations)
	}
	for _, method := range []string{"INVITE", "MESSAGE", "OPTIONS"} {
		for _, uri := range []string{"sip:bob@example.com", "sip:%62ob@" + s.udp} {
			p := newPeer(t, s.udp)
			p.request(method, uri, withBody("application/sdp", sdpOffer))
			m := p.receive()
			var got []string
			for v := range m.Values(parser.HeaderContact) {
				got = append(got, string(v))
			}
			want := []string{"<sip:bob@127.0.0.1:4001>;q=1.000", "<sip:bob@127.0.0.1:4000>;q=0.200"}
			if m.Status() != 302 || !slices.Equal(got, want) {
				t.Errorf("%s %s: got %q to %q, want 302 to %q", method, uri, m.StartLine(), got, want)
			}
		}
	}
	if m := p.register("sip:bob@example.com", "example.com", "Contact: *", "Expires: 0"); m.Status() != 200 {
		t.Fatalf("got %q", m.StartLine())
	}
	p.request("INVITE", "sip:bob@example.com", withBody("application/sdp", sdpOffer))
	if m := p.receive(); m.Status() != 404 {
		t.Errorf("after the end: got %q, want 404", m.StartLine())
	}
	if v := readVars(t, base); *v.SIP.Registrations != 0 {
		t.Errorf("registrations are %d, want 0", *v.SIP.Registrations)
	}
}

// write writes a file and returns its name.
func write(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// With -users everybody needs a password, for whatever it is, and registers as nobody else. A user who is nowhere is unavailable, and who is no user
// does not exist.
func TestServeAsksForPasswords(t *testing.T) {
	s := serve(t, "-domain", "example.com", "-users", write(t, "# users\r\nalice:wonder:land\r\n\r\nbob:builder\r\n"))
	for _, method := range []string{"REGISTER", "INVITE", "OPTIONS", "MESSAGE", "SUBSCRIBE"} {
		p := newPeer(t, s.udp)
		p.request(method, "sip:alice@example.com")
		m := p.receive()
		realm := ""
		for a, err := range m.Auths(parser.HeaderWWWAuthenticate) {
			if v, ok := a.Param("realm"); err == nil && ok {
				realm = string(v)
			}
		}
		if m.Status() != 401 || realm != `"example.com"` {
			t.Errorf("%s: got %q for %s, want 401 for example.com", method, m.StartLine(), realm)
		}
	}
	client, err := ua.New(&ua.Config{From: "sip:alice@example.com", Credentials: auth.User("alice", "wonder:land"),
		Redirect: func(_, _ parser.URI) bool { return false }}) // what the server says counts
	if err != nil {
		t.Fatal(err)
	}
	defer client.Shutdown(context.Background())
	route := []string{"sip:" + s.udp + ";lr"}
	ask := func(uri string) error {
		_, err := client.Options(t.Context(), uri, &ua.RequestOptions{Route: route})
		return err
	}
	register := func(aor string) error {
		_, err := client.Register(t.Context(), &ua.RegisterOptions{AOR: aor, Registrar: "sip:example.com", Route: route})
		return err
	}
	for _, tt := range []struct {
		do   func(string) error
		uri  string
		want parser.Status
	}{
		{ask, "sip:alice@example.com", 480},
		{register, "sip:alice@example.com", 0},
		{register, "sip:bob@example.com", 403},
		{ask, "sip:echo@example.com", 0},
		{ask, "sip:alice@example.com", 302},
		{ask, "sip:bob@example.com", 480},
		{ask, "sip:carol@example.com", 404},
	} {
		var refused *ua.ResponseError
		err := tt.do(tt.uri)
		if tt.want == 0 && err != nil || tt.want != 0 && (!errors.As(err, &refused) || refused.Status != tt.want) {
			t.Errorf("%s: got %v, want %d", tt.uri, err, tt.want)
		}
	}
	s.stop()
	s.wait(t, exitYes)
	if out := s.stderr.String(); !strings.Contains(out, "everybody is asked for a password") || strings.Contains(out, "nobody is asked") || strings.Contains(out, "wonder") {
		t.Errorf("the start says %s", out)
	}
}

func TestUsersFile(t *testing.T) {
	for text, want := range map[string]string{
		"alice":             ":1: want user:password",
		"# x\n:secret":      ":2: want user:password",
		"alice:":            ":1: want user:password",
		"a:b\n\na:c\n":      ":3: user a stands there twice",
		"# nobody\n":        "no users",
		"alice:\xff:x\nb:c": "",
	} {
		_, err := readUsers(write(t, text))
		if got := err != nil; got != (want != "") || got && (!strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret")) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}

// Somebody who is registered is called by the server's address: the caller is sent there, and goes.
func TestCallReachesWhoIsRegistered(t *testing.T) {
	s := serve(t)
	rang := make(chan string, 1)
	phone, err := ua.New(&ua.Config{Listen: []string{"udp:127.0.0.1:0", "tcp:127.0.0.1:0"}, OnCall: func(c *ua.Call) {
		uri, _ := c.Invite().RequestURI()
		rang <- string(uri.User())
		c.Answer(c.Offer())
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer phone.Shutdown(context.Background())
	r, err := phone.Register(t.Context(), &ua.RegisterOptions{AOR: "sip:bob@" + s.udp})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Unregister(context.Background())
	if got := sip(t, "call", "-for", "10ms", "sip:bob@"+s.udp); got.code != exitYes || len(rang) != 1 || <-rang != "bob" {
		t.Errorf("got exit status %d\n%s%s", got.code, got.stdout, got.stderr)
	}
	if got := sip(t, "call", "-for", "10ms", "sip:carol@"+s.udp); got.code != exitNo {
		t.Errorf("who is nobody: got exit status %d\n%s%s", got.code, got.stdout, got.stderr)
	}
}

// With -data those who registered are there after a restart, kill -9 included, and no second server gets at the folder.
func TestServeKeepsRegistrations(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	flags := []string{"serve", "-listen", "udp:127.0.0.1:0", "-domain", "example.com", "-data", dir}
	first := spawn(t, flags...)
	p := newPeer(t, first.stdout.line(t, "listening udp "))
	if m := p.register("sip:bob@example.com", "example.com", "Contact: <sip:bob@127.0.0.1:4000>"); m.Status() != 200 {
		t.Fatalf("got %q", m.StartLine())
	}
	if r := sip(t, flags...); r.code != exitUsage || !strings.Contains(r.stderr, "-data: ") || !strings.Contains(r.stderr, "another process") {
		t.Errorf("a second server: got %+v, want exit status %d", r, exitUsage)
	}
	first.signal(t, os.Kill)
	first.wait(t)

	second := spawn(t, flags...)
	p = newPeer(t, second.stdout.line(t, "listening udp "))
	p.request("OPTIONS", "sip:bob@example.com")
	if m := p.receive(); m.Status() != 302 {
		t.Errorf("after a restart: got %q, want 302", m.StartLine())
	}
	second.signal(t, os.Interrupt)
	if code := second.wait(t); code != exitYes {
		t.Errorf("got exit status %d", code)
	}
}
