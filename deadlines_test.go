package ringback_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/ringback-sip/ringback/auth"
	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/internal/golden"
	"github.com/ringback-sip/ringback/registrar"
	"github.com/ringback-sip/ringback/registration"
	"github.com/ringback-sip/ringback/transaction"
	"github.com/ringback-sip/ringback/transport"
	"github.com/ringback-sip/ringback/transport/resolver"
	"github.com/ringback-sip/ringback/ua"
)

// deadline is one row of the table that the house promises: nobody stays in a state for good.
type deadline struct{ machine, state, bound, end string }

func deadlines() (rows []deadline) {
	for _, d := range transaction.Deadlines() {
		rows = append(rows, deadline{fmt.Sprint(d.Machine), fmt.Sprint(d.State), fmt.Sprint(d.Bound), d.End})
	}
	for _, d := range dialog.Deadlines() {
		rows = append(rows, deadline{fmt.Sprint(d.Machine), fmt.Sprint(d.State), fmt.Sprint(d.Bound), d.End})
	}
	for _, d := range registration.Deadlines() {
		rows = append(rows, deadline{d.Machine, d.State, fmt.Sprint(d.Bound), d.End})
	}
	for _, d := range auth.Deadlines() {
		rows = append(rows, deadline{d.Machine, d.State, fmt.Sprint(d.Bound), d.End})
	}
	for _, d := range transport.Deadlines() {
		rows = append(rows, deadline{fmt.Sprint(d.Machine), fmt.Sprint(d.State), fmt.Sprint(d.Bound), d.End})
	}
	for _, d := range slices.Concat(resolver.Deadlines(), ua.Deadlines(), registrar.Deadlines()) {
		rows = append(rows, deadline{d.Machine, d.State, fmt.Sprint(d.Bound), d.End})
	}
	return rows
}

// TestEveryStateHasADeadline prints every state of every machine with its bound and what happens then.
func TestEveryStateHasADeadline(t *testing.T) {
	var out bytes.Buffer
	fmt.Fprintln(&out, "machine\tstate\tbound\tend")
	for _, d := range deadlines() {
		if d.machine == "" || d.state == "" || d.bound == "" || d.bound == "0s" || d.end == "" {
			t.Errorf("%s %s: bound %q, end %q; every state needs both", d.machine, d.state, d.bound, d.end)
		}
		fmt.Fprintf(&out, "%s\t%s\t%s\t%s\n", d.machine, d.state, d.bound, d.end)
	}
	golden.Equal(t, "testdata/golden/deadlines.txt", out.Bytes())
}
