package main

import (
	"bytes"
	"encoding/json"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// states returns the first word of each line: the states that a call went through.
func states(stdout string) string {
	var s []string
	for l := range strings.Lines(stdout) {
		word, _, _ := strings.Cut(strings.TrimSuffix(l, "\n"), " ")
		s = append(s, word)
	}
	return strings.Join(s, " ")
}

func TestCallToServe(t *testing.T) {
	s := serve(t)
	for _, uri := range []string{"sip:echo@" + s.udp, "sip:echo@" + s.tcp + ";transport=tcp"} {
		began := time.Now()
		r := sip(t, "call", "-for", "100ms", uri)
		if r.code != exitYes {
			t.Errorf("%s: got exit status %d, want 0: %s", uri, r.code, r.stderr)
		}
		if got := states(r.stdout); got != "calling answered, ended" {
			t.Errorf("%s: got states %q in\n%s", uri, got, r.stdout)
		}
		if !strings.Contains(r.stdout, "ended by this side") {
			t.Errorf("%s: got\n%s, want the call to be ended by this side", uri, r.stdout)
		}
		if !strings.Contains(r.stderr, "no media") {
			t.Errorf("%s: got %q on stderr, want it to say that there is no media", uri, r.stderr)
		}
		if took := time.Since(began); took < 100*time.Millisecond || took > 20*time.Second {
			t.Errorf("%s: took %v, want a little more than 100ms", uri, took)
		}
	}
}

func TestCallShowsItsStates(t *testing.T) {
	p := newPeer(t, "")
	r := launch(t, "call", "-for", "10s", "-from", "sip:alice@example.com", "sip:bob@"+p.addr())
	invite := p.until(isMethod(parser.MethodInvite))
	if from, err := invite.From(); err != nil || string(from.URI().Raw()) != "sip:alice@example.com" {
		t.Errorf("got From %q, want sip:alice@example.com", invite.Raw(parser.HeaderFrom))
	}
	if !bytes.Contains(invite.Body(), []byte("a=inactive\r\n")) {
		t.Errorf("got offer\n%s, want it inactive", invite.Body())
	}
	p.respond(invite, 100, nil)
	r.stdout.line(t, "trying 100 Trying")
	p.respond(invite, 180, nil)
	r.stdout.line(t, "ringing 180 Ringing")
	p.respond(invite, 183, nil)
	r.stdout.line(t, "progress 183 Session Progress")
	p.respond(invite, 200, withAnswer)
	p.until(isMethod(parser.MethodAck))
	r.stdout.line(t, "answered")
	p.bye(invite)
	r.wait(t, exitYes)
	r.stdout.line(t, "ended by peer")
	if got := states(r.stdout.String()); got != "calling trying ringing progress answered, ended" {
		t.Errorf("got states %q", got)
	}
}

// withAnswer adds a session description to a 200.
func withAnswer(b *parser.Builder) { b.Body("application/sdp", []byte(sdpOffer)) }

func TestCallInJSON(t *testing.T) {
	p := newPeer(t, "")
	r := launch(t, "call", "-json", "-for", "10s", "sip:bob@"+p.addr())
	invite := p.until(isMethod(parser.MethodInvite))
	p.respond(invite, 180, nil)
	p.respond(invite, 200, withAnswer)
	p.until(isMethod(parser.MethodAck))
	p.bye(invite)
	r.wait(t, exitYes)
	type event struct {
		Event, URI, Reason, By string
		Status                 int
		CallID                 string `json:"call_id"`
		Ms                     *float64
	}
	want := []event{
		{Event: "calling", URI: "sip:bob@" + p.addr()},
		{Event: "progress", Status: 180, Reason: "Ringing"},
		{Event: "answered", CallID: string(invite.CallID())},
		{Event: "ended", By: "peer"},
	}
	lines := strings.Split(strings.TrimSuffix(r.stdout.String(), "\n"), "\n")
	if len(lines) != len(want) {
		t.Fatalf("got %d lines, want %d:\n%s", len(lines), len(want), r.stdout.String())
	}
	for i, l := range lines {
		var got event
		if err := json.Unmarshal([]byte(l), &got); err != nil {
			t.Fatalf("%v in %s", err, l)
		}
		if got.Ms == nil {
			t.Errorf("%s: no ms", l)
		}
		if got.Ms = nil; got != want[i] {
			t.Errorf("got %+v, want %+v", got, want[i])
		}
	}
}

func TestCallRefused(t *testing.T) {
	for _, json := range []bool{false, true} {
		p := newPeer(t, "")
		args := []string{"call", "sip:bob@" + p.addr()}
		if json {
			args = []string{"call", "-json", "sip:bob@" + p.addr()}
		}
		r := launch(t, args...)
		p.respond(p.until(isMethod(parser.MethodInvite)), 486, nil)
		p.until(isMethod(parser.MethodAck))
		r.wait(t, exitNo)
		want := "refused 486 Busy Here, after "
		if json {
			want = `{"event":"refused","status":486,"reason":"Busy Here","ms":`
		}
		if !strings.Contains(r.stdout.String(), want) {
			t.Errorf("got %q, want %q", r.stdout.String(), want)
		}
	}
}

func TestCallRefusedWithAdvice(t *testing.T) {
	s := serve(t)
	r := sip(t, "call", "sip:bob@"+s.udp)
	if r.code != exitNo || !strings.Contains(r.stdout, "refused 404 Not Found") || !strings.Contains(r.stderr, "no such user") {
		t.Errorf("got %+v, want exit status 1, the status and what to do", r)
	}
}

func TestNobodyAnswers(t *testing.T) {
	silent := newPeer(t, "") // hears everything and says nothing
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := ln.Addr().String()
	ln.Close()
	tests := []struct {
		name, uri string
		want      string
	}{
		{"silence", "sip:bob@" + silent.addr(), "no answer from"},
		{"refused connection", "sip:bob@" + closed + ";transport=tcp", "cannot be reached"},
	}
	for _, tt := range tests {
		for _, command := range []string{"call", "options", "message"} {
			for _, json := range []bool{false, true} {
				t.Run(tt.name+"/"+command, func(t *testing.T) {
					t.Parallel()
					args := []string{command, "-t1", "2ms", tt.uri}
					if json {
						args = []string{command, "-json", "-t1", "2ms", tt.uri}
					}
					if command == "message" {
						args = append(args, "hello")
					}
					r := sip(t, args...)
					if r.code != exitSilence || !strings.Contains(r.stderr, tt.want) {
						t.Errorf("got %+v, want exit status %d and %q", r, exitSilence, tt.want)
					}
					if !strings.Contains(r.stderr, "?") {
						t.Errorf("got %q, want it to say what to look at", r.stderr)
					}
					if strings.Contains(r.stdout, `"error":"`) != json {
						t.Errorf("got %q on stdout", r.stdout)
					}
				})
			}
		}
	}
}

// SIGINT while it rings cancels the call (RFC 3261, Section 9.1).
func TestCallIsCancelled(t *testing.T) {
	p := newPeer(t, "")
	r := launch(t, "call", "sip:bob@"+p.addr())
	invite := p.until(isMethod(parser.MethodInvite))
	p.respond(invite, 180, nil)
	r.stdout.line(t, "ringing")
	r.stop()
	cancel := p.until(isMethod(parser.MethodCancel))
	p.respond(cancel, 200, nil)
	p.respond(invite, 487, nil)
	r.wait(t, exitSilence)
	if !strings.Contains(r.stderr.String(), "interrupted before") {
		t.Errorf("got %q on stderr, want it to say so", r.stderr.String())
	}
}

// SIGINT within the call ends it, and that is what was wanted.
func TestCallIsInterrupted(t *testing.T) {
	p := newPeer(t, "")
	r := launch(t, "call", "-for", "1h", "sip:bob@"+p.addr())
	invite := p.until(isMethod(parser.MethodInvite))
	p.respond(invite, 200, withAnswer)
	p.until(isMethod(parser.MethodAck))
	r.stdout.line(t, "answered")
	r.stop()
	p.respond(p.until(isMethod(parser.MethodBye)), 200, nil)
	r.wait(t, exitYes)
	r.stdout.line(t, "ended by this side")
}

// A peer that never confirms the BYE does not keep the program for ever, and the user may leave before.
func TestCallWhoseEndIsNotConfirmed(t *testing.T) {
	t.Run("waits", func(t *testing.T) {
		p := newPeer(t, "")
		r := launch(t, "call", "-for", "0s", "-t1", "5ms", "sip:bob@"+p.addr())
		p.respond(p.until(isMethod(parser.MethodInvite)), 200, withAnswer)
		p.until(isMethod(parser.MethodBye))
		r.wait(t, exitYes)
	})
	t.Run("leaves", func(t *testing.T) {
		p := newPeer(t, "")
		r := launch(t, "call", "-for", "0s", "sip:bob@"+p.addr())
		p.respond(p.until(isMethod(parser.MethodInvite)), 200, withAnswer)
		p.until(isMethod(parser.MethodBye))
		r.stdout.line(t, "ended by this side")
		began := time.Now()
		r.stop()
		r.wait(t, exitYes)
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("got %v from the signal to the end", took)
		}
	})
}

