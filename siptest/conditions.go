package siptest

import (
	"math/rand/v2"
	"time"
)

// Conditions say what the way from one host to another does to what passes. The zero Conditions are a
// perfect network: everything arrives at once, whole and in order. Shares are probabilities from 0 to 1.
type Conditions struct {
	// Delay is the time from one host to the other. Up to Jitter is added to it for each packet; datagrams may
	// overtake each other by it, a stream keeps its order.
	Delay, Jitter time.Duration

	// Loss is the share of datagrams that never arrive, Duplicate of those that arrive twice, and Reorder of those that
	// are held back for up to 100 ms and four times Delay and Jitter, so that later ones overtake them.
	Loss, Duplicate, Reorder float64

	// CutSegments cuts what is written to a stream at arbitrary octets. A Read returns one piece at most.
	CutSegments bool

	// Stall is the share of pieces before which a stream stands still for up to StallFor (zero: 2 s), as one does
	// that lost a segment and waits for the repetition.
	Stall    float64
	StallFor time.Duration

	// Reset is the share of pieces that never arrive because the connection is reset at that moment: whatever is on
	// its way in either direction is lost, and both ends learn of it.
	Reset float64
}

// fate is what is decided about one packet when it is sent.
type fate struct {
	lost, reset bool
	delay       time.Duration
	copy        bool // it arrives once more, after
	after       time.Duration
}

// datagram decides about a datagram. It draws the same number of values whatever comes out, so that a change of one
// share leaves what the seed means for the others.
func (c *Conditions) datagram(r *rand.Rand) fate {
	lost, again, held := r.Float64(), r.Float64(), r.Float64()
	jitter, second, hold := r.Float64(), r.Float64(), r.Float64()
	f := fate{
		lost:  lost < c.Loss,
		delay: c.Delay + scale(c.Jitter, jitter),
		copy:  again < c.Duplicate,
		after: c.Delay + scale(c.Jitter, second) + time.Millisecond,
	}
	if held < c.Reorder {
		f.delay += scale(100*time.Millisecond+4*(c.Delay+c.Jitter), hold)
	}
	return f
}

// segment decides about one piece of a stream.
func (c *Conditions) segment(r *rand.Rand) fate {
	reset, stall, jitter, length := r.Float64(), r.Float64(), r.Float64(), r.Float64()
	f := fate{reset: reset < c.Reset, delay: c.Delay + scale(c.Jitter, jitter)}
	if stall < c.Stall {
		longest := c.StallFor
		if longest == 0 {
			longest = 2 * time.Second
		}
		f.delay += scale(longest, length)
	}
	return f
}

// cut returns how many of n octets, which are at least one, the next piece of a stream holds.
func (c *Conditions) cut(r *rand.Rand, n int) int {
	if !c.CutSegments {
		return n
	}
	return 1 + r.IntN(n)
}

// scale returns the share u of d.
func scale(d time.Duration, u float64) time.Duration { return time.Duration(u * float64(d)) }
