package ua_test

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/siptest"
	"github.com/ringback-sip/ringback/ua"
)

// What stands in Via, Contact and From says where the answer, and the peer's own requests, reach us.
func TestOwnAddresses(t *testing.T) {
	for _, test := range []struct {
		name               string
		agent, peer        string
		uri                string
		advertise          []string
		via, contact, from string
	}{
		{"IPv4", "10.0.0.1:5060", "10.0.0.2:5060", "sip:b@10.0.0.2", nil,
			"SIP/2.0/UDP 10.0.0.1:5060", "<sip:ringback@10.0.0.1:5060>", "<sip:ringback@10.0.0.1>"},
		{"another port", "10.0.0.1:5070", "10.0.0.2:5080", "sip:b@10.0.0.2:5080", nil,
			"SIP/2.0/UDP 10.0.0.1:5070", "<sip:ringback@10.0.0.1:5070>", "<sip:ringback@10.0.0.1>"},
		{"IPv6", "[2001:db8::1]:5060", "[2001:db8::2]:5060", "sip:b@[2001:db8::2]", nil,
			"SIP/2.0/UDP [2001:db8::1]:5060", "<sip:ringback@[2001:db8::1]:5060>", "<sip:ringback@[2001:db8::1]>"},
		{"advertised", "10.0.0.1:5060", "10.0.0.2:5060", "sip:b@10.0.0.2", []string{"edge.example.com:5090"},
			"SIP/2.0/UDP edge.example.com:5090", "<sip:ringback@edge.example.com:5090>", "<sip:ringback@edge.example.com>"},
		{"TCP", "10.0.0.1:5060", "10.0.0.2:5060", "sip:b@10.0.0.2;transport=tcp", nil,
			"SIP/2.0/TCP 10.0.0.1:5060", "<sip:ringback@10.0.0.1:5060;transport=tcp>", "<sip:ringback@10.0.0.1>"},
		{"TCP, IPv6, advertised for TCP", "[2001:db8::1]:5060", "[2001:db8::2]:5060", "sip:b@[2001:db8::2];transport=tcp",
			[]string{"udp:no.example.com", "tcp:edge.example.com"},
			"SIP/2.0/TCP edge.example.com", "<sip:ringback@edge.example.com;transport=tcp>", "<sip:ringback@edge.example.com>"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := siptest.NewNetwork(1, siptest.Conditions{Delay: time.Millisecond})
				defer n.Close()
				at, to := netip.MustParseAddrPort(test.agent), netip.MustParseAddrPort(test.peer)
				invites := make(chan *parser.Message, 1)
				peer := agentAt(t, n.Host(to.Addr()), to, &ua.Config{OnCall: func(c *ua.Call) {
					invites <- c.Invite()
					c.Answer(ua.Body{})
				}})
				defer peer.Shutdown(context.Background())
				a := agentAt(t, n.Host(at.Addr()), at, &ua.Config{Advertise: test.advertise})
				defer a.Shutdown(context.Background())
				call, err := a.Call(context.Background(), test.uri, ua.Body{}, nil)
				if err != nil {
					t.Fatal(err)
				}
				m := <-invites
				if got := string(m.Raw(parser.HeaderVia)); !strings.HasPrefix(got, test.via+";") {
					t.Errorf("Via %q, want %s", got, test.via)
				}
				if got := string(m.Raw(parser.HeaderContact)); got != test.contact {
					t.Errorf("Contact %q, want %s", got, test.contact)
				}
				if got := string(m.Raw(parser.HeaderFrom)); !strings.HasPrefix(got, test.from+";tag=") {
					t.Errorf("From %q, want %s", got, test.from)
				}
				// The answerer's own Contact is where the ACK and the BYE went.
				if err := call.Hangup(context.Background()); err != nil {
					t.Error(err)
				}
				synctest.Wait()
				if s := peer.Stats(); s.Calls != 0 {
					t.Errorf("the peer still has %d calls", s.Calls)
				}
			})
		})
	}
}

// An agent on a wildcard says the address that the peer reached, and the one that its own requests leave from.
func TestWildcardNamesAnAddress(t *testing.T) {
	invites := make(chan *parser.Message, 1)
	peer := newAgent(t, &ua.Config{Listen: []string{"udp:0.0.0.0:0"}, OnCall: func(c *ua.Call) {
		invites <- c.Invite()
		c.Answer(ua.Body{})
	}})
	a := newAgent(t, &ua.Config{Listen: []string{"udp:0.0.0.0:0"}})
	port := func(a *ua.Agent) string {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), a.Addrs()[0].Addr.Port()).String()
	}
	call, err := a.Call(t.Context(), "sip:b@"+port(peer), ua.Body{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string((<-invites).Raw(parser.HeaderContact)), "<sip:ringback@"+port(a)+">"; got != want {
		t.Errorf("Contact %q, want %s", got, want)
	}
	if err := call.Hangup(t.Context()); err != nil {
		t.Error(err)
	}
}
