package main

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"
)

// TestMain makes the test binary one of the peers when a test starts it as one.
func TestMain(m *testing.M) {
	if os.Getenv(peerVariable) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// Everything once, and small: each candidate completes its operations and stands in each table.
func TestRunComparesAll(t *testing.T) {
	var out bytes.Buffer
	if err := run(&out, plan{rounds: 1, ops: 100, window: 16}, 200); err != nil {
		t.Fatalf("%v after\n%s", err, out.String())
	}
	text := out.String()
	for name, want := range map[string]int{"floor": 3, "ringback": 3 + 1, "sipgo": 3 + 1, "sipgo, no dialogs": 3, "generator": 1, "ringback client": 1, "sipgo client": 1} {
		if got := strings.Count(text, fmt.Sprintf("\n| %s ", name)); got < want {
			t.Errorf("rows of %s: got %d, want %d", name, got, want)
		}
	}
	rows := strings.Count(text, "\n| kamailio stateful ") + strings.Count(text, "\n| kamailio stateless ")
	left := strings.Count(text, " is not installed and left out.\n")
	if rows+3*left != 6 {
		t.Errorf("kamailio: got %d rows, and %d times that it is left out", rows, left)
	}
	if t.Failed() {
		t.Log(text)
	}
}

// A storm has every phone's REGISTER accepted in every round, which a registrar that sees an old CSeq or another Call-ID would not do, and keeps
// no more bindings than there are phones.
func TestStorm(t *testing.T) {
	var out bytes.Buffer
	if err := runStorm(&out, plan{rounds: 3, ops: 200, window: 16}); err != nil {
		t.Fatalf("%v after\n%s", err, out.String())
	}
	for _, name := range []string{"floor", "ringback registrar", "sipgo registrar"} {
		if strings.Count(out.String(), fmt.Sprintf("\n| %s ", name)) != 1 {
			t.Errorf("no row of %s in\n%s", name, out.String())
		}
	}
}

func TestSoakLooksAtBoth(t *testing.T) {
	rows, err := soak(1000, 400*time.Millisecond, 200*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.sent < 100 || r.answered != r.sent || len(r.cpu) != 2 || len(r.rss) != 2 || r.cpu[0] <= 0 || r.rss[0] <= 0 {
			t.Errorf("%+v", r)
		}
	}
	var out bytes.Buffer
	r := &report{out: &out}
	r.soaked(1000, 200*time.Millisecond, rows)
	if r.err != nil || !strings.Contains(out.String(), "\n| 400ms ") {
		t.Errorf("%v\n%s", r.err, out.String())
	}
}

func TestOnlyWhatWasAskedFor(t *testing.T) {
	var out bytes.Buffer
	if err := run(&out, plan{rounds: 1, ops: 20, window: 4, names: []string{"ringback"}}, 0); err != nil {
		t.Fatal(err)
	}
	if text := out.String(); strings.Contains(text, "sipgo") || strings.Count(text, "\n| ringback ") != 3 {
		t.Errorf("got\n%s", text)
	}
}

// server is a floor in this process, before which change may change an answer or drop it.
func server(t *testing.T, change func(b []byte) []byte) netip.AddrPort {
	t.Helper()
	f, err := newFloor()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.conn.Close() })
	go func() {
		in := make([]byte, 65536)
		for {
			n, from, err := f.conn.ReadFromUDPAddrPort(in)
			if err != nil {
				return
			}
			b := f.answer(nil, in[:n])
			if len(b) > 0 {
				b = change(b)
			}
			if len(b) > 0 {
				f.conn.WriteToUDPAddrPort(b, from)
			}
		}
	}()
	return netip.MustParseAddrPort(f.conn.LocalAddr().String())
}

func TestGeneratorSendsAgainWhatIsLost(t *testing.T) {
	n := 0
	to := server(t, func(b []byte) []byte {
		if n++; n%50 == 7 {
			return nil
		}
		return b
	})
	for _, w := range []workload{options, register, call} {
		t.Run(string(w), func(t *testing.T) {
			t.Parallel()
			g, err := newGenerator(w, to, 32)
			if err != nil {
				t.Fatal(err)
			}
			defer g.close()
			out, err := g.run(300)
			if err != nil || out.done != 300 || out.resent == 0 {
				t.Errorf("got %+v, %v, want 300 done and some sent again", out, err)
			}
		})
	}
}

func TestGeneratorRefusesToBeRefused(t *testing.T) {
	to := server(t, func(b []byte) []byte { return bytes.Replace(b, []byte("200 OK"), []byte("503 No"), 1) })
	g, err := newGenerator(options, to, 4)
	if err != nil {
		t.Fatal(err)
	}
	defer g.close()
	if _, err := g.run(10); err == nil || !strings.Contains(err.Error(), "503 No") {
		t.Errorf("got %v, want the answer", err)
	}
}

// An answer that comes twice completes one operation.
func TestGeneratorCountsAnAnswerOnce(t *testing.T) {
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	requests := make(chan string, 64)
	go func() {
		f := &floor{plain: []byte("\r\n")}
		in := make([]byte, 65536)
		for {
			n, from, err := conn.ReadFromUDPAddrPort(in)
			if err != nil {
				return
			}
			requests <- string(in[:n])
			for range 2 {
				conn.WriteToUDPAddrPort(f.answer(nil, in[:n]), from)
			}
		}
	}()
	g, err := newGenerator(options, netip.MustParseAddrPort(conn.LocalAddr().String()), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer g.close()
	if out, err := g.run(5); err != nil || out.done != 5 || len(requests) != 5 {
		t.Errorf("got %+v, %v and %d requests, want 5 of each", out, err, len(requests))
	}
}
