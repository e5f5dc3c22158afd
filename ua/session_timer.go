package ua

import (
	"errors"
	"strconv"
	"time"

	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
)

// optionTimer is the option tag of RFC 4028.
const optionTimer = "timer"

// ErrExpired: the peer did not show that it is still there, before the session expired (RFC 4028, Section 10).
var ErrExpired = errors.New("sip: session expired: the peer does not refresh it any more")

// timed returns what Config wants of session timers.
func (c *Config) timed() dialog.TimerPolicy {
	return dialog.TimerPolicy{Interval: c.SessionExpires, Min: c.MinSE}
}

// offerTimer writes what a session refresh request of ours says (RFC 4028, Section 7).
func offerTimer(b *parser.Builder, o dialog.TimerOffer) {
	if o.Interval <= 0 {
		return
	}
	b.HeaderBytes(parser.HeaderSessionExpires, parser.SessionExpires{Seconds: inSeconds(o.Interval), Refresher: o.Refresher}.AppendTo(nil))
	if o.Min > 0 {
		b.Int(parser.HeaderMinSE, inSeconds(o.Min))
	}
}

// answerTimer writes what a 2xx of ours says.
func answerTimer(b *parser.Builder, a dialog.TimerAnswer) {
	if a.Interval <= 0 || !a.Said {
		return
	}
	if a.Required {
		b.Header(parser.HeaderRequire, optionTimer)
	}
	b.HeaderBytes(parser.HeaderSessionExpires, parser.SessionExpires{Seconds: inSeconds(a.Interval), Refresher: a.Refresher}.AppendTo(nil))
}

func inSeconds(d time.Duration) int { return int(d / time.Second) }

// refuseInterval is the refusal of a session interval that is too short (RFC 4028, Section 9).
func (a *Agent) refuseInterval() *refusal {
	return &refusal{parser.StatusSessionIntervalTooSmall, parser.HeaderMinSE, strconv.Itoa(inSeconds(a.cfg.timed().Least()))}
}

// tickTimer lets the session timer look at the time. The caller holds c.mu.
func (c *Call) tickTimer(now time.Time) { c.performTimer(c.refresher.Step(now), now) }

func (c *Call) performTimer(act dialog.TimerAction, now time.Time) {
	switch act {
	case dialog.TimerExpire:
		c.because(ErrExpired, false)
		c.step(dialog.Event{Kind: dialog.EventDead})
	case dialog.TimerRefresh:
		c.refreshSession(now)
	}
	c.arm(now)
}

// refreshSession sends a session refresh request: UPDATE without a body if the peer allows that, else a re-INVITE with the description that
// it has already, octet by octet (RFC 4028, Section 7.4). While something else changes the session it waits.
func (c *Call) refreshSession(now time.Time) {
	k, body := dialog.OurInvite, c.mediaOf(c.dialog).local
	if c.peer.update {
		k, body = dialog.OurUpdate, Body{}
	}
	m := c.mediaOf(c.dialog)
	next := m.x
	request, _, _ := carriers(k == dialog.OurInvite)
	v := next.Step(dialog.Local, request, !body.IsZero())
	if c.changes.any() || c.session.State() != dialog.Confirmed || v == dialog.VerdictRefuse {
		c.refresher.Refused(0, now)
		return
	}
	m.x = next
	c.begun(k, c.dialog, body).refresh = true
}

// refreshed hears that our refresh failed with status; least is the Min-SE of a 422. The caller holds c.mu.
func (o *ours) refreshed(status parser.Status, least time.Duration, now time.Time) {
	c := o.call
	if status == parser.StatusSessionIntervalTooSmall {
		c.performTimer(c.refresher.TooSmall(least, now), now)
		return
	}
	c.refresher.Refused(status, now)
	c.arm(now)
}

// learns reports whether a refusal was about the session interval, and said something new (RFC 4028, Section 7.3).
func (c *Call) learns(refused *ResponseError) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.refresher.Learn(tooShort(refused))
}

// tooShort returns the shortest session interval that err, a refusal, asks for; 0 when it is about something else.
func tooShort(err error) time.Duration {
	var refused *ResponseError
	if !errors.As(err, &refused) || refused.Status != parser.StatusSessionIntervalTooSmall {
		return 0
	}
	return dialog.ReadTimer(refused.Message).Min
}
