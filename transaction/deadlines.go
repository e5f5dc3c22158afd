package transaction

import (
	"fmt"
	"strings"
	"time"
)

// Deadline says how long a transaction may stay in one state when nobody says anything any more, and what
// happens then.
type Deadline struct {
	Machine string
	State   string
	Bound   time.Duration // with the zero Config, over an unreliable transport; never more over a reliable one
	End     string        // what happens at the bound, in the words of the tables
}

// Deadlines returns the deadline of every state of every machine in which a transaction is alive.
func Deadlines() []Deadline {
	cfg := (*Config)(nil).withDefaults()
	var all []Deadline
	for m := range machineCount {
		for _, s := range states[m] {
			if s == stateNone || s == stateTerminated {
				continue
			}
			d := Deadline{Machine: m.String(), State: s.String()}
			if t := bound(m, s); t != 0 {
				next, a := m.step(s, t.fired(), false)
				d.Bound = cfg.duration(m, t)
				d.End = strings.TrimSpace(fmt.Sprintf("%v: %v", t.fired(), a)) + " -> " + next.String()
			}
			all = append(all, d)
		}
	}
	return all
}

// bound returns the timer that ends a state, 0 when there is none.
func bound(m machine, s state) timers {
	switch m {
	case inviteClient:
		switch s {
		case stateCalling:
			return timerB
		case stateProceeding:
			return timerSafety
		case stateCompleted:
			return timerD
		case stateAccepted:
			return timerM
		}
	case nonInviteClient:
		switch s {
		case stateTrying, stateProceeding:
			return timerF
		case stateCompleted:
			return timerK
		}
	case inviteServer:
		switch s {
		case stateProceeding:
			return timerSafety
		case stateCompleted:
			return timerH
		case stateConfirmed:
			return timerI
		case stateAccepted:
			return timerL
		}
	case nonInviteServer:
		switch s {
		case stateTrying, stateProceeding:
			return timerAbandon
		case stateCompleted:
			return timerJ
		}
	}
	return 0
}
