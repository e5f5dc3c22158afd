package interop

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// softphone is a phone of another make that a test drives.
type softphone struct {
	*program
	name string
	uri  string            // where it is called, without a proxy
	do   map[string]func() // what its user can do: "hold", "resume", "hangup"
	dial func(uri string)  // over the phone's transport
	says map[string]sign   // how to see in its output that it is "connected", or that its user's "hold", "resume" or "hangup" is done
}

// sign is a text that a phone has printed so many times when something has happened in its first call.
type sign struct {
	text  string
	times int
}

// await waits until the phone says that something has happened.
func (p *softphone) await(t *testing.T, event string) {
	t.Helper()
	s, ok := p.says[event]
	if !ok {
		t.Fatalf("nobody knows what %s says when it is %s", p.name, event)
	}
	until(t, 15*time.Second, p.name+" says "+event, func() bool { return strings.Count(p.output(), s.text) >= s.times })
}

// account is what a phone registers.
type account struct {
	registrar string // host and port; "" when it does not register
	password  string
}

// makes are the phones that there are. Each starts one that uses a transport for its calls, answers by itself, and is
// told what to do by the test; nothing is played or recorded. Its user has its name, and is registered already if there is an account.
var makes = []struct {
	name  string
	start func(t *testing.T, network string, a account) *softphone
}{{"baresip", baresip}, {"linphonec", linphonec}}

// eachPhone runs f with every make of phone over every transport, all at the same time.
func eachPhone(t *testing.T, f func(t *testing.T, network string, start func(network string, a account) *softphone)) {
	t.Parallel()
	for _, m := range makes {
		for _, network := range []string{"udp", "tcp"} {
			t.Run(m.name+" over "+network, func(t *testing.T) {
				t.Parallel()
				f(t, network, func(network string, a account) *softphone { return m.start(t, network, a) })
			})
		}
	}
}

// passed returns what a ladder on a program's stderr shows, one message each: "<-- INVITE", "--> 200 INVITE". Repetitions are
// left out, and 100, which is a matter of luck.
func passed(p *program) []string {
	var all []string
	seen := make(map[string]bool)
	for line := range strings.Lines(p.stderr.String()) {
		// 12:00:00.004  <--  UDP  127.0.0.1:5060         1 INVITE     200 OK  [application/sdp 181]
		f := strings.Fields(line)
		if len(f) < 7 || f[1] != "-->" && f[1] != "<--" {
			continue
		}
		what := f[1] + " " + f[5]
		if f[6] != f[5] {
			what = f[1] + " " + f[6] + " " + f[5]
		}
		if id := what + f[4]; f[6] != "100" && !seen[id] {
			seen[id] = true
			all = append(all, what)
		}
	}
	return all
}

// ladderIs compares what passed a program with what should have.
func ladderIs(t *testing.T, p *program, want ...string) {
	t.Helper()
	if got := passed(p); !slices.Equal(got, want) {
		t.Errorf("%s: got\n%s\nwant\n%s", p.name, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// A phone calls echo, holds the call, resumes it and hangs up.
func TestPhoneCallsEcho(t *testing.T) {
	eachPhone(t, func(t *testing.T, network string, start func(string, account) *softphone) {
		phone := start(network, account{})
		s := serve(t, "-trace")
		var want []string
		agreed := func() { // once more
			t.Helper()
			want = append(want, "<-- INVITE", "--> 200 INVITE", "<-- ACK")
			until(t, 10*time.Second, "both sides agree", func() bool { return len(passed(s.program)) >= len(want) })
			ladderIs(t, s.program, want...)
		}
		phone.dial("sip:echo@" + s.addr[network])
		phone.await(t, "connected")
		agreed()
		for _, action := range []string{"hold", "resume"} {
			phone.do[action]()
			agreed()
			phone.await(t, action)
		}
		if n := s.gauges(t)["dialogs"]; n != 1 {
			t.Errorf("got %d dialogs, want 1", n)
		}
		phone.do["hangup"]()
		phone.await(t, "hangup")
		until(t, 5*time.Second, "the call is forgotten", func() bool { return s.gauges(t)["dialogs"] == 0 })
		ladderIs(t, s.program, append(want, "<-- BYE", "--> 200 BYE")...)
	})
}

// A phone calls echo, and the server hangs up because it is told to end.
func TestPhoneIsHungUpOn(t *testing.T) {
	eachPhone(t, func(t *testing.T, network string, start func(string, account) *softphone) {
		phone := start(network, account{})
		s := serve(t, "-trace")
		phone.dial("sip:echo@" + s.addr[network])
		phone.await(t, "connected")
		until(t, 5*time.Second, "the ACK came", func() bool { return slices.Contains(passed(s.program), "<-- ACK") })
		s.signal(t, os.Interrupt)
		phone.await(t, "hangup")
		if status := s.wait(t, 10*time.Second); status != 0 {
			t.Errorf("sip serve: got exit status %d, want 0", status)
		}
		ladderIs(t, s.program, "<-- INVITE", "--> 200 INVITE", "<-- ACK", "--> BYE", "<-- 200 BYE")
	})
}

// `sip call` calls a phone and hangs up.
func TestPhoneIsCalled(t *testing.T) {
	eachPhone(t, func(t *testing.T, network string, start func(string, account) *softphone) {
		phone := start(network, account{})
		call := startCall(t, "1s", phone.uri)
		phone.await(t, "connected")
		phone.await(t, "hangup")
		callIs(t, call, "this side", "--> BYE", "<-- 200 BYE")
	})
}

// `sip call` calls a phone, which hangs up.
func TestPhoneHangsUp(t *testing.T) {
	eachPhone(t, func(t *testing.T, network string, start func(string, account) *softphone) {
		phone := start(network, account{})
		call := startCall(t, "1h", phone.uri)
		phone.await(t, "connected")
		until(t, 5*time.Second, "the ACK went", func() bool { return slices.Contains(passed(call), "--> ACK") })
		phone.do["hangup"]()
		phone.await(t, "hangup")
		callIs(t, call, "peer", "<-- BYE", "--> 200 BYE")
	})
}

func startCall(t *testing.T, hold, uri string) *program {
	t.Helper()
	return start(t, sip, "call", "-trace", "-for", hold, uri)
}

// callIs waits for the end of a `sip call` that was answered, and compares who ended it and how.
func callIs(t *testing.T, call *program, by string, last ...string) {
	t.Helper()
	if status := call.wait(t, 15*time.Second); status != 0 {
		t.Errorf("sip call: got exit status %d, want 0", status)
	}
	if want := "ended by " + by; !strings.Contains(call.output(), want) {
		t.Errorf("sip call did not say %q", want)
	}
	ladderIs(t, call, append([]string{"--> INVITE", "<-- 180 INVITE", "<-- 200 INVITE", "--> ACK"}, last...)...)
}
