package interop

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// certificate is one that vouches for itself, for the loopback address.
type certificate struct {
	cert, key string // PEM files
	pin       string // the hash of its public key, as browsers write it
}

func newCertificate(t *testing.T) certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ip := net.IPv4(127, 0, 0, 1)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{ip},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	hash := sha256.Sum256(public)
	dir := t.TempDir()
	file := func(name, kind string, der []byte) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return certificate{
		cert: file("cert.pem", "CERTIFICATE", der), key: file("key.pem", "PRIVATE KEY", private),
		pin: base64.StdEncoding.EncodeToString(hash[:]),
	}
}

// serveWeb starts `sip serve` with WebSocket beside the rest, plain and secure.
func serveWeb(t *testing.T, c certificate, args ...string) *server {
	t.Helper()
	s := serve(t, append([]string{"-listen", "ws:127.0.0.1:0", "-listen", "wss:127.0.0.1:0", "-tls-cert", c.cert, "-tls-key", c.key}, args...)...)
	for _, network := range []string{"ws", "wss"} {
		s.addr[network] = s.field(t, "listening "+network+" ")
	}
	return s
}
