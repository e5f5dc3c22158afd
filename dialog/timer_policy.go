package dialog

import (
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// TimerPolicy is what an end of a call wants of session timers. The zero TimerPolicy is the defaults.
type TimerPolicy struct {
	Interval time.Duration // the session interval. Zero means 1800s; negative: no session timer, neither asked for nor accepted.
	Min      time.Duration // the shortest that is accepted. Zero means 90s, or Interval if that is less; less than 90s is below what RFC 4028, Section 4, allows.
}

// leastInterval is what a Min-SE that is not there means (RFC 4028, Section 5).
const leastInterval = 90 * time.Second

func (p TimerPolicy) withDefaults() TimerPolicy {
	if p.Interval == 0 {
		p.Interval = 1800 * time.Second
	}
	if p.Interval > 0 {
		p.Interval = max(p.Interval.Truncate(time.Second), time.Second)
	}
	if p.Min <= 0 {
		p.Min = leastInterval
		if !p.Off() {
			p.Min = min(p.Min, p.Interval)
		}
	}
	p.Min = max(p.Min.Truncate(time.Second), time.Second)
	return p
}

// Off reports whether there are to be no session timers.
func (p TimerPolicy) Off() bool { return p.Interval < 0 }

// Least returns the shortest interval that is accepted: what stands in Min-SE of a 422.
func (p TimerPolicy) Least() time.Duration { return p.withDefaults().Min }

// TimerOffer is what a session refresh request, an INVITE or UPDATE, says of session timers.
type TimerOffer struct {
	Supported bool             // Supported lists timer
	Interval  time.Duration    // of Session-Expires; 0: it has none
	Min       time.Duration    // of Min-SE; 0: it has none
	Refresher parser.Refresher // of Session-Expires
}

// ReadTimer returns what m, a request or a response, says of session timers. What cannot be read is not there.
func ReadTimer(m *parser.Message) TimerOffer {
	o := TimerOffer{Supported: m.HasTag(parser.HeaderSupported, "timer") || m.HasTag(parser.HeaderRequire, "timer")}
	if s, err := m.SessionExpires(); err == nil {
		o.Interval, o.Refresher = time.Duration(s.Seconds)*time.Second, s.Refresher
	}
	if s, err := m.MinSE(); err == nil {
		o.Min = time.Duration(s) * time.Second
	}
	return o
}

// TimerAnswer is what a 2xx to a session refresh request says.
type TimerAnswer struct {
	Interval  time.Duration    // 0: the session does not expire
	Refresher parser.Refresher // uac or uas
	Said      bool             // it stands in the 2xx; else nobody but us would understand it
	Required  bool             // the 2xx has Require: timer
}

// Answer decides about o as its UAS (RFC 4028, Section 9 and Table 2). A status that is not 0 refuses the request: 422, with our Min in
// Min-SE. The interval is never raised above what o asks for, nor lowered below its Min-SE.
func (p TimerPolicy) Answer(o TimerOffer) (TimerAnswer, parser.Status) {
	p = p.withDefaults()
	switch {
	case p.Off():
		return TimerAnswer{}, 0
	case o.Supported && o.Interval > 0 && o.Interval < p.Min:
		return TimerAnswer{}, parser.StatusSessionIntervalTooSmall
	}
	a := TimerAnswer{Interval: max(p.Interval, p.Min, o.Min), Refresher: parser.RefresherUAS, Said: o.Supported || o.Interval > 0, Required: o.Supported}
	if o.Interval > 0 {
		a.Interval = min(a.Interval, o.Interval)
	}
	if o.Supported && o.Refresher != parser.RefresherUAS {
		a.Refresher = parser.RefresherUAC // it shows us that it is there
	}
	return a, 0
}

// Offer returns what our session refresh request says (RFC 4028, Sections 7.1 and 7.4): the roles stay what they are.
func (t *SessionTimer) Offer() TimerOffer {
	if t.policy.withDefaults().Off() {
		return TimerOffer{}
	}
	least := max(t.floor, t.policy.Min)
	o := TimerOffer{Supported: true, Interval: max(t.policy.Interval, least)}
	if least != leastInterval {
		o.Min = least
	}
	if t.state == TimerOff {
		return o
	}
	o.Interval = max(t.interval, least)
	switch {
	case t.alone:
	case t.state == TimerWatching:
		o.Refresher = parser.RefresherUAS
	default:
		o.Refresher = parser.RefresherUAC
	}
	return o
}

// Accepted takes the 2xx to our request that said o: who refreshes, and how long the session lasts (RFC 4028, Section 7.2).
func (t *SessionTimer) Accepted(o TimerOffer, said TimerOffer, now time.Time) {
	switch {
	case !o.Supported:
	case said.Interval <= 0:
		t.Restart(o.Interval, Local, true, now) // "purely for its benefit alone"
	case said.Refresher == parser.RefresherUAS:
		t.Restart(said.Interval, Remote, false, now)
	default:
		t.Restart(said.Interval, Local, false, now)
	}
}

// Answered takes the 2xx with a that we sent to a request of the peer that said o.
func (t *SessionTimer) Answered(o TimerOffer, a TimerAnswer, now time.Time) {
	t.Learn(o.Min)
	refresher := Local
	if a.Refresher == parser.RefresherUAC {
		refresher = Remote
	}
	t.Restart(a.Interval, refresher, !o.Supported, now)
}
