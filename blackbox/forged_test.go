package blackbox

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/siptest"
	"github.com/ringback-sip/ringback/transaction"
	"github.com/ringback-sip/ringback/ua"
)

// reply writes a response to a request of the agent's, with lines of its own in the place of those copied.
func reply(req, status, tag string, change ...string) string {
	s := "SIP/2.0 " + status + "\r\n"
	for line := range strings.SplitSeq(req, "\r\n") {
		name, _, _ := strings.Cut(line, ":")
		switch name {
		case "To":
			line += ";tag=" + tag
			fallthrough
		case "Via", "From", "Call-ID", "CSeq":
			s += line + "\r\n"
		}
	}
	s += "Contact: <sip:b@10.0.0.3>\r\nContent-Length: 0\r\n\r\n"
	return strings.NewReplacer(change...).Replace(s)
}

// asked returns the next request of a method that comes to the good client.
func (l *lab) asked(method string) string {
	l.Helper()
	l.good.SetReadDeadline(time.Now().Add(time.Minute))
	for buf := make([]byte, 65536); ; {
		n, _, err := l.good.ReadFrom(buf)
		if err != nil {
			l.Fatalf("no %s: %v", method, err)
		}
		if s := string(buf[:n]); strings.HasPrefix(s, method+" ") {
			return s
		}
	}
}

func (l *lab) says(text string) { l.good.WriteTo([]byte(text), toAgent()) }

// forgeries are responses to a request that are none of its own.
func forgeries(req, status string) map[string]string {
	branch := req[strings.Index(req, "z9hG4bK"):]
	branch = branch[:strings.IndexAny(branch, ";\r")]
	cseq := "INVITE\r\n"
	if !strings.Contains(req, cseq) {
		cseq = "OPTIONS\r\n"
	}
	via := req[strings.Index(req, "Via: "):]
	via = via[:strings.Index(via, "\r\n")+2]
	return map[string]string{
		"another branch":       reply(req, status, "forged", branch, "z9hG4bKguess"),
		"another CSeq method":  reply(req, status, "forged", cseq, "BYE\r\n"),
		"another sent-by":      reply(req, status, "forged", "10.0.0.1:5060", "10.0.0.66:5060"),
		"two Vias":             reply(req, status, "forged", via, via+"Via: SIP/2.0/UDP 10.0.0.66;branch=z9hG4bKx\r\n"),
		"no Via":               reply(req, status, "forged", via, ""),
		"a truncated body":     reply(req, status, "forged", "Content-Length: 0", "Content-Length: 50"),
		"a status beyond 699":  reply(req, "700 No", "forged"),
		"a status of no class": reply(req, "099 No", "forged"),
	}
}

// Responses that are none of a request's own change nothing, whoever sends them.
func TestForgedResponses(t *testing.T) {
	inLab(t, echo(), func(l *lab) {
		type outcome struct {
			status int
			err    error
		}
		ended := make(chan outcome, 1)
		go func() {
			m, err := l.agent.Options(context.Background(), "sip:b@10.0.0.3", nil)
			o := outcome{err: err}
			if m != nil {
				o.status = int(m.Status())
			}
			ended <- o
		}()
		req := l.asked("OPTIONS")
		before := l.agent.Stats().Transactions
		for name, text := range forgeries(req, "200 OK") {
			l.says(text)
			l.datagram([]byte(text))
			select {
			case o := <-ended:
				t.Fatalf("%s: Options returned %+v", name, o)
			default:
			}
			if n := l.agent.Stats().Transactions; n != before {
				t.Errorf("%s: %d transactions, want %d", name, n, before)
			}
		}
		l.says(reply(req, "486 Busy Here", "right"))
		if o := <-ended; o.status != 486 {
			t.Errorf("got %+v, want the right answer, 486", o)
		}
		l.says(reply(req, "200 OK", "late"))          // a second final response
		l.says(reply(req, "180 Ringing", "late"))     // and a 1xx after it
		time.Sleep(time.Minute)                       // and when nothing is known any more
		l.says(reply(req, "200 OK", "much too late")) //
	})
}

// A call hears what is its own, takes another phone's 2xx for what it is, and forgets in time.
func TestForgedResponsesToACall(t *testing.T) {
	inLab(t, echo(), func(l *lab) {
		type outcome struct {
			call *ua.Call
			err  error
		}
		ended := make(chan outcome, 1)
		go func() {
			c, err := l.agent.Call(context.Background(), "sip:b@10.0.0.3", ua.Body{Type: "application/sdp", Data: siptest.SDP(agentAddr.Addr())}, nil)
			ended <- outcome{c, err}
		}()
		invite := l.asked("INVITE")
		for name, text := range forgeries(invite, "200 OK") {
			l.says(text)
			l.datagram([]byte(text))
			select {
			case o := <-ended:
				t.Fatalf("%s: Call returned %+v", name, o)
			default:
			}
		}
		l.says(reply(invite, "180 Ringing", "one"))
		l.says(reply(invite, "200 OK", "one"))
		l.asked("ACK")
		o := <-ended
		if o.err != nil {
			t.Fatal(o.err)
		}
		// Another phone answers too: it is acknowledged and hung up on. The call that stands is not touched.
		l.says(reply(invite, "200 OK", "two"))
		l.asked("ACK")
		bye := l.asked("BYE")
		if !strings.Contains(bye, ";tag=two") {
			t.Errorf("the BYE goes to %q", bye)
		}
		l.says(reply(bye, "200 OK", "two"))
		for _, late := range []string{"183 Session Progress", "486 Busy Here", "603 Decline"} {
			l.says(reply(invite, late, "one"))
			l.says(reply(invite, late, "three"))
		}
		synctest.Wait()
		select {
		case <-o.call.Done():
			t.Error("a late response ended the call")
		default:
		}
		time.Sleep(time.Minute)
		before := l.agent.Stats()
		l.says(reply(invite, "200 OK", "four")) // after Timer M: nobody's (RFC 6026, Section 8.9)
		time.Sleep(time.Second)
		if got := l.agent.Stats(); got.Dialogs != before.Dialogs || got.Transactions != before.Transactions {
			t.Errorf("a 2xx after 64*T1 left %+v, before it was %+v", got, before)
		}
		go o.call.Hangup(context.Background())
		bye = l.asked("BYE")
		l.says(reply(bye, "200 OK", "one"))
		<-o.call.Done()
	})
}

// A 2xx that comes when the caller gave up long ago is nobody's.
func TestAnswerAfterTimeout(t *testing.T) {
	inLab(t, echo(), func(l *lab) {
		ended := make(chan error, 1)
		go func() {
			_, err := l.agent.Call(context.Background(), "sip:b@10.0.0.3", ua.Body{}, nil)
			ended <- err
		}()
		invite := l.asked("INVITE")
		if err := <-ended; !errors.Is(err, transaction.ErrTimeout) {
			t.Errorf("Call: %v, want a timeout", err)
		}
		time.Sleep(time.Minute)
		l.says(reply(invite, "200 OK", "late"))
		time.Sleep(time.Second)
		if s := l.agent.Stats(); s.Calls+s.Dialogs+s.Transactions != 0 {
			t.Errorf("left: %+v", s)
		}
	})
}
