package auth

import "time"

// Deadline is how long a [Server] with the zero configuration remembers something that a peer made it remember, and what happens then.
type Deadline struct {
	Machine string
	State   string
	Bound   time.Duration
	End     string
}

// Deadlines returns one for each state.
func Deadlines() []Deadline {
	return []Deadline{
		{Machine: "nonce", State: "verified", Bound: defaultLifetime, End: "-> stale; forgotten when the next request verifies"},
	}
}
