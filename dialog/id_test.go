package dialog

import (
	"strings"
	"testing"
)

func TestIDIsSwappedAtTheOtherEnd(t *testing.T) {
	bob, alice := server(t), client(t, 200)
	want := ID{"3848276298220188511@atlanta.example", "8321234356", "9fxced76sl"}
	if got := bob.ID(); got != want {
		t.Errorf("callee: got %v, want %v", got, want)
	}
	want.LocalTag, want.RemoteTag = want.RemoteTag, want.LocalTag
	if got := alice.ID(); got != want {
		t.Errorf("caller: got %v, want %v", got, want)
	}
}

func TestRequestIDFindsTheDialogAtBothEnds(t *testing.T) {
	alice, bob := client(t, 200), server(t)
	id, ok := RequestID(inDialog(t, "BYE", 2))
	if !ok || id != bob.ID() {
		t.Errorf("Alice's request at Bob: got %v, %v, want %v", id, ok, bob.ID())
	}
	id, ok = RequestID(message(t,
		"BYE sip:alice@u1.example.com SIP/2.0",
		"Via: SIP/2.0/UDP u2.domain.com;branch=z9hG4bKnashds7",
		"Max-Forwards: 70",
		"From: Bob <sip:bob@biloxi.example>;tag=8321234356",
		"To: Alice <sip:alice@atlanta.example>;tag=9fxced76sl",
		"Call-ID: 3848276298220188511@atlanta.example",
		"CSeq: 1 BYE"))
	if !ok || id != alice.ID() {
		t.Errorf("Bob's request at Alice: got %v, %v, want %v", id, ok, alice.ID())
	}
}

func TestRequestIDOutsideADialog(t *testing.T) {
	if id, ok := RequestID(request(t, "BYE", 2)); ok {
		t.Errorf("a BYE without To tag belongs to %v, want none", id)
	}
}

func TestIDComparesTagsWithoutCaseAndCallIDWithCase(t *testing.T) {
	upper := func(old, upper string) *Dialog {
		lines := strings.ReplaceAll(string(invite(t).Bytes()), old, upper)
		d, err := NewServer(message(t, strings.Split(strings.TrimSuffix(lines, "\r\nContent-Length: 0\r\n\r\n"), "\r\n")...), "8321234356")
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	id := server(t).ID()
	if got := upper("9fxced76sl", "9FXCED76SL"); got.ID() != id {
		t.Errorf("tag in upper case: got %v, want %v", got.ID(), id)
	} else if to := fields(bye(t, got), "To")[0]; !strings.HasSuffix(to, ";tag=9FXCED76SL") {
		t.Errorf("To: %s, want the tag as the peer spelled it", to)
	}
	if got := upper("@atlanta.example\r\nCSeq", "@ATLANTA.example\r\nCSeq"); got.ID() == id {
		t.Errorf("Call-ID in upper case: got the same ID %v", got.ID())
	}
}

func TestRequestIDAllocatesOneString(t *testing.T) {
	m := inDialog(t, "BYE", 2)
	if n := testing.AllocsPerRun(100, func() { RequestID(m) }); n > 1 {
		t.Errorf("got %v allocations, want 1", n)
	}
}

func BenchmarkRequestID(b *testing.B) {
	m := inDialog(b, "BYE", 2)
	b.ReportAllocs()
	for b.Loop() {
		RequestID(m)
	}
}

func TestMakeIDComparesTagsWithoutCase(t *testing.T) {
	if a, b := MakeID([]byte("Call"), []byte("Aa"), []byte("")), MakeID([]byte("Call"), []byte("aA"), nil); a != b || a == MakeID([]byte("call"), []byte("aa"), nil) {
		t.Errorf("got %v and %v, want the same, and another Call-ID to differ", a, b)
	}
}

func TestSpelledKeepsTheCaseOfTags(t *testing.T) {
	d, err := NewClient(invite(t), response(t, 180, "BoB", "Contact: <sip:bob@b.example.com>"))
	if err != nil {
		t.Fatal(err)
	}
	if got := d.Spelled(); got.RemoteTag != "BoB" || d.ID().RemoteTag != "bob" || got.CallID != d.ID().CallID || got.LocalTag != d.ID().LocalTag {
		t.Errorf("spelled %v of %v", got, d.ID())
	}
}
