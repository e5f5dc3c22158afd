package ua_test

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/registration"
	"github.com/ringback-sip/ringback/siptest"
	"github.com/ringback-sip/ringback/transport"
	"github.com/ringback-sip/ringback/ua"
)

const byTCP = registrarURI + ";transport=tcp"

// A connection that is reset is replaced within 4 s, and again after a real wait when that one lasts no better (RFC 5626, Section 4.5).
func TestFlowThatFailsIsReplaced(t *testing.T) {
	withOffice(t, nil, func(o *office) {
		r := o.register(&ua.RegisterOptions{Registrar: byTCP})
		if got := string(o.want(1)[0].Raw(parser.HeaderContact)); got != "<sip:alice@10.0.0.1:5060;transport=tcp>" {
			t.Errorf("Contact %q", got)
		}
		time.Sleep(31 * time.Second)
		o.passed("Trying", "Registered")
		o.host.Reset()
		time.Sleep(4100 * time.Millisecond)
		o.passed("Waiting!", "Registering!", "Registered")
		if m := o.want(1)[0]; number(m) != 2 {
			t.Errorf("number %d, want 2 of the same Call-ID", number(m))
		}
		o.host.Reset() // at once
		synctest.Wait()
		o.passed("Waiting!")
		time.Sleep(29 * time.Second)
		o.want(0)
		o.until(r, registration.Registered, time.Minute)
		if s := o.phone.Stats(); s.Dialled != 1 {
			t.Errorf("%d connections, want 1", s.Dialled)
		}
	})
}

// A registrar that restarts is found again, and one that says nothing any more is not asked on the same connection for ever.
func TestRegistrarThatVanishes(t *testing.T) {
	withOffice(t, nil, func(o *office) {
		r := o.register(&ua.RegisterOptions{Registrar: byTCP})
		o.network.Partition(agentAddr.Addr(), officeAddr.Addr()) // nobody is told
		o.until(r, registration.Waiting, 10*time.Minute)
		synctest.Wait()
		if s := o.phone.Stats(); s.Dialled != 0 {
			t.Errorf("the connection that says nothing is still there")
		}
		o.network.Heal(agentAddr.Addr(), officeAddr.Addr())
		o.until(r, registration.Registered, 10*time.Minute)
	})
	withOffice(t, nil, func(o *office) {
		r := o.register(&ua.RegisterOptions{Registrar: byTCP})
		time.Sleep(time.Minute)
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		o.server.Shutdown(ctx)
		o.until(r, registration.Waiting, time.Second)
		time.Sleep(20 * time.Second)
		o.open()
		o.took()
		o.until(r, registration.Registered, 60*time.Second)
	})
}

// outbound is what a registrar of RFC 5626 grants.
func outbound(seconds int, more ...string) func(*parser.Message) (parser.Status, []ua.Field) {
	return grant(seconds, append([]string{"Require: outbound"}, more...)...)
}

const instance = "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"

