package ua_test

import (
	"context"
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// injections are strings that would end a line, a header section or a URI.
var injections = []string{"x\r\nEvil: 1", "x\nEvil: 1", "x\rEvil: 1", "x\x00y"}

// Nothing that an application sets is sent with a line end or NUL in it (RFC 3261, Section 26.1).
func TestSettableStringsOfRequests(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		ctx := context.Background()
		for _, s := range append(injections, "", "x>;evil=1", "x y") {
			for name, send := range map[string]func() error{
				"to": func() error { _, err := p.agent.Options(ctx, "sip:"+s, nil); return err },
				"to of a call": func() error {
					_, err := p.agent.Call(ctx, "sip:"+s, ua.Body{}, nil)
					return err
				},
				"from": func() error {
					_, err := p.agent.Options(ctx, phoneURI, &ua.RequestOptions{From: "sip:" + s})
					return err
				},
				"header name": func() error {
					_, err := p.agent.Options(ctx, phoneURI, &ua.RequestOptions{Header: []ua.Field{{Name: s, Value: "1"}}})
					return err
				},
				"body type": func() error {
					_, err := p.agent.Message(ctx, phoneURI, ua.Body{Type: s, Data: []byte("b")}, nil)
					return err
				},
			} {
				if err := send(); err == nil || !strings.HasPrefix(err.Error(), "sip: ") {
					t.Errorf("%s %q: %v, want an error of ours", name, s, err)
				}
			}
		}
		for _, s := range injections {
			_, err := p.agent.Call(ctx, phoneURI, ua.Body{}, &ua.CallOptions{Header: []ua.Field{{Name: "X-A", Value: s}}})
			if err == nil {
				t.Errorf("header value %q: no error", s)
			}
		}
		for _, name := range []string{"Via", "v", "From", "To", "Call-ID", "i", "CSeq", "Content-Length", "l", "Max-Forwards", "Contact"} {
			_, err := p.agent.Call(ctx, phoneURI, ua.Body{}, &ua.CallOptions{Header: []ua.Field{{Name: name, Value: "1"}}})
			if err == nil {
				t.Errorf("a second %s: no error", name)
			}
		}
		if m := p.within(1); m != nil {
			t.Errorf("sent\n%s", m.Bytes())
		}
	})
}

func TestSettableStringsOfResponses(t *testing.T) {
	withPhone(t, &ua.Config{
		OnMessage: func(r *ua.Request) {
			for _, s := range injections {
				for name, opts := range map[string]*ua.ResponseOptions{
					"reason":       {Reason: s},
					"header name":  {Header: []ua.Field{{Name: s, Value: "1"}}},
					"header value": {Header: []ua.Field{{Name: "X-A", Value: s}}},
					"body type":    {Body: ua.Body{Type: s, Data: []byte("b")}},
				} {
					if err := r.Respond(200, opts); err == nil || !strings.HasPrefix(err.Error(), "sip: ") {
						t.Errorf("%s %q: %v, want an error of ours", name, s, err)
					}
				}
			}
		},
		OnCall: func(c *ua.Call) {
			for _, s := range append(injections, "", "a@b>;evil=1", "<sip:a@b>") {
				if err := c.Redirect("sip:" + s); err == nil {
					t.Errorf("redirect to %q: no error", s)
				}
			}
			for name, err := range map[string]error{
				"Redirect to nothing":  c.Redirect(),
				"Progress 100":         c.Progress(100, ua.Body{}),
				"Progress 200":         c.Progress(200, ua.Body{}),
				"Reject 200":           c.Reject(200),
				"Reject 0":             c.Reject(0),
				"Reject 700":           c.Reject(700),
				"body without a type":  c.Answer(ua.Body{Data: []byte("b")}),
				"body type with a CR":  c.Answer(ua.Body{Type: "a/b\r\nEvil: 1", Data: []byte("b")}),
				"body type of no kind": c.Progress(183, ua.Body{Type: "nonsense", Data: []byte("b")}),
			} {
				if err == nil || !strings.HasPrefix(err.Error(), "sip: ") {
					t.Errorf("%s: %v, want an error of ours", name, err)
				}
			}
			if err := c.Redirect("sip:a@b", "sip:c@d;transport=tcp"); err != nil {
				t.Error(err)
			}
		},
	}, func(p *phone) {
		p.send(request("MESSAGE", toAgent))
		p.hear("200")
		p.send(request("INVITE", toAgent))
		m := p.hear("302")
		var got []string
		for c, err := range m.Contacts() {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, string(c.URI().Raw()))
		}
		if want := "sip:a@b sip:c@d;transport=tcp"; strings.Join(got, " ") != want {
			t.Errorf("Contacts %q, want %s", got, want)
		}
		p.send(ackOf(m))
	})
}

// A Config that could never be written into a message is an error of New, not of each message.
func TestConfigIsChecked(t *testing.T) {
	for name, cfg := range map[string]*ua.Config{
		"From":      {From: "alice"},
		"UserAgent": {UserAgent: "x\r\nEvil: 1"},
		"Accept":    {Accept: []string{"application/sdp", "nonsense"}},
		"Listen":    {Listen: []string{"sctp:127.0.0.1:0"}},
		"Advertise": {Advertise: []string{"a b"}},
	} {
		if a, err := ua.New(cfg); err == nil || !strings.HasPrefix(err.Error(), "sip: ") {
			t.Errorf("%s: %v, want an error of ours", name, err)
			a.Shutdown(context.Background())
		}
	}
}

// What is configured stands in every message.
func TestUserAgentAndFrom(t *testing.T) {
	withPhone(t, &ua.Config{UserAgent: "probe/1", From: "sip:alice@example.com:5070;transport=tcp"}, func(p *phone) {
		go p.agent.Options(context.Background(), phoneURI+";method=BYE?Subject=x", nil)
		m := p.hear("OPTIONS")
		if got := string(m.Raw(parser.HeaderUserAgent)); got != "probe/1" {
			t.Errorf("User-Agent %q", got)
		}
		if from := string(m.Raw(parser.HeaderFrom)); !strings.HasPrefix(from, "<sip:alice@example.com>;tag=") {
			t.Errorf("From %q, want the address of record", from)
		}
		if got, want := string(m.StartLine()), "OPTIONS sip:bob@10.0.0.2 SIP/2.0"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		p.reply(m, "200 OK", "one")
		p.send(request("OPTIONS", toAgent))
		if got := string(p.hear("200").Raw(parser.HeaderServer)); got != "probe/1" {
			t.Errorf("Server %q", got)
		}
	})
}
