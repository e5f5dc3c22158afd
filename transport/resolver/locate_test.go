package resolver

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/transport"
)

// example is the domain of RFC 3263, Section 4.1, with addresses.
const example = `
	example.com NAPTR 50 50 "s" "SIPS+D2T" "" _sips._tcp.example.com.
	example.com NAPTR 90 50 "s" "SIP+D2T" "" _sip._tcp.example.com.
	example.com NAPTR 100 50 "s" "SIP+D2U" "" _sip._udp.example.com.
	_sips._tcp.example.com SRV 0 1 5061 server1.example.com.
	_sip._tcp.example.com SRV 0 1 5060 server1.example.com.
	_sip._tcp.example.com SRV 0 2 5060 server2.example.com.
	_sip._udp.example.com SRV 0 1 5060 server2.example.com.
	server1.example.com A 192.0.2.1
	server2.example.com A 192.0.2.2
`

var clear = []transport.Protocol{transport.TCP, transport.UDP}

// The rules of RFC 3263, Sections 4.1 and 4.2: what is asked for, and what comes of it.
func TestLocate(t *testing.T) {
	tests := []struct {
		name      string
		zone      string
		protocols []transport.Protocol // nil: all
		uri       string
		want      []string
		asked     []string
	}{
		{
			name: "the example of Section 4.1: TCP and UDP supported", zone: example, protocols: clear, uri: "sip:user@example.com",
			want: []string{"tcp 192.0.2.1:5060", "tcp 192.0.2.2:5060"},
			asked: []string{"_sip._tcp.example.com SRV", "example.com NAPTR", "server1.example.com A", "server1.example.com AAAA",
				"server2.example.com A", "server2.example.com AAAA"},
		},
		{
			name: "the example of Section 4.1: TLS supported", zone: example, uri: "sip:user@example.com",
			want:  []string{"tls 192.0.2.1:5061 example.com"},
			asked: []string{"_sips._tcp.example.com SRV", "example.com NAPTR", "server1.example.com A", "server1.example.com AAAA"},
		},
		{
			name: "the example of Section 4.1: only UDP supported", zone: example, protocols: []transport.Protocol{transport.UDP}, uri: "sip:user@example.com",
			want:  []string{"udp 192.0.2.2:5060"},
			asked: []string{"_sip._udp.example.com SRV", "example.com NAPTR", "server2.example.com A", "server2.example.com AAAA"},
		},
		{
			name: "a numeric host", zone: example, uri: "sip:user@192.0.2.7",
			want: []string{"udp 192.0.2.7:5060"},
		},
		{
			name: "a numeric host, sips", zone: example, uri: "sips:user@[2001:db8::7]",
			want: []string{"tls [2001:db8::7]:5061 2001:db8::7"},
		},
		{
			name: "a numeric host with port and transport", zone: example, uri: "sip:user@192.0.2.7:5070;transport=tcp",
			want: []string{"tcp 192.0.2.7:5070"},
		},
		{
			name: "a numeric maddr", zone: example, uri: "sip:user@example.com;maddr=192.0.2.9",
			want: []string{"udp 192.0.2.9:5060"},
		},
		{
			name: "a name as maddr: asked about, and the host trusted", zone: example, uri: "sips:user@elsewhere.example:5070;maddr=server2.example.com",
			want:  []string{"tls 192.0.2.2:5070 elsewhere.example"},
			asked: []string{"server2.example.com A", "server2.example.com AAAA"},
		},
		{
			name: "localhost", zone: example, uri: "sip:user@localhost;transport=tcp",
			want: []string{"tcp 127.0.0.1:5060"},
		},
		{
			name: "a name and a port: no NAPTR, no SRV", zone: example, uri: "sip:user@server1.example.com:5070",
			want:  []string{"udp 192.0.2.1:5070"},
			asked: []string{"server1.example.com A", "server1.example.com AAAA"},
		},
		{
			name: "a name and the default port", zone: example + "example.com A 192.0.2.8", uri: "sip:user@example.com:5060",
			want:  []string{"udp 192.0.2.8:5060"},
			asked: []string{"example.com A", "example.com AAAA"},
		},
		{
			name: "a name and a port, sips", zone: example, uri: "sips:user@server1.example.com:5071",
			want:  []string{"tls 192.0.2.1:5071 server1.example.com"},
			asked: []string{"server1.example.com A", "server1.example.com AAAA"},
		},
		{
			name: "a name, a port and a transport", zone: example, uri: "sip:user@server1.example.com:5070;transport=tcp",
			want:  []string{"tcp 192.0.2.1:5070"},
			asked: []string{"server1.example.com A", "server1.example.com AAAA"},
		},
		{
			name: "a transport and no port: SRV for it", zone: example, uri: "sip:user@example.com;transport=UDP",
			want:  []string{"udp 192.0.2.2:5060"},
			asked: []string{"_sip._udp.example.com SRV", "server2.example.com A", "server2.example.com AAAA"},
		},
		{
			name: "transport=tls", zone: example, uri: "sip:user@example.com;transport=tls",
			want:  []string{"tls 192.0.2.1:5061 example.com"},
			asked: []string{"_sips._tcp.example.com SRV", "server1.example.com A", "server1.example.com AAAA"},
		},
		{
			name: "transport=tls without SRV", zone: example, uri: "sip:user@server1.example.com;transport=tls",
			want:  []string{"tls 192.0.2.1:5061 server1.example.com"},
			asked: []string{"_sips._tcp.server1.example.com SRV", "server1.example.com A", "server1.example.com AAAA"},
		},
		{
			name: "transport=tcp, sips", zone: example, uri: "sips:user@example.com;transport=tcp",
			want:  []string{"tls 192.0.2.1:5061 example.com"},
			asked: []string{"_sips._tcp.example.com SRV", "server1.example.com A", "server1.example.com AAAA"},
		},
		{
			name: "a transport that Config.Protocols leaves out", zone: example, protocols: []transport.Protocol{transport.UDP}, uri: "sip:user@example.com;transport=tcp",
			want: []string{"tcp 192.0.2.1:5060", "tcp 192.0.2.2:5060"},
			asked: []string{"_sip._tcp.example.com SRV", "server1.example.com A", "server1.example.com AAAA", "server2.example.com A",
				"server2.example.com AAAA"},
		},
		{
			name: "sips keeps SIPS services only", uri: "sips:user@example.com", zone: `
				example.com NAPTR 10 50 "s" "SIP+D2T" "" _sip._tcp.example.com.
				example.com NAPTR 20 50 "s" "SIPS+D2T" "" _sips._tcp.elsewhere.example.
				_sips._tcp.elsewhere.example SRV 0 0 5071 tls.elsewhere.example.
				tls.elsewhere.example A 192.0.2.3`,
			want:  []string{"tls 192.0.2.3:5071 example.com"},
			asked: []string{"_sips._tcp.elsewhere.example SRV", "example.com NAPTR", "tls.elsewhere.example A", "tls.elsewhere.example AAAA"},
		},
		{
			name: "sips never goes in the clear", uri: "sips:user@example.com", zone: `
				example.com NAPTR 10 50 "s" "SIP+D2T" "" _sip._tcp.example.com.
				_sip._tcp.example.com SRV 0 0 5060 example.com.
				example.com A 192.0.2.3`,
			want:  []string{"tls 192.0.2.3:5061 example.com"},
			asked: []string{"_sips._tcp.example.com SRV", "example.com A", "example.com AAAA", "example.com NAPTR"},
		},
		{
			name: "the school of Section 4.1: replacement in another domain", uri: "sip:user@example.com", protocols: clear, zone: `
				example.com NAPTR 50 50 "s" "SIP+D2T" "" _sip._tcp.school.edu.
				_sip._tcp.school.edu SRV 0 0 5060 pbx.school.edu.
				pbx.school.edu A 192.0.2.4`,
			want:  []string{"tcp 192.0.2.4:5060"},
			asked: []string{"_sip._tcp.school.edu SRV", "example.com NAPTR", "pbx.school.edu A", "pbx.school.edu AAAA"},
		},
		{
			name: "what is no NAPTR for SIP is passed over", uri: "sip:user@example.com", protocols: clear, zone: `
				example.com NAPTR 10 50 "u" "E2U+sip" "!^.*$!sip:info@example.com!" .
				example.com NAPTR 20 50 "s" "SIP+D2S" "" _sip._sctp.example.com.
				example.com NAPTR 30 50 "a" "SIP+D2U" "" sip.example.com.
				example.com NAPTR 35 50 "s" "SIP+D2U" "!x!y!" _sip._udp.example.com.
				example.com NAPTR 36 50 "s" "SIP+D2U" "" .
				example.com NAPTR 40 50 "S" "sip+d2u" "" _sip._udp.example.com.
				_sip._udp.example.com SRV 0 0 5060 sip.example.com.
				sip.example.com A 192.0.2.5`,
			want:  []string{"udp 192.0.2.5:5060"},
			asked: []string{"_sip._udp.example.com SRV", "example.com NAPTR", "sip.example.com A", "sip.example.com AAAA"},
		},
		{
			name: "preference within an order", uri: "sip:user@example.com", protocols: clear, zone: `
				example.com NAPTR 10 60 "s" "SIP+D2T" "" _sip._tcp.example.com.
				example.com NAPTR 10 50 "s" "SIP+D2U" "" _sip._udp.example.com.
				_sip._tcp.example.com SRV 0 0 5060 sip.example.com.
				_sip._udp.example.com SRV 0 0 5060 sip.example.com.
				sip.example.com A 192.0.2.5`,
			want: []string{"udp 192.0.2.5:5060", "tcp 192.0.2.5:5060"},
			asked: []string{"_sip._tcp.example.com SRV", "_sip._udp.example.com SRV", "example.com NAPTR", "sip.example.com A",
				"sip.example.com AAAA"},
		},
		{
			name: "order before preference", uri: "sip:user@example.com", protocols: clear, zone: `
				example.com NAPTR 20 10 "s" "SIP+D2U" "" _sip._udp.example.com.
				example.com NAPTR 10 90 "s" "SIP+D2T" "" _sip._tcp.example.com.
				_sip._tcp.example.com SRV 0 0 5060 sip.example.com.
				_sip._udp.example.com SRV 0 0 5060 sip.example.com.
				sip.example.com A 192.0.2.5`,
			want:  []string{"tcp 192.0.2.5:5060"},
			asked: []string{"_sip._tcp.example.com SRV", "example.com NAPTR", "sip.example.com A", "sip.example.com AAAA"},
		},
		{
			name: "NAPTR without the SRV records it leads to", uri: "sip:user@example.com", protocols: clear, zone: `
				example.com NAPTR 10 50 "s" "SIP+D2T" "" _sip._tcp.example.com.
				example.com NAPTR 20 50 "s" "SIP+D2U" "" _sip._udp.example.com.
				_sip._udp.example.com SRV 0 0 5060 sip.example.com.
				sip.example.com A 192.0.2.5`,
			want: []string{"udp 192.0.2.5:5060"},
			asked: []string{"_sip._tcp.example.com SRV", "_sip._udp.example.com SRV", "example.com NAPTR", "sip.example.com A",
				"sip.example.com AAAA"},
		},
		{
			name: "WebSocket by NAPTR", uri: "sips:user@example.com", zone: `
				example.com NAPTR 10 50 "s" "SIPS+D2W" "" _sips._ws.example.com.
				_sips._ws.example.com SRV 0 0 8443 ws.example.com.
				ws.example.com A 192.0.2.6`,
			want:  []string{"wss 192.0.2.6:8443 example.com"},
			asked: []string{"_sips._ws.example.com SRV", "example.com NAPTR", "ws.example.com A", "ws.example.com AAAA"},
		},
		{
			name: "WebSocket by name, default ports", uri: "sips:user@example.com;transport=ws", zone: "example.com A 192.0.2.6",
			want:  []string{"wss 192.0.2.6:443 example.com"},
			asked: []string{"_sips._ws.example.com SRV", "example.com A", "example.com AAAA"},
		},
		{
			name: "WebSocket in the clear, default ports", uri: "sip:user@example.com;transport=ws", zone: "example.com A 192.0.2.6",
			want:  []string{"ws 192.0.2.6:80 example.com"},
			asked: []string{"_sip._ws.example.com SRV", "example.com A", "example.com AAAA"},
		},
		{
			name: "no NAPTR: whichever SRV there is", uri: "sip:user@example.com", zone: `
				_sip._tcp.example.com SRV 0 0 5060 sip.example.com.
				sip.example.com A 192.0.2.5`,
			want: []string{"tcp 192.0.2.5:5060"},
			asked: []string{"_sip._tcp.example.com SRV", "_sip._udp.example.com SRV", "_sips._tcp.example.com SRV", "example.com NAPTR",
				"sip.example.com A", "sip.example.com AAAA"},
		},
		{
			name: "no NAPTR: the order that is wanted here", uri: "sip:user@example.com", zone: `
				_sip._udp.example.com SRV 0 0 5060 sip.example.com.
				_sip._tcp.example.com SRV 5 0 5060 sip.example.com.
				_sips._tcp.example.com SRV 9 0 5061 sip.example.com.
				sip.example.com A 192.0.2.5`,
			want: []string{"tls 192.0.2.5:5061 example.com", "tcp 192.0.2.5:5060", "udp 192.0.2.5:5060"},
			asked: []string{"_sip._tcp.example.com SRV", "_sip._udp.example.com SRV", "_sips._tcp.example.com SRV", "example.com NAPTR",
				"sip.example.com A", "sip.example.com AAAA"},
		},
		{
			name: "no NAPTR, no SRV: UDP and 5060", uri: "sip:user@example.com", zone: "example.com A 192.0.2.5",
			want: []string{"udp 192.0.2.5:5060"},
			asked: []string{"_sip._tcp.example.com SRV", "_sip._udp.example.com SRV", "_sips._tcp.example.com SRV", "example.com A",
				"example.com AAAA", "example.com NAPTR"},
		},
		{
			name: "no NAPTR, no SRV, sips: TLS and 5061", uri: "sips:user@example.com", zone: "example.com A 192.0.2.5",
			want:  []string{"tls 192.0.2.5:5061 example.com"},
			asked: []string{"_sips._tcp.example.com SRV", "example.com A", "example.com AAAA", "example.com NAPTR"},
		},
		{
			name: "no NAPTR, no SRV, and no UDP", uri: "sip:user@example.com", protocols: []transport.Protocol{transport.TCP}, zone: "example.com A 192.0.2.5",
			want:  []string{"tcp 192.0.2.5:5060"},
			asked: []string{"_sip._tcp.example.com SRV", "example.com A", "example.com AAAA", "example.com NAPTR"},
		},
		{
			name: "every address of every server, both families", uri: "sip:user@example.com;transport=udp", zone: `
				_sip._udp.example.com SRV 1 0 5061 b.example.com.
				_sip._udp.example.com SRV 0 0 5060 a.example.com.
				a.example.com A 192.0.2.1
				a.example.com A 192.0.2.2
				a.example.com AAAA 2001:db8::1
				b.example.com A 192.0.2.3`,
			want: []string{"udp [2001:db8::1]:5060", "udp 192.0.2.1:5060", "udp 192.0.2.2:5060", "udp 192.0.2.3:5061"},
			asked: []string{"_sip._udp.example.com SRV", "a.example.com A", "a.example.com AAAA", "b.example.com A",
				"b.example.com AAAA"},
		},
		{
			name: "names have no case, and may end in a dot", uri: "sip:user@EXAMPLE.com.", protocols: clear, zone: example,
			want: []string{"tcp 192.0.2.1:5060", "tcp 192.0.2.2:5060"},
			asked: []string{"_sip._tcp.example.com SRV", "example.com NAPTR", "server1.example.com A", "server1.example.com AAAA",
				"server2.example.com A", "server2.example.com AAAA"},
		},
		{
			name: "an address as the target of an SRV record", uri: "sip:user@example.com;transport=udp", zone: "_sip._udp.example.com SRV 0 0 5062 192.0.2.4.",
			want:  []string{"udp 192.0.2.4:5062"},
			asked: []string{"_sip._udp.example.com SRV"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			z := newZone(t, tt.zone)
			r := newResolver(t, z, Config{Protocols: tt.protocols})
			got, err := r.Locate(context.Background(), mustURI(t, tt.uri))
			if err != nil || !slices.Equal(texts(got), tt.want) {
				t.Errorf("Locate(%s) = %q, %v, want %q", tt.uri, texts(got), err, tt.want)
			}
			if asked := z.questions(); !slices.Equal(asked, tt.asked) {
				t.Errorf("asked %q, want %q", asked, tt.asked)
			}
		})
	}
}

