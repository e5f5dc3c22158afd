package transaction

import (
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// twelve times its octets is what an INVITE may draw, typed here again.
const twelve = 12

// sourced is the Config of a Layer whose requests all come from a source with limits.
func sourced() *Config {
	return &Config{Source: func(Conn) netip.Addr { return netip.MustParseAddr("192.0.2.9") }}
}

// octets returns how much was sent on c, in how many messages with the status.
func (c *conn) octets(status string) (octets, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, text := range c.sent {
		octets += len(text)
		if brief(text) == status {
			n++
		}
	}
	return octets, n
}

// large writes a response to the request that is as large as a third of what the request may draw.
func (e *serverTest) large(status int) parser.Wire {
	text := response(e.req, status, "b")
	fill := twelve*len(e.req)/3 - len(text) - len("X: \r\n")
	return wire(strings.Replace(text, "Content-Length", "X: "+strings.Repeat("x", fill)+"\r\nContent-Length", 1))
}

// A refusal is repeated as long as all that an INVITE draws is at most twelve times as large; to a source without limit, over a
// reliable transport and to who proved to be there, for 64*T1.
func TestInviteDrawsTwelveTimesItsOctets(t *testing.T) {
	for _, tt := range []struct {
		name    string
		cfg     *Config
		reached bool
		want    int // copies
	}{
		{"source", sourced(), false, 2}, // and the 100
		{"no source", &Config{Source: func(Conn) netip.Addr { return netip.Addr{} }}, false, 11},
		{"no sources", nil, false, 11},
		{"reached", sourced(), true, 11},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server(t, "INVITE", false, tt.cfg, func(e *serverTest) {
				e.j.until(time.Second)
				tx := e.core.last(e.T)
				if tt.reached {
					tx.Reached()
				}
				if err := tx.Respond(e.large(486)); err != nil {
					e.Error(err)
				}
				e.j.until(time.Minute)
				octets, n := e.c.octets("486")
				if n != tt.want {
					e.Errorf("the refusal was sent %d times, want %d", n, tt.want)
				}
				if _, limited := tx.Left(); limited != (tt.want == 2) {
					e.Errorf("limited %v", limited)
				}
				if withheld := e.l.Stats().Withheld; withheld != uint64(11-tt.want) {
					e.Errorf("%d withheld, want %d", withheld, 11-tt.want)
				}
				if tt.want == 2 && octets > twelve*len(e.req) {
					e.Errorf("%d octets drew %d", len(e.req), octets)
				}
				counts(e.T, e.l, 0, 0)
				if e.l.Stats().Timeouts != 1 {
					e.Error("the transaction did not end as ever")
				}
			})
		})
	}
}

// What comes again earns what it draws.
func TestRepeatedInviteEarnsItsAnswer(t *testing.T) {
	server(t, "INVITE", false, sourced(), func(e *serverTest) {
		e.core.last(e.T).Respond(e.large(486))
		e.j.until(31 * time.Second)
		if _, n := e.c.octets("486"); n != 3 {
			e.Fatalf("the refusal was sent %d times, want 3", n)
		}
		for range 5 {
			e.again(31 * time.Second)
		}
		if _, n := e.c.octets("486"); n != 8 {
			e.Errorf("sent %d times, want another for each of 5 repetitions", n)
		}
		if left, _ := e.core.last(e.T).Left(); left < 9*twelve*len(e.req)/3 {
			e.Errorf("%d octets are left", left)
		}
	})
}

// The first 2xx is sent in any case, its copies as long as they leave room; so are provisional responses.
func TestResponsesLeaveRoom(t *testing.T) {
	server(t, "INVITE", false, sourced(), func(e *serverTest) {
		tx := e.core.last(e.T)
		all, limited := tx.Left()
		if all != twelve*len(e.req) || !limited {
			e.Fatalf("%d octets, %v; want %d, true", all, limited, twelve*len(e.req))
		}
		respond := func(status string, w parser.Wire, room int, want bool) {
			e.Helper()
			before, _ := tx.Left()
			_, n := e.c.octets(status)
			if err := tx.RespondLeaving(w, room); err != nil {
				e.Errorf("%s: %v", status, err)
			}
			after, _ := tx.Left()
			_, m := e.c.octets(status)
			if sent := m > n; sent != want || sent != (after < before) {
				e.Errorf("%s leaving %d of %d: sent %v, want %v; %d are left", status, room, before, sent, want, after)
			}
		}
		ringing := e.large(180)
		respond("180", ringing, all-ringing.Len()+1, false)
		respond("180", ringing, math.MaxInt, false)
		respond("180", ringing, all-ringing.Len(), true)
		respond("200", e.large(200), all, true)
		respond("200", e.large(200), all/3, false)
		respond("200", e.large(200), -1, true)
		respond("200", e.large(200), 0, false)
		tx.Reached()
		if _, limited := tx.Left(); limited {
			e.Error("limited, although the peer is there")
		}
		if err := tx.RespondLeaving(e.large(200), all); err != nil || brief(e.c.last(e.T)) != "200" {
			e.Error(err)
		}
		if _, n := e.c.octets("200"); n != 3 {
			e.Errorf("the 200 was sent %d times, want 3", n)
		}
	})
}

// A 2xx that is larger than all that an INVITE may draw is sent once, and the 100 before it.
func TestFirstFinalResponseIsSentWhateverIsLeft(t *testing.T) {
	server(t, "INVITE", false, sourced(), func(e *serverTest) {
		e.j.until(time.Second)
		tx := e.core.last(e.T)
		w := e.large(200)
		w.Body[0] = make([]byte, twelve*len(e.req))
		for range 3 {
			if err := tx.Respond(w); err != nil {
				e.Error(err)
			}
		}
		_, tryings := e.c.octets("100")
		if _, n := e.c.octets("200"); n != 1 || tryings != 1 {
			e.Errorf("100 %d times, 200 %d times; want each once", tryings, n)
		}
		if left, limited := tx.Left(); left != 0 || !limited {
			e.Errorf("%d octets, %v; want 0, true", left, limited)
		}
	})
}

func TestOnlyInvitesOverDatagramsHaveAnAllowance(t *testing.T) {
	for method, reliable := range map[string]bool{"INVITE": true, "OPTIONS": false} {
		server(t, method, reliable, sourced(), func(e *serverTest) {
			if _, limited := e.core.last(e.T).Left(); limited {
				e.Errorf("%s is limited", method)
			}
		})
	}
}
