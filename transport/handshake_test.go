package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// pair is a client and a server in memory, with what the server was told in each handshake.
type pair struct {
	client, server *station
	acceptor       *acceptor
	dials          int
	hellos         chan *tls.ClientHelloInfo
}

const serverAddr = "192.0.2.1:5061"

// onPair runs f in a bubble with a client, and a server that shows cert for p at serverAddr.
func onPair(t *testing.T, p Protocol, f func(t *testing.T, ca *authority) (cert *tls.Certificate, client, server Config), test func(t *testing.T, p *pair)) {
	synctest.Test(t, func(t *testing.T) {
		ca := newAuthority(t)
		cert, client, server := f(t, ca)
		two := &pair{acceptor: newAcceptor(serverAddr), hellos: make(chan *tls.ClientHelloInfo, 100)}
		if server.TLS.Certificate == nil {
			server.TLS.Certificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
				two.hellos <- hello
				return cert, nil
			}
		}
		if client.TLS.Roots == nil {
			client.TLS.Roots = ca.pool()
		}
		client.Dial = func(ctx context.Context, network string, local, remote netip.AddrPort) (net.Conn, error) {
			if network != "tcp" {
				return udpTowards(remote), nil
			}
			two.dials++
			ours, theirs := newWire(netip.AddrPortFrom(ap("192.0.2.9:0").Addr(), uint16(40000+two.dials)), ap(serverAddr))
			select {
			case two.acceptor.conns <- theirs:
				return ours, nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		two.client, two.server = newStation(t, client), newStation(t, server)
		if err := two.server.ServeListener(p, two.acceptor); err != nil {
			t.Fatal(err)
		}
		defer func() {
			two.client.stop()
			two.server.stop()
			for _, s := range []*station{two.client, two.server} {
				if got := s.Stats(); got.Connections+got.Dialing+got.Sources+int(got.HalfRead) != 0 || len(s.remotes) != 0 {
					t.Errorf("left after Shutdown: %+v, %d remotes", got, len(s.remotes))
				}
			}
		}()
		test(t, two)
	})
}

// udpTowards is a connected datagram socket in memory, of a host whose address is 192.0.2.9.
func udpTowards(remote netip.AddrPort) net.Conn {
	c, other := newPipe(ap("192.0.2.9:1"), remote)
	_ = other.Close()
	return c
}

// good shows a certificate for example.com to a client that trusts its authority.
func good(_ *testing.T, ca *authority) (*tls.Certificate, Config, Config) {
	return ca.issue(names{dns: []string{"example.com", "example.org"}}), Config{}, Config{}
}

func (p *pair) hop(t *testing.T, name string) *Hop {
	t.Helper()
	h, err := p.client.Hop(Target{Protocol: p.protocol(), Addr: ap(serverAddr), Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func (p *pair) protocol() Protocol { return p.server.Locals()[0].Protocol }

func TestTLSThereAndBack(t *testing.T) {
	onPair(t, TLS, good, func(t *testing.T, p *pair) {
		h := p.hop(t, "example.com")
		if !h.Reliable() || h.Protocol() != TLS {
			t.Errorf("Reliable %v, Protocol %v", h.Reliable(), h.Protocol())
		}
		if err := h.Send(wire(options("TLS 192.0.2.9:5061;branch=z9hG4bK1"))); err != nil {
			t.Fatal(err)
		}
		got := <-p.server.arrivals
		if hello := <-p.hellos; hello.ServerName != "example.com" {
			t.Errorf("server name %q, want example.com (RFC 5922, Section 7.8)", hello.ServerName)
		}
		if got.hop.SentBy() != serverAddr {
			t.Errorf("SentBy of the server %q", got.hop.SentBy())
		}
		f, ok := got.hop.Flow()
		if !ok || f.Protocol() != TLS || f.Identities() != nil {
			t.Errorf("flow %v %v, identities %v of a client without certificate", ok, f.Protocol(), f.Identities())
		}
		if f, ok = h.Flow(); !ok || !slices.Equal(f.Identities(), []string{"example.com", "example.org"}) {
			t.Errorf("identities of the server %v", f.Identities())
		}
		// The answer comes back on the connection, and may name it.
		if got := h.SentBy(); got != "192.0.2.9:40001" {
			t.Errorf("SentBy of the client %q", got)
		}
		if err := got.hop.Send(wire(response("TLS " + h.SentBy() + ";branch=z9hG4bK1"))); err != nil {
			t.Fatal(err)
		}
		if m := (<-p.client.arrivals).m; m.Status() != parser.StatusOK {
			t.Errorf("got %v", m.Status())
		}
		if p.dials != 1 {
			t.Errorf("%d connections", p.dials)
		}
	})
}

// TP-038 to TP-041: a server that is not who it has to be is told nothing, and the sender hears why.
func TestWrongServerIsRefused(t *testing.T) {
	tests := []struct {
		name string
		cert names
		to   string
		err  string
	}{
		{"another domain", names{dns: []string{"example.org"}}, "example.com", "the certificate is not for example.com: it is for example.org"},
		{"wildcard", names{dns: []string{"*.example.com"}}, "sip.example.com", "a wildcard stands for nobody"},
		{"expired", names{dns: []string{"example.com"}, expired: true}, "example.com", "expired"},
		{"name for address", names{dns: []string{"example.com"}}, "", "the certificate is not for 192.0.2.1: it is for example.com"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			onPair(t, TLS, func(_ *testing.T, ca *authority) (*tls.Certificate, Config, Config) {
				return ca.issue(tt.cert), Config{}, Config{}
			}, func(t *testing.T, p *pair) {
				h := p.hop(t, tt.to)
				if err := h.Send(wire(options(viaTLS))); err != nil {
					t.Fatal(err)
				}
				failed := <-p.client.failures
				if failed.hop != h || !strings.Contains(failed.err.Error(), tt.err) {
					t.Errorf("got %v, want %q", failed.err, tt.err)
				}
				synctest.Wait()
				none(t, p.server.arrivals, "message")
				if p.client.Connections()+p.server.Connections() != 0 {
					t.Error("a connection is left")
				}
				_, err := p.client.Flow(t.Context(), Target{Protocol: TLS, Addr: ap(serverAddr), Name: tt.to})
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("Flow = %v, want %q", err, tt.err)
				}
			})
		})
	}
	t.Run("unknown authority", func(t *testing.T) {
		onPair(t, TLS, func(t *testing.T, ca *authority) (*tls.Certificate, Config, Config) {
			return newAuthority(t).issue(names{dns: []string{"example.com"}}), Config{}, Config{}
		}, func(t *testing.T, p *pair) {
			if err := p.hop(t, "example.com").Send(wire(options(viaTLS))); err != nil {
				t.Fatal(err)
			}
			if f := <-p.client.failures; !strings.Contains(f.err.Error(), "unknown authority") {
				t.Errorf("got %v", f.err)
			}
		})
	})
}

const viaTLS = "TLS 192.0.2.9:5061;branch=z9hG4bK1"

// A connection that proved one domain is no way to another one, whatever DNS says (RFC 5923, Section 8.1); one that proved both is.
func TestTLSConnectionIsReusedForWhatWasProved(t *testing.T) {
	onPair(t, TLS, good, func(t *testing.T, p *pair) {
		flow := func(name string) (Flow, error) {
			return p.client.Flow(t.Context(), Target{Protocol: TLS, Addr: ap(serverAddr), Name: name})
		}
		first, err := flow("example.com")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"Example.com", "example.org."} {
			if f, err := flow(name); err != nil || f != first {
				t.Errorf("%s: %v, %v, want the first flow", name, f, err)
			}
		}
		var wrong *IdentityError
		if _, err := flow("example.net"); !errors.As(err, &wrong) {
			t.Errorf("example.net: got %v, want an IdentityError", err)
		}
		if p.dials != 2 {
			t.Errorf("%d connections, want 2", p.dials)
		}
	})
}

// TP-043: a server that asks for certificates takes clients without one, unless it requires one; then they hear it.
func TestClientCertificates(t *testing.T) {
	tests := []struct {
		name string
		auth tls.ClientAuthType
		cert *names // of the client
		want []string
		err  string
	}{
		{"asked for, none", tls.VerifyClientCertIfGiven, nil, nil, ""},
		{"asked for, shown", tls.VerifyClientCertIfGiven, &names{uris: []string{"sip:Client.example.com"}}, []string{"client.example.com"}, ""},
		{"asked for, expired", tls.VerifyClientCertIfGiven, &names{dns: []string{"client.example.com"}, expired: true}, nil, "remote error"},
		{"required, shown", tls.RequireAndVerifyClientCert, &names{dns: []string{"client.example.com"}}, []string{"client.example.com"}, ""},
		{"required, none", tls.RequireAndVerifyClientCert, nil, nil, "certificate required"},
		{"not asked for", tls.NoClientCert, &names{dns: []string{"client.example.com"}}, nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			onPair(t, TLS, func(_ *testing.T, ca *authority) (*tls.Certificate, Config, Config) {
				client := Config{}
				if tt.cert != nil {
					client.TLS.ClientCertificate = showsServer(ca.issue(*tt.cert))
				}
				return ca.issue(names{dns: []string{"example.com"}}), client, Config{TLS: TLSConfig{ClientAuth: tt.auth, ClientRoots: ca.pool()}}
			}, func(t *testing.T, p *pair) {
				h := p.hop(t, "example.com")
				if err := h.Send(wire(options(viaTLS))); err != nil {
					t.Fatal(err)
				}
				if tt.err != "" {
					// In TLS 1.3 the request was written by then.
					if f := <-p.client.failures; f.hop != h || !strings.Contains(f.err.Error(), tt.err) {
						t.Errorf("got %v, want %q", f.err, tt.err)
					}
					synctest.Wait()
					none(t, p.server.arrivals, "message")
					return
				}
				f, _ := (<-p.server.arrivals).hop.Flow()
				if got := f.Identities(); !slices.Equal(got, tt.want) {
					t.Errorf("identities %v, want %v", got, tt.want)
				}
			})
		})
	}
}

