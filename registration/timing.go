package registration

import "time"

// Timing is the set of times that a [Client] waits for. The zero Timing is the defaults.
type Timing struct {
	// Request bounds one REGISTER with all its targets and credentials. Each of its transactions ends by itself long before. Zero means 5m.
	Request time.Duration
	// Remove bounds the REGISTER that removes the binding. Zero means 37s: 64*T1 + T4.
	Remove time.Duration
	// Base and BaseOther are the base times of the wait after failures, when no other flow of the same user agent is registered and when one
	// is; Max is the longest wait (RFC 5626, Section 4.5). Zero means 30s, 90s and 1800s.
	Base, BaseOther, Max time.Duration
	// Recover is the longest wait before the first new REGISTER after a flow failed: all flows of a proxy that restarts fail at the same moment, and
	// are not to come back in one. Zero means 4s.
	Recover time.Duration
	// Proven is for how long a flow has to last until its failure counts as the first one. Zero means 30s.
	Proven time.Duration
}

const (
	// longest bounds the time between two REGISTERs, whatever the registrar grants.
	longest = 24 * time.Hour
	// maxAfter is as long as a Retry-After is obeyed: nobody stays offline for longer because of one answer.
	maxAfter = time.Hour
	// maxBrief and maxMoved bound the 423 and 3xx responses that are followed at once.
	maxBrief = 3
	maxMoved = 5
)

// withDefaults returns t with its zero (and senseless negative) fields replaced.
func (t Timing) withDefaults() Timing {
	for _, f := range [...]struct {
		field *time.Duration
		value time.Duration
	}{
		{&t.Request, 5 * time.Minute},
		{&t.Remove, 37 * time.Second},
		{&t.Base, 30 * time.Second},
		{&t.BaseOther, 90 * time.Second},
		{&t.Max, 1800 * time.Second},
		{&t.Recover, 4 * time.Second},
		{&t.Proven, 30 * time.Second},
	} {
		if *f.field <= 0 {
			*f.field = f.value
		}
	}
	return t
}

// retry returns how long to wait after so many consecutive failures, the last of which e told of: "W = min (max-time, (base-time * (2 ^
// consecutive-failures)))", and of that "a uniform random time between 50 and 100%"; longer when the server wants it (RFC 5626, Section 4.5).
func (t Timing) retry(failures int, e Event) time.Duration {
	base := t.Base
	if e.Others {
		base = t.BaseOther
	}
	w := t.Max
	if failures < 32 && base < t.Max>>failures {
		w = base << failures
	}
	wait := w/2 + part(w/2, e.Chance)
	if e.Asked {
		after := min(e.After, maxAfter)
		// Those who were refused together do not come back together.
		wait = max(wait, after+part(after/10, e.Chance))
	}
	return wait
}

// refresh returns how long after a 2xx that grants so much the binding is refreshed: with room for a REGISTER that nobody answers where
// the grant has it, and at a random time in a tenth of the grant, so that those who registered together do not go on together.
func (t Timing) refresh(granted time.Duration, chance float64) time.Duration {
	granted = min(granted, longest)
	room := max(granted/10, min(granted/2, t.Remove))
	last := granted - room
	return last - part(granted/10, chance)
}

// part returns the share of d that chance says.
func part(d time.Duration, chance float64) time.Duration {
	return time.Duration(float64(d) * min(max(chance, 0), 1))
}
