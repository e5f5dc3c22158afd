package transport

import (
	"crypto/tls"
	"fmt"
	"os"
	"sync"
	"time"
)

// CertificateFiles is a certificate with its key, in two PEM files, that may be replaced while connections live: its methods are for
// [TLSConfig], and look at the files again when a handshake comes. LoadCertificate makes one. Safe for concurrent use.
type CertificateFiles struct {
	cert, key string
	failed    func(error)

	mu      sync.Mutex // guards what follows
	current *tls.Certificate
	seen    [2]version // of the files that were last read, whether or not they could be used
	looked  time.Time
}

// version tells one content of a file from another.
type version struct {
	changed time.Time
	size    int64
}

// lookAgain is how often the files are looked at, at most: a flood of handshakes is not to be one of system calls.
const lookAgain = time.Second

// LoadCertificate reads a certificate chain and its key. Files that cannot be used later, half written ones say, leave the last good
// pair in place; failed is told, once for each content, and may be nil.
func LoadCertificate(certFile, keyFile string, failed func(error)) (*CertificateFiles, error) {
	c := &CertificateFiles{cert: certFile, key: keyFile, failed: failed}
	seen, err := c.versions()
	if err != nil {
		return nil, err
	}
	pair, err := c.read()
	if err != nil {
		return nil, err
	}
	c.current, c.seen, c.looked = pair, seen, time.Now()
	return c, nil
}

// Certificate is for TLSConfig.Certificate: it shows the same certificate for every domain.
func (c *CertificateFiles) Certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	return c.latest(), nil
}

// ClientCertificate is for TLSConfig.ClientCertificate.
func (c *CertificateFiles) ClientCertificate(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
	return c.latest(), nil
}

// latest returns what the files hold, or the last that was of use.
func (c *CertificateFiles) latest() *tls.Certificate {
	pair, err := c.refresh(time.Now())
	if err != nil && c.failed != nil {
		c.failed(err)
	}
	return pair
}

// refresh reads the files again if they changed.
func (c *CertificateFiles) refresh(now time.Time) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.Sub(c.looked) < lookAgain {
		return c.current, nil
	}
	c.looked = now
	seen, err := c.versions()
	if seen == c.seen {
		return c.current, nil
	}
	c.seen = seen
	if err != nil {
		return c.current, err
	}
	pair, err := c.read()
	if err != nil {
		return c.current, err
	}
	c.current = pair
	return pair, nil
}

// versions looks at the files. Without them it returns the zero versions.
func (c *CertificateFiles) versions() (v [2]version, err error) {
	for i, name := range [...]string{c.cert, c.key} {
		info, err := os.Stat(name)
		if err != nil {
			return [2]version{}, err
		}
		v[i] = version{info.ModTime(), info.Size()}
	}
	return v, nil
}

func (c *CertificateFiles) read() (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return nil, fmt.Errorf("certificate %s with key %s: %w", c.cert, c.key, err)
	}
	return &pair, nil
}
