package ua_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// taking is an agent whose calls may be replaced and joined by those for whom the user part of From says so. OnCall rings, and leaves it at that for the callee named
// slow.
func taking() *ua.Config {
	may := func(c, old *ua.Call) bool {
		from, err := c.Invite().From()
		return err == nil && old != nil && old != c && strings.HasPrefix(string(from.URI().User()), "friend")
	}
	return &ua.Config{OnReplaces: may, OnJoin: may, OnCall: func(c *ua.Call) {
		if uri, err := c.Invite().RequestURI(); err == nil && string(uri.User()) == "slow" {
			c.Ring()
			<-c.Done()
			return
		}
		c.Answer(ua.Body{})
	}}
}

// inviting sends an INVITE that names the dialog of m, a response to another INVITE, in the field name, with what follows it.
func (p *phone) inviting(from, name string, m *parser.Message, more ...string) {
	p.t.Helper()
	f, err := m.From()
	theirs := tagOf(p.t, f, err)
	value := string(m.CallID()) + ";to-tag=" + strings.ToUpper(toTagOf(p.t, m)) + ";from-tag=" + theirs
	if len(more) > 0 && strings.HasPrefix(more[0], ";") {
		value, more = value+more[0], more[1:]
	}
	p.send(request("INVITE", toAgent, append([]string{"From: <sip:" + from + "@ADDR>;tag=" + unique(), name + ": " + value}, more...)...))
}

// answered makes a call that the agent answers, and returns its 200.
func (p *phone) answered() *parser.Message {
	p.t.Helper()
	p.send(request("INVITE", toAgent))
	ok := p.hear("200")
	p.send(ackOf(ok))
	return ok
}

// leaves ends the call that was answered with ok.
func (p *phone) leaves(ok *parser.Message) {
	p.t.Helper()
	p.send(byeOf(ok))
	p.hear("200")
}

// An INVITE takes the place of a call when the application lets it: the new one is answered, and the old one ended (RFC 3891, Section 3).
func TestReplacesACallThatStands(t *testing.T) {
	withPhone(t, taking(), func(p *phone) {
		old := p.answered()
		p.inviting("friend", "Replaces", old, "Require: replaces", "Referred-By: <sip:boss@example.com>")
		got := []*parser.Message{p.within(1e9), p.within(1e9), p.within(1e9)}
		var bye, ok *parser.Message
		for _, m := range got {
			switch {
			case m == nil:
			case m.Method() == parser.MethodBye && m.IsRequest():
				bye = m
			case m.Status() == 200:
				ok = m
			}
		}
		if bye == nil || ok == nil || string(bye.CallID()) != string(old.CallID()) {
			t.Fatalf("want 200 and a BYE in the old dialog, got %v", got)
		}
		p.reply(bye, "200 OK", "")
		p.send(ackOf(ok))
		p.leaves(ok)
	})
}

func TestReplacesAsksFirst(t *testing.T) {
	withPhone(t, taking(), func(p *phone) {
		old := p.answered()
		for _, name := range []string{"Replaces", "Join"} {
			p.inviting("stranger", name, old)
			p.send(ackTo(p.hear("403")))
		}
		p.inviting("friend", "Replaces", old, ";early-only")
		p.send(ackTo(p.hear("486"))) // RFC 3891, Section 3
		p.silent()
		p.leaves(old)
	})
}