func TestRequestsRefuseWrongUsage(t *testing.T) {
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"no URI", []string{"call"}, "the URI is missing"},
		{"no text", []string{"message", "sip:bob@127.0.0.1"}, "the text is missing"},
		{"two texts", []string{"message", "sip:bob@127.0.0.1", "good", "morning"}, "quotes around"},
		{"flag after the URI", []string{"call", "sip:bob@127.0.0.1", "-for", "1s"}, "flags go before it"},
		{"no scheme", []string{"call", "bob@127.0.0.1"}, "is not a SIP URI"},
		{"another scheme", []string{"options", "tel:+1"}, "is not a SIP URI"},
		{"blank", []string{"options", "sip:bob @127.0.0.1"}, "is not a SIP URI"},
		{"DNS server", []string{"call", "-dns", "example.com", "sip:bob@example.com"}, "-dns"},
		{"host name over a transport that it cannot have", []string{"call", "sips:bob@example.com;transport=udp"}, "cannot go over udp"},
		{"another transport", []string{"call", "sip:bob@127.0.0.1;transport=sctp"}, "sctp"},
		{"From", []string{"call", "-from", "alice", "sip:bob@127.0.0.1"}, "-from"},
		{"negative time", []string{"call", "-for", "-1s", "sip:bob@127.0.0.1"}, "-for"},
		{"negative T1", []string{"options", "-t1", "-1s", "sip:bob@127.0.0.1"}, "-t1"},
		{"flag of a later version", []string{"call", "-referred-by", "x", "sip:bob@127.0.0.1"}, "not defined"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := sip(t, tt.args...)
			if r.code != exitUsage || r.stdout != "" || !strings.Contains(r.stderr, tt.want) {
				t.Errorf("got %+v, want exit status %d and %q", r, exitUsage, tt.want)
			}
		})
	}
}
