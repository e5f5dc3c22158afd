package interop

import (
	"os"
	"strings"
	"testing"
	"time"
)

// JsSIP in a browser calls over WebSocket, plain and secure, holds the call, and hangs up or is hung up on by a server that is told to end. All calls are
// up at the same time.
func TestBrowserCalls(t *testing.T) {
	t.Parallel()
	hold := 2 * time.Second
	if os.Getenv("CI") != "" {
		hold = 40 * time.Second // a WebSocket is pinged meanwhile, and NATs and proxies would long for an end
	}
	p := newPage(t, "calls.js")
	c := newCertificate(t)
	type call struct {
		visit
		s *server
	}
	var calls []call
	var visits []visit
	for _, network := range []string{"ws", "wss"} {
		for _, ender := range []string{"browser", "server"} {
			s := serveWeb(t, c, "-origin", p.web.URL)
			v := visit{Name: network + ", the " + ender + " hangs up", Server: network + "://" + s.addr[network], Callee: "sip:echo@" + s.addr[network]}
			if v.Video = ender == "server"; ender == "browser" {
				v.Hold = hold.Milliseconds()
			}
			calls = append(calls, call{v, s})
			visits = append(visits, v)
		}
	}
	p.show(t, c.pin, visits)

	// "stable": the browser took the answer as well as its own offer.
	const answered = "connected \naccepted \nconfirmed stable\n"
	for _, call := range calls {
		p.await(t, 20*time.Second, call.Name, "confirmed", "failed", "disconnected")
		if got := p.of(call.Name); !strings.HasPrefix(got, answered) {
			t.Fatalf("%s: the page told\n%swant\n%s", call.Name, got, answered)
		}
	}
	began := time.Now()
	<-time.After(hold - time.Second)
	for _, call := range calls {
		if got := p.of(call.Name); got != answered {
			t.Errorf("%s: while the call was held the page told\n%swant\n%s", call.Name, got, answered)
		}
		if n := call.s.gauges(t)["dialogs"]; n != 1 {
			t.Errorf("%s: got %d dialogs, want 1", call.Name, n)
		}
	}
	<-time.After(hold - time.Since(began))
	for _, call := range calls {
		ended := answered + "ended local: Terminated\n"
		if call.Hold == 0 {
			ended = answered + "ended remote: Terminated\n"
			call.s.signal(t, os.Interrupt)
		}
		p.await(t, 10*time.Second, call.Name, "ended", "failed", "disconnected")
		if call.Hold == 0 { // with the BYE answered there is nothing left to wait for
			if status := call.s.wait(t, 10*time.Second); status != 0 {
				t.Errorf("%s: sip serve: got exit status %d, want 0", call.Name, status)
			}
		} else {
			until(t, 10*time.Second, call.Name+": the BYE has ended the dialog", func() bool { return call.s.gauges(t)["dialogs"] == 0 })
		}
		if got := p.of(call.Name); !strings.HasPrefix(got, ended) {
			t.Errorf("%s: the page told\n%swant\n%s", call.Name, got, ended)
		}
	}
}
