package ua

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/parser"
)

func parsed(t *testing.T, text string) *parser.Message {
	t.Helper()
	m := new(parser.Message)
	if err := m.Parse([]byte(strings.ReplaceAll(text, "\n", "\r\n"))); err != nil {
		t.Fatal(err)
	}
	return m
}

const optionsText = "OPTIONS sip:bob@127.0.0.1 SIP/2.0\nVia: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bKtail\nMax-Forwards: 70\n" +
	"From: <sip:alice@127.0.0.1>;tag=a\nTo: <sip:bob@127.0.0.1>\nCall-ID: tail\nCSeq: 1 OPTIONS\nContent-Length: 0\n\n"

// A response with a tail is the one that the Builder writes in one go.
func TestTailIsWhatTheBuilderWrites(t *testing.T) {
	m := parsed(t, optionsText)
	a := &Agent{cfg: Config{UserAgent: "test/1"}, allow: "ACK, BYE", accept: "application/sdp"}
	write := func(tail bool) parser.Wire {
		var b parser.Builder
		b.Response(m, parser.StatusOK, "", "tag")
		if !tail {
			a.writeOptions(&b)
		}
		w, err := b.Wire()
		if err == nil && tail {
			w, err = newTail(a.writeOptions).end(w)
		}
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	got, want := write(true), write(false)
	if !bytes.Equal(got.Head, want.Head) {
		t.Errorf("got\n%s\nwant\n%s", got.Head, want.Head)
	}
	if err := new(parser.Message).Parse(got.Head); err != nil {
		t.Error(err)
	}
}

// What is too long with its tail stays without, and so does what has a body.
func TestTailThatFindsNoRoom(t *testing.T) {
	end := newTail(func(b *parser.Builder) { b.Header(parser.HeaderServer, "test") })
	fits := parser.MaxHead - len(end) + len(headEnd)
	for _, tt := range []struct {
		name string
		tail tail
		head []byte
		ok   bool
	}{
		{"just fits", end, append(make([]byte, fits-len(headEnd)), headEnd...), true},
		{"one octet more", end, append(make([]byte, fits+1-len(headEnd)), headEnd...), false},
		{"a body", end, []byte("Content-Length: 10\r\n\r\n"), false},
		{"a tail that could not be written", newTail(func(b *parser.Builder) { b.Header(parser.HeaderServer, "\r\n") }), []byte(headEnd), false},
	} {
		w, err := tt.tail.end(parser.Wire{Head: tt.head})
		if (err == nil) != tt.ok || len(w.Head) > parser.MaxHead {
			t.Errorf("%s: %d octets, %v", tt.name, len(w.Head), err)
		}
	}
}

// The next buffer is as large as the last response of its kind, and comes back slowly from a larger one.
func TestRoomIsLearned(t *testing.T) {
	m := parsed(t, optionsText)
	var r room
	r.extra.Store(firstRoom)
	if got, want := r.size(m), len(m.Bytes())+firstRoom; got != want {
		t.Errorf("at first %d octets, want %d", got, want)
	}
	r.used(m, 700)
	if got := r.size(m); got != 700 {
		t.Errorf("after a response of 700 octets: %d", got)
	}
	r.used(m, 400)
	if got := r.size(m); got >= 700 || got < 680 {
		t.Errorf("after one smaller: %d octets, want a little less than 700", got)
	}
	for range 200 {
		r.used(m, 400)
	}
	if got := r.size(m); got != 400 {
		t.Errorf("after many: %d octets, want 400", got)
	}
	r.used(m, 1<<30)
	if got := r.size(m); got != maxRoom {
		t.Errorf("after one without measure: %d octets, want %d", got, maxRoom)
	}
	for range 400 {
		r.used(m, 0)
	}
	if got := r.size(m); got != 0 {
		t.Errorf("after empty ones: %d octets", got)
	}
}

// OPTIONS costs what its response holds, and no more.
func BenchmarkTail(b *testing.B) {
	m := new(parser.Message)
	if err := m.Parse([]byte(strings.ReplaceAll(optionsText, "\n", "\r\n"))); err != nil {
		b.Fatal(err)
	}
	a := &Agent{cfg: Config{UserAgent: "test/1"}, allow: "ACK, BYE", accept: "application/sdp", tokens: newTokens()}
	a.options = newTail(a.writeOptions)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := a.optionsResponse(m); err != nil {
			b.Fatal(err)
		}
	}
}

// The response to OPTIONS is one allocation: itself.
func TestOptionsResponseAllocations(t *testing.T) {
	m := parsed(t, optionsText)
	a := &Agent{cfg: Config{UserAgent: "test/1"}, allow: "ACK, BYE", accept: "application/sdp", tokens: newTokens()}
	a.options = newTail(a.writeOptions)
	if n := testing.AllocsPerRun(100, func() {
		if _, err := a.optionsResponse(m); err != nil {
			t.Error(err)
		}
	}); n != 1 {
		t.Errorf("%v allocations, want 1", n)
	}
}
