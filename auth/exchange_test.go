package auth

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/parser"
)

// ask makes a 401 for realm.
func ask(t testing.TB, realm, nonce, more string) *parser.Message {
	t.Helper()
	return response(t, "401", fmt.Sprintf(`WWW-Authenticate: Digest realm="%s", nonce="%s", qop="auth"%s`, realm, nonce, more))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func anyRealm() *Client { return newTestClient(ClientConfig{Credentials: User("bob", "zanzibar")}) }

// Credentials that were refused are not sent again (RFC 3261, Section 22.1).
func TestRejectedCredentialsAreNotRepeated(t *testing.T) {
	x := anyRealm().exchange(t)
	must(t, x.Challenge(ask(t, "a", "1", "")))
	if err := x.Challenge(ask(t, "a", "2", "")); !errors.Is(err, ErrRejected) {
		t.Errorf("got %v, want %v", err, ErrRejected)
	}
	x = anyRealm().exchange(t)
	must(t, x.Challenge(ask(t, "a", "1", "")))
	must(t, x.Challenge(ask(t, "a", "2", ", stale=TRUE")))
	if got, want := realmsOf(t, x), `A "a"  "2" 00000001`; got != want {
		t.Errorf("stale: got %s, want %s", got, want)
	}
	if err := x.Challenge(ask(t, "a", "3", ", stale=true")); !errors.Is(err, ErrRejected) {
		t.Errorf("stale twice: got %v, want %v", err, ErrRejected)
	}
}

// A stale nonce is no reason to ask the application once more (RFC 7616, Section 3.3).
func TestStaleTakesTheSameCredentials(t *testing.T) {
	asked := 0
	c := newTestClient(ClientConfig{Credentials: func(string) (Credentials, bool) {
		asked++
		return Credentials{Username: "bob"}, asked == 1
	}})
	x := c.exchange(t)
	must(t, x.Challenge(ask(t, "a", "1", "")))
	must(t, x.Challenge(ask(t, "a", "2", ", stale=true")))
	if asked != 1 {
		t.Errorf("asked %d times, want 1", asked)
	}
}

// Proxy after proxy: each try carries what the ones before it had to, and each nonce counts on.
func TestRealmsAddUp(t *testing.T) {
	x := anyRealm().exchange(t)
	must(t, x.Challenge(ask(t, "a", "1", "")))
	if got, want := realmsOf(t, x), `A "a"  "1" 00000001`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	must(t, x.Challenge(response(t, "407", `Proxy-Authenticate: Digest realm="p", nonce="2", qop="auth"`)))
	if got, want := realmsOf(t, x), `A "a"  "1" 00000002; Proxy-A "p"  "2" 00000001`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if err := x.Challenge(response(t, "401", `WWW-Authenticate: Digest realm="a", nonce="3"`, `Proxy-Authenticate: Digest realm="p", nonce="4"`)); !errors.Is(err, ErrRejected) {
		t.Errorf("got %v, want %v", err, ErrRejected)
	}
}

// A server that always finds another realm to ask for is not served for ever.
func TestTriesAreBounded(t *testing.T) {
	x := anyRealm().exchange(t)
	tries := 1
	for x.Challenge(ask(t, fmt.Sprint("realm", tries), "1", "")) == nil {
		if tries++; tries > 100 {
			t.Fatal("no end")
		}
	}
	if tries != maxTries {
		t.Errorf("got %d tries, want %d", tries, maxTries)
	}
	var fields []string
	for i := range 50 {
		fields = append(fields, fmt.Sprintf(`WWW-Authenticate: Digest realm="%d", nonce="1"`, i))
	}
	asked := 0
	x = newTestClient(ClientConfig{Credentials: func(string) (Credentials, bool) {
		asked++
		return Credentials{Username: "bob"}, true
	}}).exchange(t)
	must(t, x.Challenge(response(t, "401", fields...)))
	if asked != maxRealms {
		t.Errorf("asked for credentials of %d realms, want %d", asked, maxRealms)
	}
	if got := len(written(t, x, parser.MethodInvite, "sip:b@h", "")); got != maxRealms {
		t.Errorf("got credentials for %d realms, want %d", got, maxRealms)
	}
}

// What had success goes with the next request to the same To, or in the same Call-ID, and with no other (RFC 3261, Sections 22.1 and 22.3).
func TestSuccessIsRemembered(t *testing.T) {
	c := anyRealm()
	x := c.exchange(t)
	must(t, x.Challenge(response(t, "401", `WWW-Authenticate: Digest realm="a", nonce="1", qop="auth"`, `Proxy-Authenticate: Digest realm="p", nonce="2", qop="auth"`)))
	realmsOf(t, x)
	if got := realmsOf(t, c.exchange(t)); got != "" {
		t.Errorf("before success: got %s, want none", got)
	}
	must(t, x.Answered(response(t, "200")))
	for _, tt := range []struct{ to, callID, want string }{
		{"sip:b@h", "1", `A "a"  "1" 00000002; Proxy-A "p"  "2" 00000002`},
		{"sip:b@h", "2", `A "a"  "1" 00000003`},
		{"sip:c@h", "1", `Proxy-A "p"  "2" 00000003`},
		{"sip:c@h", "2", ""},
	} {
		if got := realmsOf(t, c.Exchange(uriOf(t, tt.to), tt.callID)); got != tt.want {
			t.Errorf("%s %s: got %s, want %s", tt.to, tt.callID, got, tt.want)
		}
	}
	// They are refused: once more with a new nonce, because a server may have forgotten the old one, and no more.
	x = c.exchange(t)
	realmsOf(t, x)
	must(t, x.Challenge(ask(t, "a", "5", "")))
	if got, want := realmsOf(t, c.Exchange(uriOf(t, "sip:b@h"), "9")), ""; got != want {
		t.Errorf("refused ones: got %s, want none", got)
	}
	if err := x.Challenge(ask(t, "a", "6", "")); !errors.Is(err, ErrRejected) {
		t.Errorf("got %v, want %v", err, ErrRejected)
	}
	x = c.exchange(t)
	must(t, x.Answered(response(t, "403")))
	if got := realmsOf(t, c.exchange(t)); got != "" {
		t.Errorf("forbidden: got %s, want none", got)
	}
}

// The table of protection spaces is bounded: the one that was not used for the longest time goes.
func TestSpacesAreBounded(t *testing.T) {
	c := newTestClient(ClientConfig{Credentials: User("bob", "zanzibar"), MaxSpaces: 2})
	succeed := func(to string) {
		x := c.Exchange(uriOf(t, to), "1")
		must(t, x.Challenge(ask(t, "a", "1", "")))
		must(t, x.Answered(response(t, "200")))
	}
	succeed("sip:a@h")
	succeed("sip:b@h")
	c.Exchange(uriOf(t, "sip:a@h"), "1") // used
	succeed("sip:c@h")
	if got := c.Spaces(); got != 2 {
		t.Errorf("got %d spaces, want 2", got)
	}
	for to, want := range map[string]bool{"sip:a@h": true, "sip:b@h": false, "sip:c@h": true} {
		if got := realmsOf(t, c.Exchange(uriOf(t, to), "1")) != ""; got != want {
			t.Errorf("%s: got %v, want %v", to, got, want)
		}
	}
}

// nextnonce begins a count of its own (RFC 7616, Section 3.5).
func TestNextNonce(t *testing.T) {
	c := anyRealm()
	x := c.exchange(t)
	must(t, x.Challenge(ask(t, "a", "1", "")))
	realmsOf(t, x)
	must(t, x.Answered(response(t, "200", `Authentication-Info: nextnonce="9"`)))
	if got, want := realmsOf(t, c.exchange(t)), `A "a"  "9" 00000001`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A server that claims to know the password proves it (RFC 7616, Section 3.5). The proof was computed with Python's hashlib.
func TestServersProof(t *testing.T) {
	const good = "7935b039610d2d029aaf166902c3b9fa"
	for name, tt := range map[string]struct {
		info string
		err  error
		kept bool
	}{
		"right":                    {`rspauth="` + good + `", qop=auth, cnonce="000000000000000100000000", nc=00000001`, nil, true},
		"right, no more":           {`rspauth="` + good + `"`, nil, true},
		"wrong":                    {`rspauth="` + strings.Repeat("0", 32) + `", qop=auth, cnonce="000000000000000100000000", nc=00000001`, ErrServer, false},
		"of another try":           {`rspauth="` + good + `", qop=auth, cnonce="000000000000000100000000", nc=00000002`, ErrServer, false},
		"wrong, with a next nonce": {`rspauth="00", nextnonce="2"`, ErrServer, false},
		"of somebody else":         {`rspauth="00", cnonce="x"`, nil, true},
		"malformed":                {`rspauth=`, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			c := newTestClient(ClientConfig{Credentials: User("bob", "zanzibar")})
			x := c.exchange(t)
			must(t, x.Challenge(ask(t, "biloxi.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093", "")))
			realmsOf(t, x)
			if err := x.Answered(response(t, "200", "Authentication-Info: "+tt.info)); !errors.Is(err, tt.err) {
				t.Errorf("got %v, want %v", err, tt.err)
			}
			if got := c.Spaces() == 1; got != tt.kept {
				t.Errorf("remembered: got %v, want %v", got, tt.kept)
			}
		})
	}
}
