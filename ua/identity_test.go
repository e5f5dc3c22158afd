package ua_test

import (
	"context"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// trusting returns a Config that trusts the phone.
func trusting() *ua.Config {
	return &ua.Config{From: `"Alice \"A\"" <sip:alice@example.com>`, TrustDomain: []netip.Prefix{netip.PrefixFrom(phoneAddr.Addr(), 32)}}
}

// wireOf returns the first request that a call or a MESSAGE with who makes.
func wireOf(t *testing.T, cfg *ua.Config, message bool, from string, who ua.Identity) (m *parser.Message, err error) {
	t.Helper()
	withPhone(t, cfg, func(p *phone) {
		ctx, stop := context.WithCancel(context.Background())
		failed := make(chan error, 1)
		go func() {
			var err error
			if message {
				_, err = p.agent.Message(ctx, phoneURI, ua.Body{Type: "text/plain", Data: []byte("hi")}, &ua.RequestOptions{From: from, Identity: who})
			} else {
				_, err = p.agent.Call(ctx, phoneURI, sdpBody("offer"), &ua.CallOptions{From: from, Identity: who})
			}
			failed <- err
		}()
		if m = p.within(time.Second); m != nil {
			p.reply(m, "403 No", "x")
		}
		err = <-failed
		stop()
		if m != nil {
			err = nil
		}
	})
	return m, err
}

// What the caller's identity looks like on the wire, in an INVITE and in a MESSAGE (RFC 3323, Section 4.1.1.3; RFC 3325, Section 9).
func TestIdentityOfTheCaller(t *testing.T) {
	const tel, sip = "tel:+14085264000", `"Alice" <sip:alice@example.com;user=phone>`
	for _, tt := range []struct {
		name, from                  string
		who                         ua.Identity
		wantFrom, privacy, pai, ppi string
		contactUser                 string
	}{
		{name: "display name", wantFrom: `"Alice \"A\"" <sip:alice@example.com>`, contactUser: "alice"},
		{name: "From of its own", from: "sip:bob@example.org;user=phone", wantFrom: "<sip:bob@example.org;user=phone>", contactUser: "bob"},
		{name: "anonymous", from: "sip:bob@example.org", who: ua.Identity{Anonymous: true}, wantFrom: `"Anonymous" <sip:anonymous@anonymous.invalid>`,
			privacy: "id", contactUser: "anonymous"},
		{name: "asserted", who: ua.Identity{Asserted: []string{sip, tel}}, wantFrom: `"Alice \"A\"" <sip:alice@example.com>`,
			pai: sip + ", <" + tel + ">", contactUser: "alice"},
		{name: "anonymous and preferred", who: ua.Identity{Anonymous: true, Preferred: []string{tel}}, wantFrom: `"Anonymous" <sip:anonymous@anonymous.invalid>`,
			privacy: "id", ppi: "<" + tel + ">", contactUser: "anonymous"},
	} {
		for _, message := range []bool{false, true} {
			t.Run(tt.name, func(t *testing.T) {
				m, err := wireOf(t, trusting(), message, tt.from, tt.who)
				if err != nil {
					t.Fatal(err)
				}
				from, _, _ := strings.Cut(string(m.Raw(parser.HeaderFrom)), ";tag=")
				if from != tt.wantFrom || string(m.Raw(parser.HeaderPrivacy)) != tt.privacy || values(m, parser.HeaderPAssertedIdentity) != tt.pai || values(m, parser.HeaderPPreferredIdentity) != tt.ppi {
					t.Errorf("got\n%s", m.Bytes())
				}
				if contact, err := m.Contact(); !message && (err != nil || string(contact.URI().User()) != tt.contactUser) {
					t.Errorf("Contact %s (%v), want user %s", contact.Raw(), err, tt.contactUser)
				}
				if tt.who.Anonymous && strings.Contains(string(m.Bytes()), "lice") {
					t.Errorf("the name is told:\n%s", m.Bytes())
				}
			})
		}
	}
}

func values(m *parser.Message, h parser.Header) string {
	var all []string
	for v := range m.Values(h) {
		all = append(all, string(v))
	}
	return strings.Join(all, ", ")
}

// An identity is told to nobody who is not trusted with it (RFC 3325, Section 9.2), and two of one kind are none (Section 9.1).
func TestIdentityIsForTheTrusted(t *testing.T) {
	for name, who := range map[string]ua.Identity{
		"asserted":      {Asserted: []string{"sip:alice@example.com"}},
		"preferred":     {Preferred: []string{"tel:+1"}},
		"and anonymous": {Anonymous: true, Asserted: []string{"sip:alice@example.com"}},
	} {
		for _, message := range []bool{false, true} {
			if m, err := wireOf(t, nothing(), message, "", who); m != nil || err == nil || !strings.Contains(err.Error(), "Config.TrustDomain") {
				t.Errorf("%s: sent %v, %v", name, m, err)
			}
		}
	}
	for name, who := range map[string]ua.Identity{
		"two of a kind": {Asserted: []string{"sip:a@b", "sips:c@d"}},
		"two numbers":   {Preferred: []string{"tel:+1", "tel:+2"}},
		"three":         {Asserted: []string{"sip:a@b", "tel:+2", "tel:+3"}},
		"another kind":  {Asserted: []string{"mailto:a@b"}},
		"nonsense":      {Preferred: []string{"<sip:"}},
		"two lines":     {Asserted: []string{"\"a\r\nX: y\" <sip:a@b>"}},
	} {
		if m, err := wireOf(t, trusting(), false, "", who); m != nil || err == nil {
			t.Errorf("%s: sent %v, %v", name, m, err)
		}
	}
}

// Who calls is believed when a trusted proxy says so, and it says one thing.
func TestAssertedIdentityIsReadFromTheTrusted(t *testing.T) {
	const pai = `P-Asserted-Identity: "C\"J" <sip:fluffy@cisco.com>, tel:+14085264000`
	believed := []ua.Party{{Display: `C"J`, URI: "sip:fluffy@cisco.com"}, {URI: "tel:+14085264000"}}
	for _, tt := range []struct {
		name    string
		trusted bool
		field   string
		want    []ua.Party
	}{
		{"trusted", true, pai, believed},
		{"not trusted", false, pai, nil},
		{"two of a kind", true, "P-Asserted-Identity: sip:a@b, sip:c@d", nil},
		{"broken", true, "P-Asserted-Identity: <sip:a@b", nil},
		{"nothing", true, "X: y", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			calls, messages := make(chan *ua.Call, 1), make(chan []ua.Party, 1)
			cfg := &ua.Config{
				OnCall:    func(c *ua.Call) { c.Answer(ua.Body{}); calls <- c },
				OnMessage: func(r *ua.Request) { messages <- r.Asserted() },
			}
			if tt.trusted {
				cfg.TrustDomain = trusting().TrustDomain
			} else {
				cfg.Trusted = trusting().TrustDomain // no limits, and no belief
			}
			withPhone(t, cfg, func(p *phone) {
				p.send(request("MESSAGE", toAgent, tt.field))
				p.hear("200")
				if got := <-messages; !reflect.DeepEqual(got, tt.want) {
					t.Errorf("MESSAGE: got %v, want %v", got, tt.want)
				}
				p.send(request("INVITE", toAgent, tt.field, `From: "Not \\ Me" <sip:x@y>;tag=1`))
				ok := p.hear("200")
				p.send(ackOf(ok))
				c := <-calls
				time.Sleep(time.Second)
				if got := c.Asserted(); !reflect.DeepEqual(got, tt.want) {
					t.Errorf("INVITE, after the ACK: got %v, want %v", got, tt.want)
				}
				if got, want := c.Peer(), (ua.Party{Display: `Not \ Me`, URI: "sip:x@y"}); got != want {
					t.Errorf("From: got %v, want %v", got, want)
				}
				p.send(byeOf(ok))
				p.hear("200")
			})
			if !tt.trusted {
				return
			}
			withPhone(t, trusting(), func(p *phone) {
				c, _ := p.answeredCall(nil, tt.field)
				if got := c.Asserted(); !reflect.DeepEqual(got, tt.want) {
					t.Errorf("2xx: got %v, want %v", got, tt.want)
				}
				if c.Peer().URI != phoneURI {
					t.Errorf("peer: got %v", c.Peer())
				}
				go c.Hangup(context.Background())
				p.reply(p.hear("BYE"), "200 OK", "")
				<-c.Done()
			})
		})
	}
}
