package transport

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
)

// TLSConfig says how peers prove themselves over TLS and WSS. The zero value is safe: it trusts whom the system trusts, shows no
// certificate, and so can open connections but accept none. TLS 1.2 is the least; nothing is renegotiated. The functions are called for each
// handshake, at the same time for different ones: what they return may change while connections live (see [CertificateFiles]).
type TLSConfig struct {
	// Certificate returns the certificate that a listener shows; hello names the domain that the client wants
	// (RFC 5922, Section 7.8). Nil: no listener for TLS or WSS can be opened.
	Certificate func(hello *tls.ClientHelloInfo) (*tls.Certificate, error)
	// ClientCertificate returns the certificate to show to a server that asks for one. Nil shows none.
	ClientCertificate func(ask *tls.CertificateRequestInfo) (*tls.Certificate, error)
	// Roots are the authorities that may vouch for a server. Nil: those of the system.
	Roots *x509.CertPool
	// ClientAuth is whether clients are asked for a certificate: tls.NoClientCert, the zero value; tls.VerifyClientCertIfGiven, where one without
	// is simply not authenticated (RFC 5922, Section 7.4); tls.RequireAndVerifyClientCert. Over WSS only the last one asks: browsers
	// would bother their users.
	ClientAuth tls.ClientAuthType
	// ClientRoots are the authorities that may vouch for a client. Nil means Roots.
	ClientRoots *x509.CertPool
	// Wildcards lets *.example.com in a server's certificate stand for any one label, against RFC 5922, Section 7.2. It has no meaning over
	// WSS, where the rules of HTTPS hold (RFC 7118, Section 9.2) and wildcards do count.
	Wildcards bool
}

// check returns what is wrong with c.
func (c *TLSConfig) check() error {
	switch c.ClientAuth {
	case tls.NoClientCert, tls.VerifyClientCertIfGiven, tls.RequireAndVerifyClientCert:
		return nil
	}
	return fmt.Errorf("TLS.ClientAuth %v: a certificate that nobody verifies proves nothing", c.ClientAuth)
}

// listens returns why no listener for p can be opened.
func (c *TLSConfig) listens(p Protocol) error {
	if p.Secure() && c.Certificate == nil {
		return errNoCertificate
	}
	return nil
}

// server returns the configuration of one accepted connection.
func (c *TLSConfig) server(p Protocol) *tls.Config {
	s := &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: c.Certificate,
		ClientAuth:     c.ClientAuth,
		ClientCAs:      c.ClientRoots,
	}
	if s.ClientCAs == nil {
		s.ClientCAs = c.Roots
	}
	if p == WSS {
		s.NextProtos = []string{"http/1.1"} // RFC 6455 upgrades no other version
		if s.ClientAuth == tls.VerifyClientCertIfGiven {
			s.ClientAuth = tls.NoClientCert
		}
	}
	return s
}

// client returns the configuration of one connection that we open to name.
func (c *TLSConfig) client(p Protocol, name string) *tls.Config {
	s := &tls.Config{
		MinVersion:           tls.VersionTLS12,
		ServerName:           name, // RFC 5922, Section 7.8; a numeric one is not sent
		RootCAs:              c.Roots,
		GetClientCertificate: c.ClientCertificate,
		Renegotiation:        tls.RenegotiateNever,
	}
	if p == WSS {
		s.NextProtos = []string{"http/1.1"}
		return s // RFC 7118, Section 9.2: as HTTPS does it, which is what crypto/tls does
	}
	// The rules of HTTPS are not those of SIP: verify takes the place of what crypto/tls does.
	s.InsecureSkipVerify = true
	s.VerifyConnection = func(state tls.ConnectionState) error { return c.verify(state.PeerCertificates, name) }
	return s
}

// sipDomain is the extended key usage of certificates made for SIP alone (RFC 5924).
var sipDomain = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 20}

// verify holds the certificates that a server showed against the roots, and its own against name (RFC 5922, Sections 7.1 and 7.3).
func (c *TLSConfig) verify(chain []*x509.Certificate, name string) error {
	if len(chain) == 0 {
		return errNoCertificateShown
	}
	leaf := chain[0]
	opts := x509.VerifyOptions{Roots: c.Roots, Intermediates: x509.NewCertPool(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	if slices.ContainsFunc(leaf.UnknownExtKeyUsage, sipDomain.Equal) {
		opts.KeyUsages = []x509.ExtKeyUsage{x509.ExtKeyUsageAny}
	}
	for _, cert := range chain[1:] {
		opts.Intermediates.AddCert(cert)
	}
	if _, err := leaf.Verify(opts); err != nil {
		return &tls.CertificateVerificationError{UnverifiedCertificates: chain, Err: err}
	}
	id := identitiesOf(leaf)
	if id.match(name, c.Wildcards) {
		return nil
	}
	e := &IdentityError{Name: name, Identities: id.domains, Ignored: id.ignored, pattern: id.match(name, true)}
	for _, a := range id.addrs {
		e.Identities = append(e.Identities, a.String())
	}
	return e
}

var (
	errNoCertificate      = errors.New("no certificate to show: Config.TLS.Certificate is not set")
	errNoCertificateShown = errors.New("the peer showed no certificate")
)
