package ua_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// asks is a request that was sent, in short: method, Request-URI, CSeq, and the first Route.
func asks(m *parser.Message) string {
	s := string(m.StartLine()) + " " + string(m.Raw(parser.HeaderCSeq)[:1])
	if r := m.Raw(parser.HeaderRoute); len(r) > 0 {
		s += " " + string(r)
	}
	return strings.Replace(s, " SIP/2.0", "", 1)
}

// redirected plays a call to the phone, which answers each INVITE with the next of answers: a status, and Contact values.
func redirected(t *testing.T, cfg *ua.Config, to string, answers ...string) (asked []string, err error) {
	t.Helper()
	withPhone(t, cfg, func(p *phone) {
		out := make(chan outcome, 1)
		go func() {
			c, err := p.agent.Call(context.Background(), to, ua.Body{}, nil)
			out <- outcome{c, err}
		}()
		var callID, tag string
		branches := make(map[string]bool)
		for _, a := range answers {
			m := p.hear("INVITE")
			asked = append(asked, asks(m))
			from, _ := m.From()
			via, _ := m.Via()
			if callID == "" {
				callID, tag = string(m.CallID()), string(from.Tag())
			}
			if string(m.CallID()) != callID || string(from.Tag()) != tag {
				t.Errorf("another Call-ID or From tag: %q %q", m.CallID(), from.Tag())
			}
			if b := string(via.Branch()); branches[b] {
				t.Errorf("branch %s twice", b)
			} else {
				branches[b] = true
			}
			status, contacts, _ := strings.Cut(a, "|")
			if status == "silence" {
				continue
			}
			more := []string{contactOfPhone}
			switch {
			case contacts != "":
				more = []string{"Contact: " + contacts}
			case status[0] == '3':
				more = nil
			}
			p.reply(m, status, fmt.Sprint("t", len(asked)), more...)
			if !strings.HasPrefix(status, "2") {
				p.hear("ACK")
			}
		}
		o := <-out
		err = o.err
		if o.call != nil {
			p.hear("ACK")
			go o.call.Hangup(context.Background())
			p.reply(p.hear("BYE"), "200 OK", "")
			<-o.call.Done()
		}
		time.Sleep(time.Minute)
		if m := p.within(time.Second); m != nil {
			t.Errorf("then came %q", m.StartLine())
		}
	})
	return asked, err
}

// A call goes where it is sent, the likeliest place first and each once; the dialog's identifiers stay (RFC 3261, Section 8.1.3.4).
func TestCallFollowsRedirection(t *testing.T) {
	const at = "@10.0.0.2:5060"
	for _, tt := range []struct {
		name    string
		cfg     ua.Config
		to      string
		answers []string
		want    []string
		status  parser.Status // of the error; 0: answered
	}{
		{"one place", ua.Config{}, phoneURI, []string{"302 Moved|<sip:c" + at + ">", "200 OK"}, []string{"sip:c" + at + " 2"}, 0},
		{"by q, and from one that fails to the next", ua.Config{}, phoneURI,
			[]string{"300 Multiple|<sip:c" + at + ">;q=0.1, <sip:d" + at + ">;q=0.9, <sip:e" + at + ">;q=0.5", "404 No", "503 No", "200 OK"},
			[]string{"sip:d" + at + " 2", "sip:e" + at + " 3", "sip:c" + at + " 4"}, 0},
		{"further redirection", ua.Config{}, phoneURI, []string{"302 Moved|<sip:c" + at + ">", "301 Moved|<sip:d" + at + ">", "200 OK"},
			[]string{"sip:c" + at + " 2", "sip:d" + at + " 3"}, 0},
		{"in a circle", ua.Config{}, phoneURI, []string{"302 Moved|<sip:c" + at + ">", "302 Moved|<sip:C" + at + ">, <" + phoneURI + ">, <sip:c" + at + ">", "302 Moved|<sip:c" + at + ">"},
			[]string{"sip:c" + at + " 2", "sip:C" + at + " 3"}, 302},
		{"declined there", ua.Config{}, phoneURI, []string{"302 Moved|<sip:c" + at + ">, <sip:d" + at + ">", "603 Decline"}, []string{"sip:c" + at + " 2"}, 603},
		{"nowhere", ua.Config{}, phoneURI, []string{"302 Moved"}, nil, 302},
		{"to other kinds of address", ua.Config{}, phoneURI, []string{"302 Moved|<tel:+1555>, <mailto:a@h>"}, nil, 302},
		{"method and headers are not followed", ua.Config{}, phoneURI, []string{"302 Moved|<sip:c" + at + ";method=BYE?Subject=x&Route=%3csip:evil%3e>", "200 OK"}, []string{"sip:c" + at + " 2"}, 0},
		{"not allowed", ua.Config{Redirect: func(_, to parser.URI) bool { return string(to.User()) != "c" }}, phoneURI,
			[]string{"302 Moved|<sip:c" + at + ">, <sip:d" + at + ">", "200 OK"}, []string{"sip:d" + at + " 2"}, 0},
		{"by a proxy", ua.Config{}, phoneURI, []string{"305 Use Proxy|<sip:proxy" + at + ">", "200 OK"}, []string{phoneURI + " 2 <sip:proxy" + at + ";lr>"}, 0},
		{"by a proxy again", ua.Config{}, phoneURI, []string{"305 Use Proxy|<sip:proxy" + at + ">", "305 Use Proxy|<sip:proxy" + at + ">"}, []string{phoneURI + " 2 <sip:proxy" + at + ";lr>"}, 305},
	} {
		t.Run(tt.name, func(t *testing.T) {
			asked, err := redirected(t, &tt.cfg, tt.to, tt.answers...)
			want := []string{"INVITE " + phoneURI + " 1"}
			for _, w := range tt.want {
				want = append(want, "INVITE "+w)
			}
			if got := strings.Join(asked, "\n"); got != strings.Join(want, "\n") {
				t.Errorf("asked\n%s\nwant\n%s", got, strings.Join(want, "\n"))
			}
			var refused *ua.ResponseError
			if tt.status == 0 && err != nil || tt.status != 0 && (!errors.As(err, &refused) || refused.Status != tt.status) {
				t.Errorf("got %v, want status %d", err, tt.status)
			}
		})
	}
}

// A server that names a new place each time does not keep a call for ever.
func TestRedirectionEnds(t *testing.T) {
	var answers []string
	for i := range 9 {
		answers = append(answers, fmt.Sprintf("302 Moved|<sip:c%d@10.0.0.2:5060>", i))
	}
	asked, err := redirected(t, &ua.Config{}, phoneURI, answers...)
	var refused *ua.ResponseError
	if len(asked) != 9 || !errors.As(err, &refused) || refused.Status != 302 {
		t.Errorf("asked %d times, then %v; want 9 times, then 302", len(asked), err)
	}
}

// What is not a call goes where it is sent, too.
func TestRequestFollowsRedirection(t *testing.T) {
	withPhone(t, &ua.Config{}, func(p *phone) {
		out := p.options(nil)
		p.reply(p.hear("OPTIONS"), "302 Moved", "x", "Contact: <sip:c@10.0.0.2:5060>")
		m := p.hear("OPTIONS")
		if got := asks(m); got != "OPTIONS sip:c@10.0.0.2:5060 2" {
			t.Errorf("asked %s", got)
		}
		p.reply(m, "200 OK", "y")
		if r := <-out; r.err != nil {
			t.Error(r.err)
		}
	})
}
