package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// authority issues certificates, and is in the file ca.
type authority struct {
	t    *testing.T
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	ca   string
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t, dir: t.TempDir()}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	var der []byte
	der, a.key = a.sign(template)
	var err error
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.ca = a.file("ca.pem", "CERTIFICATE", der)
	return a
}

// sign makes a certificate with a key of its own; the first is the authority's.
func (a *authority) sign(template *x509.Certificate) ([]byte, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	parent, by := a.cert, a.key
	if parent == nil {
		parent, by = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), by)
	if err != nil {
		a.t.Fatal(err)
	}
	return der, key
}

// issue makes a certificate for names, domains and addresses, and returns the flags that load it.
func (a *authority) issue(names ...string) []string {
	a.t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	der, key := a.sign(template)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	name := strings.ReplaceAll(strings.Join(names, "_"), "*", "star")
	return []string{"-tls-cert", a.file(name+".pem", "CERTIFICATE", der), "-tls-key", a.file(name+".key", "PRIVATE KEY", private)}
}

func (a *authority) file(name, kind string, der []byte) string {
	a.t.Helper()
	path := filepath.Join(a.dir, name)
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		a.t.Fatal(err)
	}
	return path
}

// serveOver starts a server with one more socket, and returns where that listens.
func serveOver(t *testing.T, proto string, args ...string) (serving, string) {
	t.Helper()
	s := serve(t, append([]string{"-listen", proto + ":127.0.0.1:0"}, args...)...)
	return s, s.stdout.line(t, "listening "+proto+" ")
}

// Every command reaches the server over every transport, by number and by name.
func TestCommandsOverEveryTransport(t *testing.T) {
	ca := newAuthority(t)
	for _, proto := range protocols {
		_, at := serveOver(t, proto, ca.issue("127.0.0.1", "localhost")...)
		_, port, _ := net.SplitHostPort(at)
		uris := []string{"sip:echo@" + at + ";transport=" + proto, "sip:echo@localhost:" + port + ";transport=" + proto}
		switch proto {
		case "tls":
			uris = append(uris, "sips:echo@"+at)
		case "wss":
			uris = append(uris, "sips:echo@"+at+";transport=ws")
		}
		for _, uri := range uris {
			for _, args := range [][]string{{"options", uri}, {"message", uri, "hello"}, {"call", "-for", "10ms", uri}} {
				args = append([]string{args[0], "-tls-ca", ca.ca}, args[1:]...)
				if r := sip(t, args...); r.code != exitYes {
					t.Errorf("sip %s: exit status %d, want 0\n%s%s", strings.Join(args, " "), r.code, r.stdout, r.stderr)
				}
			}
		}
	}
}

// protocols are what serve listens for besides the UDP and TCP that it has anyway.
var protocols = []string{"udp", "tcp", "tls", "ws", "wss"}

// Who is not who was asked for is refused, and the error says why.
func TestWrongCertificateIsRefused(t *testing.T) {
	ca, other := newAuthority(t), newAuthority(t)
	tests := []struct {
		name  string
		cert  []string
		trust string
		host  string
		want  string
	}{
		{"another name", ca.issue("example.com"), ca.ca, "localhost", "the certificate is not for localhost: it is for example.com"},
		{"another address", ca.issue("127.0.0.2"), ca.ca, "127.0.0.1", "the certificate is not for 127.0.0.1: it is for 127.0.0.2"},
		{"name for address", ca.issue("localhost"), ca.ca, "127.0.0.1", "the certificate is not for 127.0.0.1: it is for localhost"},
		{"wildcard", ca.issue("*.localhost"), ca.ca, "localhost", "it is for *.localhost"},
		{"another authority", ca.issue("localhost"), other.ca, "localhost", "signed by unknown authority"},
		{"no authority", ca.issue("localhost"), "", "localhost", "signed by unknown authority"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, at := serveOver(t, "tls", tt.cert...)
			_, port, _ := net.SplitHostPort(at)
			for _, command := range []string{"options", "call"} {
				args := []string{command}
				if tt.trust != "" {
					args = append(args, "-tls-ca", tt.trust)
				}
				r := sip(t, append(args, "sips:echo@"+tt.host+":"+port)...)
				if r.code != exitSilence || !strings.Contains(r.stderr, tt.want) || !strings.Contains(r.stderr, "-tls-ca") {
					t.Errorf("sip %s: exit status %d and %q, want 3 and %q with advice", command, r.code, r.stderr, tt.want)
				}
			}
		})
	}
}

// A server that wants certificates of its clients takes nobody without.
func TestServeAsksForClientCertificates(t *testing.T) {
	ca := newAuthority(t)
	_, at := serveOver(t, "tls", append(ca.issue("127.0.0.1"), "-tls-client-ca", ca.ca)...)
	args := []string{"options", "-tls-ca", ca.ca}
	if r := sip(t, append(args, "sips:echo@"+at)...); r.code != exitSilence || !strings.Contains(r.stderr, "certificate required") {
		t.Errorf("without a certificate: exit status %d, %q", r.code, r.stderr)
	}
	args = append(args, ca.issue("client.example.com")...)
	if r := sip(t, append(args, "sips:echo@"+at)...); r.code != exitYes {
		t.Errorf("with a certificate: exit status %d, %q", r.code, r.stderr)
	}
}

func TestTLSFlagsAreChecked(t *testing.T) {
	files(t, map[string]string{"empty.pem": ""})
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"-tls-ca", "none.pem"}, "-tls-ca: "},
		{[]string{"-tls-ca", "empty.pem"}, "holds no certificate"},
		{[]string{"-tls-cert", "empty.pem", "-tls-key", "empty.pem"}, "-tls-cert: "},
		{[]string{"-tls-key", "empty.pem"}, "belong together"},
	} {
		r := sip(t, append(append([]string{"options"}, tt.args...), "sips:echo@127.0.0.1")...)
		if r.code != exitUsage || !strings.Contains(r.stderr, tt.want) {
			t.Errorf("%q: exit status %d and %q, want 2 and %q", tt.args, r.code, r.stderr, tt.want)
		}
	}
}
