package transport

import (
	"crypto/tls"
	"testing"
	"testing/synctest"
)

// TP-046, TP-047: requests go back on a connection whose client said alias and proved its domain by a certificate, at the address that it
// advertises; all others need a connection of their own (RFC 5923, Section 8.2).
func TestAlias(t *testing.T) {
	client := &names{dns: []string{"a.example.net", "b.example.net"}}
	tests := []struct {
		name string
		cert *names
		via  string
		to   string // address
		who  string
		same bool
	}{
		{"proved", client, "TLS a.example.net;branch=z9hG4bK1;alias", "192.0.2.9:5061", "a.example.net", true},
		{"proved, another name", client, "TLS a.example.net;branch=z9hG4bK1;alias", "192.0.2.9:5061", "b.example.net", true},
		{"proved, port", client, "TLS a.example.net:5071;branch=z9hG4bK1;alias", "192.0.2.9:5071", "a.example.net", true},
		{"another port", client, "TLS a.example.net:5071;branch=z9hG4bK1;alias", "192.0.2.9:5061", "a.example.net", false},
		{"another address", client, "TLS a.example.net;branch=z9hG4bK1;alias", "192.0.2.8:5061", "a.example.net", false},
		{"another domain on the same host", client, "TLS c.example.net;branch=z9hG4bK1;alias", "192.0.2.9:5061", "c.example.net", false},
		{"no alias", client, "TLS a.example.net;branch=z9hG4bK1", "192.0.2.9:5061", "a.example.net", false},
		{"not proved", nil, "TLS a.example.net;branch=z9hG4bK1;alias", "192.0.2.9:5061", "a.example.net", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			onPair(t, TLS, func(_ *testing.T, ca *authority) (*tls.Certificate, Config, Config) {
				c := Config{}
				if tt.cert != nil {
					c.TLS.ClientCertificate = showsServer(ca.issue(*tt.cert))
				}
				d := newDialler()
				return ca.issue(names{dns: []string{"example.com"}}), c, Config{Dial: d.dial, TLS: TLSConfig{ClientAuth: tls.VerifyClientCertIfGiven, ClientRoots: ca.pool()}}
			}, func(t *testing.T, p *pair) {
				if err := p.hop(t, "example.com").Send(wire(options(tt.via))); err != nil {
					t.Fatal(err)
				}
				came, _ := (<-p.server.arrivals).hop.Flow()
				h, err := p.server.Hop(Target{Protocol: TLS, Addr: ap(tt.to), Name: tt.who})
				if err != nil && tt.same {
					t.Fatal(err)
				}
				got := false
				if err == nil {
					f, ok := h.Flow()
					got = ok && f == came
				}
				if got != tt.same {
					t.Errorf("back on the connection: %v, want %v", got, tt.same)
				}
				if tt.same {
					if err := h.Send(wire(options("TLS example.com;branch=z9hG4bK2"))); err != nil {
						t.Fatal(err)
					}
					<-p.client.arrivals
				}
				synctest.Wait()
			})
		})
	}
}
