package dialog

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

var long = flag.Bool("long", false, "run all of what takes long, not a ten-thousandth")

// paths is the number of calls that TestEveryPathEnds lives through with -long.
const paths = 10_000_000

// whole is a call as the product of its machines, put together as a user agent does it, with a peer and an application that do anything.
type whole struct {
	*rand.Rand
	s      *Session
	x      Exchange
	ours   *Change
	invite *Change // the peer's
	update *Change // likewise
	timer  SessionTimer
	now    time.Time

	refresh bool // ours is one
	ended   int  // how often the application was told that the call is over
	told    map[*Change]int
	last    string
}

func newWhole(seed uint64) *whole {
	w := &whole{Rand: rand.New(rand.NewPCG(seed, 1)), now: start, told: make(map[*Change]int)}
	w.timer = NewSessionTimer(TimerPolicy{})
	role, from := Caller, Local
	if w.coin() {
		role, from = Callee, Remote
	}
	w.s = NewSession(role, Timing{}, w.now)
	w.x.Step(from, CarryInvite, w.coin())
	return w
}

func (w *whole) coin() bool { return w.IntN(2) == 0 }

// session steps the session and does what it says.
func (w *whole) session(k EventKind, status parser.Status) {
	if k == EventSuccess && w.s.State() < Confirmed {
		w.x.Step(Remote, CarrySuccess, w.coin())
		if w.coin() {
			w.timer.Accepted(w.timer.Offer(), TimerOffer{Interval: 90 * time.Second, Refresher: parser.Refresher(w.IntN(3))}, w.now)
		} else {
			w.timer.Accepted(w.timer.Offer(), TimerOffer{}, w.now)
		}
	}
	if k == EventAck {
		w.x.Step(Remote, CarryAck, w.coin())
	}
	for _, a := range w.s.Step(nil, Event{k, status}, w.now) {
		switch a.Kind {
		case ActionAck:
			w.x.Step(Local, CarryAck, w.x.Open() == Remote && w.coin())
		case ActionAnswer:
			w.x.Step(Local, CarrySuccess, w.coin())
			o := TimerOffer{Supported: w.coin()}
			answer, _ := TimerPolicy{}.Answer(o)
			w.timer.Answered(o, answer, w.now)
		case ActionEnded:
			w.ended++
			w.timer.Stop()
			for _, c := range []*Change{w.ours, w.invite, w.update} {
				if c != nil {
					w.change(c, EventBye, 0)
				}
			}
		}
	}
}

// change steps c and does what it says.
func (w *whole) change(c *Change, k EventKind, status parser.Status) {
	was := c.State()
	ours := c.Kind() == OurInvite || c.Kind() == OurUpdate
	success, refusal := CarryUpdateSuccess, CarryUpdateRefusal
	if c.Kind() == OurInvite || c.Kind() == PeerInvite {
		success, refusal = CarrySuccess, CarryRefusal
	}
	side := Local // who answers
	if ours {
		side = Remote
	}
	if k == EventSuccess && was != Terminated {
		w.x.Step(Remote, success, w.coin())
		if w.s.State() == Confirmed { // a 2xx may cross the BYE
			w.timer.Accepted(w.timer.Offer(), TimerOffer{}, w.now)
		}
	}
	if k == EventAck && was == Answered {
		w.x.Step(Remote, CarryAck, w.coin())
	}
	for _, a := range c.Step(nil, Event{k, status}, w.now) {
		switch a.Kind {
		case ActionAck:
			w.x.Step(Local, CarryAck, w.x.Open() == Remote && w.coin())
		case ActionAnswer:
			w.x.Step(Local, success, w.coin())
		case ActionAnswered:
			w.told[c]++
		case ActionEnded:
			w.told[c]++
			w.x.Step(side, refusal, false)
			if ours && w.refresh {
				w.timer.Refused(a.Status, w.now)
			}
		case ActionDead:
			w.session(EventDead, 0)
		}
	}
	if was == Terminated || c.State() != Terminated {
		return
	}
	switch c {
	case w.ours:
		w.ours, w.refresh = nil, false
	case w.invite:
		w.invite = nil
	case w.update:
		w.update = nil
	}
}