// What cannot be located says why; a look-up that fails is no record that is missing (RFC 3263, Section 4; RFC 2782).
func TestLocateErrors(t *testing.T) {
	tests := []struct {
		name, zone, uri string
		is              error // nil: neither of the two
		says            string
	}{
		{"no such domain", "", "sip:user@example.com", ErrNoServer, "example.com has no address"},
		{"no such domain, with a port", "", "sip:user@example.com:5060", ErrNoServer, "example.com has no address"},
		{"NAPTR fails", "example.com NAPTR SERVFAIL\nexample.com A 192.0.2.1", "sip:user@example.com", ErrLookup, "SERVFAIL"},
		{"SRV fails", "_sip._udp.example.com SRV SERVFAIL\nexample.com A 192.0.2.1", "sip:user@example.com;transport=udp", ErrLookup, "SERVFAIL"},
		{"one SRV of three fails", "_sip._udp.example.com SRV SERVFAIL\nexample.com A 192.0.2.1", "sip:user@example.com", ErrLookup, "SERVFAIL"},
		{"SRV for TLS fails: no fall to TCP", "_sips._tcp.example.com SRV SERVFAIL\n_sip._tcp.example.com SRV 0 0 5060 a.example.com.\na.example.com A 192.0.2.1",
			"sip:user@example.com", ErrLookup, "SERVFAIL"},
		{"A fails", "example.com A SERVFAIL", "sip:user@example.com:5060", ErrLookup, "SERVFAIL"},
		{"AAAA fails, no A", "example.com AAAA SERVFAIL", "sip:user@example.com:5060", ErrLookup, "SERVFAIL"},
		{"the service is not there", "_sip._udp.example.com SRV 0 0 0 .\nexample.com A 192.0.2.1", "sip:user@example.com;transport=udp", ErrNoServer, "says that there is none"},
		{"no service over UDP, nothing of the others", "_sip._udp.example.com SRV 0 0 0 .\nexample.com A 192.0.2.1", "sip:user@example.com", ErrNoServer, "says that there is none"},
		{"the service of a NAPTR is not there", "example.com NAPTR 1 1 \"s\" \"SIP+D2U\" \"\" _sip._udp.example.com.\n_sip._udp.example.com SRV 0 0 0 .\nexample.com A 192.0.2.1",
			"sip:user@example.com", ErrNoServer, "says that there is none"},
		{"servers without addresses", "_sip._udp.example.com SRV 0 0 5060 a.example.com.\nexample.com A 192.0.2.1", "sip:user@example.com;transport=udp", ErrNoServer, "a.example.com has no address"},
		{"invalid itself", "invalid A 192.0.2.1", "sip:user@invalid:5060", ErrNoServer, "no address"},
		{"below invalid", "a.invalid A 192.0.2.1", "sip:user@a.invalid:5060", ErrNoServer, "no address"},
		{"sips over udp", example, "sips:user@example.com;transport=udp", nil, "cannot go over udp"},
		{"a transport that nobody knows", example, "sip:user@example.com;transport=carrier", nil, "unknown transport"},
		{"tel", "", "tel:+15550100", nil, "proxy"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newResolver(t, newZone(t, tt.zone), Config{})
			got, err := r.Locate(context.Background(), mustURI(t, tt.uri))
			if err == nil {
				t.Fatalf("Locate(%s) = %q, want an error", tt.uri, texts(got))
			}
			if errors.Is(err, ErrNoServer) != (tt.is == ErrNoServer) || errors.Is(err, ErrLookup) != (tt.is == ErrLookup) ||
				!strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), tt.uri) {
				t.Errorf("Locate(%s): %v, want one that is %v, says %q and names the URI", tt.uri, err, tt.is, tt.says)
			}
		})
	}
}

