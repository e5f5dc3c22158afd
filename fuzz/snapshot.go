package fuzz

import (
	"bytes"
	"fmt"
	"time"

	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
)

// Snapshot reads data as the snapshot of a dialog, as it is and with the length and checksum that it should have: what is taken is what a
// naive reader takes, says the same and is written as the same octets. A request or response in data makes a dialog, which survives its
// snapshot.
func Snapshot(data []byte) (used bool, err error) {
	if len(data) > maxInput {
		return false, nil
	}
	if err := readsAsNaively(data); err != nil {
		return true, err
	}
	if s, ok := resealed(string(data)); ok {
		used = true
		if err := readsAsNaively([]byte(s)); err != nil {
			return true, fmt.Errorf("with length and checksum set right: %w", err)
		}
	}
	d := dialogOf(data)
	if d == nil {
		return used, nil
	}
	return true, survives(d)
}

// readsAsNaively compares ReadSnapshot with the naive reader.
func readsAsNaively(data []byte) error {
	want, good := readSnapshot(string(data))
	lent := bytes.Clone(data)
	s, err := dialog.ReadSnapshot(lent)
	if (err == nil) != good {
		return fmt.Errorf("got error %v, want good: %v, of %+v", err, good, want)
	}
	if !good {
		return nil
	}
	clear(lent)
	d := s.Dialog
	got := snapshot{
		role: byte(d.Role()), localSeq: uint64(d.LocalSeq()), ends: uint64(s.Ends.UnixMilli()), update: s.Update, sips: s.SIPS, secure: d.Secure(),
		callID: d.ID().CallID, local: string(d.LocalURI().Raw()), remote: string(d.RemoteURI().Raw()), target: string(d.Target().Raw()), user: s.User,
		localType: s.Local.Type, localData: string(s.Local.Data), remoteType: s.Remote.Type, remoteData: string(s.Remote.Data),
	}
	if err := differ("ReadSnapshot", got.String(), "naive reader", want.String()); err != nil {
		return err
	}
	id := fmt.Sprint(d.ID())
	if err := differ("ID", id, "naive reader", fmt.Sprint(dialog.ID{CallID: want.callID, LocalTag: lower(want.localTag), RemoteTag: lower(want.remoteTag)})); err != nil {
		return err
	}
	if hop := string(d.NextHop().Raw()); len(want.routes) == 0 && hop != want.target {
		return fmt.Errorf("next hop: got %s, want %s", hop, want.target)
	}
	again, err := s.AppendTo(nil)
	if err != nil || !bytes.Equal(again, data) {
		return fmt.Errorf("written again: %q, %v", again, err)
	}
	return jumps(s)
}

// jumps restores what was taken: what it sends can be read and has a number above all that may have been used.
func jumps(taken *dialog.Snapshot) error {
	d := taken.Dialog
	before := d.LocalSeq()
	d.Jump()
	seq := d.NextSeq()
	m, err := written(d, seq)
	if err != nil {
		return err
	}
	if got, err := m.CSeq(); err != nil || got.Number != before+1<<16+1 || got.Number >= 1<<31 {
		return fmt.Errorf("restored at %d, goes on with %d, %v", before, got.Number, err)
	}
	if timer := taken.Timer.Resume(dialog.TimerPolicy{}); timer.State() != dialog.TimerOff {
		if a := timer.Step(timer.Next()); a == dialog.TimerNothing {
			return fmt.Errorf("a session timer that does nothing when its time has come: %+v", timer)
		}
	}
	s := dialog.ResumeSession(d.Role(), dialog.Timing{}, time.UnixMilli(0), time.UnixMilli(1))
	if todo := s.Step(nil, dialog.Event{Kind: dialog.EventTimer}, time.UnixMilli(1)); len(todo) == 0 || todo[0].Kind != dialog.ActionBye {
		return fmt.Errorf("a session that was over: got %v, want a BYE", todo)
	}
	return nil
}

// written writes a request of d and reads it.
func written(d *dialog.Dialog, seq uint32) (*parser.Message, error) {
	var b parser.Builder
	d.Write(&b, parser.MethodOptions, seq, dialog.Via{Transport: "TCP", SentBy: "h", Branch: "z9hG4bK1"})
	w, err := b.Wire()
	m := new(parser.Message)
	if err == nil {
		err = m.Parse(w.Head)
	}
	if err == nil {
		err = m.Check()
	}
	if err != nil {
		return nil, fmt.Errorf("its request cannot be read: %w", err)
	}
	return m, nil
}

// dialogOf returns the confirmed dialog that data makes as an INVITE that was received, or as the answer to one, if it makes one.
func dialogOf(data []byte) *dialog.Dialog {
	var m parser.Message
	if m.Parse(data) != nil || m.Check() != nil || m.Method() != parser.MethodInvite {
		return nil
	}
	if m.IsRequest() {
		d, err := dialog.NewServer(&m, "ourtag")
		if err != nil || d.Confirm(nil) != nil {
			return nil
		}
		return d
	}
	req := new(parser.Message)
	text := "INVITE sip:b@h SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nFrom: " + string(m.Raw(parser.HeaderFrom)) + "\r\nTo: <sip:b@h>\r\nCall-ID: " +
		string(m.CallID()) + "\r\nCSeq: 1 INVITE\r\nContact: <sip:a@h>\r\n\r\n"
	if req.Parse([]byte(text)) != nil || req.Check() != nil {
		return nil
	}
	d, err := dialog.NewClient(req, &m)
	if err != nil || !d.Confirmed() {
		return nil
	}
	return d
}

// survives writes the snapshot of d and reads it: it sends what d sends. One that sends nothing that could be read may be refused, and then
// is.
func survives(d *dialog.Dialog) error {
	seq := d.LocalSeq() + 1
	want, unreadable := written(d, seq)
	s := dialog.Snapshot{Dialog: d, Ends: time.UnixMilli(1e12)}
	b, err := s.AppendTo(nil)
	if (err == nil) != (unreadable == nil) {
		return fmt.Errorf("snapshot: %v, request: %v", err, unreadable)
	}
	if err != nil {
		return nil
	}
	r, err := dialog.ReadSnapshot(b)
	if err != nil {
		return fmt.Errorf("reading what was written: %w", err)
	}
	got, err := written(r.Dialog, seq)
	if err != nil {
		return err
	}
	return differ("restored", string(got.Bytes()), "first", string(want.Bytes()))
}
