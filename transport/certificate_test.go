package transport

import (
	"bytes"
	"crypto/tls"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// A certificate that was renewed is shown from the next second on, without a restart; files that do not fit together leave the old one.
func TestCertificateFilesAreReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, ca := t.TempDir(), newAuthority(t)
		one, two, three := ca.issue(names{dns: []string{"one.example.com"}}), ca.issue(names{dns: []string{"two.example.com"}}), ca.issue(names{dns: []string{"three.example.com"}})
		cert, key := write(t, dir, one)
		var failures []error
		files, err := LoadCertificate(cert, key, func(err error) { failures = append(failures, err) })
		if err != nil {
			t.Fatal(err)
		}
		shown := func(want *tls.Certificate) {
			t.Helper()
			for _, get := range []func() (*tls.Certificate, error){
				func() (*tls.Certificate, error) { return files.Certificate(nil) },
				func() (*tls.Certificate, error) { return files.ClientCertificate(nil) },
			} {
				got, err := get()
				if err != nil || !bytes.Equal(got.Certificate[0], want.Certificate[0]) {
					t.Errorf("got %v, %v, want %v", got.Leaf.DNSNames, err, want.Leaf.DNSNames)
				}
			}
		}
		shown(one)
		write(t, dir, two)
		touch(t, cert, key)
		shown(one) // looked at a moment ago
		time.Sleep(lookAgain)
		shown(two)

		// The key comes a little later than the certificate.
		if err := os.WriteFile(cert, pemOf(t, three), 0o600); err != nil {
			t.Fatal(err)
		}
		touch(t, cert)
		for range 3 {
			time.Sleep(lookAgain)
			shown(two)
		}
		if len(failures) != 1 {
			t.Errorf("told of %d failures, want 1 for one content: %v", len(failures), failures)
		}
		write(t, dir, three)
		touch(t, cert, key)
		time.Sleep(lookAgain)
		shown(three)

		if err := os.Remove(key); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			time.Sleep(lookAgain)
			shown(three)
		}
		if len(failures) != 2 {
			t.Errorf("told of %d failures, want one more: %v", len(failures), failures)
		}
	})
}

func TestLoadCertificateRefuses(t *testing.T) {
	dir, ca := t.TempDir(), newAuthority(t)
	cert, key := write(t, dir, ca.issue(names{}))
	for _, tt := range [][2]string{{cert, cert}, {key, key}, {filepath.Join(dir, "none"), key}, {cert, filepath.Join(dir, "none")}} {
		if _, err := LoadCertificate(tt[0], tt[1], nil); err == nil {
			t.Errorf("%s with %s was taken", filepath.Base(tt[0]), filepath.Base(tt[1]))
		}
	}
}

// pemOf returns c as its file has it.
func pemOf(t *testing.T, c *tls.Certificate) []byte {
	t.Helper()
	cert, _ := write(t, t.TempDir(), c)
	b, err := os.ReadFile(cert)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// touch gives files a time of change of their own: in a bubble, and on coarse file systems, the system's may be the last one again.
func touch(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		at := info.ModTime().Add(time.Hour)
		if err := os.Chtimes(name, at, at); err != nil {
			t.Fatal(err)
		}
	}
}
