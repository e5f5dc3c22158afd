package siptest

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/parser"
)

func TestProxyOnward(t *testing.T) {
	n := NewNetwork(1, Conditions{})
	defer n.Close()
	station := &station{host: n.Host(addrC), protocol: "udp"}
	for _, tt := range []struct {
		name      string
		set       proxySettings
		nextProxy bool
		request   string
		to        string // "" when it is not forwarded
		want      []string
		not       []string
	}{
		{name: "to a user of its own", set: proxySettings{next: "bob"}, request: "INVITE sip:b@10.0.0.3 SIP/2.0", to: "udp 10.0.0.2:5060",
			want: []string{"INVITE sip:b@10.0.0.2 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.3:5060;branch=z9hG4bK", "Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1;rport=4000;received=10.0.0.9",
				"Max-Forwards: 69\r\n", "Subject: kept\r\nX-Own: kept\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nbody"},
			not: []string{"Record-Route"}},
		{name: "to a domain by way of a proxy", set: proxySettings{next: "p2"}, nextProxy: true, request: "INVITE sip:b@example.com SIP/2.0", to: "udp 10.0.0.2:5060",
			want: []string{"INVITE sip:b@example.com SIP/2.0\r\n"}},
		{name: "to a domain that the next party serves", set: proxySettings{next: "bob"}, request: "INVITE sip:b@example.com SIP/2.0", to: "udp 10.0.0.2:5060",
			want: []string{"INVITE sip:b@10.0.0.2 SIP/2.0\r\n"}},
		{name: "to an address elsewhere", set: proxySettings{next: "bob"}, request: "BYE sip:b@10.0.0.7:5070;transport=tcp SIP/2.0", to: "tcp 10.0.0.7:5070",
			want: []string{"BYE sip:b@10.0.0.7:5070;transport=tcp SIP/2.0\r\nVia: SIP/2.0/TCP 10.0.0.3:5060;"}},
		{name: "recording its route", set: proxySettings{next: "bob", recordRoute: true}, request: "INVITE sip:b@10.0.0.3 SIP/2.0", to: "udp 10.0.0.2:5060",
			want: []string{"Record-Route: <sip:10.0.0.3;lr>\r\n"}},
		{name: "by its own route", set: proxySettings{next: "bob", recordRoute: true}, request: "BYE sip:b@10.0.0.7 SIP/2.0\r\nRoute: <sip:10.0.0.3;lr>", to: "udp 10.0.0.7:5060",
			want: []string{"BYE sip:b@10.0.0.7 SIP/2.0\r\n"}, not: []string{"\r\nRoute:", "Record-Route"}},
		{name: "by the next route", set: proxySettings{next: "bob"}, request: "BYE sip:b@10.0.0.7 SIP/2.0\r\nRoute: <sip:10.0.0.3;lr>, <sip:10.0.0.8;lr>\r\nRoute: <sip:10.0.0.9;lr>",
			to: "udp 10.0.0.8:5060", want: []string{"\r\nRoute: <sip:10.0.0.8;lr>\r\nRoute: <sip:10.0.0.9;lr>\r\n"}, not: []string{"10.0.0.3;lr"}},
		{name: "by a route that is not its own", set: proxySettings{next: "bob"}, request: "BYE sip:b@10.0.0.7 SIP/2.0\r\nRoute: <sip:10.0.0.8;lr>",
			to: "udp 10.0.0.8:5060", want: []string{"\r\nRoute: <sip:10.0.0.8;lr>\r\n"}},
		{name: "nowhere", set: proxySettings{recordRoute: true}, request: "INVITE sip:b@example.com SIP/2.0"},
		{name: "no further", set: proxySettings{next: "bob"}, request: "INVITE sip:b@10.0.0.3 SIP/2.0\r\nX-Hops: 0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newProxy(station, "p1", tt.set, addrB, tt.nextProxy)
			hops := "70"
			if strings.Contains(tt.request, "X-Hops: 0") {
				hops = "0"
			}
			method, _, _ := strings.Cut(tt.request, " ")
			var m parser.Message
			if err := m.Parse([]byte(tt.request + "\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1;rport\r\nMax-Forwards: " + hops + "\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:b@h>\r\nCall-ID: 1\r\nCSeq: 1 " +
				method + "\r\nSubject: kept\r\nX-Own: kept\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nbody")); err != nil {
				t.Fatal(err)
			}
			m.SetReceived([]byte("10.0.0.9"), 4000)
			b, to, ok := p.onward(&m)
			if ok != (tt.to != "") {
				t.Fatalf("forwarded: got %v, want %v", ok, tt.to != "")
			}
			if !ok {
				return
			}
			if got := to.protocol + " " + to.addr.String(); got != tt.to {
				t.Errorf("to %s, want %s", got, tt.to)
			}
			for _, w := range tt.want {
				if !strings.Contains(string(b), w) {
					t.Errorf("%q is not in\n%s", w, b)
				}
			}
			for _, w := range tt.not {
				if strings.Contains(string(b), w) {
					t.Errorf("%q is in\n%s", w, b)
				}
			}
			var sent parser.Message
			if err := sent.Parse(b); err != nil || sent.Check() != nil {
				t.Errorf("not well formed: %v\n%s", err, b)
			}
		})
	}
}

func TestStationWayTo(t *testing.T) {
	for _, tt := range []struct{ uri, protocol, want string }{
		{"sip:a@10.0.0.1", "udp", "udp 10.0.0.1:5060"},
		{"sip:a@10.0.0.1", "tcp", "tcp 10.0.0.1:5060"},
		{"sip:a@10.0.0.1:5070;transport=TCP", "udp", "tcp 10.0.0.1:5070"},
		{"sip:a@[2001:db8::1]:5070", "udp", "udp [2001:db8::1]:5070"},
		{"sip:a@example.com", "udp", ""},
	} {
		u, err := parser.ParseURI([]byte(tt.uri))
		if err != nil {
			t.Fatal(err)
		}
		w, ok := (&station{protocol: tt.protocol}).wayTo(u)
		if got := w.protocol + " " + w.addr.String(); ok && got != tt.want || ok != (tt.want != "") {
			t.Errorf("%s: got %s, %v, want %s", tt.uri, got, ok, tt.want)
		}
	}
	if got := sipURI("a", netip.MustParseAddr("2001:db8::1"), "tcp"); got != "sip:a@[2001:db8::1];transport=tcp" {
		t.Errorf("got %s", got)
	}
}
