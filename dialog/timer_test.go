package dialog

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/internal/golden"
	"github.com/ringback-sip/ringback/parser"
)

// columns returns the rows of a table with n columns, without its comments and its head.
func columns(t *testing.T, path string, n int) (rows [][]string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		c := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(c) != n {
			t.Fatalf("%s: %q has %d columns, want %d", path, line, len(c), n)
		}
		rows = append(rows, c)
	}
	return rows[1:]
}

func TestSessionTimerTableMatchesTheRFC(t *testing.T) {
	var got bytes.Buffer
	fmt.Fprintln(&got, "state\tevent\taction\tnext")
	want := map[string]string{}
	for _, c := range columns(t, "../testdata/rfc/session-timer.tsv", 4) {
		want[c[0]+"\t"+c[1]] = c[2] + "\t" + c[3]
	}
	for s := range timerStateCount {
		for e := range timerEventCount {
			next, a := stepTimer(s, e)
			key, value := fmt.Sprintf("%v\t%v", s, e), fmt.Sprintf("%v\t%v", a, next)
			if want[key] != value {
				t.Errorf("%s: got %q, want %q", key, value, want[key])
			}
			delete(want, key)
			fmt.Fprintf(&got, "%s\t%s\n", key, value)
		}
	}
	for key := range want {
		t.Errorf("%s: only in the RFC's table", key)
	}
	golden.Equal(t, "testdata/golden/session-timer.tsv", got.Bytes())
}

// TestRefresherTableMatchesTheRFC holds TimerPolicy.Answer to RFC 4028, Table 2.
func TestRefresherTableMatchesTheRFC(t *testing.T) {
	policies := map[string]TimerPolicy{
		"default": {}, "off": {Interval: -1}, "low": {Interval: 30 * time.Second, Min: 20 * time.Second},
	}
	refreshers := map[string]parser.Refresher{"-": 0, "uac": parser.RefresherUAC, "uas": parser.RefresherUAS}
	seconds := func(s string) time.Duration {
		n, err := strconv.Atoi(s)
		if s != "-" && err != nil {
			t.Fatal(err)
		}
		return time.Duration(n) * time.Second
	}
	for _, c := range columns(t, "../testdata/rfc/refresher.tsv", 10) {
		p, ok := policies[c[0]]
		if !ok {
			t.Fatalf("no policy %q", c[0])
		}
		a, status := p.Answer(TimerOffer{Supported: c[1] == "yes", Interval: seconds(c[2]), Min: seconds(c[3]), Refresher: refreshers[c[4]]})
		want := TimerAnswer{Interval: seconds(c[6]), Refresher: refreshers[c[7]], Required: c[8] == "yes"}
		want.Said = want.Interval > 0 && c[9] != "yes"
		if strconv.Itoa(int(status)) != c[5] || a != want {
			t.Errorf("%v:\n got %d, %+v\nwant %s, %+v", c, status, a, c[5], want)
		}
	}
}

// timerAt is a SessionTimer and its clock.
type timerAt struct {
	SessionTimer
	now time.Time
}

// wait goes to the next time, and returns the action and the seconds since start.
func (t *timerAt) wait() (TimerAction, float64) {
	t.now = t.Next()
	return t.Step(t.now), t.now.Sub(start).Seconds()
}

func newTimerAt(p TimerPolicy) *timerAt { return &timerAt{NewSessionTimer(p), start} }

// We refresh at half of the interval, the roles stay (RFC 4028, Sections 7.4 and 10), and a refusal is followed by others before the end.
func TestSessionTimerRefreshes(t *testing.T) {
	x := newTimerAt(TimerPolicy{})
	o := x.Offer()
	if o != (TimerOffer{Supported: true, Interval: 1800 * time.Second}) {
		t.Errorf("the INVITE says %+v", o)
	}
	x.Accepted(o, TimerOffer{Interval: 600 * time.Second, Refresher: parser.RefresherUAC}, x.now)
	if a, at := x.wait(); a != TimerRefresh || at != 300 {
		t.Errorf("%v at %v, want refresh at 300", a, at)
	}
	if o = x.Offer(); o.Interval != 600*time.Second || o.Refresher != parser.RefresherUAC {
		t.Errorf("the refresh says %+v", o)
	}
	var at []float64
	for x.State() != TimerOff {
		x.Refused(488, x.now)
		_, s := x.wait()
		at = append(at, s)
	}
	if got, want := fmt.Sprint(at), "[434 501 534.5 551.25 559.625 563.8125 565.90625 566.953125 567.4765625 567.9765625 568]"; got != want {
		t.Errorf("tried again at %v, want %v", got, want)
	}
}

