package ringback_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	sip "github.com/ringback-sip/ringback/parser"
)

// TestWire holds the parser against testdata/wire/EXPECT.tsv: messages as deployed devices send them. Every file has its row, and every row says what
// should come of it and what does.
func TestWire(t *testing.T) {
	const folder = "testdata/wire"
	table, err := os.ReadFile(filepath.Join(folder, "EXPECT.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	rows := make(map[string]bool)
	for i, line := range strings.Split(strings.TrimSpace(string(table)), "\n") {
		cells := strings.Split(line, "\t")
		if len(cells) != 5 {
			t.Fatalf("line %d has %d cells, want file, sender, want, got and reason", i+1, len(cells))
		}
		name, want, got := cells[0], cells[2], cells[3]
		if i == 0 {
			continue
		}
		if rows[name] || cells[1] == "" || cells[4] == "" {
			t.Errorf("%s: the row stands twice, or says nothing", name)
		}
		rows[name] = true
		for _, v := range [...]string{want, got} {
			if status, err := strconv.Atoi(v); v != "ok" && (err != nil || status < 400 || status > 599) {
				t.Errorf("%s: %q is neither ok nor a status", name, v)
			}
		}
		b, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Error(err)
			continue
		}
		if said := verdict(b); said != got {
			t.Errorf("%s: got %s, the table says %s; wanted is %s", name, said, got, want)
		}
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.sip"))
	if err != nil || len(files) != len(rows) {
		t.Errorf("%d files and %d rows: %v", len(files), len(rows), err)
	}
}

// verdict returns "ok", or the status to answer with.
func verdict(b []byte) string {
	var m sip.Message
	err := m.Parse(b)
	if err == nil {
		err = m.Check()
	}
	if err == nil {
		return "ok"
	}
	fault, ok := err.(sip.Error)
	if !ok {
		return err.Error()
	}
	return strconv.Itoa(int(fault.Status()))
}