// propose begins a change of ours, if it is its turn.
func (w *whole) propose(k ChangeKind, described bool) bool {
	next, request := w.x, CarryUpdate
	if k == OurInvite {
		request = CarryInvite
	}
	v := next.Step(Local, request, described)
	if w.ours != nil || w.s.State() != Confirmed || v == VerdictRefuse || k == OurInvite && w.invite != nil {
		return false
	}
	w.x, w.ours = next, NewChange(k, Timing{}, w.now)
	return true
}

// take begins a change of the peer's, or refuses it.
func (w *whole) take(k ChangeKind, described bool) {
	if s := w.s.State(); s == Ending || s == Terminated || k == PeerUpdate && (!described || w.update != nil) {
		return
	}
	request := CarryUpdate
	if k == PeerInvite {
		request = CarryInvite
		if w.invite != nil && w.x.Inviting() == 0 {
			w.change(w.invite, EventAck, 0)
		}
	}
	if w.x.Step(Remote, request, described) >= VerdictRefuse {
		return
	}
	c := NewChange(k, Timing{}, w.now)
	if k == PeerInvite {
		w.invite = c
	} else {
		w.update = c
	}
}

// any lets something happen that can.
func (w *whole) any() {
	statuses := []parser.Status{100, 180, 200, 302, 404, 408, 481, 486, 491, 500, 603}
	status := statuses[w.IntN(len(statuses))]
	switch w.IntN(8) {
	case 0, 1: // to the session
		k := EventKind(w.IntN(int(EventTimer)))
		if w.s.Role() == Callee && k < EventAck || w.s.Role() == Caller && (k == EventAck || k == EventCancel) {
			return
		}
		if w.s.State() < Confirmed && (k == EventSuccessAgain || k == EventSuccessFork) {
			return
		}
		switch k {
		case EventFailure, EventTimeout, EventTransportError, EventBye, EventDead, EventHangup, EventCancel, EventReject:
			if w.IntN(20) > 0 {
				return // or all calls would be short
			}
		case EventAnswer:
			status = 200
		}
		w.last = "session " + k.String()
		w.session(k, status)
	case 2:
		k := ChangeKind(w.IntN(2))
		w.last = k.String()
		w.propose(k, w.coin())
	case 3:
		k := PeerInvite + ChangeKind(w.IntN(2))
		w.last = k.String()
		w.take(k, w.coin())
	case 4, 5:
		changes := []*Change{w.ours, w.invite, w.update}
		if c := changes[w.IntN(len(changes))]; c != nil {
			events := []EventKind{EventTrying, EventProgress, EventSuccess, EventFailure, EventTimeout, EventTransportError, EventHangup}
			if c != w.ours {
				events = []EventKind{EventAck, EventCancel, EventAnswer, EventReject}
			}
			k := events[w.IntN(len(events))]
			if k == EventAnswer {
				status = 200
			}
			w.last = c.Kind().String() + " " + k.String()
			w.change(c, k, status)
		}
	case 6:
		w.pass(time.Duration(w.Int64N(int64(time.Minute))))
	case 7:
		if next := w.next(); !next.IsZero() && w.coin() {
			w.pass(next.Sub(w.now))
		}
	}
}

// next returns the time at which the first machine wants to be called.
func (w *whole) next() (at time.Time) {
	all := []time.Time{w.s.Next(), w.timer.Next()}
	for _, c := range []*Change{w.ours, w.invite, w.update} {
		if c != nil {
			all = append(all, c.Next())
		}
	}
	for _, t := range all {
		if at.IsZero() || !t.IsZero() && t.Before(at) {
			at = t
		}
	}
	return at
}