// What was found is used, though other look-ups of the same step failed.
func TestLocateUsesWhatItFinds(t *testing.T) {
	tests := []struct{ name, zone, uri, want string }{
		{"UDP fails, TCP is there", "_sip._udp.example.com SRV SERVFAIL\n_sip._tcp.example.com SRV 0 0 5060 a.example.com.\na.example.com A 192.0.2.1",
			"sip:user@example.com", "tcp 192.0.2.1:5060"},
		{"TCP fails, TLS is there", "_sip._tcp.example.com SRV SERVFAIL\n_sips._tcp.example.com SRV 0 0 5061 a.example.com.\na.example.com A 192.0.2.1",
			"sip:user@example.com", "tls 192.0.2.1:5061 example.com"},
		{"AAAA fails", "example.com AAAA SERVFAIL\nexample.com A 192.0.2.1", "sip:user@example.com:5060", "udp 192.0.2.1:5060"},
		{"A fails", "example.com A SERVFAIL\nexample.com AAAA 2001:db8::1", "sip:user@example.com:5060", "udp [2001:db8::1]:5060"},
		{"the addresses of the first server fail", "_sip._udp.example.com SRV 0 0 5060 a.example.com.\n_sip._udp.example.com SRV 1 0 5060 b.example.com.\na.example.com A SERVFAIL\nb.example.com A 192.0.2.2",
			"sip:user@example.com;transport=udp", "udp 192.0.2.2:5060"},
		{"some servers are not there", "_sip._udp.example.com SRV 0 0 0 .\n_sip._udp.example.com SRV 1 0 5060 b.example.com.\nb.example.com A 192.0.2.2",
			"sip:user@example.com;transport=udp", "udp 192.0.2.2:5060"},
		{"not over TCP, but over UDP", "_sip._tcp.example.com SRV 0 0 0 .\n_sip._udp.example.com SRV 1 0 5060 b.example.com.\nb.example.com A 192.0.2.2",
			"sip:user@example.com", "udp 192.0.2.2:5060"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newResolver(t, newZone(t, tt.zone), Config{})
			got, err := r.Locate(context.Background(), mustURI(t, tt.uri))
			if want := []string{tt.want}; err != nil || !slices.Equal(texts(got), want) {
				t.Errorf("Locate(%s) = %q, %v, want %q", tt.uri, texts(got), err, want)
			}
		})
	}
}
