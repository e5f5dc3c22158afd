package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// Keys hold and resume the call, press DTMF, and hang up.
func TestCallTakesKeys(t *testing.T) {
	s := serve(t)
	began := time.Now()
	r := sipWith(t, "h\n1 #\nhx\na\nq\n", "call", "-keys", "sip:echo@"+s.udp)
	if r.code != exitYes || time.Since(began) > 20*time.Second {
		t.Fatalf("exit status %d after %v: %s", r.code, time.Since(began), r.stderr)
	}
	var got []string
	for line := range strings.Lines(r.stdout) {
		said, _, _ := strings.Cut(strings.TrimSpace(line), ",")
		got = append(got, said)
	}
	want := []string{"calling sip:echo@" + s.udp, "answered", "hold accepted", "key 1 accepted", "key # accepted", "resume accepted", "key A accepted", "ended by this side"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if !strings.Contains(r.stderr, keysHelp) || !strings.Contains(r.stderr, "no such key") {
		t.Errorf("got on stderr\n%s", r.stderr)
	}
}

// The peer sees a stream that it may send to, then not, then again, and each description is a version higher (RFC 3264, Section 8).
func TestKeysOnTheWire(t *testing.T) {
	p := newPeer(t, "")
	done := make(chan result, 1)
	go func() { done <- sipWith(t, "hh7\nq\n", "call", "-keys", "-json", "sip:bob@"+p.addr()) }()
	invite := p.until(isMethod(parser.MethodInvite))
	p.respond(invite, 200, withAnswer)
	p.until(isMethod(parser.MethodAck))
	versions := []string{direction(t, invite, "a=recvonly")}
	for _, want := range []string{"a=inactive", "a=recvonly"} {
		again := p.until(func(m *parser.Message) bool {
			return m.IsRequest() && m.Method() == parser.MethodInvite && !bytes.Equal(m.Raw(parser.HeaderCSeq), invite.Raw(parser.HeaderCSeq))
		})
		versions = append(versions, direction(t, again, want))
		invite = again
		p.respond(again, 200, withAnswer)
		p.until(isMethod(parser.MethodAck))
	}
	if versions[0] >= versions[1] || versions[1] >= versions[2] {
		t.Errorf("got versions %q, want each higher than the last", versions)
	}
	info := p.until(isMethod(parser.MethodInfo))
	if string(info.Body()) != "Signal=7\r\nDuration=160\r\n" {
		t.Errorf("got\n%s", info.Bytes())
	}
	p.respond(info, 405, nil)
	p.respond(p.until(isMethod(parser.MethodBye)), 200, nil)
	r := <-done
	var events []string
	for line := range strings.Lines(r.stdout) {
		var e struct {
			Event, Key, What string
			Status           int
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if e.Event == "key" {
			events = append(events, strings.Join([]string{e.Key, e.What, parser.Status(e.Status).Reason()}, " "))
		}
	}
	if got, want := strings.Join(events, ", "), "h hold OK, h resume OK, 7 key 7 Method Not Allowed"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// direction checks the direction of the stream in m's body, and returns its version.
func direction(t *testing.T, m *parser.Message, want string) string {
	t.Helper()
	if !bytes.Contains(m.Body(), []byte("\r\n"+want+"\r\n")) {
		t.Errorf("got\n%s\nwant %s", m.Body(), want)
	}
	for line := range bytes.Lines(m.Body()) {
		if f := bytes.Fields(line); len(f) > 2 && bytes.HasPrefix(line, []byte("o=")) {
			return string(f[2])
		}
	}
	t.Fatalf("no origin in\n%s", m.Body())
	return ""
}

// Without -keys nobody reads what is no terminal.
func TestKeysAreAskedFor(t *testing.T) {
	s := serve(t)
	r := sipWith(t, "q\n", "call", "-for", "200ms", "sip:echo@"+s.udp)
	if r.code != exitYes || strings.Contains(r.stderr, "keys") || !strings.Contains(r.stdout, "ended by this side") {
		t.Errorf("got %d\n%s%s", r.code, r.stdout, r.stderr)
	}
}
