package resolver

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/ringback-sip/ringback/parser"
)

// RFC 3263, Section 5: where a response goes when its way is lost.
func TestLocateResponse(t *testing.T) {
	const text = `
		_sip._tcp.example.com SRV 0 0 5070 a.example.com.
		_sip._tcp.example.com SRV 1 0 5070 b.example.com.
		_sip._udp.example.com SRV 0 0 5080 a.example.com.
		_sips._tcp.example.com SRV 0 0 5081 a.example.com.
		example.com NAPTR 1 1 "s" "SIP+D2U" "" _sip._udp.example.com.
		example.com A 192.0.2.8
		a.example.com A 192.0.2.1
		a.example.com AAAA 2001:db8::1
		b.example.com A 192.0.2.2`
	tests := []struct {
		via         string
		want, asked []string
		err         error
	}{
		{"SIP/2.0/TCP 192.0.2.7", []string{"tcp 192.0.2.7:5060"}, nil, nil},
		{"SIP/2.0/UDP 192.0.2.7:5070", []string{"udp 192.0.2.7:5070"}, nil, nil},
		{"SIP/2.0/TLS [2001:db8::7]", []string{"tls [2001:db8::7]:5061 [2001:db8::7]"}, nil, nil},
		{"SIP/2.0/TCP a.example.com:5060", []string{"tcp [2001:db8::1]:5060", "tcp 192.0.2.1:5060"}, []string{"a.example.com A", "a.example.com AAAA"}, nil},
		{"SIP/2.0/TLS a.example.com:5070", []string{"tls [2001:db8::1]:5070 a.example.com", "tls 192.0.2.1:5070 a.example.com"}, []string{"a.example.com A", "a.example.com AAAA"}, nil},
		{"SIP/2.0/TCP example.com", []string{"tcp [2001:db8::1]:5070", "tcp 192.0.2.1:5070", "tcp 192.0.2.2:5070"},
			[]string{"_sip._tcp.example.com SRV", "a.example.com A", "a.example.com AAAA", "b.example.com A", "b.example.com AAAA"}, nil},
		{"SIP/2.0/UDP example.com", []string{"udp [2001:db8::1]:5080", "udp 192.0.2.1:5080"}, []string{"_sip._udp.example.com SRV", "a.example.com A", "a.example.com AAAA"}, nil},
		{"SIP/2.0/TLS example.com", []string{"tls [2001:db8::1]:5081 example.com", "tls 192.0.2.1:5081 example.com"},
			[]string{"_sips._tcp.example.com SRV", "a.example.com A", "a.example.com AAAA"}, nil},
		{"SIP/2.0/TCP b.example.com", []string{"tcp 192.0.2.2:5060"}, []string{"_sip._tcp.b.example.com SRV", "b.example.com A", "b.example.com AAAA"}, nil},
		{"SIP/2.0/WS df7jal23ls0d.invalid", nil, nil, ErrNoServer},
		{"SIP/2.0/TCP c.example.com:5060", nil, []string{"c.example.com A", "c.example.com AAAA"}, ErrNoServer},
	}
	for _, tt := range tests {
		t.Run(tt.via, func(t *testing.T) {
			z := newZone(t, text)
			r := newResolver(t, z, Config{})
			via, err := parser.ParseVia([]byte(tt.via + ";branch=z9hG4bK1"))
			if err != nil {
				t.Fatal(err)
			}
			got, err := r.LocateResponse(context.Background(), via)
			if !slices.Equal(texts(got), tt.want) || !errors.Is(err, tt.err) {
				t.Errorf("got %q, %v, want %q, %v", texts(got), err, tt.want, tt.err)
			}
			if asked := z.questions(); !slices.Equal(asked, tt.asked) {
				t.Errorf("asked %q, want %q", asked, tt.asked)
			}
		})
	}
}