// UA-062, UA-063: an outbound registration names its instance and flow; the connection is pinged when the registrar agreed, as often as it wants, and
// replaced when it is silent (RFC 5626, Sections 4.2 and 4.4).
func TestOutboundConnectionIsKeptAlive(t *testing.T) {
	withOffice(t, nil, func(o *office) {
		o.says(outbound(3600, "Flow-Timer: 40"))
		r := o.register(&ua.RegisterOptions{Registrar: byTCP, Instance: instance, RegID: 3})
		m := o.want(1)[0]
		c, err := m.Contact()
		if err != nil {
			t.Fatal(err)
		}
		urn, err := c.Instance()
		if id, bad := c.RegID(); err != nil || bad != nil || string(urn) != instance || id != 3 {
			t.Errorf("Contact %s", c.Raw())
		}
		for _, tag := range []string{"path", "outbound", "gruu"} {
			if !m.HasTag(parser.HeaderSupported, tag) {
				t.Errorf("Supported: %s without %s", m.Raw(parser.HeaderSupported), tag)
			}
		}
		o.network.Record()
		o.phone.Call(context.Background(), "sip:bob@10.0.2.1;transport=tcp", ua.Body{}, nil) // who answers 405
		o.phone.Call(context.Background(), "sip:bob@10.0.2.1;transport=tcp", ua.Body{}, &ua.CallOptions{From: "sip:carol@10.0.2.1"})
		for _, p := range o.network.Packets() {
			m := new(parser.Message)
			if m.Parse(p.Data) != nil || !m.IsRequest() || m.Method() != parser.MethodInvite {
				continue
			}
			from, _ := m.From()
			want := "<sip:alice@10.0.0.1:5060;transport=tcp;ob>" // what follows in the dialog comes over this flow (RFC 5626, Section 4.3)
			if string(from.URI().User()) == "carol" {
				want = "<sip:carol@10.0.0.1:5060;transport=tcp>"
			}
			if got := string(m.Raw(parser.HeaderContact)); got != want {
				t.Errorf("Contact of a call %q, want %q", got, want)
			}
		}
		time.Sleep(10 * time.Minute)
		pings := 0
		for _, p := range o.network.Packets() {
			if string(p.Data) == "\r\n\r\n" && p.To == officeAddr {
				pings++
			}
		}
		if pings < 15 || pings > 19 { // one in 32 to 40 s
			t.Errorf("%d pings in 10 minutes", pings)
		}
		o.want(0)
		o.network.Partition(agentAddr.Addr(), officeAddr.Addr())
		if took := o.until(r, registration.Waiting, time.Minute); took > 51*time.Second {
			t.Errorf("found out after %v, want a ping's time and 10 s", took)
		}
		o.network.Heal(agentAddr.Addr(), officeAddr.Addr())
		o.until(r, registration.Registered, 5*time.Minute)
		if got := o.took(); len(got) == 0 || !strings.Contains(string(got[len(got)-1].Raw(parser.HeaderContact)), "reg-id=3") {
			t.Errorf("replaced by %d REGISTERs", len(got))
		}
	})
}

