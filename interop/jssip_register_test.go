package interop

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/siptest"
	"github.com/ringback-sip/ringback/transport"
	"github.com/ringback-sip/ringback/transport/ws"
	"github.com/ringback-sip/ringback/ua"
)

// JsSIP in a browser registers over WebSocket, with a password, with an agent of ours that is its registrar. The agent calls it over that connection, which
// is the only way to a browser, with an offer and without one; either end hangs up.
func TestBrowserRegistersAndIsCalled(t *testing.T) {
	t.Parallel()
	p := newPage(t, "registers.js")
	r := newRegistry(t, ua.Config{Listen: []string{"ws:127.0.0.1:0"}, WebSocket: transport.WebSocketConfig{Check: ws.Origins(p.web.URL)}})
	tests := []struct {
		name, user string
		offer      bool // else the browser makes it
		hangs      bool // the browser hangs up
	}{
		{"an offer, the browser hangs up", "alice", true, true},
		{"an offer, the agent hangs up", "bob", true, false},
		{"no offer, the browser hangs up", "carol", false, true},
		{"no offer, the agent hangs up", "dave", false, false},
	}
	var visits []visit
	for _, tt := range tests {
		v := visit{Name: tt.name, Server: "ws://" + r.addr("ws"), Callee: "sip:" + tt.user + "@example.com", Password: "secret"}
		if tt.hangs {
			v.Hold = time.Second.Milliseconds()
		}
		visits = append(visits, v)
	}
	p.show(t, "", visits)
	for i, tt := range tests {
		p.await(t, 20*time.Second, tt.name, "registered", "failed", "disconnected")
		if got, want := p.of(tt.name), "registered 200\n"; got != want {
			t.Fatalf("%s: the page told\n%swant\n%s", tt.name, got, want)
		}
		opts := ua.CallOptions{Answer: func(offer ua.Body) ua.Body {
			answer, err := siptest.Answer(offer.Data, netip.MustParseAddr("127.0.0.1"))
			if err != nil {
				t.Errorf("%s: its offer: %v", tt.name, err)
			}
			return ua.Body{Type: offer.Type, Data: answer}
		}}
		want := "registered 200\ncalled remote: registry\nconfirmed stable\n"
		var call *ua.Call
		if tt.offer {
			call = r.call(t, visits[i].Callee, forBrowser(1, "sendrecv"), opts)
			for j, direction := range []string{"sendonly", "sendrecv"} {
				if _, err := call.Reinvite(t.Context(), forBrowser(2+j, direction)); err != nil {
					t.Fatalf("%s: %s: %v", tt.name, direction, err)
				}
			}
			want += "hold remote\nunhold remote\n"
		} else {
			call = r.call(t, visits[i].Callee, ua.Body{}, opts)
		}
		p.await(t, 10*time.Second, tt.name, "confirmed", "failed")
		if tt.hangs {
			want += "ended local: Terminated\n"
		} else {
			must(t, call.Hangup(t.Context()))
			want += "ended remote: Terminated\n"
		}
		r.over(t, call)
		p.await(t, 10*time.Second, tt.name, "ended", "failed", "disconnected")
		if got := p.of(tt.name); got != want {
			t.Errorf("%s: the page told\n%swant\n%s", tt.name, got, want)
		}
		if call.Err() != nil || call.EndedByPeer() != tt.hangs {
			t.Errorf("%s: ended by the browser: %v, %v", tt.name, call.EndedByPeer(), call.Err())
		}
	}
	if s := r.Stats(); s.Dialled != 0 {
		t.Errorf("%d connections were opened to browsers", s.Dialled)
	}
}

// forBrowser is a description as a browser wants it, of one audio stream that nobody serves, the so many'th in its session.
func forBrowser(version int, direction string) ua.Body {
	text := []string{
		"v=0", fmt.Sprintf("o=- 1 %d IN IP4 127.0.0.1", version), "s=-", "t=0 0", "a=group:BUNDLE 0",
		"m=audio 9 UDP/TLS/RTP/SAVPF 0", "c=IN IP4 127.0.0.1", "a=rtpmap:0 PCMU/8000", "a=" + direction, "a=mid:0", "a=rtcp-mux",
		"a=ice-ufrag:ring", "a=ice-pwd:ringbackringbackringback", "a=setup:actpass",
		"a=fingerprint:sha-256 " + strings.TrimSuffix(strings.Repeat("5F:", 32), ":"),
	}
	return ua.Body{Type: "application/sdp", Data: []byte(strings.Join(text, "\r\n") + "\r\n")}
}