// A handshake that does not come to an end is given up, on both sides.
func TestSlowHandshakeIsClosed(t *testing.T) {
	onListenerFor(t, TLS, func(t *testing.T, s *station, a *acceptor, d *dialler) {
		silent, dribbling := a.from(t, "192.0.2.9:6000"), a.from(t, "192.0.2.9:6001")
		start := time.Now()
		go func() {
			for _, c := range []byte("\x16\x03\x01\x01\x00") {
				if _, err := dribbling.Write([]byte{c}); err != nil {
					return
				}
				time.Sleep(4 * time.Second)
			}
		}()
		for _, peer := range []net.Conn{silent, dribbling} {
			ends(t, peer)
			if took := time.Since(start); took != 10*time.Second {
				t.Errorf("closed after %v, want 10s", took)
			}
		}
		h, err := s.Hop(Target{Protocol: TLS, Addr: ap("192.0.2.9:5061")})
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Send(wire(options(viaTLS))); err != nil {
			t.Fatal(err)
		}
		peer := (<-d.dials).accept()
		start = time.Now()
		ends(t, peer) // reads, and says nothing
		if f := <-s.failures; f.hop != h || !errors.Is(f.err, ErrSlow) {
			t.Errorf("got %v, want ErrSlow", f.err)
		}
		if took := time.Since(start); took != 10*time.Second {
			t.Errorf("given up after %v, want 10s", took)
		}
	})
}