// Over UDP a flow of RFC 5626 is kept alive by STUN; when the NAT on the way gives another address, it is registered anew.
func TestOutboundDatagramsAreKeptAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &office{t: t, network: siptest.NewNetwork(1, siptest.Conditions{Delay: wire}), start: time.Now()}
		defer o.network.Close()
		o.host = o.network.Host(officeAddr.Addr())
		o.open()
		defer o.server.Shutdown(context.Background())
		nat := o.network.NAT(netip.MustParseAddr("203.0.113.1"), time.Minute)
		o.phone = agentAt(t, nat.Host(agentAddr.Addr()), agentAddr, &ua.Config{From: "sip:alice@10.0.2.1"})
		defer o.phone.Shutdown(context.Background())
		o.says(outbound(3600))
		r := o.register(&ua.RegisterOptions{Instance: instance, RegID: 1})
		time.Sleep(10 * time.Minute)
		o.want(1)
		o.passed("Trying", "Registered")
		nat.Forget()
		time.Sleep(40 * time.Second)
		o.want(1)
		o.passed("Waiting!", "Registering!", "Registered")
		if err := r.Unregister(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

// Where the registrar agreed to no keep-alive and there is a NAT on the way, OPTIONS keeps its mapping, and finds out when nobody is there any more.
func TestNATIsKeptOpenByOptions(t *testing.T) {
	for _, deaf := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			o := &office{t: t, network: siptest.NewNetwork(1, siptest.Conditions{Delay: wire}), start: time.Now()}
			defer o.network.Close()
			o.host = o.network.Host(officeAddr.Addr())
			o.open()
			defer func() { o.server.Shutdown(context.Background()) }()
			nat := o.network.NAT(netip.MustParseAddr("203.0.113.1"), time.Minute)
			o.phone = agentAt(t, nat.Host(agentAddr.Addr()), agentAddr, &ua.Config{From: "sip:alice@10.0.2.1"})
			defer o.phone.Shutdown(context.Background())
			o.says(grant(3600))
			o.network.Record()
			r := o.register(nil)
			all := o.want(2) // the first one shows where the registrar sees us
			first, public := contacts(all[0])[0], contacts(all[1])
			if len(public) != 2 || !strings.HasPrefix(public[0], "<sip:alice@203.0.113.1:") || public[1] != first+";expires=0" {
				t.Errorf("bound %q, then %q", first, public)
			}
			if deaf { // a registrar that knows no OPTIONS, and does not say so
				o.server.Shutdown(context.Background())
				pc, err := o.host.ListenPacket(officeAddr)
				if err != nil {
					t.Fatal(err)
				}
				go func() {
					for {
						if _, _, err := pc.ReadFrom(make([]byte, 65536)); err != nil {
							return
						}
					}
				}()
				time.Sleep(10 * time.Minute)
				o.passed("Trying", "Registered") // its silence says nothing
				pc.Close()
				synctest.Wait()
				o.open()
				return
			}
			time.Sleep(20 * time.Minute)
			o.passed("Trying", "Registered")
			sent := 0
			for _, p := range o.network.Packets() {
				if strings.HasPrefix(string(p.Data), "OPTIONS sip:10.0.2.1 ") {
					sent++
				}
			}
			if sent < 40 || sent > 60 {
				t.Errorf("%d OPTIONS in 20 minutes, want one in 24 to 29 s", sent)
			}
			nat.Forget() // which gives another port to what is sent next
			time.Sleep(40 * time.Second)
			o.passed("Waiting!", "Registering!", "Registered")
			if now := contacts(o.took()[0]); len(now) != 2 || now[0] == public[0] || now[1] != public[0]+";expires=0" {
				t.Errorf("bound %q, then %q", public[0], now)
			}
			o.network.Partition(netip.MustParseAddr("203.0.113.1"), officeAddr.Addr())
			if took := o.until(r, registration.Waiting, 2*time.Minute); took > 62*time.Second {
				t.Errorf("found out after %v", took)
			}
			o.network.Heal(netip.MustParseAddr("203.0.113.1"), officeAddr.Addr())
			o.until(r, registration.Registered, 2*time.Minute)
		})
	}
}

// Without a NAT, and over connections, no OPTIONS is sent unless it is asked for.
func TestProbesWhereTheyAreWanted(t *testing.T) {
	for _, tt := range []struct {
		name string
		opts ua.RegisterOptions
		want bool
	}{
		{"udp", ua.RegisterOptions{}, false},
		{"tcp", ua.RegisterOptions{Registrar: byTCP, Probe: time.Minute}, false},
		{"udp, asked for", ua.RegisterOptions{Probe: time.Minute}, true},
		{"udp, refused", ua.RegisterOptions{Probe: -1}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			withOffice(t, nil, func(o *office) {
				o.says(grant(3600))
				o.network.Record()
				o.register(&tt.opts)
				time.Sleep(10 * time.Minute)
				got := false
				for _, p := range o.network.Packets() {
					got = got || strings.HasPrefix(string(p.Data), "OPTIONS ")
				}
				if got != tt.want {
					t.Errorf("OPTIONS sent: %v, want %v", got, tt.want)
				}
			})
		})
	}
}

// sourceConn is a socket that says from where the route to a peer leaves.
type sourceConn struct{ net.Conn }

func (sourceConn) LocalAddr() net.Addr { return udpAddr(netip.MustParseAddrPort("10.0.0.9:40000")) }
func (sourceConn) Close() error        { return nil }

