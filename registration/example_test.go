package registration_test

import (
	"fmt"
	"time"

	"github.com/ringback-sip/ringback/registration"
)

func ExampleClient() {
	now := time.Date(2000, 1, 1, 12, 0, 0, 0, time.UTC)
	c := registration.NewClient(registration.Timing{}, time.Hour, false, now)
	c.Step(nil, registration.Event{Kind: registration.EventOK, Granted: 10 * time.Minute}, now)
	fmt.Println(c.State(), "next at", c.Next().Format(time.TimeOnly))

	now = c.Next()
	fmt.Println(c.Step(nil, registration.Event{Kind: registration.EventTimer}, now), c.State())

	c.Step(nil, registration.Event{Kind: registration.EventTimeout, Chance: 0.5}, now)
	fmt.Println(c.State(), "again after", c.Next().Sub(now))
	// Output:
	// Registered next at 12:09:00
	// [send REGISTER] Refreshing
	// Retrying again after 45s
}

func ExampleDeadlines() {
	for _, d := range registration.Deadlines()[:2] {
		fmt.Printf("%s %s: %v %s\n", d.Machine, d.State, d.Bound, d.End)
	}
	// Output:
	// registration Trying: 5m0s drop REGISTER, ended -> Ended
	// registration Registering: 5m0s drop REGISTER -> Waiting
}
