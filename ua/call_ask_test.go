package ua_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transaction"
	"github.com/ringback-sip/ringback/ua"
)

// A MESSAGE and an OPTIONS inside a call have the dialog's tags and numbers, what the application adds, and no Contact (RFC 3428, Section 4).
func TestMessageAndOptionsInsideACall(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		c, _ := p.answeredCall(nil)
		got := make(chan asked, 1)
		go func() {
			m, err := c.Message(context.Background(), ua.Body{Type: "text/plain", Data: []byte("hi")}, ua.Field{Name: "Subject", Value: "greeting"})
			got <- asked{m, err}
		}()
		m := p.hear("MESSAGE")
		if string(m.Body()) != "hi" || string(m.Raw(parser.HeaderSubject)) != "greeting" || m.Has(parser.HeaderContact) || toTagOf(t, m) != "one" {
			t.Errorf("got %q", m.Bytes())
		}
		p.reply(m, "202 Accepted", "")
		if r := <-got; r.err != nil || r.m.Status() != parser.StatusAccepted {
			t.Errorf("got %v, %v; want 202", r.m, r.err)
		}
		go func() {
			m, err := c.Options(context.Background())
			got <- asked{m, err}
		}()
		m = p.hear("OPTIONS")
		if string(m.Raw(parser.HeaderAccept)) != "application/sdp" || string(m.Raw(parser.HeaderCSeq)) != "3 OPTIONS" {
			t.Errorf("got %q", m.Bytes())
		}
		p.reply(m, "501 What", "")
		var refused *ua.ResponseError
		if r := <-got; !errors.As(r.err, &refused) || refused.Status != 501 {
			t.Errorf("got %v, want 501", r.err)
		}
		for _, name := range []string{"Via", "Contact", "m"} {
			if _, err := c.Options(context.Background(), ua.Field{Name: name, Value: "<sip:a@b>"}); err == nil {
				t.Errorf("%s of the application was taken", name)
			}
		}
		go c.Hangup(context.Background())
		p.reply(p.hear("BYE"), "200 OK", "")
		<-c.Done()
		if _, err := c.Message(context.Background(), ua.Body{}); !errors.Is(err, ua.ErrState) {
			t.Errorf("after the end: %v, want ErrState", err)
		}
	})
}

// Whatever a peer says, it is there; what a proxy says for it, and silence, is not.
func TestProbeOfAPeer(t *testing.T) {
	for _, tt := range []struct {
		answer string
		there  bool
	}{
		{"200 OK", true}, {"404 Not Found", true}, {"405 Method Not Allowed", true}, {"481 What", true}, {"486 Busy", true}, {"603 No", true},
		{"408 Timeout", false}, {"430 Flow Failed", false}, {"480 Gone", false}, {"503 Later", false}, {"504 Timeout", false},
	} {
		t.Run(tt.answer, func(t *testing.T) {
			withPhone(t, nothing(), func(p *phone) {
				got := make(chan error, 1)
				go func() {
					d, err := p.agent.Probe(context.Background(), phoneURI, nil)
					if (d == 1002*time.Millisecond) != tt.there {
						t.Errorf("it took %v", d)
					}
					got <- err
				}()
				m := p.hear("OPTIONS")
				time.Sleep(time.Second)
				p.reply(m, tt.answer, "x")
				err := <-got
				var refused *ua.ResponseError
				if tt.there && err != nil || !tt.there && (!errors.As(err, &refused) || !strings.HasPrefix(tt.answer, refused.Error()[len("sip: "):len("sip: ")+3])) {
					t.Errorf("got %v", err)
				}
			})
		})
	}
	withPhone(t, nothing(), func(p *phone) {
		begun := time.Now()
		if _, err := p.agent.Probe(context.Background(), phoneURI, nil); !errors.Is(err, transaction.ErrTimeout) || time.Since(begun) != 32*time.Second {
			t.Errorf("silence: got %v after %v, want ErrTimeout after 32s", err, time.Since(begun))
		}
		ctx, stop := context.WithTimeout(context.Background(), 2*time.Second)
		defer stop()
		if _, err := p.agent.Probe(ctx, phoneURI, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a deadline of two seconds: got %v", err)
		}
	})
}
