package ua_test

import (
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// Each kind of response carries what the application adds to it.
func TestRespondWithFieldsOfTheApplication(t *testing.T) {
	says := func(t *testing.T, m *parser.Message, reason, body string) {
		t.Helper()
		if string(m.Reason()) != reason || string(fieldOf(m, "X-Ours")) != "yes" || string(m.Body()) != body {
			t.Errorf("got\n%s", m.Bytes())
		}
	}
	opts := func(reason, body string) *ua.ResponseOptions {
		o := &ua.ResponseOptions{Reason: reason, Header: []ua.Field{{Name: "X-Ours", Value: "yes"}}}
		if body != "" {
			o.Body = sdpBody(body)
		}
		return o
	}
	for _, reliable := range []bool{false, true} {
		withPhone(t, &ua.Config{OnCall: func(c *ua.Call) {
			if err := c.Respond(183, opts("Listen", "preview")); err != nil {
				t.Error(err)
			}
			body := "preview"
			if reliable {
				body = ""
			}
			if err := c.Respond(202, opts("Fine", body)); err != nil {
				t.Error(err)
			}
		}}, func(p *phone) {
			more := []string{"Content-Type: application/sdp", "\noffer"}
			if reliable {
				more = append(more, "Require: 100rel")
			}
			p.send(request("INVITE", toAgent, more...))
			m := p.hear("183")
			says(t, m, "Listen", "preview")
			if m.Has(parser.HeaderRSeq) != reliable {
				t.Errorf("reliable %v: got\n%s", reliable, m.Bytes())
			}
			if reliable {
				p.send(request("PRACK", toAgent, "From: "+string(m.Raw(parser.HeaderFrom)), "To: "+string(m.Raw(parser.HeaderTo)),
					"Call-ID: "+string(m.CallID()), "CSeq: 2 PRACK", "RAck: "+string(m.Raw(parser.HeaderRSeq))+" 1 INVITE"))
			}
			ok := p.within(time.Second)
			if reliable && ok != nil && ok.Method() == parser.MethodPrack {
				ok = p.within(time.Second)
			}
			if ok == nil || ok.Status() != parser.StatusAccepted {
				t.Fatal("no 202")
			}
			says(t, ok, "Fine", map[bool]string{false: "preview", true: ""}[reliable])
			p.send(ackOf(ok))
			bye := request("BYE", toAgent, "From: "+string(ok.Raw(parser.HeaderFrom)), "To: "+string(ok.Raw(parser.HeaderTo)), "Call-ID: "+string(ok.CallID()), "CSeq: 3 BYE")
			p.send(bye)
			p.hear("200")
		})
	}
	withPhone(t, &ua.Config{OnCall: func(c *ua.Call) {
		for _, name := range []string{"Via", "m", "Record-Route", "To", "X\r\nY"} {
			if err := c.Respond(486, &ua.ResponseOptions{Header: []ua.Field{{Name: name, Value: "<sip:a@b>"}}}); err == nil {
				t.Errorf("%q was taken", name)
			}
		}
		for _, status := range []parser.Status{0, 99, 100, 700} {
			if err := c.Respond(status, nil); err == nil {
				t.Errorf("%d was taken", status)
			}
		}
		if err := c.Respond(486, opts("Gone Fishing", "until when")); err != nil {
			t.Error(err)
		}
	}}, func(p *phone) {
		p.send(request("INVITE", toAgent))
		m := p.hear("486")
		says(t, m, "Gone Fishing", "until when")
		p.send(ackOf(m))
	})
	withPhone(t, &ua.Config{OnCall: func(c *ua.Call) {
		c.Respond(302, &ua.ResponseOptions{Header: []ua.Field{{Name: "Contact", Value: "<sip:a@b>;q=0.3"}}})
	}}, func(p *phone) {
		p.send(request("INVITE", toAgent))
		m := p.hear("302")
		if string(m.Raw(parser.HeaderContact)) != "<sip:a@b>;q=0.3" {
			t.Errorf("got\n%s", m.Bytes())
		}
		p.send(ackOf(m))
		time.Sleep(time.Second)
	})
}