// What names no dialog that can be taken over is refused before anybody is asked (RFC 3891, Section 3; RFC 3911, Section 4).
func TestTakeoverOfWhatCannotBe(t *testing.T) {
	withPhone(t, taking(), func(p *phone) {
		old := p.answered()
		for name, fields := range map[string][]string{
			"481 Replaces": {"Replaces: other;to-tag=a;from-tag=b"},
			"481 Join":     {"Join: other;to-tag=a;from-tag=b"},
			"400 no tags":  {"Replaces: other"},
			"400 no tag":   {"Join: other;to-tag=a"},
			"400 two":      {"Replaces: a;to-tag=a;from-tag=b", "Replaces : b;to-tag=a;from-tag=b"},
			"400 both":     {"Replaces: a;to-tag=a;from-tag=b", "Join: b;to-tag=a;from-tag=b"},
		} {
			p.send(request("INVITE", toAgent, fields...))
			m := p.within(1e9)
			if m == nil || m.Status() == 0 || !strings.HasPrefix(name, string(m.StartLine()[8:11])) {
				t.Errorf("%s: got %v", name, m)
				continue
			}
			p.send(ackTo(m))
		}
		p.send(request("OPTIONS", toAgent, "Replaces: a;to-tag=a;from-tag=b"))
		p.hear("400") // which is no INVITE
		p.send(request("OPTIONS", toAgent))
		if m := p.hear("200"); !m.HasTag(parser.HeaderSupported, "replaces") || !m.HasTag(parser.HeaderSupported, "join") || !m.HasTag(parser.HeaderSupported, "tdialog") {
			t.Errorf("Supported %q", m.Raw(parser.HeaderSupported))
		}
		p.leaves(old)

		// An early dialog that is not of our making.
		p.send(request("INVITE", "sip:slow@10.0.0.1", "Via: SIP/2.0/UDP ADDR;branch=z9hG4bKearly", "Call-ID: early", "From: <sip:x@ADDR>;tag=e"))
		ringing := p.hear("180")
		p.inviting("friend", "Replaces", ringing)
		p.send(ackTo(p.hear("481")))
		p.inviting("friend", "Join", ringing)
		ok := p.hear("200")
		p.send(ackOf(ok))
		p.leaves(ok)
		p.send(request("CANCEL", "sip:slow@10.0.0.1", "Via: SIP/2.0/UDP ADDR;branch=z9hG4bKearly", "Call-ID: early", "From: <sip:x@ADDR>;tag=e"))
		p.send(ackTo(p.hearAll("1 CANCEL", "1 INVITE")["1 INVITE"]))
	})
}

// A call that is being ended cannot be taken over: 603, so that nobody is alerted for nothing (RFC 3891, Section 3).
func TestTakeoverOfACallThatEnds(t *testing.T) {
	var calls chan *ua.Call
	cfg := taking()
	cfg.OnCall = func(c *ua.Call) { c.Answer(ua.Body{}); calls <- c }
	withPhone(t, cfg, func(p *phone) {
		calls = make(chan *ua.Call, 9)
		old := p.answered()
		c := <-calls
		go c.Hangup(context.Background())
		bye := p.hear("BYE")
		for _, name := range []string{"Replaces", "Join"} {
			p.inviting("friend", name, old)
			p.send(ackTo(p.hear("603")))
		}
		p.reply(bye, "200 OK", "")
	})
}

// Without a handler nothing can be taken over: the field is ignored, and who requires it hears 420 (RFC 3261, Section 8.2.2.3).
func TestTakeoverIsOffByDefault(t *testing.T) {
	withPhone(t, &ua.Config{OnCall: func(c *ua.Call) {
		if c.Replaces() != nil || c.Joins() != nil || c.TargetDialog() != nil || c.ReferredBy() != "" {
			t.Error("there is something to take over")
		}
		c.Answer(ua.Body{})
	}}, func(p *phone) {
		old := p.answered()
		p.inviting("friend", "Replaces", old, "Require: replaces")
		if m := p.hear("420"); string(m.Raw(parser.HeaderUnsupported)) != "replaces" {
			t.Errorf("Unsupported %q", m.Raw(parser.HeaderUnsupported))
		} else {
			p.send(ackTo(m))
		}
		p.inviting("friend", "Replaces", old)
		ok := p.hear("200")
		p.send(ackOf(ok))
		p.silent()
		p.leaves(ok)
		p.leaves(old)
	})
}

