package dialog

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

const bobContact = "Contact: <sip:bob@u2.domain.com>"

func provisional(t *testing.T, s *Set, status int, tag string, extra ...string) *Dialog {
	t.Helper()
	d, err := s.Provisional(response(t, status, tag, append([]string{bobContact}, extra...)...))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func success(t *testing.T, s *Set, tag string, now time.Time) (*Dialog, Answer) {
	t.Helper()
	d, a, err := s.Success(response(t, 200, tag, bobContact), now)
	if err != nil {
		t.Fatal(err)
	}
	return d, a
}

func TestSetMakesAnEarlyDialogForEachTag(t *testing.T) {
	s := NewSet(invite(t), Timing{})
	if d := provisional(t, s, 100, ""); d != nil {
		t.Errorf("100: got %v", d.ID())
	}
	if d := provisional(t, s, 100, "a"); d != nil {
		t.Errorf("100 with a tag: got %v", d.ID())
	}
	if d := provisional(t, s, 180, ""); d != nil {
		t.Errorf("180 without a tag: got %v", d.ID())
	}
	a, b, c := provisional(t, s, 180, "a"), provisional(t, s, 183, "b"), provisional(t, s, 180, "c")
	if a == b || b == c || a.Confirmed() || len(s.Dialogs()) != 3 {
		t.Fatalf("got %d dialogs, want 3 early ones", len(s.Dialogs()))
	}
	before := bye(t, a)
	again := response(t, 183, "A", "Contact: <sip:other@u9.example.com>", "Record-Route: <sip:p9.example.com;lr>")
	d, err := s.Provisional(again)
	if err != nil || d != a || bye(t, a) != before {
		t.Errorf("183 with a known tag: got another dialog or a changed one: %v", err)
	}
}

func TestSetConfirmsTheEarlyDialogOfThe2xx(t *testing.T) {
	s := NewSet(invite(t), Timing{})
	a, b := provisional(t, s, 180, "a"), provisional(t, s, 180, "b")
	d, which := success(t, s, "b", start)
	if d != b || which != First || !b.Confirmed() || a.Confirmed() || s.Won() != b {
		t.Errorf("got %v, confirmed %v and %v, want the second, as the first 2xx", which, a.Confirmed(), b.Confirmed())
	}
	if d, which := success(t, s, "b", start); d != b || which != Again {
		t.Errorf("repeated: got %v, want Again", which)
	}
	if d, which := success(t, s, "a", start); d != a || which != Fork || !a.Confirmed() {
		t.Errorf("other early dialog: got %v, want Fork", which)
	}
	c, which := success(t, s, "c", start)
	if which != Fork || !c.Confirmed() {
		t.Errorf("unknown tag: got %v, want Fork", which)
	}
	if d, which := success(t, s, "c", start); d != c || which != Again {
		t.Errorf("fork repeated: got %v, want Again", which)
	}
	if s.Won() != b {
		t.Error("the winner changed")
	}
}

func TestSetCompletesAfterTheFirst2xx(t *testing.T) {
	s := NewSet(invite(t), Timing{})
	early := provisional(t, s, 180, "a")
	if !s.Next().IsZero() {
		t.Errorf("timer at %v before any 2xx", s.Next())
	}
	won, _ := success(t, s, "b", start)
	success(t, s, "c", start.Add(10*time.Second))
	if got, want := s.Next(), start.Add(32*time.Second); !got.Equal(want) {
		t.Errorf("completes at %v, want %v", got, want)
	}
	if ended, done := s.Expire(s.Next().Add(-1)); done || ended != nil {
		t.Errorf("early: got %v, %v", ended, done)
	}
	ended, done := s.Expire(s.Next())
	if !done || !slices.Equal(ended, []*Dialog{early}) || !s.Next().IsZero() {
		t.Errorf("got %d dialogs ended, %v, next %v", len(ended), done, s.Next())
	}
	if !slices.Contains(s.Dialogs(), won) || slices.Contains(s.Dialogs(), early) {
		t.Error("the early dialog stayed, or the winner went")
	}
	if _, done := s.Expire(start.Add(time.Hour)); done {
		t.Error("completed twice")
	}
}

func TestSetFailureEndsEveryEarlyDialog(t *testing.T) {
	s := NewSet(invite(t), Timing{})
	want := []*Dialog{provisional(t, s, 180, "a"), provisional(t, s, 180, "b")}
	if got := s.EndEarly(); !slices.Equal(got, want) {
		t.Errorf("ended %d dialogs, want 2", len(got))
	}
	if len(s.Dialogs()) != 0 || s.EndEarly() != nil {
		t.Errorf("%d dialogs stayed", len(s.Dialogs()))
	}
}

func TestSetDropsOneEarlyDialog(t *testing.T) {
	s := NewSet(invite(t), Timing{})
	a, b := provisional(t, s, 180, "a"), provisional(t, s, 180, "b")
	s.Drop(a)
	if !slices.Equal(s.Dialogs(), []*Dialog{b}) {
		t.Errorf("%d dialogs, want 1", len(s.Dialogs()))
	}
	if d, which := success(t, s, "a", start); d == a || which != First {
		t.Errorf("2xx of the dropped: got %v, want a new dialog that wins", which)
	}
}

func TestSetKeepsSequenceNumbersOfTheEarlyPhase(t *testing.T) {
	s := NewSet(invite(t), Timing{})
	d := provisional(t, s, 183, "a")
	d.NextSeq() // PRACK
	d.NextSeq() // UPDATE
	success(t, s, "a", start)
	if got := d.NextSeq(); got != 4 {
		t.Errorf("BYE has number %d, want 4", got)
	}
}

func TestSetWriteAck(t *testing.T) {
	inv := invite(t, "Route: <sip:preloaded.example;lr>", "Proxy-Require: foo",
		`Authorization: Digest username="alice", realm="a", nonce="1", uri="sip:b", response="2"`,
		`Proxy-Authorization: Digest username="alice", realm="b", nonce="3", uri="sip:b", response="4"`)
	s := NewSet(inv, Timing{})
	d, _, err := s.Success(response(t, 200, "8321234356", "Contact: <sip:callee@u2.domain.com>",
		"Record-Route: <sip:p2.domain.com;lr>", "Record-Route: <sip:p1.example.com;lr>"), start)
	if err != nil {
		t.Fatal(err)
	}
	d.NextSeq() // what else was sent does not change the ACK
	got := written(t, func(b *parser.Builder) { s.WriteAck(b, d, Via{"UDP", "u1.example.com", "z9hG4bKnew"}) })
	want := strings.Join([]string{
		"ACK sip:callee@u2.domain.com SIP/2.0",
		"Via: SIP/2.0/UDP u1.example.com;branch=z9hG4bKnew;rport",
		"Route: <sip:p1.example.com;lr>, <sip:p2.domain.com;lr>",
		"Max-Forwards: 70",
		"From: <sip:alice@atlanta.example>;tag=9fxced76sl",
		"To: <sip:bob@biloxi.example>;tag=8321234356",
		"Call-ID: 3848276298220188511@atlanta.example",
		"CSeq: 1 ACK",
		`Authorization: Digest username="alice", realm="a", nonce="1", uri="sip:b", response="2"`,
		`Proxy-Authorization: Digest username="alice", realm="b", nonce="3", uri="sip:b", response="4"`,
		"Content-Length: 0", "", "",
	}, "\r\n")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestSetAcksAnRFC2543Peer(t *testing.T) {
	s := NewSet(invite(t), Timing{})
	d, which := success(t, s, "", start)
	if which != First {
		t.Fatalf("got %v, want First", which)
	}
	if again, which := success(t, s, "", start); again != d || which != Again {
		t.Errorf("repeated: got %v, want Again", which)
	}
}

func TestSetBoundsItsDialogs(t *testing.T) {
	s := NewSet(invite(t), Timing{})
	for i := range maxEarly {
		provisional(t, s, 180, fmt.Sprint("early", i))
	}
	if d, err := s.Provisional(response(t, 180, "one-more", bobContact)); err != ErrTooMany || d != nil {
		t.Errorf("got %v, want %v", err, ErrTooMany)
	}
	for i := range maxDialogs - maxEarly {
		success(t, s, fmt.Sprint("late", i), start)
	}
	if _, _, err := s.Success(response(t, 200, "one-more", bobContact), start); err != ErrTooMany {
		t.Errorf("got %v, want %v", err, ErrTooMany)
	}
	if _, which := success(t, s, "early0", start); which != Fork {
		t.Errorf("2xx of a known dialog: got %v, want Fork", which)
	}
	if ErrTooMany.Status() != 0 {
		t.Errorf("a response is answered with %d", ErrTooMany.Status())
	}
}

func TestSetIgnoresWhatItCannotRead(t *testing.T) {
	s := NewSet(invite(t), Timing{})
	bad := response(t, 200, "a", bobContact, "Record-Route: <<")
	if _, which, err := s.Success(bad, start); err == nil || which != 0 {
		t.Errorf("got %v, %v, want an error", which, err)
	}
	if s.Won() != nil || len(s.Dialogs()) != 0 || !s.Next().IsZero() {
		t.Error("a 2xx that was dropped left something behind")
	}
	if _, which := success(t, s, "a", start); which != First {
		t.Errorf("got %v, want First", which)
	}
}

func TestAnswerNamesTheEvent(t *testing.T) {
	for a, want := range map[Answer]string{First: "2xx", Again: "2xx again", Fork: "2xx fork", 0: "?"} {
		if got := a.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
