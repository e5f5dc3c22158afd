package registrar_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/registrar"
	"github.com/ringback-sip/ringback/siptest"
	"github.com/ringback-sip/ringback/transport"
	"github.com/ringback-sip/ringback/ua"
)

// call calls the first binding of alice, and returns what the phone at the other end of l hears.
func (r *rig) call(l *line) *parser.Message {
	r.t.Helper()
	all := r.lookup("sip:alice@example.com")
	if len(all) == 0 {
		r.t.Fatal("no binding")
	}
	go func() {
		ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
		defer stop()
		_, err := r.agent.Call(ctx, "sip:alice@example.com", ua.Body{Type: "application/sdp", Data: []byte("offer")}, &ua.CallOptions{Reach: all[0].Reach()})
		var refused *ua.ResponseError
		if !errors.As(err, &refused) || refused.Status != parser.StatusBusyHere {
			r.t.Errorf("the call ended with %v, want 486", err)
		}
	}()
	m := l.hear(5 * time.Second)
	if m == nil || m.Method() != parser.MethodInvite || !m.IsRequest() {
		r.t.Fatal("the phone was not called")
	}
	return m
}

// refuse answers an INVITE with 486 and takes the ACK.
func (l *line) refuse(m *parser.Message) {
	l.t.Helper()
	s := "SIP/2.0 486 Busy Here\r\n"
	for f := range m.Fields() {
		switch f.Header {
		case parser.HeaderVia, parser.HeaderFrom, parser.HeaderCallID, parser.HeaderCSeq:
			s += fmt.Sprintf("%s: %s\r\n", f.Name, f.Value)
		case parser.HeaderTo:
			s += fmt.Sprintf("%s: %s;tag=phone\r\n", f.Name, f.Value)
		}
	}
	l.send(s + "Content-Length: 0\r\n\r\n")
	if ack := l.hear(time.Minute); ack == nil || ack.Method() != parser.MethodAck {
		l.t.Error("no ACK")
	}
}

// A phone that registers over TCP and then sends nothing for 10 minutes, or for an hour, is called: it rings. Nothing else would keep
// its connection: without a binding it is closed before that.
func TestSilentPhoneOverTCPRings(t *testing.T) {
	bubble(t, nil, func(r *rig) {
		quiet, l := r.tcp(), r.tcp()
		quiet.ask(quiet.register()) // a query, which binds nothing
		l.want(200, "Contact: <sip:alice@192.168.7.7:5060;transport=tcp>;expires=7200")
		for _, silence := range []time.Duration{10 * time.Minute, time.Hour} {
			time.Sleep(silence)
			if got := r.agent.Stats().Connections; got != 1 {
				t.Errorf("%d connections are open after %v, want that of the binding", got, silence)
			}
			invite := r.call(l)
			if uri, err := invite.RequestURI(); err != nil || string(uri.Raw()) != "sip:alice@192.168.7.7:5060;transport=tcp" {
				t.Errorf("called %q, want the contact", invite.StartLine())
			}
			l.refuse(invite)
		}
		if n := r.reg.Connections(); n != 1 {
			t.Errorf("%d connections are held, want 1", n)
		}
		time.Sleep(2 * time.Hour)
		if s := r.agent.Stats(); s.Connections != 0 || r.reg.Connections() != 0 {
			t.Errorf("%d connections are open and %d held when the binding is over", s.Connections, r.reg.Connections())
		}
	})
}

// A connection is held for as long as its binding: a refresh prolongs it, on the same connection or another, and who leaves is let go.
func TestConnectionIsHeldForItsBinding(t *testing.T) {
	bubble(t, nil, func(r *rig) {
		first := r.tcp()
		const contact = "Contact: <sip:alice@192.168.7.7;transport=tcp>"
		first.want(200, "CSeq: 1 REGISTER", contact+";expires=600")
		time.Sleep(9 * time.Minute)
		first.want(200, "CSeq: 2 REGISTER", contact+";expires=3600")
		time.Sleep(30 * time.Minute)
		if n := r.reg.Connections(); n != 1 {
			t.Errorf("%d connections are held after a refresh, want 1", n)
		}
		first.want(500, "CSeq: 2 REGISTER", contact) // is not changed by what fails
		if n := r.reg.Connections(); n != 1 {
			t.Errorf("%d connections are held after a refusal, want 1", n)
		}
		second := r.tcp()
		second.want(200, "CSeq: 3 REGISTER", contact)
		if n := r.reg.Connections(); n != 1 {
			t.Errorf("%d connections are held after a move, want 1", n)
		}
		second.refuse(r.call(second))
		second.want(200, "CSeq: 4 REGISTER", contact+";expires=0")
		if n := r.reg.Connections(); n != 0 {
			t.Errorf("%d connections are held after the end, want none", n)
		}
	})
}

