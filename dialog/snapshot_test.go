package dialog

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// snapshots are confirmed dialogs of all kinds.
func snapshots(t testing.TB) map[string]*Snapshot {
	t.Helper()
	rr := []string{"Record-Route: <sip:p2.domain.com;lr>", "Record-Route: <sip:p1.example.com>"}
	callee := server(t, rr...)
	if err := callee.Confirm(nil); err != nil {
		t.Fatal(err)
	}
	caller, err := NewClient(invite(t), response(t, 200, "8321-MixedCase", append(rr, "Contact: <sip:callee@u2.domain.com;transport=tcp>")...))
	if err != nil {
		t.Fatal(err)
	}
	bare, err := NewClient(invite(t), response(t, 200, ""))
	if err != nil {
		t.Fatal(err)
	}
	bare.NextSeq()
	ends := time.UnixMilli(1_800_000_000_123)
	return map[string]*Snapshot{
		"callee":          {Dialog: callee, Ends: ends, User: "bob"},
		"caller":          {Dialog: caller, Ends: ends, Update: true, SIPS: true},
		"caller, no tag":  {Dialog: bare, Ends: ends, User: "a%20b"},
		"callee, no user": {Dialog: callee, Ends: ends},
		"timed":           {Dialog: caller, Ends: ends, Timer: timed(Local, true), Local: sdp("offer"), Remote: sdp("answer")},
		"watching":        {Dialog: callee, Ends: ends, Timer: timed(Remote, false), Local: sdp("answer")},
	}
}

func sdp(s string) Description { return Description{"application/sdp", []byte(s)} }

// timed returns a session timer of 600 s that runs.
func timed(refresher Side, alone bool) SessionTimer {
	t := NewSessionTimer(TimerPolicy{})
	t.Learn(100 * time.Second)
	t.Restart(600*time.Second, refresher, alone, time.UnixMilli(1_799_999_000_000))
	return t
}

// What is read writes the requests that the dialog would have written, and is written as the same octets.
func TestSnapshotGoesRound(t *testing.T) {
	for name, s := range snapshots(t) {
		t.Run(name, func(t *testing.T) {
			b, err := s.AppendTo([]byte("before"))
			if err != nil {
				t.Fatal(err)
			}
			b, before := bytes.CutPrefix(b, []byte("before"))
			if !before || len(b) > maxSnapshot {
				t.Fatalf("%d octets, behind what was there: %v", len(b), before)
			}
			lent := bytes.Clone(b)
			r, err := ReadSnapshot(lent)
			if err != nil {
				t.Fatal(err)
			}
			clear(lent) // it is the reader's no more
			if !r.Ends.Equal(s.Ends) || r.User != s.User || r.Update != s.Update || r.SIPS != s.SIPS {
				t.Errorf("got %v %q %v, want %v %q %v", r.Ends, r.User, r.Update, s.Ends, s.User, s.Update)
			}
			if !reflect.DeepEqual(r.Local, s.Local) || !reflect.DeepEqual(r.Remote, s.Remote) {
				t.Errorf("got descriptions %q and %q, want %q and %q", r.Local, r.Remote, s.Local, s.Remote)
			}
			timer := r.Timer.Resume(TimerPolicy{})
			if timer.State() != s.Timer.State() || timer.Interval() != s.Timer.Interval() || !timer.Next().Equal(s.Timer.Next()) ||
				s.Timer.State() != TimerOff && timer.Offer() != s.Timer.Offer() {
				t.Errorf("timer: got %+v, want %+v", timer, s.Timer)
			}
			d, want := r.Dialog, s.Dialog
			if d.ID() != want.ID() || d.Role() != want.Role() || d.Secure() != want.Secure() || !d.Confirmed() || d.LocalSeq() != want.LocalSeq() {
				t.Errorf("got %+v, want %+v", d, want)
			}
			if got, wanted := string(d.NextHop().Raw()), string(want.NextHop().Raw()); got != wanted {
				t.Errorf("next hop: got %s, want %s", got, wanted)
			}
			if got, err := r.AppendTo(nil); err != nil || !bytes.Equal(got, b) {
				t.Errorf("written again: got %q (%v), want %q", got, err, b)
			}
			own := *want
			if got, wanted := bye(t, d), bye(t, &own); got != wanted {
				t.Errorf("got\n%s\nwant\n%s", got, wanted)
			}
		})
	}
}