// What was bound over a connection that named its own address is taken away when another one took its place.
func TestContactOfTheOldFlowIsRemoved(t *testing.T) {
	withOffice(t, nil, func(o *office) {
		host := o.network.Host(netip.MustParseAddr("10.0.0.9"))
		// It listens on another address family only, so that a connection names its own end.
		pc, err := o.network.Host(netip.MustParseAddr("fd00::9")).ListenPacket(netip.MustParseAddrPort("[fd00::9]:5060"))
		if err != nil {
			t.Fatal(err)
		}
		dial := func(ctx context.Context, network string, local, remote netip.AddrPort) (net.Conn, error) {
			if network == "udp" { // which address is the own one?
				return sourceConn{}, nil
			}
			return host.Dial(ctx, network, local, remote)
		}
		phone, err := ua.New(&ua.Config{PacketConns: []net.PacketConn{pc}, Dial: dial, From: "sip:carol@10.0.2.1"})
		if err != nil {
			t.Fatal(err)
		}
		defer phone.Shutdown(context.Background())
		if _, err := phone.Options(context.Background(), byTCP, nil); err != nil {
			t.Fatal(err) // there is a connection: its address is known
		}
		r, err := phone.Register(context.Background(), &ua.RegisterOptions{Registrar: byTCP})
		if err != nil {
			t.Fatal(err)
		}
		first := string(o.want(1)[0].Raw(parser.HeaderContact))
		time.Sleep(time.Minute)
		o.host.Reset()
		o.until(r, registration.Waiting, time.Second)
		if _, err := phone.Options(context.Background(), byTCP, nil); err != nil {
			t.Fatal(err)
		}
		o.until(r, registration.Registered, time.Minute)
		var got []string
		for c := range o.want(1)[0].Contacts() {
			got = append(got, string(c.Raw()))
		}
		if len(got) != 2 || got[0] == first || got[1] != first+";expires=0" {
			t.Errorf("first %q, then %q", first, got)
		}
	})
}

// A refresh goes where the last REGISTER went; when nobody is there any more, or it wants none, the next one goes where DNS says (RFC 5626, Section
// 4.2.1: "they revisit the DNS resolution results").
func TestNextRegistrarTakesOver(t *testing.T) {
	for _, tt := range []struct {
		name string
		fail func(o *office)
	}{
		{"silent", func(o *office) { o.network.Partition(agentAddr.Addr(), officeAddr.Addr()) }},
		{"overloaded", func(o *office) { o.says(always(503, "Retry-After: 90")) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			second := netip.MustParseAddrPort("10.0.2.2:5060")
			both := func(context.Context, parser.URI) ([]transport.Target, error) {
				return []transport.Target{{Protocol: transport.UDP, Addr: officeAddr}, {Protocol: transport.UDP, Addr: second}}, nil
			}
			withOffice(t, &ua.Config{From: "sip:alice@example.com", Locate: both}, func(o *office) {
				other := &office{t: t, network: o.network, start: o.start}
				server := agentAt(t, o.network.Host(second.Addr()), second, &ua.Config{Handlers: []ua.Handler{other}})
				defer server.Shutdown(context.Background())
				o.says(grant(3600))
				other.says(grant(3600))
				r := o.register(nil)
				time.Sleep(3241 * time.Second)
				o.want(2)
				other.want(0)
				o.passed("Trying", "Registered", "Refreshing", "Registered")
				tt.fail(o)
				o.until(r, registration.Retrying, time.Hour)
				other.want(0)
				o.until(r, registration.Registered, 3*time.Minute)
				other.want(1)
				o.passed("Refreshing", "Retrying!", "Refreshing!", "Registered") // while the binding stood
				r.Unregister(context.Background())
			})
		})
	}
}

// A flow that has failed before says nothing about the one that took its place.
func TestOldFlowIsForgotten(t *testing.T) {
	withOffice(t, nil, func(o *office) {
		o.says(outbound(3600))
		r := o.register(&ua.RegisterOptions{Registrar: byTCP, Instance: instance, RegID: 1})
		for range 3 {
			time.Sleep(time.Minute)
			o.host.Reset()
			o.until(r, registration.Registered, 10*time.Second)
			time.Sleep(5 * time.Second)
		}
		o.took()
		time.Sleep(30 * time.Minute)
		o.want(0)
		if s := o.phone.Stats(); s.Dialled != 1 {
			t.Errorf("%d connections", s.Dialled)
		}
	})
}
