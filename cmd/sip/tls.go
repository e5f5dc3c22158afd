package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"

	"github.com/ringback-sip/ringback/transport"
	"github.com/ringback-sip/ringback/transport/ws"
)

// secrets are the files that a command proves itself with over TLS and WSS.
type secrets struct{ cert, key string }

// flags defines the flags; use says what for.
func (s *secrets) flags(fs *flag.FlagSet, use string) {
	fs.StringVar(&s.cert, "tls-cert", "", "the certificate chain in `FILE` (PEM), "+use)
	fs.StringVar(&s.key, "tls-key", "", "the key of -tls-cert in `FILE` (PEM)")
}

// load reads the files, nil without any. They are read again when they change; what cannot be used then is logged.
func (s *secrets) load(log *slog.Logger) (*transport.CertificateFiles, error) {
	switch {
	case s.cert == "" && s.key == "":
		return nil, nil
	case s.cert == "" || s.key == "":
		return nil, errors.New("-tls-cert and -tls-key belong together: want both")
	}
	files, err := transport.LoadCertificate(s.cert, s.key, func(err error) {
		log.Error("the certificate on disk cannot be used; the last one stays", "err", err)
	})
	if err != nil {
		return nil, fmt.Errorf("-tls-cert: %w: want PEM files of a certificate chain and its key", err)
	}
	return files, nil
}

// authorities reads certificates that are trusted: those of FILE alone, or besides those of pool.
func authorities(name, file string, pool *x509.CertPool) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if pool == nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s: %s holds no certificate: want a PEM file", name, file)
	}
	return pool, nil
}

// clientTLS is what a command that sends requests trusts and shows.
func (k *client) clientTLS(log *slog.Logger) (transport.TLSConfig, error) {
	var cfg transport.TLSConfig
	files, err := k.secrets.load(log)
	if err != nil {
		return cfg, err
	}
	if files != nil {
		cfg.ClientCertificate = files.ClientCertificate
	}
	if k.ca == "" {
		return cfg, nil
	}
	system, err := x509.SystemCertPool()
	if err != nil {
		system = nil // there is none here
	}
	cfg.Roots, err = authorities("-tls-ca", k.ca, system)
	return cfg, err
}

// serverTLS is what `sip serve` shows, and whom it lets in.
func (s *server) serverTLS() (transport.TLSConfig, error) {
	var cfg transport.TLSConfig
	files, err := s.secrets.load(s.log)
	if err != nil {
		return cfg, err
	}
	if files != nil {
		cfg.Certificate, cfg.ClientCertificate = files.Certificate, files.ClientCertificate
	}
	for _, l := range s.listen {
		proto, _, _ := strings.Cut(l, ":")
		if p, err := transport.ParseProtocol(proto); err == nil && p.Secure() && files == nil {
			return cfg, fmt.Errorf("-listen %s needs a certificate: want -tls-cert and -tls-key", l)
		}
	}
	if s.clientCA == "" {
		return cfg, nil
	}
	cfg.ClientAuth = tls.RequireAndVerifyClientCert
	cfg.ClientRoots, err = authorities("-tls-client-ca", s.clientCA, nil)
	return cfg, err
}

// checkOrigin decides which pages come in over WebSocket. Nobody is asked for a password, and a page can do no more than whoever opens it, so that
// without -origin all do.
func (s *server) checkOrigin() func(*http.Request) *ws.Refusal {
	if s.origins == nil {
		return func(*http.Request) *ws.Refusal { return nil }
	}
	return ws.Origins(s.origins...)
}

// certificateRefused reports whether err says that one side did not take the other's certificate.
func certificateRefused(err error) bool {
	var name *transport.IdentityError
	var chain *tls.CertificateVerificationError
	return errors.As(err, &name) || errors.As(err, &chain)
}
