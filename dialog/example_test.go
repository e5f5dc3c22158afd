package dialog_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
)

const (
	invite = "INVITE sip:bob@biloxi.example SIP/2.0\r\n" +
		"Via: SIP/2.0/UDP u1.example.com;branch=z9hG4bK74bf9\r\n" +
		"Max-Forwards: 70\r\n" +
		"From: Alice <sip:alice@atlanta.example>;tag=9fxced76sl\r\n" +
		"To: Bob <sip:bob@biloxi.example>\r\n" +
		"Call-ID: 3848276298220188511@atlanta.example\r\n" +
		"CSeq: 1 INVITE\r\n" +
		"Contact: <sip:alice@u1.example.com>\r\n" +
		"Record-Route: <sip:p2.domain.com;lr>, <sip:p1.example.com;lr>\r\n" +
		"Content-Length: 0\r\n\r\n"
	ok = "SIP/2.0 200 OK\r\n" +
		"Via: SIP/2.0/UDP u1.example.com;branch=z9hG4bK74bf9\r\n" +
		"From: Alice <sip:alice@atlanta.example>;tag=9fxced76sl\r\n" +
		"To: Bob <sip:bob@biloxi.example>;tag=8321234356\r\n" +
		"Call-ID: 3848276298220188511@atlanta.example\r\n" +
		"CSeq: 1 INVITE\r\n" +
		"Contact: <sip:bob@u2.domain.com>\r\n" +
		"Record-Route: <sip:p2.domain.com;lr>, <sip:p1.example.com;lr>\r\n" +
		"Content-Length: 0\r\n\r\n"
)

func parse(text string) *parser.Message {
	m := new(parser.Message)
	if err := m.Parse([]byte(text)); err != nil {
		panic(err)
	}
	return m
}

// show prints what write wrote.
func show(write func(b *parser.Builder)) {
	var b parser.Builder
	b.Reset(nil)
	write(&b)
	w, err := b.Wire()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(strings.TrimSpace(strings.ReplaceAll(string(w.AppendTo(nil)), "\r\n", "\n")))
}

// The callee keeps the dialog when it answers, and ends it by a BYE that takes the way back of the INVITE.
func ExampleNewServer() {
	d, err := dialog.NewServer(parse(invite), "8321234356")
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := d.Confirm(nil); err != nil {
		fmt.Println(err)
		return
	}
	show(func(b *parser.Builder) {
		d.Write(b, parser.MethodBye, d.NextSeq(), dialog.Via{Transport: "UDP", SentBy: "u2.domain.com", Branch: "z9hG4bKnashds7"})
	})
	fmt.Println("to", string(d.NextHop().Raw()))
	// Output:
	// BYE sip:alice@u1.example.com SIP/2.0
	// Via: SIP/2.0/UDP u2.domain.com;branch=z9hG4bKnashds7;rport
	// Route: <sip:p2.domain.com;lr>, <sip:p1.example.com;lr>
	// Max-Forwards: 70
	// From: <sip:bob@biloxi.example>;tag=8321234356
	// To: <sip:alice@atlanta.example>;tag=9fxced76sl
	// Call-ID: 3848276298220188511@atlanta.example
	// CSeq: 1 BYE
	// Content-Length: 0
	// to sip:p2.domain.com;lr
}

// The caller's end of the same dialog: the ID has its tags swapped.
func ExampleNewClient() {
	d, err := dialog.NewClient(parse(invite), parse(ok))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d.ID().LocalTag, d.ID().RemoteTag, d.Confirmed(), string(d.Target().Raw()), string(d.NextHop().Raw()))
	// Output: 9fxced76sl 8321234356 true sip:bob@u2.domain.com sip:p1.example.com;lr
}

// A response that makes a dialog mirrors the Record-Routes.
func ExampleWriteServerHeaders() {
	req := parse(invite)
	show(func(b *parser.Builder) {
		b.Response(req, parser.StatusRinging, "", "8321234356")
		dialog.WriteServerHeaders(b, req)
		b.Header(parser.HeaderContact, "<sip:bob@u2.domain.com>")
	})
	// Output:
	// SIP/2.0 180 Ringing
	// Via: SIP/2.0/UDP u1.example.com;branch=z9hG4bK74bf9
	// From: Alice <sip:alice@atlanta.example>;tag=9fxced76sl
	// To: Bob <sip:bob@biloxi.example>;tag=8321234356
	// Call-ID: 3848276298220188511@atlanta.example
	// CSeq: 1 INVITE
	// Record-Route: <sip:p2.domain.com;lr>, <sip:p1.example.com;lr>
	// Contact: <sip:bob@u2.domain.com>
	// Content-Length: 0
}

// The first 2xx wins, its repeats are acknowledged again.
func ExampleSet() {
	set := dialog.NewSet(parse(invite), dialog.Timing{})
	for range 2 {
		d, answer, err := set.Success(parse(ok), time.Now())
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(answer, d.ID().RemoteTag)
	}
	// Output:
	// 2xx 8321234356
	// 2xx again 8321234356
}

// A caller hangs up while the phone rings, and the 2xx crosses its CANCEL.
func ExampleSession() {
	now := time.Now()
	s := dialog.NewSession(dialog.Caller, dialog.Timing{}, now)
	var actions []dialog.Action
	for _, e := range []dialog.Event{
		{Kind: dialog.EventProgress, Status: parser.StatusRinging},
		{Kind: dialog.EventHangup},
		{Kind: dialog.EventSuccess, Status: parser.StatusOK},
		{Kind: dialog.EventByeDone},
	} {
		actions = s.Step(actions[:0], e, now)
		fmt.Print(e.Kind, ":")
		for _, a := range actions {
			fmt.Print(" ", a.Kind, ";")
		}
		fmt.Println(" ->", s.State())
	}
	// Output:
	// 1xx: progress; -> Proceeding
	// hangup: send CANCEL; -> Canceling
	// 2xx: send ACK; send BYE; ended; -> Ending
	// BYE done: -> Terminated
}

// How long a call may stay in a state when nobody says anything.
func ExampleDeadlines() {
	for _, d := range dialog.Deadlines() {
		if d.Machine == "session caller" && d.State == dialog.Canceling.String() {
			fmt.Println(d.Bound, d.End)
		}
	}
	// Output: 32s drop INVITE, ended -> Terminated
}

// What a 481 in a dialog ends depends on the request.
func ExampleScopeOf() {
	fmt.Println(dialog.ScopeOf(parser.MethodInvite, parser.StatusDoesNotExist), dialog.ScopeOf(parser.MethodOptions, parser.StatusDoesNotExist))
	// Output: usage transaction
}

// A request received finds its dialog by Call-ID and tags.
func ExampleRequestID() {
	_, found := dialog.RequestID(parse(invite))
	fmt.Println(found)
	// Output: false
}

// A call is handed over: one process writes its dialog, another goes on with it.
func ExampleSnapshot() {
	d, err := dialog.NewClient(parse(invite), parse(ok))
	if err != nil {
		fmt.Println(err)
		return
	}
	kept, err := (&dialog.Snapshot{Dialog: d, Ends: time.Now().Add(time.Hour)}).AppendTo(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := dialog.ReadSnapshot(kept)
	if err != nil {
		fmt.Println(err)
		return
	}
	s.Dialog.Jump() // the first process may have sent requests after that
	fmt.Println(s.Dialog.ID() == d.ID(), s.Dialog.NextSeq())
	// Output: true 65538
}
