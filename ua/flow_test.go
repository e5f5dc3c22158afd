package ua_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport"
	"github.com/ringback-sip/ringback/ua"
)

// proof is what the two sides of a test trust: a certificate that vouches for itself, and for names.
func proof(t *testing.T, names ...string) (server, client transport.TLSConfig) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
			continue
		}
		template.DNSNames = append(template.DNSNames, name)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	cert := &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return transport.TLSConfig{Certificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return cert, nil }}, transport.TLSConfig{Roots: roots}
}

// taken is a call that came in, and the INVITE that it lets go of when it is acknowledged.
type taken struct {
	*ua.Call
	invite *parser.Message
}

// secure starts an agent that answers calls over TLS, and one that only calls.
func secure(t *testing.T, name string) (callee, caller *ua.Agent, calls chan taken) {
	t.Helper()
	server, client := proof(t, name)
	calls = make(chan taken, 1)
	callee = newAgent(t, &ua.Config{Listen: []string{"tls:127.0.0.1:0"}, TLS: server, OnCall: func(c *ua.Call) {
		calls <- taken{c, c.Invite()}
		c.Answer(ua.Body{})
	}})
	caller = newAgent(t, &ua.Config{TLS: client})
	return callee, caller, calls
}

// A call over TLS stays on its connection, whoever hangs up: nobody has a certificate for the other's address, and the caller accepts no
// connections. What its Via and Contact name is the connection's own end.
func TestCallOverTLS(t *testing.T) {
	for _, scheme := range []string{"sips:%", "sip:%;transport=tls"} {
		for _, last := range []string{"caller", "callee"} {
			t.Run(scheme[:4]+" "+last, func(t *testing.T) {
				callee, caller, calls := secure(t, "localhost")
				to := strings.Replace(scheme, "%", "me@localhost:"+port(callee), 1)
				call, err := caller.Call(t.Context(), to, ua.Body{}, nil)
				if err != nil {
					t.Fatal(err)
				}
				in := <-calls
				via, err := in.invite.Via()
				if err != nil || string(via.Transport()) != "TLS" || via.Port() == 0 || string(via.Host()) != "127.0.0.1" {
					t.Errorf("Via %q, want the caller's end of the connection", in.invite.Raw(parser.HeaderVia))
				}
				contact := string(in.invite.Raw(parser.HeaderContact))
				if scheme == "sips:%" && (!strings.HasPrefix(contact, "<sips:") || strings.Contains(contact, "transport")) {
					t.Errorf("Contact %q, want a sips URI and no transport (RFC 5630, Section 5.1.1)", contact)
				}
				if scheme != "sips:%" && (!strings.HasPrefix(contact, "<sip:") || !strings.HasSuffix(contact, ";transport=tls>")) {
					t.Errorf("Contact %q, want a sip URI of tls", contact)
				}
				if last == "callee" {
					call = in.Call
				}
				if err := call.Hangup(t.Context()); err != nil {
					t.Fatal(err)
				}
				if call.Err() != nil {
					t.Errorf("the call ended with %v", call.Err())
				}
				if s := callee.Stats(); s.Connections != 1 || s.Dialled != 0 {
					t.Errorf("the callee has %d connections, opened %d, want 1 and 0", s.Connections, s.Dialled)
				}
			})
		}
	}
}

// port returns the port that a listens on.
func port(a *ua.Agent) string {
	_, port, _ := net.SplitHostPort(a.Addrs()[0].Addr.String())
	return port
}

// The reason for which a server was refused reaches the application.
func TestCallToTheWrongServer(t *testing.T) {
	callee, caller, _ := secure(t, "example.com")
	const want = "the certificate is not for localhost: it is for example.com"
	if _, err := caller.Call(t.Context(), "sips:me@localhost:"+port(callee), ua.Body{}, nil); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Call = %v, want %q", err, want)
	}
	if _, err := caller.Options(t.Context(), "sips:me@localhost:"+port(callee), nil); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Options = %v, want %q", err, want)
	}
}

// A request for a sips URI that came in the clear is refused: as a scheme that is not known by who has no certificate, else as
// RFC 5630, Section 5.1.2, says.
func TestSIPSInTheClearIsRefused(t *testing.T) {
	server, _ := proof(t, "localhost")
	for _, tt := range []struct {
		tls     transport.TLSConfig
		status  string
		warning string
	}{
		{transport.TLSConfig{}, "416", ""},
		{server, "480", `380 ringback "SIPS Not Allowed"`},
	} {
		withPhone(t, &ua.Config{TLS: tt.tls, OnCall: func(c *ua.Call) { c.Answer(ua.Body{}) }}, func(p *phone) {
			p.send(request("OPTIONS", "sips:me@10.0.0.1"))
			if got := string(p.hear(tt.status).Raw(parser.HeaderWarning)); got != tt.warning {
				t.Errorf("Warning %q, want %q", got, tt.warning)
			}
		})
	}
}

// TP-017, RS-002: whatever the look-up says, a request for a sips URI is never sent in the clear.
func TestSIPSNeverGoesInTheClear(t *testing.T) {
	quiet := newAgent(t, nil)
	a := newAgent(t, &ua.Config{Locate: func(context.Context, parser.URI) ([]transport.Target, error) {
		at := netip.MustParseAddrPort("127.0.0.1:" + port(quiet))
		return []transport.Target{{Protocol: transport.UDP, Addr: at}, {Protocol: transport.TCP, Addr: at}, {Protocol: transport.WS, Addr: at}}, nil
	}})
	if _, err := a.Options(t.Context(), "sips:me@example.com", nil); err == nil || !strings.Contains(err.Error(), "in the clear") {
		t.Errorf("Options = %v, want a refusal", err)
	}
	if _, err := a.Options(t.Context(), "sip:me@example.com", nil); err != nil {
		t.Errorf("Options without sips = %v", err)
	}
}

// Where nobody answers at the first address the next one is tried.
func TestTLSGoesToTheNextTarget(t *testing.T) {
	server, client := proof(t, "example.com")
	callee := newAgent(t, &ua.Config{Listen: []string{"tls:127.0.0.1:0"}, TLS: server})
	closed := newAgent(t, &ua.Config{Listen: []string{"tcp:127.0.0.1:0"}})
	at := []transport.Target{
		{Protocol: transport.TLS, Addr: closed.Addrs()[0].Addr, Name: "example.com"},
		{Protocol: transport.TLS, Addr: callee.Addrs()[0].Addr, Name: "example.com"},
	}
	if err := closed.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	a := newAgent(t, &ua.Config{TLS: client, Locate: func(context.Context, parser.URI) ([]transport.Target, error) { return at, nil }})
	if _, err := a.Options(t.Context(), "sips:example.com", nil); err != nil {
		t.Errorf("Options = %v", err)
	}
}
