package main

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
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
