package registration

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/internal/golden"
)

// row is one row of the table.
type row struct{ state, event, actions, next string }

func (r row) key() string { return r.state + "\t" + r.event }

// table returns every row, in the order of states and events.
func table() []row {
	var rows []row
	for s := Trying; s < stateCount; s++ {
		for e := EventOK; e < eventCount; e++ {
			next, todo := step(s, e)
			rows = append(rows, row{s.String(), e.String(), todo.String(), next.String()})
		}
	}
	return rows
}

func TestTableGolden(t *testing.T) {
	var b bytes.Buffer
	fmt.Fprintln(&b, "state\tevent\tactions\tnext")
	for _, r := range table() {
		fmt.Fprintf(&b, "%s\t%s\t%s\n", r.key(), r.actions, r.next)
	}
	golden.Equal(t, "testdata/golden/registration.tsv", b.Bytes())
}

// TestTableMatchesTheRFC holds the machine against the table that was typed from the RFCs, both ways.
func TestTableMatchesTheRFC(t *testing.T) {
	want := readTable(t, "../testdata/rfc/registration.tsv")
	for _, r := range table() {
		w, ok := want[r.key()]
		if !ok {
			t.Errorf("%s, %s: not in the RFC's table", r.state, r.event)
			continue
		}
		delete(want, r.key())
		if r != w {
			t.Errorf("%s, %s:\n got %q -> %s\nwant %q -> %s", r.state, r.event, r.actions, r.next, w.actions, w.next)
		}
	}
	for _, w := range want {
		t.Errorf("%s, %s: only in the RFC's table", w.state, w.event)
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
		if len(c) != 4 {
			t.Fatalf("%s: %q has %d columns", path, line, len(c))
		}
		r := row{c[0], c[1], c[2], c[3]}
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
