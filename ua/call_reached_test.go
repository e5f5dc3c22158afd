package ua_test

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/auth"
	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// drew is what went to the phone.
type drew struct {
	octets int // since the INVITE came
	copies map[string]int
}

// drawn returns what went to the phone since Record, by first words: "200 INVITE", "BYE".
func (p *phone) drawn() drew {
	p.t.Helper()
	d := drew{copies: make(map[string]int)}
	for _, packet := range p.net.Packets() {
		if packet.To != phoneAddr {
			continue
		}
		m := new(parser.Message)
		if err := m.Parse(packet.Data); err != nil {
			p.t.Fatal(err)
		}
		name := m.Method().String()
		if seq, err := m.CSeq(); err == nil && m.Status() != 0 {
			name = strings.Fields(string(m.StartLine()))[1] + " " + string(seq.Name)
		}
		d.octets += len(packet.Data)
		d.copies[name]++
	}
	return d
}

// picksUp is the Config of an agent that answers what comes.
func picksUp() *ua.Config {
	return &ua.Config{OnCall: func(c *ua.Call) { c.Answer(sdpBody(strings.Repeat("v", 150))) }}
}

// small is an INVITE to which all the copies of a 2xx would be too much.
func small(over ...string) string { return request("INVITE", toAgent, over...) }

const (
	inviteFactor = 12 // octets out for each octet in
	allCopies    = 11 // of a 2xx, and of a request, in 64*T1
)

// A call that nobody acknowledges ends with a BYE, and all that its INVITE drew is at most twelve times as large.
func TestCallNeverAcknowledgedIsFrugal(t *testing.T) {
	for name, invite := range map[string]string{
		"delayed offer": small(),
		"offer":         small("Content-Type: application/sdp", "\n"+strings.Repeat("o", 150)),
		"RFC 2543":      strings.Replace(small(), "branch=z9hG4bK", "branch=", 1),
		"proxies":       small("Record-Route: <sip:10.0.0.7;lr>, <sip:10.0.0.8;lr>, <sip:10.0.0.9;lr>"),
	} {
		t.Run(name, func(t *testing.T) {
			var call *ua.Call
			cfg := picksUp()
			answer := cfg.OnCall
			cfg.OnCall = func(c *ua.Call) {
				call = c
				c.Ring()
				answer(c)
			}
			withPhone(t, cfg, func(p *phone) {
				p.net.Record()
				p.send(invite)
				time.Sleep(2 * time.Minute)
				d, in := p.drawn(), len(onWire(invite))
				t.Logf("%d octets in, %d out, %v", in, d.octets, d.copies)
				if d.octets > inviteFactor*in {
					t.Errorf("%d octets drew %d, want %d at most", in, d.octets, inviteFactor*in)
				}
				if n := d.copies["200 INVITE"]; n < 3 {
					t.Errorf("the 200 was sent %d times, want 3 at least: datagrams are lost", n)
				}
				if n := d.copies["BYE"]; n < 2 || n >= allCopies {
					t.Errorf("the BYE was sent %d times, want some", n)
				}
				if err := call.Err(); !errors.Is(err, ua.ErrNoAck) {
					t.Errorf("ended with %v, want ErrNoAck", err)
				}
				s := p.agent.Stats()
				if s.Transaction.Withheld == 0 || s.Transport.Withheld == 0 {
					t.Errorf("%d copies of the 200 and %d of the BYE were withheld, want some", s.Transaction.Withheld, s.Transport.Withheld)
				}
			})
		})
	}
}

// The BYE goes once even when nothing is left for it.
func TestByeIsSentWhateverIsLeft(t *testing.T) {
	withPhone(t, &ua.Config{OnCall: func(c *ua.Call) { c.Answer(sdpBody(strings.Repeat("v", 9000))) }}, func(p *phone) {
		p.net.Record()
		p.send(small())
		time.Sleep(2 * time.Minute)
		if d := p.drawn(); d.copies["200 INVITE"] != 1 || d.copies["BYE"] != 1 {
			t.Errorf("sent %v, want 200 and BYE once", d.copies)
		}
	})
}

// An ACK that comes when nothing is sent any more makes the call, and nothing is withheld from then on.
func TestLateAckStopsEverything(t *testing.T) {
	var call *ua.Call
	cfg := picksUp()
	answer := cfg.OnCall
	cfg.OnCall = func(c *ua.Call) { call = c; answer(c) }
	withPhone(t, cfg, func(p *phone) {
		p.net.Record()
		p.send(small())
		ok := p.hear("200")
		time.Sleep(10 * time.Second)
		before := p.drawn()
		p.send(ackOf(ok, "Content-Type: application/sdp", "\nanswer"))
		time.Sleep(time.Minute)
		if after := p.drawn(); after.octets != before.octets || call.State() != dialog.Confirmed {
			t.Fatalf("after the ACK the call is %v and %v was sent, want Confirmed and no more than %v", call.State(), after.copies, before.copies)
		}
		go call.Hangup(context.Background())
		time.Sleep(time.Minute)
		if d := p.drawn(); d.copies["BYE"] != allCopies {
			t.Errorf("the BYE was sent %d times, want %d", d.copies["BYE"], allCopies)
		}
	})
}

// Who acknowledges when the BYE is on its way is there, and has to hear it.
func TestAckAfterTheByeLiftsItsBound(t *testing.T) {
	withPhone(t, picksUp(), func(p *phone) {
		p.net.Record()
		p.send(small())
		ok := p.hear("200")
		p.hear("BYE")
		p.send(ackOf(ok))
		time.Sleep(time.Minute)
		if d := p.drawn(); d.copies["BYE"] != allCopies {
			t.Errorf("the BYE was sent %d times, want %d", d.copies["BYE"], allCopies)
		}
	})
}

