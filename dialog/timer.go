package dialog

import (
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// SessionTimer is the session timer of one dialog at one of its ends (RFC 4028): who has to show when that it is still there, and what happens
// when nobody does. It is a pure machine beside the [Session] and the [Change] that a refresh is; a 2xx to any re-INVITE or UPDATE is a refresh.
//
// Where the peer knows nothing of session timers, ours is for our benefit alone (Section 7.2): then any answer shows that the peer is there, and
// only silence ends the call.
//
// The zero SessionTimer is off, and never anything else: use [NewSessionTimer]. Not safe for concurrent use.
type SessionTimer struct {
	policy   TimerPolicy
	floor    time.Duration // the largest Min-SE that the peer or a proxy wanted; 0: none did
	interval time.Duration // of the session; 0: it has none
	at       time.Time     // when to refresh
	end      time.Time     // when to give up
	state    TimerState
	alone    bool  // the peer takes no part
	small    uint8 // how often it said 422 since the last 2xx
}

// TimerState is a state of a [SessionTimer].
type TimerState uint8

// The states.
const (
	TimerOff        TimerState = iota // the session does not expire
	TimerWaiting                      // we refresh, later
	TimerRefreshing                   // our refresh is on its way
	TimerWatching                     // the peer refreshes

	timerStateCount
)

// String returns the state's name as it stands in the tables.
func (s TimerState) String() string { return name(timerStateNames[:], int(s)) }

var timerStateNames = [timerStateCount]string{TimerOff: "Off", TimerWaiting: "Waiting", TimerRefreshing: "Refreshing", TimerWatching: "Watching"}

// timerEvent is what happened to a [SessionTimer].
type timerEvent uint8

const (
	timerOurs     timerEvent = iota // a 2xx: we refresh from now on
	timerTheirs                     // a 2xx: the peer does
	timerNone                       // a 2xx, or the end of the call: nobody does
	timerRefused                    // our refresh was refused
	timerShown                      // likewise, by a peer that takes no part: it is there
	timerTooSmall                   // our refresh was answered 422 with a larger Min-SE than we knew
	timerHalf                       // it is time to refresh
	timerEnd                        // the session is about to expire

	timerEventCount
)

func (e timerEvent) String() string { return name(timerEventNames[:], int(e)) }

var timerEventNames = [timerEventCount]string{
	timerOurs: "2xx, we refresh", timerTheirs: "2xx, peer refreshes", timerNone: "2xx, nobody refreshes", timerRefused: "refused",
	timerShown: "refused, peer alone", timerTooSmall: "422", timerHalf: "half", timerEnd: "end",
}

// TimerAction is what a [SessionTimer] wants done.
type TimerAction uint8

// The actions.
const (
	TimerNothing TimerAction = iota
	TimerRefresh             // send a session refresh request
	TimerExpire              // the peer is gone: end the call by BYE
)

// String returns the action as it stands in the tables.
func (a TimerAction) String() string { return name(timerActionNames[:], int(a)) }

var timerActionNames = [...]string{TimerNothing: "-", TimerRefresh: "refresh", TimerExpire: "send BYE"}

// stepTimer is the table: RFC 4028, Sections 7.2, 7.3, 9 and 10.
func stepTimer(s TimerState, e timerEvent) (TimerState, TimerAction) {
	switch e {
	case timerOurs:
		return TimerWaiting, TimerNothing
	case timerTheirs:
		return TimerWatching, TimerNothing
	case timerNone:
		return TimerOff, TimerNothing
	case timerEnd:
		if s != TimerOff {
			return TimerOff, TimerExpire
		}
	case timerHalf:
		if s == TimerWaiting {
			return TimerRefreshing, TimerRefresh
		}
	case timerRefused, timerShown:
		if s == TimerRefreshing {
			return TimerWaiting, TimerNothing
		}
	case timerTooSmall:
		if s == TimerRefreshing {
			return TimerRefreshing, TimerRefresh
		}
	}
	return s, TimerNothing
}

// NewSessionTimer returns the timer of a dialog that is not confirmed yet: it is off.
func NewSessionTimer(p TimerPolicy) SessionTimer { return SessionTimer{policy: p.withDefaults()} }

// State returns the present state.
func (t *SessionTimer) State() TimerState { return t.state }

// Interval returns the session interval, 0 when the session does not expire.
func (t *SessionTimer) Interval() time.Duration {
	if t.state == TimerOff {
		return 0
	}
	return t.interval
}

// Next returns the time at which Step wants to be called, the zero time when the timer is off.
func (t *SessionTimer) Next() time.Time {
	switch t.state {
	case TimerWaiting:
		if t.at.Before(t.end) {
			return t.at
		}
	case TimerOff:
		return time.Time{}
	}
	return t.end
}

// Step looks at the time. A call that comes early does nothing.
func (t *SessionTimer) Step(now time.Time) TimerAction {
	switch {
	case t.state == TimerOff:
		return TimerNothing
	case due(t.end, now):
		return t.step(timerEnd)
	case due(t.at, now):
		return t.step(timerHalf)
	}
	return TimerNothing
}

func (t *SessionTimer) step(e timerEvent) TimerAction {
	var a TimerAction
	t.state, a = stepTimer(t.state, e)
	return a
}

// Restart begins the session interval anew: a session refresh request had its 2xx, which says a. refresher is who refreshes from now on; alone says
// that the peer takes no part. An interval of zero turns the timer off.
func (t *SessionTimer) Restart(interval time.Duration, refresher Side, alone bool, now time.Time) {
	t.interval, t.alone, t.small = interval, alone, 0
	t.at, t.end = now.Add(interval/2), now.Add(interval-margin(interval))
	switch {
	case interval <= 0:
		t.step(timerNone)
	case refresher == Local:
		t.step(timerOurs)
	default:
		t.step(timerTheirs)
	}
}

// margin is how long before the end of the session who does not refresh gives it up (RFC 4028, Section 10).
func margin(interval time.Duration) time.Duration { return min(32*time.Second, interval/3) }

// Stop turns the timer off: the call is over.
func (t *SessionTimer) Stop() { t.step(timerNone) }

// Refused says that our session refresh request was refused, or could not be sent now. It is tried again when half of what remains has passed, until nothing
// remains: a peer that always says the same is not asked often (RFC 4028, Section 10). status is the refusal's, 0 when there was none.
func (t *SessionTimer) Refused(status parser.Status, now time.Time) TimerAction {
	if t.state != TimerRefreshing {
		return TimerNothing
	}
	if t.alone && status != 0 && status != parser.StatusRequestPending {
		t.at, t.end = now.Add(t.interval/2), now.Add(t.interval-margin(t.interval))
		return t.step(timerShown)
	}
	const least = 500 * time.Millisecond
	wait := t.end.Sub(now) / 2
	if status == parser.StatusRequestPending || status == 0 {
		wait = min(wait, 4*time.Second) // what is in the way will be over by then
	}
	t.at = now.Add(max(wait, least))
	return t.step(timerRefused)
}

// maxTooSmall bounds the refreshes that a peer, or the proxies on the way to it, can ask for one after the other by wanting a little more each time.
const maxTooSmall = 3

// TooSmall says that our session refresh request was answered 422 with the Min-SE given. When that is more than was known the request is sent
// again, with a longer interval (RFC 4028, Section 7.3), else it is refused.
func (t *SessionTimer) TooSmall(least time.Duration, now time.Time) TimerAction {
	if t.small++; !t.Learn(least) || t.small > maxTooSmall {
		t.small = 0
		return t.Refused(parser.StatusSessionIntervalTooSmall, now)
	}
	return t.step(timerTooSmall)
}

// Learn keeps the Min-SE of a 422, or of a session refresh request of the peer, and reports whether it is the largest yet (RFC 4028, Section 7.4).
func (t *SessionTimer) Learn(least time.Duration) bool {
	if least <= t.floor {
		return false
	}
	t.floor = least
	return true
}

// timerDeadlines returns the rows of a session timer with the default policy.
func timerDeadlines() []Deadline {
	interval := TimerPolicy{}.withDefaults().Interval
	end := interval - margin(interval)
	row := func(s TimerState, bound time.Duration, e timerEvent) Deadline {
		next, a := stepTimer(s, e)
		return Deadline{"session timer", s.String(), bound, a.String() + " -> " + next.String()}
	}
	return []Deadline{
		row(TimerWaiting, interval/2, timerHalf),
		row(TimerRefreshing, end-interval/2, timerEnd),
		row(TimerWatching, end, timerEnd),
	}
}