// The call that the application was asked about, and what else the INVITE says, stay with the Call.
func TestWhatAnINVITETakesOver(t *testing.T) {
	var seen []*ua.Call
	cfg := taking()
	cfg.OnCall = func(c *ua.Call) { seen = append(seen, c); c.Answer(ua.Body{}) }
	withPhone(t, cfg, func(p *phone) {
		old := p.answered()
		from, err := old.From()
		target := "Target-Dialog: " + string(old.CallID()) + ";local-tag=" + toTagOf(t, old) + ";remote-tag=" + tagOf(t, from, err)
		p.inviting("friend", "Join", old, target, "Referred-By: \"B\" <sip:boss@example.com>;x=y")
		ok := p.hear("200")
		p.send(ackOf(ok))
		synctest.Wait()
		if c := seen[1]; c.Joins() != seen[0] || c.TargetDialog() != seen[0] || c.Replaces() != nil || c.ReferredBy() != "sip:boss@example.com" {
			t.Errorf("joins %p, target %p, want %p; by %q", c.Joins(), c.TargetDialog(), seen[0], c.ReferredBy())
		}
		p.leaves(ok)
		p.leaves(old)
	})
}

// The call that is placed and rings elsewhere is replaced by the INVITE of who picks it up (RFC 3891, Section 7.1): it is cancelled.
func TestReplacesACallThatRingsElsewhere(t *testing.T) {
	withPhone(t, taking(), func(p *phone) {
		out := p.called(context.Background(), sdpBody("offer"), nil)
		invite := p.hear("INVITE")
		p.reply(invite, "180 Ringing", "There", contactOfPhone)
		from, err := invite.From()
		p.send(request("INVITE", toAgent, "From: <sip:friend@ADDR>;tag=f",
			"Replaces: "+string(invite.CallID())+";to-tag="+tagOf(t, from, err)+";from-tag=There;early-only"))
		var ok *parser.Message
		for canceled := false; ok == nil || !canceled; {
			switch m := p.within(1e9); {
			case m == nil:
				t.Fatal("want 200 and CANCEL")
			case m.IsRequest() && m.Method() == parser.MethodCancel:
				p.reply(m, "200 OK", "There")
				p.reply(invite, "487 x", "There")
				canceled = true
			case m.Status() == 200:
				ok = m
			}
		}
		p.hear("ACK")
		if o := <-out; !errors.Is(o.err, ua.ErrReplaced) {
			t.Errorf("the old call ended with %v, want ErrReplaced", o.err)
		}
		p.send(ackOf(ok))
		p.leaves(ok)
	})
}

// What our own INVITE says of the calls of its receiver is the other way round there.
func TestTakeoverByOurs(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		old, invite := p.answeredCall(nil)
		from, err := invite.From()
		ours := tagOf(t, from, err)
		id := old.Dialog()
		if id.CallID != string(invite.CallID()) || id.LocalTag != ours || id.RemoteTag != "one" {
			t.Errorf("Dialog %v", id)
		}
		other := id
		other.RemoteTag = ""
		for name, tt := range map[string]struct {
			opts  ua.CallOptions
			field string
		}{
			"Replaces":      {ua.CallOptions{Replaces: id, EarlyOnly: true}, id.CallID + ";to-tag=one;from-tag=" + ours + ";early-only"},
			"Join":          {ua.CallOptions{Join: other}, id.CallID + ";to-tag=0;from-tag=" + ours},
			"Target-Dialog": {ua.CallOptions{TargetDialog: id}, id.CallID + ";local-tag=one;remote-tag=" + ours},
			"Referred-By":   {ua.CallOptions{ReferredBy: "sip:boss@example.com"}, "<sip:boss@example.com>"},
		} {
			out := p.called(context.Background(), sdpBody("offer"), &tt.opts)
			m := p.hear("INVITE")
			if got := string(m.Raw(parser.ParseHeader(name))); got != tt.field {
				t.Errorf("%s: %q, want %q", name, got, tt.field)
			}
			if want := name == "Replaces" || name == "Join"; m.HasTag(parser.HeaderRequire, strings.ToLower(name)) != want {
				t.Errorf("%s: Require %q", name, m.Raw(parser.HeaderRequire))
			}
			p.reply(m, "486 Busy", "x")
			p.hear("ACK")
			<-out
		}
		for _, opts := range []ua.CallOptions{{Replaces: id, Join: id}, {ReferredBy: "not a URI"}} {
			if _, err := p.agent.Call(context.Background(), phoneURI, ua.Body{}, &opts); err == nil {
				t.Errorf("%+v was taken", opts)
			}
		}
		p.bye(old)
	})
}
