package ua_test

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport"
	"github.com/ringback-sip/ringback/ua"
)

// another starts a second agent beside the farm's. Whoever asks for it shuts it down.
func (m *farm) another(cfg *ua.Config) *ua.Agent {
	at := netip.MustParseAddrPort("10.0.0.7:5060")
	return agentAt(m.t, m.network.Host(at.Addr()), at, cfg)
}

// routed is what of a request its way is seen in.
func routed(m *parser.Message) string {
	uri, _ := m.RequestURI()
	var routes []string
	for r, err := range m.Routes() {
		if err != nil {
			return err.Error()
		}
		routes = append(routes, string(r.Raw()))
	}
	return string(uri.Raw()) + " | " + strings.Join(routes, " ")
}

// RS-022, UA-004: every request outside a dialog goes to the outbound proxy, and to the first server of a route set, whether that
// routes loosely or not (RFC 3261, Sections 8.1.1.1 and 12.2.1.1).
func TestRequestsOutsideADialogFollowTheRouteSet(t *testing.T) {
	for _, tt := range []struct {
		name  string
		proxy string
		route []string
		want  string
	}{
		{"none", "", nil, "sip:bob@example.com | "},
		{"outbound proxy", "sip:one.example.com;lr", nil, "sip:bob@example.com | <sip:one.example.com;lr>"},
		{"outbound proxy that was written without lr", "sip:one.example.com;transport=udp", nil, "sip:bob@example.com | <sip:one.example.com;transport=udp;lr>"},
		{"route set", "sip:other.example.com;lr", []string{"sip:one.example.com;lr", "sip:two.example.com;lr"}, "sip:bob@example.com | <sip:one.example.com;lr> <sip:two.example.com;lr>"},
		{"strict router first", "", []string{"sip:one.example.com;method=INFO?a=b", "sip:two.example.com;lr"}, "sip:one.example.com | <sip:two.example.com;lr> <sip:bob@example.com>"},
		{"no way", "sip:other.example.com;lr", []string{}, "sip:bob@example.com | "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			withFarm(t, 2, func(m *farm) {
				first := "one.example.com"
				if tt.want == "sip:bob@example.com | " {
					first = "example.com"
				}
				agent := m.another(&ua.Config{OutboundProxy: tt.proxy, Locate: func(ctx context.Context, uri parser.URI) ([]transport.Target, error) {
					if string(uri.Host()) == first {
						return m.targets[:1], nil
					}
					return m.targets[1:], nil
				}})
				defer agent.Shutdown(context.Background())
				m.servers[0].says("486 Busy Here")
				agent.Options(context.Background(), "sip:bob@example.com", &ua.RequestOptions{Route: tt.route})
				agent.Message(context.Background(), "sip:bob@example.com", ua.Body{}, &ua.RequestOptions{Route: tt.route})
				agent.Call(context.Background(), "sip:bob@example.com", ua.Body{}, &ua.CallOptions{Route: tt.route})
				var got []string
				synctest.Wait()
				m.mu.Lock()
				defer m.mu.Unlock()
				for _, h := range m.heard {
					got = append(got, h.msg.Method().String())
					if h.server != 1 || routed(h.msg) != tt.want {
						t.Errorf("server %d got %s %s, want server 1 and %s", h.server, h.msg.Method(), routed(h.msg), tt.want)
					}
				}
				if want := []string{"OPTIONS", "MESSAGE", "INVITE", "ACK"}; !slices.Equal(got, want) { // and the ACK goes the way of its INVITE
					t.Errorf("got %q, want %q", got, want)
				}
			})
		})
	}
}

// No server on the way of a request for a SIPS URI is reached in the clear, whatever its own URI says (RFC 3261, Section 8.1.2).
func TestRouteOfSIPSIsSecure(t *testing.T) {
	withFarm(t, 1, func(m *farm) {
		agent := m.another(&ua.Config{OutboundProxy: "sip:one.example.com", Locate: m.locate})
		defer agent.Shutdown(context.Background())
		if _, err := agent.Options(context.Background(), "sips:bob@example.com", nil); err == nil || !strings.Contains(err.Error(), "in the clear") {
			t.Errorf("got %v, want a refusal", err)
		}
	})
}

func TestRouteThatIsNone(t *testing.T) {
	for _, bad := range []string{"one.example.com", "tel:+49123", "sip:"} {
		if _, err := ua.New(&ua.Config{OutboundProxy: bad}); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("OutboundProxy %q: %v", bad, err)
		}
		a := newAgent(t, nil)
		if _, err := a.Options(context.Background(), "sip:127.0.0.1", &ua.RequestOptions{Route: []string{bad}}); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("Route %q: %v", bad, err)
		}
		if _, err := a.Call(context.Background(), "sip:127.0.0.1", ua.Body{}, &ua.CallOptions{Route: []string{bad}}); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("Route of a call %q: %v", bad, err)
		}
	}
}