// Over UDP a contact that names another address than the REGISTER came from is behind a NAT, and reached through it; one that names the
// right address is believed, whatever port it has.
func TestPhoneBehindANATRings(t *testing.T) {
	bubble(t, nil, func(r *rig) {
		nat := r.net.NAT(netip.MustParseAddr("203.0.113.7"), time.Hour)
		inside := udpOf(t, nat.Host(netip.MustParseAddr("192.168.7.7")), netip.MustParseAddrPort("192.168.7.7:5060"))
		inside.want(200, "Contact: <sip:alice@192.168.7.7:5060>")
		time.Sleep(10 * time.Minute)
		inside.refuse(r.call(inside))
		inside.want(200, "CSeq: 3 REGISTER", "Contact: *", "Expires: 0")

		sends := r.udp(netip.MustParseAddrPort("10.0.0.2:40000"))
		listens := r.udp(phoneAddr)
		sends.want(200, "CSeq: 4 REGISTER", "Contact: <sip:alice@10.0.0.2:5060>")
		listens.refuse(r.call(listens))
	})
}

// What is for a binding with a path takes that, and goes to its first server.
func TestPathIsFollowed(t *testing.T) {
	bubble(t, nil, func(r *rig) {
		edge := r.udp(netip.MustParseAddrPort("10.0.0.3:5060"))
		r.udp(phoneAddr).want(200, "Supported: path", "Path: <sip:10.0.0.3;lr>,<sip:edge2.example.com;lr>", "Contact: <sip:alice@192.168.7.7:5060>")
		invite := r.call(edge)
		if got := values(invite, "Route"); !slices.Equal(got, []string{"<sip:10.0.0.3;lr>", "<sip:edge2.example.com;lr>"}) {
			t.Errorf("Route is %q, want the path", got)
		}
		edge.refuse(invite)
	})
}

// A connection that ended takes the bindings of flows with it, all of them and at once; the next flow of the phone is there for it. A contact that can be
// called without it stays.
func TestClosedConnectionEndsItsFlows(t *testing.T) {
	const phone = `;+sip.instance="<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>"`
	bubble(t, nil, func(r *rig) {
		one, two, plain := r.tcp(), r.tcp(), r.tcp()
		one.want(200, "Call-ID: 1", "Supported: outbound", "Contact: <sip:alice@192.168.7.7;transport=tcp>;reg-id=1"+phone)
		one.want(200, "Call-ID: 2", "To: <sip:bob@example.com>", "Supported: outbound", "Contact: <sip:bob@192.168.7.7;transport=tcp>;reg-id=1"+phone)
		time.Sleep(time.Second)
		two.want(200, "Call-ID: 3", "Supported: outbound", "Contact: <sip:alice@192.168.7.7;transport=tcp>;reg-id=2"+phone)
		time.Sleep(time.Second)
		plain.want(200, "Call-ID: 4", "Contact: <sip:carol@10.0.0.2;transport=tcp>;q=0.1")
		all := r.lookup("sip:alice@example.com")
		if len(all) != 3 || all[0].RegID != 2 || all[1].RegID != 1 || all[2].RegID != 0 {
			t.Fatalf("bindings are %+v, want flow 2, flow 1 and the contact", all)
		}
		parts := registrar.Alternatives(all)
		if len(parts) != 2 || len(parts[0]) != 2 || parts[0][0].RegID != 2 || len(parts[1]) != 1 {
			t.Errorf("alternatives are %+v, want the flows of one phone in one part", parts)
		}
		one.conn.Close()
		plain.conn.Close()
		time.Sleep(time.Second)
		if n := r.reg.Connections(); n != 1 {
			t.Errorf("%d connections are held, want the one that is left", n)
		}
		all = r.lookup("sip:alice@example.com")
		if len(all) != 2 || all[0].RegID != 2 || all[1].Targets != nil || all[1].Contact != "sip:carol@10.0.0.2;transport=tcp" {
			t.Errorf("bindings are %+v, want flow 2 and the contact", all)
		}
		if all := r.lookup("sip:bob@example.com"); len(all) != 0 {
			t.Errorf("bindings of bob are %+v, want none", all)
		}
		if got := values(two.want(200, "Call-ID: 9"), "Contact"); len(got) != 2 {
			t.Errorf("listed are %q, want those that can be used", got)
		}
		two.refuse(r.call(two))
	})
}

