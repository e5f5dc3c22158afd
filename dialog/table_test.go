package dialog

import (
	"bufio"
	"os"
	"strings"
	"testing"
)

// settled names the rows in which the machine and the table typed from the RFC differ on purpose.
var settled = map[string]struct {
	actions, next, why string
}{
	"caller\tCalling\tdeadline": {"drop INVITE, ended", "Terminated",
		"the transaction's timeout comes first; the machine ends by itself all the same, so that no state is without a bound"},
	"caller\tCancelPending\tdeadline": {"drop INVITE, ended", "Terminated",
		"as in Calling"},
}

// TestSessionTableMatchesTheRFC holds the machine against the table that was typed from RFC 3261, both ways.
func TestSessionTableMatchesTheRFC(t *testing.T) {
	want := readTable(t, "../testdata/rfc/session.tsv")
	got := sessionTable()
	for _, r := range got {
		w, ok := want[r.key()]
		if !ok {
			t.Errorf("%s, %s, %s: not in the RFC's table", r.role, r.state, r.event)
			continue
		}
		delete(want, r.key())
		if s, ok := settled[r.key()]; ok {
			if w.actions == r.actions && w.next == r.next {
				t.Errorf("%s, %s, %s: settled, but the tables agree", r.role, r.state, r.event)
			}
			w.actions, w.next = s.actions, s.next
		}
		if r != w {
			t.Errorf("%s, %s, %s:\n got %q -> %s\nwant %q -> %s", r.role, r.state, r.event, r.actions, r.next, w.actions, w.next)
		}
	}
	for _, w := range want {
		t.Errorf("%s, %s, %s: only in the RFC's table", w.role, w.state, w.event)
	}
}

// readTable returns the rows of a table by their key.
func readTable(t *testing.T, path string) map[string]row {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows := map[string]row{}
	header := true
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := lines.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if header {
			header = false
			continue
		}
		c := strings.Split(line, "\t")
		if len(c) != 5 {
			t.Fatalf("%s: %q has %d columns", path, line, len(c))
		}
		r := row{c[0], c[1], c[2], c[3], c[4]}
		if _, ok := rows[r.key()]; ok {
			t.Fatalf("%s: %q stands twice", path, r.key())
		}
		rows[r.key()] = r
	}
	if len(rows) == 0 {
		t.Fatalf("%s: no rows", path)
	}
	return rows
}
