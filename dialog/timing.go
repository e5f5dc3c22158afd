package dialog

import "time"

// Timing is the set of times that a [Session] and a [Set] wait for. The zero Timing is the defaults.
type Timing struct {
	T1          time.Duration // the round-trip estimate (RFC 3261, Section 17.1.1.1). Zero means 500ms.
	T2          time.Duration // the longest time between two repeats of a 2xx. Zero means 4s.
	Ring        time.Duration // how long a call may ring, and an application may take to say anything. Zero means 180s.
	RingRepeat  time.Duration // the time between repeats of a ringing response (RFC 3261, Section 13.3.1.1). Zero means 60s.
	MaxDuration time.Duration // how long a call may last. Zero means 12h.
}

// withDefaults returns t with its zero (and senseless negative) fields replaced.
func (t Timing) withDefaults() Timing {
	for _, f := range [...]struct {
		field *time.Duration
		value time.Duration
	}{
		{&t.T1, 500 * time.Millisecond},
		{&t.T2, 4 * time.Second},
		{&t.Ring, 180 * time.Second},
		{&t.RingRepeat, 60 * time.Second},
		{&t.MaxDuration, 12 * time.Hour},
	} {
		if *f.field <= 0 {
			*f.field = f.value
		}
	}
	return t
}

// patience is how long a 2xx waits for its ACK, a CANCEL for the INVITE's end, and an INVITE's forks for one another
// (RFC 3261, Sections 13.3.1.4, 9.1 and 13.2.2.4).
func (t Timing) patience() time.Duration { return 64 * t.T1 }

// safety bounds a wait that a client transaction ends by itself after 64*T1. The margin of T2 lets the transaction
// speak first and stays below T4, which the longest chain after silence may add.
func (t Timing) safety() time.Duration { return t.patience() + t.T2 }
