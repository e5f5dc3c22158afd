package dialog

import (
	"encoding/binary"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// Description is a session description: opaque octets and their media type. The zero Description is none.
type Description struct {
	Type string
	Data []byte
}

// Bounds of a Description: what a message may carry, and more than any media type needs.
const (
	maxDescription = parser.MaxMessage
	maxMediaType   = 256
)

// fits reports whether x is none, or could be the body of a message.
func (x Description) fits() bool {
	if (x.Type == "") != (len(x.Data) == 0) || len(x.Type) > maxMediaType || len(x.Data) > maxDescription {
		return false
	}
	for i := range len(x.Type) {
		if c := x.Type[i]; c <= ' ' && (c != ' ' || i == 0 || i == len(x.Type)-1) || c > '~' {
			return false
		}
	}
	return true
}

// snapshotTimer is the length of the timer's record: interval and floor in seconds, who refreshes, whether the peer takes no part, and the end of
// our patience in Unix milliseconds.
const snapshotTimer = 4 + 4 + 1 + 1 + 8

// fits reports whether t can be kept.
func (t *SessionTimer) fits() bool {
	const longest = (1<<31 - 1) * time.Second
	return t.state == TimerOff || t.state < timerStateCount && t.interval >= time.Second && t.interval <= longest &&
		t.floor >= 0 && t.floor <= longest && t.end.UnixMilli() >= 0 && (!t.alone || t.state != TimerWatching)
}

// appendTimer appends the record's value; nothing for a timer that is off. A refresh on its way ends with its process: it is due.
func (t *SessionTimer) appendTimer(dst []byte) []byte {
	if t.state == TimerOff {
		return dst
	}
	dst = binary.BigEndian.AppendUint32(dst, uint32(t.interval/time.Second)) // within 31 bits, says fits
	dst = binary.BigEndian.AppendUint32(dst, uint32(t.floor/time.Second))
	return binary.BigEndian.AppendUint64(append(dst, flagIf(1, t.state == TimerWatching), flagIf(1, t.alone)), uint64(t.end.UnixMilli()))
}

// readTimer reads what appendTimer wrote.
func readTimer(b []byte) (t SessionTimer, err error) {
	switch {
	case len(b) == 0:
		return t, nil
	case len(b) != snapshotTimer || b[8] > 1 || b[9] > 1:
		return t, snapshotFault("session timer")
	}
	t.state = TimerWaiting
	if b[8] == 1 {
		t.state = TimerWatching
	}
	t.alone = b[9] == 1
	t.interval, t.floor = time.Duration(binary.BigEndian.Uint32(b))*time.Second, time.Duration(binary.BigEndian.Uint32(b[4:]))*time.Second
	t.end = time.UnixMilli(int64(binary.BigEndian.Uint64(b[10:])))
	t.at = t.end.Add(margin(t.interval) - t.interval/2)
	return t, nil
}

// Resume returns t, of a [Snapshot], as the timer of this process with the policy p: it goes on with the times at which the session would have been
// refreshed and given up. Where p wants no session timers it is off.
func (t SessionTimer) Resume(p TimerPolicy) SessionTimer {
	if t.policy = p.withDefaults(); t.policy.Off() {
		return NewSessionTimer(p)
	}
	return t
}