// The rule, held against each kind of contact.
func TestWhichContactsAreReachedOnTheirFlow(t *testing.T) {
	for _, tt := range []struct {
		contact string
		udp     bool
		tcp     bool
	}{
		{"sip:alice@10.0.0.2", false, true},
		{"sip:alice@10.0.0.2:7000", false, true},
		{"sip:alice@192.168.7.7", true, true},
		{"sip:alice@[2001:db8::1]", true, true},
		{"sip:alice@192.168.7.7;transport=udp", true, false},
		{"sip:alice@192.168.7.7;transport=TCP", false, true},
		{"sip:alice@192.168.7.7;transport=tls", false, false},
		{"sip:alice@192.168.7.7;transport=sctp", false, false},
		{"sip:alice@phone.example.net", false, true},
		{"sip:alice@x.invalid", false, true},
		{"mailto:alice@example.net", false, false},
		{"tel:+1", false, false},
	} {
		bubble(t, nil, func(r *rig) {
			l := r.udp(phoneAddr)
			l.want(200, "Contact: <"+tt.contact+">")
			all := r.lookup("sip:alice@example.com")
			if got := len(all[0].Targets) == 1; got != tt.udp {
				t.Errorf("%s over UDP: reached where it came from: %v, want %v", tt.contact, got, tt.udp)
			}
			if tt.udp && (all[0].Targets[0].Flow.Remote() != phoneAddr || all[0].Targets[0].Flow.Local() != serverAddr) {
				t.Errorf("%s over UDP: reached at %v", tt.contact, all[0].Targets[0])
			}
			c := r.tcp()
			c.want(200, "CSeq: 3 REGISTER", "Contact: <"+tt.contact+">")
			all = r.lookup("sip:alice@example.com")
			if got := len(all[0].Targets) == 1; got != tt.tcp {
				t.Errorf("%s over TCP: reached where it came from: %v, want %v", tt.contact, got, tt.tcp)
			}
			// What another server passed on came from there, and not from the phone.
			c.want(200, "CSeq: 4 REGISTER", "Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKold", "Contact: <"+tt.contact+">")
			if all = r.lookup("sip:alice@example.com"); all[0].Targets != nil {
				t.Errorf("%s by way of a proxy: reached at %v", tt.contact, all[0].Targets)
			}
		})
	}
}

