package interop

import (
	"encoding/csv"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// sippTransport is a transport, and SIPp's name of it: one socket for all calls.
type sippTransport struct{ network, flag string }

var transports = []sippTransport{{"udp", "u1"}, {"tcp", "t1"}}

// SIPp places 500 calls at 50 a second; each is answered, acknowledged and ended.
func TestSIPpCalls(t *testing.T) {
	path := need(t, "sipp", "sip-tester")
	t.Parallel()
	for _, tr := range transports {
		t.Run(tr.network, func(t *testing.T) {
			t.Parallel()
			const calls = 500
			s := serve(t)
			p := start(t, path, "-sn", "uac", "-s", "echo", "-m", strconv.Itoa(calls), "-r", "50", "-t", tr.flag,
				"-i", "127.0.0.1", "-bind_local", "-p", freePort(t), "-nostdin", "-timeout", "60s", "-timeout_error",
				"-trace_err", "-trace_stat", "-stf", "stat.csv", "-fd", "1", "-trace_counts", s.addr[tr.network])
			if status := p.wait(t, 90*time.Second); status != 0 {
				t.Errorf("sipp: got exit status %d, want 0", status)
			}
			stat := lastRow(t, filepath.Join(p.cmd.Dir, "stat.csv"))
			want := map[string]int{
				"TotalCallCreated": calls, "SuccessfulCall(C)": calls, "FailedCall(C)": 0,
				"FailedUnexpectedMessage(C)": 0, "OutOfCallMsgs(C)": 0,
			}
			for name, n := range want {
				if got, err := strconv.Atoi(stat[name]); err != nil || got != n {
					t.Errorf("sipp's %s: got %q, want %d", name, stat[name], n)
				}
			}
			counts(t, p)
			t.Logf("%s calls, %s retransmissions", stat["SuccessfulCall(C)"], stat["Retransmissions(C)"])
		})
	}
}

// `sip call` places a call to SIPp, holds it for a second, and ends it.
func TestCallToSIPp(t *testing.T) {
	path := need(t, "sipp", "sip-tester")
	t.Parallel()
	for _, tr := range transports {
		t.Run(tr.network, func(t *testing.T) {
			t.Parallel()
			port := freePort(t)
			peer := start(t, path, "-sn", "uas", "-m", "1", "-t", tr.flag, "-i", "127.0.0.1", "-bind_local", "-p", port, "-nostdin",
				"-timeout", "60s", "-timeout_error", "-trace_err", "-trace_counts")
			until(t, 10*time.Second, "sipp listens", func() bool { return taken(t, tr.network, port) })
			uri := "sip:service@" + net.JoinHostPort("127.0.0.1", port) + ";transport=" + tr.network
			began := time.Now()
			call := start(t, sip, "call", "-for", "1s", uri)
			if status := call.wait(t, 20*time.Second); status != 0 {
				t.Errorf("sip call: got exit status %d, want 0", status)
			}
			if took := time.Since(began); took < time.Second {
				t.Errorf("sip call -for 1s: ended after %v", took)
			}
			// Its exit status says nothing over TCP: a connection that closes in the 4 s for which SIPp waits at the end is a failed call there.
			peer.wait(t, 30*time.Second)
			got := counts(t, peer)
			for _, name := range []string{"0_INVITE_Recv", "3_ACK_Recv", "4_BYE_Recv", "5_200_Sent"} {
				if got[name] != "1" {
					t.Errorf("sipp's %s: got %q, want 1", name, got[name])
				}
			}
		})
	}
}

// counts reads what a SIPp that has ended counted for each step of its scenario, and fails the test if a message was not in the scenario.
func counts(t *testing.T, p *program) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(p.cmd.Dir, "*_counts.csv"))
	if err != nil || len(files) != 1 {
		t.Fatalf("sipp's counts: got %q, %v", files, err)
	}
	row := lastRow(t, files[0])
	columns := 0
	for name, n := range row {
		if strings.HasSuffix(name, "_Unexp") {
			columns++
			if n != "0" {
				t.Errorf("sipp's %s: got %s, want 0", name, n)
			}
		}
	}
	if columns == 0 {
		t.Errorf("sipp counted no unexpected messages at all: its file has other columns: %v", row)
	}
	return row
}

// lastRow reads a file of SIPp's counters: a header, then a row for each moment. Each column ends with a semicolon.
func lastRow(t *testing.T, path string) map[string]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma = ';'
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if len(rows) < 2 {
		t.Fatalf("%s: got %d rows, want a header and figures", path, len(rows))
	}
	last := rows[len(rows)-1]
	m := make(map[string]string)
	for i, name := range rows[0] {
		if i < len(last) {
			m[name] = last[i]
		}
	}
	return m
}