// A source in Config.Trusted gets every copy, and so does a peer over a connection.
func TestTrustedSourceGetsEveryCopy(t *testing.T) {
	cfg := picksUp()
	cfg.Trusted = []netip.Prefix{netip.PrefixFrom(phoneAddr.Addr(), 32)}
	withPhone(t, cfg, func(p *phone) {
		p.net.Record()
		p.send(small())
		time.Sleep(2 * time.Minute)
		if d := p.drawn(); d.copies["200 INVITE"] != allCopies || d.copies["BYE"] != allCopies {
			t.Errorf("sent %v, want every copy", d.copies)
		}
	})
}

// Whoever shows the tag of an early dialog, or answers in it, is there: every copy of the 2xx is sent.
func TestProofBeforeTheAnswerLiftsTheBound(t *testing.T) {
	for _, tt := range []struct {
		name   string
		invite string
		early  func(c *ua.Call)
		prove  func(p *phone)
		want   int
	}{
		{"nothing", small(), func(c *ua.Call) { c.Ring() }, func(p *phone) {}, 0},
		{"PRACK", small("Supported: 100rel"), func(c *ua.Call) { c.Progress(183, ua.Body{}) }, func(p *phone) { p.send(prackTo(p.hear("183"), 2, 0)) }, allCopies},
		{"request", small(), func(c *ua.Call) { c.Ring() }, func(p *phone) { p.send(strings.Replace(byeOf(p.hear("180")), "BYE", "OPTIONS", 2)) }, allCopies},
		{"request of somebody else", small(), func(c *ua.Call) { c.Ring() }, func(p *phone) {
			p.send(strings.Replace(strings.Replace(byeOf(p.hear("180")), "BYE", "OPTIONS", 2), "To: <"+toAgent+">;tag=", "To: <"+toAgent+">;tag=x", 1))
		}, 0},
		{"response", small("Allow: INVITE, UPDATE"), func(c *ua.Call) { c.Ring(); go c.Update(context.Background(), ua.Body{}) }, func(p *phone) {
			p.hear("180")
			p.reply(p.hear("UPDATE"), "200 OK", "", "Contact: <sip:probe@ADDR>")
		}, allCopies},
	} {
		t.Run(tt.name, func(t *testing.T) {
			withPhone(t, &ua.Config{OnCall: func(c *ua.Call) {
				tt.early(c)
				time.Sleep(time.Second)
				c.Answer(sdpBody(strings.Repeat("v", 150)))
			}}, func(p *phone) {
				p.net.Record()
				p.send(tt.invite)
				tt.prove(p)
				time.Sleep(2 * time.Minute)
				switch d := p.drawn(); {
				case tt.want == 0 && d.copies["200 INVITE"] > allCopies/2,
					tt.want > 0 && (d.copies["200 INVITE"] != tt.want || d.copies["BYE"] != tt.want):
					t.Errorf("sent %v, want %d of each; 0: less than half", d.copies, tt.want)
				}
			})
		})
	}
}

// Who proved with a password to have sent the INVITE is there; the challenge itself is no weapon.
func TestAuthenticatedCallerGetsEveryCopy(t *testing.T) {
	cfg := picksUp()
	cfg.Handlers = []ua.Handler{ua.Authenticate(newServer(t, auth.ServerConfig{}))}
	withPhone(t, cfg, func(p *phone) {
		invite := small("Call-ID: proved", "From: <sip:alice@ADDR>;tag=1")
		p.send(invite)
		asks := p.hear("401")
		p.send(ackOf(asks, "Via: "+string(asks.Raw(parser.HeaderVia))))
		uri, err := parser.ParseURI([]byte(toAgent))
		if err != nil {
			t.Fatal(err)
		}
		x := auth.NewClient(&auth.ClientConfig{Credentials: auth.User("alice", "wonderland")}).Exchange(uri, "proved")
		if err := x.Challenge(asks); err != nil {
			t.Fatal(err)
		}
		var b parser.Builder
		b.Reset(nil)
		b.Request(parser.MethodInvite, uri)
		x.Write(&b, nil)
		w, err := b.Wire()
		if err != nil {
			t.Fatal(err)
		}
		_, proof, _ := strings.Cut(string(w.Head), "\r\n")
		proof, _, _ = strings.Cut(proof, "\r\n")
		p.net.Record()
		p.send(small("Call-ID: proved", "From: <sip:alice@ADDR>;tag=1", "CSeq: 2 INVITE", proof))
		p.hear("200")
		time.Sleep(2 * time.Minute)
		if d := p.drawn(); d.copies["200 INVITE"] != allCopies || d.copies["BYE"] != allCopies {
			t.Errorf("sent %v, want every copy", d.copies)
		}
	})
}

// The copies of the 200 to an INVITE inside a call are not bounded: its peer is there.
func TestReinviteIsNotBounded(t *testing.T) {
	cfg := picksUp()
	cfg.OnOffer = func(*ua.Call, ua.Body) (ua.Body, error) { return sdpBody(strings.Repeat("w", 800)), nil }
	withPhone(t, cfg, func(p *phone) {
		p.send(small())
		ok := p.hear("200")
		p.send(ackOf(ok, "Content-Type: application/sdp", "\nanswer"))
		time.Sleep(time.Second)
		p.net.Record()
		p.send(small("From: "+string(ok.Raw(parser.HeaderFrom)), "To: "+string(ok.Raw(parser.HeaderTo)), "Call-ID: "+string(ok.CallID()),
			"CSeq: 2 INVITE", "Content-Type: application/sdp", "\nhold"))
		time.Sleep(2 * time.Minute)
		if d := p.drawn(); d.copies["200 INVITE"] != allCopies {
			t.Errorf("sent %v, want every copy of the 200", d.copies)
		}
	})
}