// Who does not refresh ends the call by BYE before the session expires: 32 s, or a third of the interval (RFC 4028, Section 10).
func TestSessionTimerWatches(t *testing.T) {
	for interval, want := range map[time.Duration]float64{90 * time.Second: 60, 96 * time.Second: 64, 120 * time.Second: 88, 1800 * time.Second: 1768} {
		x := newTimerAt(TimerPolicy{})
		x.Answered(TimerOffer{Supported: true}, TimerAnswer{Interval: interval, Refresher: parser.RefresherUAC}, x.now)
		if o := x.Offer(); o.Refresher != parser.RefresherUAS || o.Interval != interval || x.Interval() != interval {
			t.Errorf("%v: a change of ours says %+v", interval, o)
		}
		if a, at := x.wait(); a != TimerExpire || at != want {
			t.Errorf("%v: %v at %v, want BYE at %v", interval, a, at, want)
		}
		if !x.Next().IsZero() || x.Interval() != 0 || x.Step(x.now) != TimerNothing {
			t.Errorf("%v: over, and goes on", interval)
		}
	}
}

// A peer without session timers is asked all the same, for our own benefit (RFC 4028, Section 7.2): any answer shows that it is there.
func TestSessionTimerAlone(t *testing.T) {
	x := newTimerAt(TimerPolicy{})
	x.Accepted(x.Offer(), TimerOffer{}, x.now)
	for i := range 5 {
		if a, at := x.wait(); a != TimerRefresh || at != float64(900*(i+1)) {
			t.Fatalf("%v at %v", a, at)
		}
		if o := x.Offer(); o.Refresher != 0 {
			t.Errorf("asks a peer that does not know what it means for %v", o.Refresher)
		}
		x.Refused(488, x.now)
	}
	x.wait()
	if a, at := x.wait(); a != TimerExpire || at != 4500+1768 { // nothing at all came
		t.Errorf("%v at %v", a, at)
	}
}

// A 422 raises the interval, and the Min-SE that is said from then on is the largest of all (RFC 4028, Sections 7.3 and 7.4).
func TestSessionTimerLearnsTheLeast(t *testing.T) {
	x := newTimerAt(TimerPolicy{Interval: 100 * time.Second})
	x.Accepted(x.Offer(), TimerOffer{Interval: 100 * time.Second, Refresher: parser.RefresherUAC}, x.now)
	x.wait()
	if a := x.TooSmall(200*time.Second, x.now); a != TimerRefresh {
		t.Errorf("422: %v, want refresh", a)
	}
	if o := x.Offer(); o.Interval != 200*time.Second || o.Min != 200*time.Second {
		t.Errorf("after 422: %+v", o)
	}
	if a := x.TooSmall(150*time.Second, x.now); a != TimerNothing || x.State() != TimerWaiting {
		t.Errorf("422 with less: %v, %v; want to wait", a, x.State())
	}
	x.Answered(TimerOffer{Supported: true, Min: 300 * time.Second}, TimerAnswer{Interval: 300 * time.Second, Refresher: parser.RefresherUAS}, x.now)
	if o := x.Offer(); o.Min != 300*time.Second {
		t.Errorf("after a request with Min-SE: %+v", o)
	}
	if a := x.TooSmall(400*time.Second, x.now); a != TimerNothing { // of a change that is no refresh
		t.Errorf("422: %v", a)
	}
}

// What is in the way of a refresh, an open offer or another request, is waited for a short while only.
func TestSessionTimerWaitsForItsTurn(t *testing.T) {
	x := newTimerAt(TimerPolicy{})
	x.Accepted(x.Offer(), TimerOffer{Interval: 1800 * time.Second, Refresher: parser.RefresherUAC}, x.now)
	x.wait()
	for _, status := range []parser.Status{0, 491} {
		at := x.now
		x.Refused(status, x.now)
		if a, _ := x.wait(); a != TimerRefresh || x.now.Sub(at) != 4*time.Second {
			t.Errorf("%d: %v after %v, want refresh after 4s", status, a, x.now.Sub(at))
		}
	}
	if x.Stop(); x.State() != TimerOff {
		t.Errorf("stopped: %v", x.State())
	}
}