// The time of the first message begins with the connection, not with the end of the handshake.
func TestFirstMessageAfterHandshakeIsDue(t *testing.T) {
	onPair(t, TLS, good, func(t *testing.T, p *pair) {
		start := time.Now()
		raw, err := p.client.cfg.Dial(t.Context(), "tcp", netip.AddrPort{}, ap(serverAddr))
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(6 * time.Second)
		conn := tls.Client(raw, &tls.Config{RootCAs: p.client.cfg.TLS.Roots, ServerName: "example.com"})
		if err := conn.Handshake(); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Read(make([]byte, 1)); err == nil {
			t.Error("something was said")
		}
		if took := time.Since(start); took != 10*time.Second {
			t.Errorf("closed after %v, want 10s", took)
		}
		_ = conn.Close()
	})
}

// What is no TLS, or too old, gets no further; the next client does.
func TestHandshakeIsStrict(t *testing.T) {
	onPair(t, TLS, good, func(t *testing.T, p *pair) {
		for name, hello := range map[string]func(raw net.Conn) error{
			"in the clear": func(raw net.Conn) error {
				_, err := raw.Write(options(viaTLS))
				return err
			},
			"TLS 1.1": func(raw net.Conn) error {
				c := tls.Client(raw, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})
				if err := c.Handshake(); err == nil {
					t.Error("TLS 1.1 was taken")
				}
				return nil
			},
		} {
			raw, err := p.client.cfg.Dial(t.Context(), "tcp", netip.AddrPort{}, ap(serverAddr))
			if err != nil {
				t.Fatal(err)
			}
			if err := hello(raw); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			_, took := ends(t, raw)
			if took != 0 {
				t.Errorf("%s: closed after %v", name, took)
			}
		}
		none(t, p.server.arrivals, "message")
		if err := p.hop(t, "example.com").Send(wire(options(viaTLS))); err != nil {
			t.Fatal(err)
		}
		<-p.server.arrivals
	})
}

// TP-048: after the peer's closure alert nothing begins on the connection; a new one takes its place.
func TestClosureAlertEndsTheConnection(t *testing.T) {
	onPair(t, TLS, good, func(t *testing.T, p *pair) {
		h := p.hop(t, "example.com")
		if err := h.Send(numbered(1)); err != nil {
			t.Fatal(err)
		}
		got := <-p.server.arrivals
		f, _ := got.hop.Flow()
		f.stream.part(ErrClosed) // with an alert
		old, _ := h.Flow()
		<-old.Done()
		if err := old.stream.err; !strings.Contains(err.Error(), "EOF") {
			t.Errorf("ended by %v, want the end of what the peer says", err)
		}
		if err := h.Send(numbered(2)); err != nil {
			t.Fatal(err)
		}
		<-p.server.arrivals
		if p.dials != 2 {
			t.Errorf("%d connections, want 2", p.dials)
		}
	})
}

// onListenerFor is onListener for another protocol than TCP.
func onListenerFor(t *testing.T, p Protocol, f func(t *testing.T, s *station, a *acceptor, d *dialler)) {
	synctest.Test(t, func(t *testing.T) {
		d := newDialler()
		ca := newAuthority(t)
		s := newStation(t, Config{Dial: d.dial, TLS: TLSConfig{Roots: ca.pool(), Certificate: shows(ca.issue(names{dns: []string{"example.com"}}))}})
		a := newAcceptor("192.0.2.1:5061")
		if err := s.ServeListener(p, a); err != nil {
			t.Fatal(err)
		}
		defer s.stop()
		f(t, s, a, d)
	})
}
