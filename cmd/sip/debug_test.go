package main

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/ua"
)

// get asks the debug address of a server.
func get(t *testing.T, url string) (string, *http.Response) {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
	resp, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body), resp
}

// vars is what /debug/vars promises.
type vars struct {
	SIP struct {
		Transactions, Dialogs, Subscriptions, Registrations, Conferences, Legs, Connections *int
	}
	Goroutines *int
}

func readVars(t *testing.T, base string) vars {
	t.Helper()
	body, resp := get(t, base+"/debug/vars")
	if ct := resp.Header.Get("Content-Type"); !strings.HasPrefix(ct, "application/json") {
		t.Errorf("got Content-Type %q", ct)
	}
	var v vars
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	for name, n := range map[string]*int{
		"transactions": v.SIP.Transactions, "dialogs": v.SIP.Dialogs, "subscriptions": v.SIP.Subscriptions, "registrations": v.SIP.Registrations,
		"conferences": v.SIP.Conferences, "legs": v.SIP.Legs, "connections": v.SIP.Connections, "goroutines": v.Goroutines,
	} {
		if n == nil {
			t.Fatalf("%s is missing in %s", name, body)
		}
	}
	return v
}

func TestDebugCountsWhatLives(t *testing.T) {
	s := serve(t, "-debug", "127.0.0.1:0")
	base := strings.TrimSuffix(s.stderr.line(t, "debug "), "/debug/vars")
	if v := readVars(t, base); *v.SIP.Dialogs != 0 || *v.SIP.Transactions != 0 || *v.SIP.Connections != 0 || *v.Goroutines == 0 {
		t.Errorf("idle: got %d dialogs, %d transactions, %d connections, %d goroutines", *v.SIP.Dialogs, *v.SIP.Transactions, *v.SIP.Connections, *v.Goroutines)
	}
	p := newPeer(t, s.udp)
	p.request("INVITE", "sip:echo@"+s.udp, withBody("application/sdp", sdpOffer))
	ok := p.receive()
	conn, err := net.Dial("tcp", s.tcp)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(conn, make([]byte, 2)); err != nil { // the pong: the connection was accepted
		t.Fatal(err)
	}
	if v := readVars(t, base); *v.SIP.Dialogs != 1 || *v.SIP.Transactions != 1 || *v.SIP.Connections != 1 {
		t.Errorf("in a call: got %d dialogs, %d transactions, %d connections, want 1 of each", *v.SIP.Dialogs, *v.SIP.Transactions, *v.SIP.Connections)
	}
	p.hangUp(ok)
	if v := readVars(t, base); *v.SIP.Dialogs != 0 {
		t.Errorf("after the call: got %d dialogs, want none", *v.SIP.Dialogs)
	}
}

func TestDebugMetrics(t *testing.T) {
	s := serve(t, "-debug", "127.0.0.1:0")
	base := strings.TrimSuffix(s.stderr.line(t, "debug "), "/debug/vars")
	body, resp := get(t, base+"/metrics")
	if ct := resp.Header.Get("Content-Type"); ct != "text/plain; version=0.0.4; charset=utf-8" {
		t.Errorf("got Content-Type %q", ct)
	}
	seen := make(map[string]bool)
	for line := range strings.Lines(body) {
		name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if name == "#" {
			continue
		}
		if !ok || value == "" || strings.Trim(value, "0123456789.e+") != "" {
			t.Errorf("not a sample: %q", line)
		}
		if !strings.Contains(body, "# HELP "+name+" ") || !strings.Contains(body, "# TYPE "+name+" gauge\n") {
			t.Errorf("%s has no help or no type", name)
		}
		if seen[name] {
			t.Errorf("%s is there twice", name)
		}
		seen[name] = true
	}
	for _, g := range gauges(ua.Stats{}) {
		if !seen["sip_"+g.name] {
			t.Errorf("sip_%s is missing", g.name)
		}
	}
	if !seen["go_goroutines"] {
		t.Error("go_goroutines is missing")
	}
}

func TestDebugPaths(t *testing.T) {
	s := serve(t, "-debug", "127.0.0.1:0")
	base := strings.TrimSuffix(s.stderr.line(t, "debug "), "/debug/vars")
	for path, want := range map[string]int{
		"/debug/pprof/": 200, "/debug/pprof/goroutine?debug=1": 200, "/debug/pprof/heap": 200, "/debug/pprof/cmdline": 200, "/": 404, "/debug": 404,
	} {
		if _, resp := get(t, base+path); resp.StatusCode != want {
			t.Errorf("%s: got %d, want %d", path, resp.StatusCode, want)
		}
	}
}

// Each gauge of the program is one of the agent's numbers, and not its neighbour's.
func TestGaugesTellTheirOwnNumber(t *testing.T) {
	st := ua.Stats{Transactions: 1, Dialogs: 2, Connections: 3, ClientTransactions: 4, ServerTransactions: 5, Calls: 6}
	want := map[string]int{
		"transactions": 1, "dialogs": 2, "connections": 3, "client_transactions": 4, "server_transactions": 5, "calls": 6,
		"subscriptions": 0, "registrations": 0, "conferences": 0, "legs": 0,
	}
	for _, g := range append(gauges(st), more(st)...) {
		if n, ok := want[g.name]; ok && g.value != n {
			t.Errorf("%s: got %d, want %d", g.name, g.value, n)
		}
		delete(want, g.name)
	}
	if len(want) > 0 {
		t.Errorf("not told: %v", want)
	}
}
