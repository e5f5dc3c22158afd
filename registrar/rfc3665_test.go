package registrar_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/auth"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/registrar"
	"github.com/ringback-sip/ringback/transport"
	"github.com/ringback-sip/ringback/ua"
)

// proof returns a certificate for a domain that vouches for itself, and who trusts it.
func proof(t *testing.T, domain string) (*tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, DNSNames: []string{domain},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, roots
}

// bob is the phone of RFC 3665, Section 2, on its TLS connection.
type bob struct {
	*line
	number int
	client *auth.Client
}

// asks sends a REGISTER as the RFC prints it, with the password when it is asked for, and returns the statuses and the last response.
func (b *bob) asks(callID string, fields ...string) (statuses []string, last *parser.Message) {
	b.t.Helper()
	to := mustURI(b.t, "sips:bob@biloxi.example.com")
	x := b.client.Exchange(to, callID)
	for range 3 {
		var w parser.Builder
		w.Request(parser.MethodRegister, mustURI(b.t, "sips:ss2.biloxi.example.com"))
		x.Write(&w, nil)
		wire, err := w.Wire()
		if err != nil {
			b.t.Fatal(err)
		}
		_, credentials, _ := strings.Cut(string(wire.Head), "\r\n")
		credentials, _, _ = strings.Cut(credentials, "Content-Length")
		b.number++
		more := append([]string{
			"Request-URI: sips:ss2.biloxi.example.com", fmt.Sprintf("From: Bob <sips:bob@biloxi.example.com>;tag=%d", b.number),
			"To: Bob <sips:bob@biloxi.example.com>", "Call-ID: " + callID, fmt.Sprintf("CSeq: %d REGISTER", b.number),
		}, fields...)
		if credentials != "" {
			more = append(more, strings.TrimSpace(credentials))
		}
		last = b.ask(b.register(more...))
		statuses = append(statuses, fmt.Sprint(int(last.Status())))
		if last.Status() != parser.StatusUnauthorized {
			if err := x.Answered(last); err != nil {
				b.t.Error(err)
			}
			return statuses, last
		}
		if x.Challenge(last) != nil {
			return statuses, last
		}
	}
	return statuses, last
}

// TestRFC3665Registration plays Sections 2.1 to 2.5: digest over TLS, with SIPS URIs throughout.
func TestRFC3665Registration(t *testing.T) {
	cert, roots := proof(t, "ss2.biloxi.example.com")
	guard, err := auth.NewServer(&auth.ServerConfig{Realm: "biloxi.example.com", Secret: func(name, _ string) (auth.Secret, bool) {
		return auth.Secret{Password: "builder"}, name == "bob"
	}})
	if err != nil {
		t.Fatal(err)
	}
	reg := registrar.New(&registrar.Config{Domain: func(uri parser.URI) string {
		if strings.HasSuffix(string(uri.Host()), "biloxi.example.com") && string(uri.Host()) != "client.biloxi.example.com" {
			return "biloxi.example.com"
		}
		return ""
	}})
	server, err := ua.New(&ua.Config{
		Listen:   []string{"tls:127.0.0.1:0"},
		TLS:      transport.TLSConfig{Certificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return cert, nil }},
		Handlers: []ua.Handler{ua.Authenticate(guard), reg},
		Locate:   transport.LocateLiteral,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Shutdown(context.Background())
	conn, err := tls.Dial("tcp", server.Addrs()[0].Addr.String(), &tls.Config{ServerName: "ss2.biloxi.example.com", RootCAs: roots})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	b := &bob{
		line:   &line{t: t, conn: conn, via: "TLS " + conn.LocalAddr().String()},
		client: auth.NewClient(&auth.ClientConfig{Credentials: auth.User("bob", "builder")}),
	}
	const (
		contact = "<sips:bob@client.biloxi.example.com>"
		mailbox = "<mailto:bob@biloxi.example.com>" // ours expires as everything does; the RFC's lives for 136 years
		call    = "1j9FpLxk3uxtm8tn@biloxi.example.com"
	)
	for _, tt := range []struct {
		section  string
		fields   []string
		statuses string
		contacts string // of the last response
	}{
		{"2.1 successful new registration", []string{"Contact: " + contact}, "401 200", contact},
		{"2.2 update of contact list", []string{"Contact: " + mailbox}, "200", contact + " " + mailbox},
		{"2.3 request for current contact list", nil, "200", contact + " " + mailbox},
		{"2.4 cancellation of registration", []string{"Contact: *", "Expires: 0"}, "200", ""},
		{"2.1 again", []string{"Contact: " + contact}, "200", contact},
	} {
		statuses, m := b.asks(call, tt.fields...)
		var got []string
		for _, v := range values(m, "Contact") {
			v, _, _ = strings.Cut(v, ";")
			got = append(got, v)
		}
		if strings.Join(statuses, " ") != tt.statuses || strings.Join(got, " ") != tt.contacts {
			t.Errorf("%s: got %q with %q, want %s with %s", tt.section, statuses, got, tt.statuses, tt.contacts)
		}
	}
	b.client = auth.NewClient(&auth.ClientConfig{Credentials: auth.User("bob", "bilder")})
	if statuses, m := b.asks(call, "Contact: "+contact); strings.Join(statuses, " ") != "401 401" || m.Has(parser.HeaderContact) {
		t.Errorf("2.5 unsuccessful registration: got %q", statuses)
	}
	rings(t, reg, server, b)
}

// rings calls bob by his SIPS URI: nobody could open a connection to his contact, so that what comes, comes on his own.
func rings(t *testing.T, reg *registrar.Registrar, server *ua.Agent, b *bob) {
	t.Helper()
	const uri = "sips:bob@biloxi.example.com"
	all, err := reg.Lookup(t.Context(), mustURI(t, uri))
	if err != nil || len(all) != 1 {
		t.Fatalf("places are %+v, %v", all, err)
	}
	over := make(chan error, 1)
	go func() {
		_, err := server.Call(context.Background(), uri, ua.Body{Type: "application/sdp", Data: []byte("offer")}, &ua.CallOptions{Reach: all[0].Reach()})
		over <- err
	}()
	invite := b.hear(10 * time.Second)
	if invite == nil || string(invite.StartLine()) != "INVITE sips:bob@client.biloxi.example.com SIP/2.0" {
		t.Fatalf("bob heard %v, want an INVITE", invite)
	}
	b.refuse(invite)
	var refused *ua.ResponseError
	if err := <-over; !errors.As(err, &refused) || refused.Status != parser.StatusBusyHere {
		t.Errorf("the call ended with %v", err)
	}
}