func TestSessionTimerOff(t *testing.T) {
	x := newTimerAt(TimerPolicy{Interval: -1})
	o := x.Offer()
	if o != (TimerOffer{}) {
		t.Errorf("says %+v", o)
	}
	x.Accepted(o, TimerOffer{Interval: 100 * time.Second, Refresher: parser.RefresherUAC}, x.now)
	if x.State() != TimerOff || !x.Next().IsZero() || x.Refused(488, x.now) != TimerNothing {
		t.Errorf("%v", x.State())
	}
	var zero SessionTimer
	if zero.Step(start) != TimerNothing || !zero.Next().IsZero() {
		t.Error("the zero timer does something")
	}
}

func TestReadTimer(t *testing.T) {
	for text, want := range map[string]TimerOffer{
		"":                             {},
		"Supported: 100rel, timer\r\n": {Supported: true},
		"x: 1800;refresher=uas\r\nMin-SE: 120\r\nk: timer\r\n": {Supported: true, Interval: 1800 * time.Second, Min: 120 * time.Second, Refresher: parser.RefresherUAS},
		"Session-Expires: soon\r\nMin-SE: x\r\n":               {},
		"Require: timer\r\nSession-Expires: 90\r\n":            {Supported: true, Interval: 90 * time.Second},
	} {
		m := new(parser.Message)
		if err := m.Parse([]byte("INVITE sip:a@b SIP/2.0\r\n" + text + "\r\n")); err != nil {
			t.Fatal(err)
		}
		if got := ReadTimer(m); got != want {
			t.Errorf("%q: got %+v, want %+v", text, got, want)
		}
	}
}

func TestSessionTimerDeadlines(t *testing.T) {
	bounds := map[string]time.Duration{}
	for _, d := range Deadlines() {
		bounds[d.Machine+" "+d.State] = d.Bound
	}
	x := newTimerAt(TimerPolicy{})
	x.Restart(1800*time.Second, Local, false, start)
	for _, want := range []TimerState{TimerWaiting, TimerRefreshing} {
		at := x.now
		if x.State() != want {
			t.Fatalf("%v, want %v", x.State(), want)
		}
		x.wait()
		if got := x.now.Sub(at); got != bounds["session timer "+want.String()] {
			t.Errorf("%v left after %v, the table says %v", want, got, bounds["session timer "+want.String()])
		}
	}
	x.Restart(1800*time.Second, Remote, false, x.now)
	at := x.now
	x.wait()
	if got := x.now.Sub(at); got != bounds["session timer Watching"] {
		t.Errorf("Watching left after %v, the table says %v", got, bounds["session timer Watching"])
	}
}

// A shorter interval than RFC 4028 allows is there for who asks for it, and whole seconds only.
func TestTimerPolicyDefaults(t *testing.T) {
	for p, want := range map[TimerPolicy][2]time.Duration{
		{}:                                  {1800 * time.Second, 90 * time.Second},
		{Interval: 4500 * time.Millisecond}: {4 * time.Second, 4 * time.Second},
		{Interval: time.Millisecond, Min: time.Millisecond}:  {time.Second, time.Second},
		{Interval: 60 * time.Second, Min: 120 * time.Second}: {60 * time.Second, 120 * time.Second},
		{Interval: -1}: {-1, 90 * time.Second},
	} {
		if got := p.withDefaults(); got.Interval != want[0] || p.Least() != want[1] || got.Off() != (want[0] < 0) {
			t.Errorf("%+v: %+v, want %v", p, got, want)
		}
	}
}

// A peer that wants a little more each time is not asked for ever.
func TestSessionTimerStopsRaising(t *testing.T) {
	x := newTimerAt(TimerPolicy{})
	x.Accepted(x.Offer(), TimerOffer{Interval: 1800 * time.Second, Refresher: parser.RefresherUAC}, x.now)
	x.wait()
	n := 0
	for least := 1801 * time.Second; x.TooSmall(least, x.now) == TimerRefresh; least += time.Second {
		n++
	}
	if n != maxTooSmall || x.State() != TimerWaiting {
		t.Errorf("%d refreshes in a row, then %v; want %d, to wait", n, x.State(), maxTooSmall)
	}
}
