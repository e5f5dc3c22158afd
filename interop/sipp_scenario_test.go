package interop

import (
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// sipp starts SIPp with a scenario of testdata/sipp that is played once, and returns it and where it listens. A caller names whom it calls as its last arguments.
func sipp(t *testing.T, scenario string, tr sippTransport, args ...string) (p *program, addr string) {
	t.Helper()
	path := need(t, "sipp", "sip-tester")
	file, err := filepath.Abs(filepath.Join("testdata", "sipp", scenario+".xml"))
	if err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	p = start(t, path, append([]string{
		"-sf", file, "-m", "1", "-t", tr.flag, "-i", "127.0.0.1", "-bind_local", "-p", port, "-mi", "127.0.0.1", "-mp", freePort(t),
		"-nostdin", "-timeout", "30s", "-timeout_error", "-trace_err", "-trace_msg", "-trace_counts", "-fd", "1",
	}, args...)...)
	return p, net.JoinHostPort("127.0.0.1", port)
}

// played waits for the end of SIPp's scenario, which has to be as written.
func played(t *testing.T, p *program) {
	t.Helper()
	if status := p.wait(t, 40*time.Second); status != 0 {
		t.Errorf("sipp: got exit status %d, want 0", status)
	}
	counts(t, p)
}

// eachTransport runs f over UDP and TCP at the same time.
func eachTransport(t *testing.T, f func(t *testing.T, tr sippTransport)) {
	need(t, "sipp", "sip-tester")
	t.Parallel()
	for _, tr := range transports {
		t.Run(tr.network, func(t *testing.T) {
			t.Parallel()
			f(t, tr)
		})
	}
}

// SIPp holds and resumes a call with echo, by re-INVITE and UPDATE, and lets it make an offer.
func TestSIPpHolds(t *testing.T) {
	eachTransport(t, func(t *testing.T, tr sippTransport) {
		s := serve(t)
		p, _ := sipp(t, "uac_hold", tr, "-s", "echo", s.addr[tr.network])
		played(t, p)
	})
}

// SIPp acknowledges the reliable 183 of an agent of ours, which has the answer (RFC 3262).
func TestSIPpAcknowledgesReliably(t *testing.T) {
	eachTransport(t, func(t *testing.T, tr sippTransport) {
		bob := newParty(t, "bob", ua.Config{})
		p, _ := sipp(t, "uac_prack", tr, "-s", "bob", bob.addr(tr.network))
		c := bob.next(t)
		must(t, c.Progress(parser.StatusSessionProgress, session("m=audio")))
		must(t, c.Acknowledged(t.Context()))
		must(t, c.Answer(session("m=audio")))
		bob.over(t, c)
		if c.Err() != nil || !c.EndedByPeer() {
			t.Error(bob.told())
		}
		played(t, p)
	})
}

// `sip call` acknowledges SIPp's reliable 183 and 180.
func TestCallAcknowledgesReliably(t *testing.T) {
	callsSIPp(t, "uas_prack", "--> INVITE", "<-- 183 INVITE", "--> PRACK", "<-- 200 PRACK", "<-- 180 INVITE", "--> PRACK", "<-- 200 PRACK",
		"<-- 200 INVITE", "--> ACK", "--> BYE", "<-- 200 BYE")
}

// `sip call` answers a challenge, and has what it takes for BYE as well.
func TestCallAnswersAChallenge(t *testing.T) {
	callsSIPp(t, "uas_auth", "--> INVITE", "<-- 401 INVITE", "--> ACK", "--> INVITE", "<-- 200 INVITE", "--> ACK", "--> BYE", "<-- 200 BYE")
}

// callsSIPp lets `sip call` place a call to a scenario, and compares the ladder.
func callsSIPp(t *testing.T, scenario string, ladder ...string) {
	eachTransport(t, func(t *testing.T, tr sippTransport) {
		p, addr := sipp(t, scenario, tr)
		until(t, 10*time.Second, "sipp listens", func() bool { return taken(t, tr.network, port(t, addr)) })
		call := start(t, sip, "call", "-trace", "-for", "100ms", "-user", "alice", "-password", "secret", "sip:sipp@"+addr+";transport="+tr.network)
		if status := call.wait(t, 20*time.Second); status != 0 {
			t.Errorf("sip call: got exit status %d, want 0", status)
		}
		ladderIs(t, call, ladder...)
		played(t, p)
	})
}

// `sip register` answers SIPp's challenge.
func TestRegisterAnswersAChallenge(t *testing.T) {
	eachTransport(t, func(t *testing.T, tr sippTransport) {
		p, addr := sipp(t, "uas_register", tr)
		until(t, 10*time.Second, "sipp listens", func() bool { return taken(t, tr.network, port(t, addr)) })
		r := start(t, sip, "register", "-trace", "-once", "-user", "alice", "-password", "secret", "sip:alice@"+addr+";transport="+tr.network)
		if status := r.wait(t, 20*time.Second); status != 0 {
			t.Errorf("sip register: got exit status %d, want 0", status)
		}
		ladderIs(t, r, "--> REGISTER", "<-- 401 REGISTER", "--> REGISTER", "<-- 200 REGISTER")
		played(t, p)
	})
}

// SIPp asks for a session interval that is too short, gets the shortest there is, and is asked twice whether it is still there (RFC 4028).
func TestSIPpIsRefreshed(t *testing.T) {
	eachTransport(t, func(t *testing.T, tr sippTransport) {
		s := serve(t, "-session-expires", "10s", "-min-se", "2s")
		p, _ := sipp(t, "uac_timer", tr, "-s", "echo", s.addr[tr.network])
		played(t, p)
	})
}

// `sip call` takes the session interval that SIPp's phone wants at least.
func TestCallTakesALongerSession(t *testing.T) {
	callsSIPp(t, "uas_timer", "--> INVITE", "<-- 422 INVITE", "--> ACK", "--> INVITE", "<-- 200 INVITE", "--> ACK", "--> BYE", "<-- 200 BYE")
}
