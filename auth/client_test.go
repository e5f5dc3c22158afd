package auth

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/parser"
)

func newTestClient(cfg ClientConfig) *Client {
	c := NewClient(&cfg)
	c.rand = counted()
	return c
}

// bob is a client that has a password for one realm.
func bob() *Client {
	return newTestClient(ClientConfig{Credentials: User("bob", "zanzibar", "biloxi.com")})
}

func (c *Client) exchange(t testing.TB) *Exchange { return c.Exchange(uriOf(t, "sip:b@h"), "1") }

const plain = `WWW-Authenticate: Digest realm="biloxi.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"`

// What goes out, to the octet: each parameter in its form, what was not there not added (RFC 3261, Section 22.4; RFC 7616, Section 3.4).
func TestCredentialsAsWritten(t *testing.T) {
	tests := []struct{ name, challenge, want string }{
		{"no qop, no algorithm", plain,
			`Authorization: Digest username="bob", realm="biloxi.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="sip:bob@biloxi.com", response="bf57e4e0d0bffc0fbaedce64d59add5e"`},
		{"qop, opaque, algorithm as it came", plain + `, qop="auth-int,auth", opaque="5c\"c", algorithm=md5`,
			`Authorization: Digest username="bob", realm="biloxi.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="sip:bob@biloxi.com", response="042fc9cf201d25bed00dcc1a1caedf21", algorithm=md5, cnonce="000000000000000100000000", qop=auth, nc=00000001, opaque="5c\"c"`},
		{"auth-int alone, empty opaque, proxy", strings.Replace(plain, "WWW", "Proxy", 1) + `, qop="auth-int", opaque=""`,
			`Proxy-Authorization: Digest username="bob", realm="biloxi.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="sip:bob@biloxi.com", response="f7aae211905793c4912ba6258c4cb570", cnonce="000000000000000100000000", qop=auth-int, nc=00000001, opaque=""`},
		{"session without qop", plain + `, algorithm=SHA-256-sess`,
			`Authorization: Digest username="bob", realm="biloxi.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="sip:bob@biloxi.com", response="b1ecfa6ae62f61326115b096be46b30239883403bc5727484273bdcfe278899c", algorithm=SHA-256-sess, cnonce="000000000000000100000000"`},
		{"qop of nothing", plain + `, qop=""`,
			`Authorization: Digest username="bob", realm="biloxi.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="sip:bob@biloxi.com", response="bf57e4e0d0bffc0fbaedce64d59add5e"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			x := bob().exchange(t)
			status := "401"
			if strings.HasPrefix(tt.challenge, "Proxy") {
				status = "407"
			}
			if err := x.Challenge(response(t, status, tt.challenge)); err != nil {
				t.Fatal(err)
			}
			got := written(t, x, parser.MethodInvite, "sip:bob@biloxi.com", "v=0\r\n")
			if len(got) != 1 || got[0] != tt.want {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), tt.want)
			}
		})
	}
}

// The uri is what stands in the request line, whatever was asked for (RFC 3261, Section 22.4).
func TestDigestURIIsTheRequestURI(t *testing.T) {
	x := bob().exchange(t)
	if err := x.Challenge(response(t, "401", plain)); err != nil {
		t.Fatal(err)
	}
	got := written(t, x, parser.MethodInvite, "sip:b%20b@h;lr;method=INVITE;x=y?Subject=z", "")
	if want := `uri="sip:b%20b@h;lr;x=y"`; len(got) != 1 || !strings.Contains(got[0], want) {
		t.Errorf("got %s, want %s", got, want)
	}
}

// realmsOf lists header, realm and algorithm of what a try carries.
func realmsOf(t testing.TB, x *Exchange) string {
	t.Helper()
	var s []string
	for _, f := range written(t, x, parser.MethodInvite, "sip:b@h", "") {
		m := response(t, "200", f)
		for _, h := range []parser.Header{parser.HeaderAuthorization, parser.HeaderProxyAuthorization} {
			for a := range m.Auths(h) {
				realm, _ := a.Param("realm")
				algorithm, _ := a.Param("algorithm")
				nonce, _ := a.Param("nonce")
				nc, _ := a.Param("nc")
				s = append(s, fmt.Sprintf("%s %s %s %s %s", strings.TrimSuffix(h.String(), "uthorization"), realm, algorithm, nonce, nc))
			}
		}
	}
	return strings.Join(s, "; ")
}

// Which challenges of a response are answered (RFC 3261, Section 22.3; RFC 8760, Section 2.4).
func TestChallengesChosen(t *testing.T) {
	www, proxy := `WWW-Authenticate: `, `Proxy-Authenticate: `
	digest := func(realm, more string) string { return `Digest realm="` + realm + `", nonce="n", qop="auth"` + more }
	tests := []struct {
		name   string
		fields []string
		want   string
		err    error
	}{
		{"the topmost of a realm", []string{www + digest("a", ", algorithm=SHA-256"), www + digest("a", ", algorithm=MD5")}, `A "a" SHA-256 "n" 00000001`, nil},
		{"the order is the server's", []string{www + digest("a", ", algorithm=MD5"), www + digest("a", ", algorithm=SHA-512-256")}, `A "a" MD5 "n" 00000001`, nil},
		{"what is not known is ignored", []string{www + digest("a", ", algorithm=AKAv1-MD5"), www + digest("a", ", qop=\"auth-conf\"")[:len(www)+4] + `est realm="a", nonce="n", qop="auth-conf"`, www + `Basic realm="a"`, www + digest("a", ", algorithm=SHA-512-256")}, `A "a" SHA-512-256 "n" 00000001`, nil},
		{"each realm once, server and proxy apart", []string{www + digest("a", ""), www + digest("b", ""), proxy + digest("a", ""), proxy + digest("a", "")}, `A "a"  "n" 00000001; A "b"  "n" 00000001; Proxy-A "a"  "n" 00000001`, nil},
		{"one of two realms", []string{www + digest("nobody's", ""), www + digest("b", "")}, `A "b"  "n" 00000001`, nil},
		{"realms differ by case", []string{www + digest("A", "")}, "", ErrNoCredentials},
		{"no realm that is known", []string{www + digest("nobody's", ""), www + digest("b", ", algorithm=X")}, "", ErrNoCredentials},
		{"no algorithm that is known", []string{www + digest("a", ", algorithm=X")}, "", ErrUnsupported},
		{"Basic alone", []string{www + `Basic realm="a"`}, "", ErrUnsupported},
		{"nothing", nil, "", ErrUnsupported},
		{"malformed", []string{www + `Digest realm="a`, www + `Digest realm="a", nonce="n",`, www + `Digest realm="a"`, www + `Digest nonce="n"`, www + `Digest realm="a", nonce=""`}, "", ErrUnsupported},
		{"malformed beside a good one", []string{www + `Digest realm="a", nonce="n",`, www + digest("b", "")}, `A "b"  "n" 00000001`, nil},
		{"a nonce that is too long", []string{www + `Digest realm="a", nonce="` + strings.Repeat("n", maxParam+1) + `"`}, "", ErrUnsupported},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			x := newTestClient(ClientConfig{Credentials: User("bob", "zanzibar", "a", "b")}).exchange(t)
			err := x.Challenge(response(t, "401", tt.fields...))
			if !errors.Is(err, tt.err) {
				t.Fatalf("got %v, want %v", err, tt.err)
			}
			if got := realmsOf(t, x); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// MD5 can be left out, and who keeps hashes only answers with what these are of.
func TestAlgorithmsAllowed(t *testing.T) {
	fields := []string{plain + ", algorithm=MD5", plain + ", algorithm=SHA-256-sess"}
	hashed := Secret{HA1: map[Algorithm]string{SHA256: SHA256.HA1("bob", "biloxi.com", "zanzibar")}}
	for name, cfg := range map[string]ClientConfig{
		"by policy": {Credentials: func(string) (Credentials, bool) {
			return Credentials{Username: "bob", Secret: Secret{Password: "zanzibar"}, Algorithms: []Algorithm{SHA256Sess}}, true
		}},
		"by hash": {Credentials: func(string) (Credentials, bool) { return Credentials{Username: "bob", Secret: hashed}, true }},
	} {
		x := newTestClient(cfg).exchange(t)
		if err := x.Challenge(response(t, "401", fields...)); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got, want := realmsOf(t, x), `A "biloxi.com" SHA-256-sess "dcd98b7102dd2f0e8b11d0f600bfb0c093" `; got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
		if err := newTestClient(cfg).exchange(t).Challenge(response(t, "401", fields[0])); !errors.Is(err, ErrUnsupported) {
			t.Errorf("%s: MD5 alone: got %v, want %v", name, err, ErrUnsupported)
		}
	}
}

// Who has no credentials at all says so, and asks for nothing else.
func TestNoCredentialsAtAll(t *testing.T) {
	x := NewClient(nil).exchange(t)
	if err := x.Challenge(response(t, "401", plain)); !errors.Is(err, ErrNoCredentials) || !strings.Contains(err.Error(), "biloxi.com") {
		t.Errorf("got %v, want %v of a realm", err, ErrNoCredentials)
	}
	if err := x.Challenge(response(t, "401")); !errors.Is(err, ErrUnsupported) {
		t.Errorf("got %v, want %v", err, ErrUnsupported)
	}
	must(t, x.Answered(response(t, "200")))
	if got := written(t, x, parser.MethodInvite, "sip:b@h", ""); got != nil {
		t.Errorf("got %q, want none", got)
	}
}

func ExampleClient() {
	c := NewClient(&ClientConfig{Credentials: User("bob", "zanzibar", "biloxi.com")})
	uri, err := parser.ParseURI([]byte("sip:bob@biloxi.com"))
	if err != nil {
		fmt.Println(err)
		return
	}
	x := c.Exchange(uri, "a84b4c76e66710")

	var answer parser.Message // of the server, to a request that x wrote nothing to
	err = answer.Parse([]byte("SIP/2.0 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"biloxi.com\", nonce=\"dcd98b\"\r\n\r\n"))
	if err == nil {
		err = x.Challenge(&answer)
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	var b parser.Builder // the next try
	b.Request(parser.MethodOptions, uri)
	x.Write(&b, nil)
	w, err := b.Wire()
	fields := strings.Split(string(w.Head), "\r\n")
	fmt.Println(fields[1], err)
	// Output:
	// Authorization: Digest username="bob", realm="biloxi.com", nonce="dcd98b", uri="sip:bob@biloxi.com", response="c2c7b1baa674d8d496730c4d2d52fd00" <nil>
}