// The receiving side of the sequence numbers lives on: an old request is old.
func TestSnapshotKeepsTheOrderOfThePeer(t *testing.T) {
	d := server(t)
	d.Confirm(nil)
	if got := d.Receive(inDialog(t, "INFO", 7)); got != 0 {
		t.Fatal(got)
	}
	b, err := (&Snapshot{Dialog: d, Ends: time.Now()}).AppendTo(nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ReadSnapshot(b)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		seq  int
		want parser.Status
	}{{7, parser.StatusServerInternalError}, {8, 0}} {
		if got := s.Dialog.Receive(inDialog(t, "INFO", tt.seq)); got != tt.want {
			t.Errorf("CSeq %d: got %d, want %d", tt.seq, got, tt.want)
		}
	}
}

// The numbers that the first process may have used are left out, and they do not run out.
func TestJump(t *testing.T) {
	s := snapshots(t)["caller"]
	d := s.Dialog
	d.Jump()
	if got, want := d.NextSeq(), uint32(1+seqJump+1); got != want {
		t.Errorf("got %d, want %d", got, want)
	}
	restarts := 1
	for ; ; restarts++ {
		if _, err := s.AppendTo(nil); err != nil {
			break
		}
		d.Jump()
	}
	if d.NextSeq() > maxSeq || restarts < 30_000 {
		t.Errorf("%d restarts, then CSeq %d", restarts, d.LocalSeq())
	}
	fresh := server(t)
	fresh.Jump()
	if got := fresh.NextSeq(); got != seqJump+1 {
		t.Errorf("a callee's first: got %d, want %d", got, seqJump+1)
	}
}