// pass lets d pass, and the timers fire that are due.
func (w *whole) pass(d time.Duration) {
	end := w.now.Add(d)
	for next := w.next(); !next.IsZero() && !next.After(end); next = w.next() {
		if next.After(w.now) {
			w.now = next
		}
		w.fire()
	}
	w.now = end
}

// fire lets every machine look at the time.
func (w *whole) fire() {
	w.last = "time"
	w.session(EventTimer, 0)
	for _, c := range []*Change{w.ours, w.invite, w.update} {
		if c != nil {
			w.change(c, EventTimer, 0)
		}
	}
	switch w.timer.Step(w.now) {
	case TimerExpire:
		w.session(EventDead, 0)
	case TimerRefresh:
		if w.propose(OurUpdate, false) {
			w.refresh = true
		} else {
			w.timer.Refused(0, w.now)
		}
	}
}

// wrong returns what must not be.
func (w *whole) wrong() error {
	over := w.s.State() == Terminated
	switch {
	case w.ended > 1:
		return fmt.Errorf("told %d times that it is over", w.ended)
	case over && w.ended != 1:
		return fmt.Errorf("over, and told %d times", w.ended)
	case !over && w.s.Next().IsZero():
		return fmt.Errorf("%v without a deadline", w.s.State())
	case w.ended == 1 && w.timer.State() != TimerOff:
		return fmt.Errorf("over, and its session timer is %v", w.timer.State())
	case w.s.State() == Confirmed && w.ours == nil && w.invite == nil && w.update == nil && (w.x.Open() != 0 || w.x.Inviting() != 0):
		return fmt.Errorf("nothing is on its way, and the exchange is %v", w.x)
	case w.invite != nil && over, w.update != nil && over:
		return fmt.Errorf("over, and a change of the peer's is not")
	}
	for c, n := range w.told {
		if n > 1 || (n == 1) != (c.State() == Terminated) {
			return fmt.Errorf("%v is %v and told %d times", c.Kind(), c.State(), n)
		}
	}
	for _, c := range []*Change{w.ours, w.invite, w.update} {
		if c != nil && c.Next().IsZero() {
			return fmt.Errorf("%v is %v without a deadline", c.Kind(), c.State())
		}
	}
	return nil
}

// longestSilence is how long after the last word of anybody there may still be something of a call: a session interval, ringing and giving up
// included. That is the promise, and much less than the longest call.
const longestSilence = 1800*time.Second + 3*180*time.Second

// TestEveryPathEnds lets anything happen to calls, and then nothing any more: each is over, at both its application and its peer, within the bound.
func TestEveryPathEnds(t *testing.T) {
	n := uint64(paths / 10_000)
	if *long {
		n = paths
	}
	states := map[State]int{}
	for seed := range n {
		w := newWhole(seed)
		var err error
		for range 5 + w.IntN(60) {
			w.any()
			if err = w.wrong(); err != nil {
				break
			}
		}
		states[w.s.State()]++
		silent := w.now
		for steps := 0; err == nil && w.next() != (time.Time{}); steps++ {
			if w.now = w.next(); steps > 1000 || w.now.Sub(silent) > longestSilence {
				err = fmt.Errorf("%v, and still there after %v of silence", w.s.State(), w.now.Sub(silent))
				break
			}
			w.fire()
			err = w.wrong()
		}
		if err == nil && w.s.State() != Terminated {
			err = fmt.Errorf("%v, and nobody is to look at it again", w.s.State())
		}
		if err != nil {
			t.Fatalf("path %d, %v, last %s: %v", seed, w.s.Role(), w.last, err)
		}
	}
	for _, s := range []State{Proceeding, Canceling, Ringing, Answered, Confirmed, Ending, Terminated} {
		if states[s] == 0 {
			t.Errorf("no path came to %v: %v", s, states)
		}
	}
}
