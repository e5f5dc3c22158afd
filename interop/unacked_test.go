package interop

import (
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// Callers that never acknowledge, and callers that are stopped before they do, leave nothing behind: the server repeats its 2xx for 64*T1,
// sends a BYE that nobody answers for another 64*T1, and has forgotten the call when the transactions are gone.
func TestUnackedCallsLeaveNothing(t *testing.T) {
	path := need(t, "sipp", "sip-tester")
	t.Parallel()
	const (
		calls = 300
		t1    = 100 * time.Millisecond
		t4    = 10 * t1
		bound = 128*t1 + t4 + 5*time.Second
	)
	s := serve(t, "-t1", t1.String())
	idle := s.goroutines(t)
	if g := s.gauges(t); g["transactions"] != 0 || g["dialogs"] != 0 {
		t.Fatalf("before the first call: %v", g)
	}

	scenario, err := filepath.Abs(filepath.Join("testdata", "sipp", "unacked.xml"))
	if err != nil {
		t.Fatal(err)
	}
	callers := func(network, transport string) *program {
		return start(t, path, "-sf", scenario, "-m", strconv.Itoa(calls), "-r", "150", "-l", strconv.Itoa(calls), "-t", transport,
			"-i", "127.0.0.1", "-bind_local", "-p", freePort(t), "-nostdin", "-nd", "-pause_msg_ign", s.addr[network])
	}
	callers("udp", "u1") // goes on reading, and never acknowledges
	stopped := []*program{callers("udp", "u1"), callers("tcp", "t1")}
	all := calls * (1 + len(stopped))
	until(t, 6*time.Second, "every call has its dialog", func() bool { return s.gauges(t)["dialogs"] == all })
	last := time.Now()
	for _, p := range stopped {
		p.signal(t, syscall.SIGSTOP)
	}
	if g := s.gauges(t); g["transactions"] < all {
		t.Errorf("transactions while %d calls wait for their ACK: got %d", all, g["transactions"])
	}

	<-time.After(bound - time.Since(last))
	for name, n := range s.gauges(t) {
		if n != 0 && name != "connections" { // a stopped caller's connection may still be open
			t.Errorf("%v after the last INVITE: got %d %s, want none", bound, n, name)
		}
	}
	// The stopped callers still hold their sockets; a connection's reader goes with the connection.
	for _, p := range stopped {
		p.signal(t, os.Kill)
		p.wait(t, 5*time.Second)
	}
	var now int
	until(t, 5*time.Second, "as many goroutines as before the calls", func() bool {
		now = s.goroutines(t)
		return now <= idle
	})
	t.Logf("%d calls; goroutines: %d before, %d after", all, idle, now)
}
