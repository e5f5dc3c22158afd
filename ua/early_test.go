package ua_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// over reports whether e is not early any more.
func over(e *ua.Early) bool {
	select {
	case <-e.Done():
		return true
	default:
		return false
	}
}

// hearing returns options that keep the early dialogs of a call, and what is told of them.
func hearing() (opts *ua.CallOptions, early *[]*ua.Early, told *[]string) {
	early, told = new([]*ua.Early), new([]string)
	return &ua.CallOptions{OnEarly: func(e *ua.Early, m *parser.Message) {
		if !slices.Contains(*early, e) {
			*early = append(*early, e)
		}
		*told = append(*told, fmt.Sprintf("%s %d %q %v", e.ID().RemoteTag, m.Status(), e.Body().Data, e.Acknowledged()))
	}}, early, told
}

// Each phone that an INVITE reached is an early dialog of its own, with its own session description; one wins, and the others end (RFC 3261,
// Sections 13.2.2.1 and 13.2.2.4).
func TestForkedEarlyDialogsAreApart(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		opts, early, told := hearing()
		out := p.called(context.Background(), sdpBody("offer"), opts)
		invite := p.hear("INVITE")
		p.reply(invite, "100 Trying", "")
		p.reply(invite, "180 Ringing", "", contactOfPhone) // without a tag: no dialog
		p.reply(invite, "183 x", "one", reliably(1, "\nanswer one")...)
		p.prack("one", "1 1 INVITE")
		p.reply(invite, "180 Ringing", "two", contactOfPhone)
		p.silent()
		p.reply(invite, "183 x", "two", contactOfPhone, "\nanswer two")
		p.silent()
		p.reply(invite, "180 Ringing", "three", contactOfPhone)
		p.silent()
		synctest.Wait()
		want := []string{`one 183 "answer one" true`, `two 180 "" false`, `two 183 "answer two" false`, `three 180 "" false`}
		if !slices.Equal(*told, want) {
			t.Errorf("heard of %q, want %q", *told, want)
		}
		if len(*early) != 3 {
			t.Fatalf("%d early dialogs, want 3", len(*early))
		}
		one, two, three := (*early)[0], (*early)[1], (*early)[2]
		p.send(inDialogOf(invite, "three", "BYE", "1")) // a phone that leaves
		p.hear("200")
		if !over(three) || over(one) || over(two) {
			t.Errorf("after a BYE: one over %v, two %v, three %v; want three only", over(one), over(two), over(three))
		}
		if c := p.wins(invite, out, "two"); string(c.Answered().Data) != "answer two" || c.ID() != two.ID() {
			t.Errorf("Answered %q in %v, want that of two", c.Answered().Data, c.ID())
		}
		if !over(one) || !over(two) || one.Won() || !two.Won() || three.Won() {
			t.Errorf("won: one %v, two %v, three %v; over: one %v, two %v", one.Won(), two.Won(), three.Won(), over(one), over(two))
		}
		if s := two.Status(); s != 183 {
			t.Errorf("two is at %d, want 183", s)
		}
	})
}

// A refusal of the INVITE ends every early dialog, and so does the caller who gives up (RFC 3261, Sections 12.3 and 13.2.2.3).
func TestEarlyDialogsEndWithTheINVITE(t *testing.T) {
	for _, final := range []string{"486 Busy", "487 x"} {
		t.Run(final, func(t *testing.T) {
			withPhone(t, nothing(), func(p *phone) {
				opts, early, _ := hearing()
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				out := p.called(ctx, sdpBody("offer"), opts)
				invite := p.hear("INVITE")
				p.reply(invite, "180 Ringing", "one", contactOfPhone)
				p.reply(invite, "180 Ringing", "two", contactOfPhone)
				p.silent()
				if final == "487 x" {
					cancel()
					p.reply(p.hear("CANCEL"), "200 OK", "one")
				}
				p.reply(invite, final, "one")
				p.hear("ACK")
				if o := <-out; o.err == nil {
					t.Error("the call was answered")
				}
				synctest.Wait()
				for _, e := range *early {
					<-e.Done()
					if e.Won() {
						t.Errorf("%v won", e.ID())
					}
				}
				if len(*early) != 2 {
					t.Errorf("%d early dialogs, want 2", len(*early))
				}
			})
		})
	}
}

// Each early dialog has its own session, which UPDATE changes when its answer came reliably (RFC 3311, Section 5.1).
func TestUpdateOfOneOfSeveralEarlyDialogs(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		opts, early, _ := hearing()
		out := p.called(context.Background(), sdpBody("offer"), opts)
		invite := p.hear("INVITE")
		p.reply(invite, "183 x", "one", reliably(1, "\nanswer one", allowUpdate)...)
		p.prack("one", "1 1 INVITE")
		p.reply(invite, "183 x", "two", contactOfPhone, allowUpdate, "\npreview two")
		p.silent()
		p.reply(invite, "180 x", "three", contactOfPhone)
		p.silent()
		synctest.Wait()
		one, two, three := (*early)[0], (*early)[1], (*early)[2]
		if _, err := two.Update(context.Background(), sdpBody("offer 2")); !errors.Is(err, ua.ErrState) {
			t.Errorf("an offer before the first exchange is complete: %v, want ErrState", err)
		}
		if _, err := three.Update(context.Background(), ua.Body{}); !errors.Is(err, ua.ErrNoUpdate) {
			t.Errorf("to a phone that allows no UPDATE: %v, want ErrNoUpdate", err)
		}
		got := make(chan changed, 1)
		go func() {
			answer, err := one.Update(context.Background(), sdpBody("offer 2"))
			got <- changed{answer, err}
		}()
		m := p.hear("UPDATE")
		if toTagOf(t, m) != "one" || string(m.Body()) != "offer 2" {
			t.Errorf("got %q", m.Bytes())
		}
		p.reply(m, "200 OK", "", contactOfPhone, "\nanswer 2")
		(<-got).want(t, "answer 2")
		p.reply(invite, "200 OK", "one", contactOfPhone, allowUpdate)
		p.hear("ACK")
		o := <-out
		if s := session(o.call); s != "offer 2/answer 2" {
			t.Errorf("the session is %s", s)
		}
		if _, err := two.Update(context.Background(), ua.Body{}); !errors.Is(err, ua.ErrState) {
			t.Errorf("in a dialog that did not win: %v, want ErrState", err)
		}
		go one.Update(context.Background(), ua.Body{})
		p.reply(p.hear("UPDATE"), "200 OK", "", contactOfPhone)
		p.bye(o.call)
	})
}