// Every octet counts: what was changed, cut off or continued is refused.
func TestDamagedSnapshotIsRefused(t *testing.T) {
	for name, s := range snapshots(t) {
		b, err := s.AppendTo(nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range b {
			for _, bit := range []byte{1, 0x80} {
				bad := bytes.Clone(b)
				bad[i] ^= bit
				if _, err := ReadSnapshot(bad); !errors.Is(err, ErrSnapshot) {
					t.Errorf("%s: octet %d changed: got %v", name, i, err)
				}
			}
			if _, err := ReadSnapshot(b[:i]); !errors.Is(err, ErrSnapshot) {
				t.Errorf("%s: cut off at %d: got %v", name, i, err)
			}
		}
		if _, err := ReadSnapshot(append(bytes.Clone(b), 0)); !errors.Is(err, ErrSnapshot) {
			t.Errorf("%s: continued: got %v", name, err)
		}
	}
}

// A snapshot with a good checksum makes no dialog that messages could not make.
func TestSnapshotStaysWithinTheLimits(t *testing.T) {
	uri := func(s string) parser.URI {
		u, err := parser.ParseURI([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	for name, tt := range map[string]struct {
		change func(s *Snapshot)
		want   error
	}{
		"early":                   {func(s *Snapshot) { s.Dialog.confirmed = false }, ErrNoDialog},
		"too much to remember":    {func(s *Snapshot) { s.Dialog.localTag = strings.Repeat("a", maxState/2) }, ErrTooLarge},
		"user too long":           {func(s *Snapshot) { s.User = strings.Repeat("a", maxUser+1) }, ErrTooLarge},
		"tag is two":              {func(s *Snapshot) { s.Dialog.localTag = "a;tag=b" }, ErrSnapshot},
		"tag ends its line":       {func(s *Snapshot) { s.Dialog.remoteTag = "a\r\nX: y" }, ErrSnapshot},
		"tag has a parameter":     {func(s *Snapshot) { s.Dialog.remoteTag = "a;b" }, ErrSnapshot},
		"Call-ID of two words":    {func(s *Snapshot) { s.Dialog.id.CallID = "a b" }, ErrSnapshot},
		"no Call-ID":              {func(s *Snapshot) { s.Dialog.id.CallID = "" }, ErrSnapshot},
		"user is a URI":           {func(s *Snapshot) { s.User = "a@b>;x=<sip:c" }, ErrSnapshot},
		"target is a number":      {func(s *Snapshot) { s.Dialog.target = uri("tel:+1") }, ErrSnapshot},
		"target has headers":      {func(s *Snapshot) { s.Dialog.target = uri("sip:h?a=b") }, ErrSnapshot},
		"target has a method":     {func(s *Snapshot) { s.Dialog.target = uri("sip:h;method=BYE") }, ErrSnapshot},
		"numbers at their end":    {func(s *Snapshot) { s.Dialog.localSeq = maxSeq }, ErrSnapshot},
		"INVITE above our number": {func(s *Snapshot) { s.Dialog.invite = s.Dialog.localSeq + 1 }, ErrSnapshot},
		"caller never sent":       {func(s *Snapshot) { s.Dialog.hasLocal = false }, ErrSnapshot},
		"type without a body":     {func(s *Snapshot) { s.Local.Type = "a/b" }, ErrSnapshot},
		"body without a type":     {func(s *Snapshot) { s.Remote.Data = []byte("x") }, ErrSnapshot},
		"type of two lines":       {func(s *Snapshot) { s.Remote = Description{"a/b\r\nX: y", []byte("x")} }, ErrSnapshot},
		"description too long":    {func(s *Snapshot) { s.Local = sdp(strings.Repeat("x", maxDescription+1)) }, ErrSnapshot},
		"timer of no time":        {func(s *Snapshot) { s.Timer.state = TimerWaiting }, ErrSnapshot},
		"alone, and the other's":  {func(s *Snapshot) { s.Timer = timed(Remote, true) }, ErrSnapshot},
		"ended before there was":  {func(s *Snapshot) { s.Ends = time.Time{} }, ErrSnapshot},
	} {
		t.Run(name, func(t *testing.T) {
			s := snapshots(t)["caller"]
			s.User = "alice"
			if _, err := s.AppendTo(nil); err != nil {
				t.Fatal(err)
			}
			tt.change(s)
			if b, err := s.AppendTo([]byte("x")); !errors.Is(err, tt.want) || string(b) != "x" {
				t.Errorf("got %q, %v; want %v", b, err, tt.want)
			}
		})
	}
}

// Records may be forged as well as damaged: the layout is judged on its own.
func TestSnapshotLayout(t *testing.T) {
	good, err := snapshots(t)["caller"].AppendTo(nil)
	if err != nil {
		t.Fatal(err)
	}
	head, numbers := snapshotHead, snapshotHead+snapshotRecord+snapshotNumbers
	for name, change := range map[string]func(b []byte) []byte{
		"records in another order": func(b []byte) []byte {
			return append(append(bytes.Clone(b[:head]), b[numbers:]...), b[head:numbers]...)
		},
		"a record twice":      func(b []byte) []byte { return append(bytes.Clone(b[:numbers]), b[head:]...) },
		"an unknown record":   func(b []byte) []byte { return append(bytes.Clone(b), recordCount+1, 0, 0, 0, 1, 'x') },
		"an empty record":     func(b []byte) []byte { return append(bytes.Clone(b), recordUser, 0, 0, 0, 0) },
		"half a record":       func(b []byte) []byte { return append(bytes.Clone(b), recordUser, 0, 0) },
		"a record too long":   func(b []byte) []byte { return append(bytes.Clone(b), recordUser, 0xff, 0xff, 0xff, 0xff, 'x') },
		"no numbers":          func(b []byte) []byte { return append(bytes.Clone(b[:head]), b[numbers:]...) },
		"an unknown flag":     func(b []byte) []byte { return changed(b, head+snapshotRecord+1, 0x80) },
		"an unknown role":     func(b []byte) []byte { return changed(b, head+snapshotRecord, 2) },
		"a session never":     func(b []byte) []byte { return changed(b, numbers-8, 0x80) },
		"no records":          func(b []byte) []byte { return b[:head] },
		"a longer number":     func(b []byte) []byte { return changed(b, head+4, snapshotNumbers+1) },
		"routes that are not": func(b []byte) []byte { return bytes.Replace(bytes.Clone(b), []byte(">, <"), []byte(">,,<"), 1) },
	} {
		t.Run(name, func(t *testing.T) {
			b := sealed(change(good[:len(good)-snapshotSum]))
			if s, err := ReadSnapshot(b); !errors.Is(err, ErrSnapshot) {
				t.Errorf("got %+v, %v", s, err)
			}
		})
	}
	if _, err := ReadSnapshot(sealed(good[:len(good)-snapshotSum])); err != nil {
		t.Errorf("unchanged: %v", err)
	}
	if _, err := ReadSnapshot(make([]byte, maxSnapshot+1)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("too long: %v", err)
	}
}

func changed(b []byte, i int, c byte) []byte {
	b = bytes.Clone(b)
	b[i] = c
	return b
}

// sealed returns b with the length and the checksum that it should have.
func sealed(b []byte) []byte {
	b = bytes.Clone(b)
	n := len(b) - snapshotHead
	copy(b[snapshotHead-4:], []byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
	// CRC-32C octet by octet, as RFC 3720, Appendix B.4, has it.
	sum := ^uint32(0)
	for _, c := range b {
		sum ^= uint32(c)
		for range 8 {
			sum = sum>>1 ^ 0x82f63b78&-(sum&1)
		}
	}
	sum = ^sum
	return append(b, byte(sum>>24), byte(sum>>16), byte(sum>>8), byte(sum))
}

// A timer that was restored goes on: a refresh that is due is sent, and a session that expired meanwhile is over.
func TestResumedTimer(t *testing.T) {
	begun := time.UnixMilli(1_799_999_000_000)
	for _, tt := range []struct {
		name  string
		timer SessionTimer
		after time.Duration
		want  TimerAction
	}{
		{"not yet", timed(Local, false), 299 * time.Second, TimerNothing},
		{"due", timed(Local, false), 300 * time.Second, TimerRefresh},
		{"due long ago", timed(Local, false), 500 * time.Second, TimerRefresh},
		{"expired", timed(Local, false), 568 * time.Second, TimerExpire},
		{"the peer's", timed(Remote, false), 500 * time.Second, TimerNothing},
		{"the peer's, expired", timed(Remote, false), 568 * time.Second, TimerExpire},
	} {
		timer, err := readTimer(tt.timer.appendTimer(nil))
		if err != nil {
			t.Fatal(err)
		}
		timer = timer.Resume(TimerPolicy{})
		if got := timer.Step(begun.Add(tt.after)); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
	running := timed(Local, false)
	if off := running.Resume(TimerPolicy{Interval: -1}); off.State() != TimerOff {
		t.Errorf("without session timers: got %v", off.State())
	}
}

// Only what is confirmed can be kept, and the restored session ends when the first would have.
func TestResumedSession(t *testing.T) {
	now := time.UnixMilli(1_800_000_000_000)
	timing := Timing{MaxDuration: time.Hour}
	s := NewSession(Callee, timing, now)
	d := server(t)
	if _, err := NewSnapshot(d, s); err != ErrNoDialog {
		t.Errorf("early: got %v", err)
	}
	d.Confirm(nil)
	s.Step(nil, Event{Kind: EventAnswer, Status: parser.StatusOK}, now)
	if _, err := NewSnapshot(d, s); err != ErrNoDialog {
		t.Errorf("not acknowledged: got %v", err)
	}
	s.Step(nil, Event{Kind: EventAck}, now)
	kept, err := NewSnapshot(d, s)
	if err != nil {
		t.Fatal(err)
	}
	later := now.Add(40 * time.Minute)
	for name, tt := range map[string]struct{ ends, want time.Time }{
		"as it would have": {kept.Ends, now.Add(time.Hour)},
		"clocks differ":    {kept.Ends.Add(24 * time.Hour), later.Add(time.Hour)},
		"over already":     {now, now},
	} {
		r := ResumeSession(Callee, timing, tt.ends, later)
		if r.State() != Confirmed || !r.Next().Equal(tt.want) {
			t.Errorf("%s: %v until %v, want %v", name, r.State(), r.Next(), tt.want)
		}
		todo := r.Step(nil, Event{Kind: EventTimer}, tt.want)
		if len(todo) == 0 || todo[0].Kind != ActionBye {
			t.Errorf("%s: at its end: got %v, want a BYE", name, todo)
		}
	}
}