// The same over TLS and WebSocket, where a phone accepts no connection at all, with a flow of its own (RFC 5626) and GRUUs: one
// REGISTER, and calls come in on its connection.
func TestRegisteredAgentIsCalledOnItsConnection(t *testing.T) {
	cert, roots := proof(t, "localhost")
	certificate := func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return cert, nil }
	for _, protocol := range []string{"tls", "ws", "wss"} {
		t.Run(protocol, func(t *testing.T) {
			reg := registrar.New(&registrar.Config{Domain: func(parser.URI) string { return "localhost" }, Own: func(parser.URI) bool { return false }})
			server, err := ua.New(&ua.Config{
				Listen: []string{protocol + ":127.0.0.1:0"}, TLS: transport.TLSConfig{Certificate: certificate}, Handlers: []ua.Handler{reg},
			})
			if err != nil {
				t.Fatal(err)
			}
			defer server.Shutdown(context.Background())
			calls := make(chan *ua.Call, 1)
			phone, err := ua.New(&ua.Config{TLS: transport.TLSConfig{Roots: roots}, OnCall: func(c *ua.Call) {
				c.Answer(c.Offer())
				calls <- c
			}})
			if err != nil {
				t.Fatal(err)
			}
			defer phone.Shutdown(context.Background())
			to := fmt.Sprintf("sip:localhost:%d;transport=%s", server.Addrs()[0].Addr.Port(), protocol)
			got, err := phone.Register(t.Context(), &ua.RegisterOptions{AOR: "sip:alice@localhost", Registrar: to, Instance: "urn:uuid:00000000-0000-1000-8000-aaaaaaaaaaaa", RegID: 1})
			if err != nil {
				t.Fatal(err)
			}
			all, err := reg.Lookup(t.Context(), mustURI(t, "sip:alice@localhost"))
			if err != nil || len(all) != 1 || all[0].RegID != 1 || len(all[0].Targets) != 1 {
				t.Fatalf("bindings are %+v, %v, want one flow", all, err)
			}
			for _, last := range []string{"caller", "callee"} {
				c, err := server.Call(t.Context(), "sip:alice@localhost", ua.Body{Type: "application/sdp", Data: []byte("offer")}, &ua.CallOptions{Reach: all[0].Reach()})
				if err != nil {
					t.Fatal(err)
				}
				in := <-calls
				by, other := c, in
				if last == "callee" {
					by, other = in, c
				}
				if err := by.Hangup(t.Context()); err != nil || by.Err() != nil {
					t.Errorf("%s hangs up: %v, %v", last, err, by.Err())
				}
				<-other.Done()
				if !other.EndedByPeer() || other.Err() != nil {
					t.Errorf("%s hung up, and the other end: %v", last, other.Err())
				}
			}
			if s := server.Stats(); s.Connections != 1 || s.Dialled != 0 || reg.Connections() != 1 {
				t.Errorf("%d connections, %d opened by the server, %d held, want 1, 0 and 1", s.Connections, s.Dialled, reg.Connections())
			}
			if err := got.Unregister(t.Context()); err != nil {
				t.Error(err)
			}
			if n := reg.Connections(); n != 0 {
				t.Errorf("%d connections are held after the end", n)
			}
		})
	}
}

// A phone that is an agent, behind a NAT, is called through its registrar over each transport, and the whole call passes: ringing, answer, BYE of either side.
func TestRegisteredAgentIsCalled(t *testing.T) {
	for _, protocol := range []string{"udp", "tcp"} {
		synctest.Test(t, func(t *testing.T) {
			n := siptest.NewNetwork(1, siptest.Conditions{Delay: time.Millisecond})
			defer n.Close()
			reg := registrar.New(&registrar.Config{Domain: exampleCom})
			server := agentAt(t, n.Host(serverAddr.Addr()), serverAddr, &ua.Config{Handlers: []ua.Handler{reg}})
			defer server.Shutdown(context.Background())
			nat := n.NAT(netip.MustParseAddr("203.0.113.7"), time.Hour)
			inside := netip.MustParseAddrPort("192.168.7.7:5060")
			calls := make(chan *ua.Call, 1)
			phone := agentAt(t, nat.Host(inside.Addr()), inside, &ua.Config{OnCall: func(c *ua.Call) {
				c.Ring()
				c.Answer(ua.Body{Type: "application/sdp", Data: []byte("answer")})
				calls <- c
			}})
			defer phone.Shutdown(context.Background())
			to := "sip:10.0.0.1"
			if protocol == "tcp" {
				to += ";transport=tcp"
			}
			if _, err := phone.Register(t.Context(), &ua.RegisterOptions{AOR: "sip:alice@example.com", Registrar: to}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Minute)
			all, err := reg.Lookup(t.Context(), mustURI(t, "sip:alice@example.com"))
			if err != nil || len(all) != 1 {
				t.Fatalf("bindings are %+v, %v", all, err)
			}
			for _, last := range []string{"caller", "callee"} {
				c, err := server.Call(t.Context(), "sip:alice@example.com", ua.Body{Type: "application/sdp", Data: []byte("offer")}, &ua.CallOptions{Reach: all[0].Reach()})
				if err != nil {
					t.Fatalf("%s: %v", protocol, err)
				}
				in := <-calls
				time.Sleep(time.Second) // the ACK is on its way
				if s := in.State(); s != dialog.Confirmed {
					t.Errorf("%s: the phone's call is %v, want confirmed", protocol, s)
				}
				by, other := c, in
				if last == "callee" {
					by, other = in, c
				}
				if err := by.Hangup(t.Context()); err != nil || by.Err() != nil {
					t.Errorf("%s: %s hangs up: %v, %v", protocol, last, err, by.Err())
				}
				<-other.Done()
				if !other.EndedByPeer() || other.Err() != nil {
					t.Errorf("%s: the other end: %v", protocol, other.Err())
				}
			}
		})
	}
}
