package transport

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/asn1"
	"strings"
	"testing"
)

func chainOf(certs ...*x509.Certificate) []*x509.Certificate { return certs }

// TP-038: a server's certificate has to lead to a root, to be valid now, and to be meant for a server or for SIP.
func TestServerCertificateIsVerified(t *testing.T) {
	ca, other := newAuthority(t), newAuthority(t)
	domain := []string{"example.com"}
	tests := []struct {
		name string
		from *authority
		cert names
		err  string // "": none
	}{
		{"good", ca, names{dns: domain}, ""},
		{"another authority", other, names{dns: domain}, "signed by unknown authority"},
		{"expired", ca, names{dns: domain, expired: true}, "expired"},
		{"for clients", ca, names{dns: domain, usage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}, "incompatible key usage"},
		{"for SIP", ca, names{dns: domain, unknown: []asn1.ObjectIdentifier{sipDomain}}, ""},
		{"for something else", ca, names{dns: domain, unknown: []asn1.ObjectIdentifier{{1, 2, 3}}}, "incompatible key usage"},
		{"for anything", ca, names{dns: domain, usage: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := TLSConfig{Roots: ca.pool()}
			err := cfg.verify(chainOf(tt.from.issue(tt.cert).Leaf), "example.com")
			if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("got %v, want %q", err, tt.err)
			}
		})
	}
	if err := (&TLSConfig{}).verify(nil, "example.com"); err == nil {
		t.Error("no certificate at all was taken")
	}
}

// Asking for a certificate that nobody verifies would let anybody be anybody.
func TestTLSConfigIsChecked(t *testing.T) {
	for auth, ok := range map[tls.ClientAuthType]bool{
		tls.NoClientCert: true, tls.VerifyClientCertIfGiven: true, tls.RequireAndVerifyClientCert: true,
		tls.RequestClientCert: false, tls.RequireAnyClientCert: false,
	} {
		l := New(&Config{TLS: TLSConfig{ClientAuth: auth}})
		if err := l.ServePacket(newPacketConn("192.0.2.1:5060")); (err == nil) != ok {
			t.Errorf("%v: %v, want ok %v", auth, err, ok)
		}
		if err := l.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	}
	l := New(nil)
	for _, p := range []Protocol{TLS, WSS} {
		if err := l.ServeListener(p, newAcceptor("192.0.2.1:5061")); err == nil || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("listen for %v without a certificate = %v", p, err)
		}
	}
}
