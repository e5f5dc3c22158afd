package parser

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// wire makes a message of lines: CRLF after each.
func wire(lines ...string) []byte { return []byte(strings.Join(lines, "\r\n") + "\r\n") }

// request makes an OPTIONS that Check accepts with more fields behind the mandatory ones, and no body.
func request(fields ...string) []byte {
	lines := []string{
		"OPTIONS sip:bob@biloxi.example.com SIP/2.0",
		"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1",
		"From: <sip:alice@atlanta.example.com>;tag=a1",
		"To: <sip:bob@biloxi.example.com>",
		"Call-ID: 1@192.0.2.1",
		"CSeq: 1 OPTIONS",
	}
	return wire(append(append(lines, fields...), "")...)
}

// replaced returns the message b with other fields in place of the first one called name.
func replaced(b []byte, name string, fields ...string) []byte {
	lines := strings.Split(string(b), "\r\n")
	for i, l := range lines {
		if strings.HasPrefix(l, name+":") {
			lines = append(lines[:i:i], append(fields, lines[i+1:]...)...)
			break
		}
	}
	return []byte(strings.Join(lines, "\r\n"))
}

func mustParse(t testing.TB, b []byte) *Message {
	t.Helper()
	m := new(Message)
	if err := m.Parse(b); err != nil {
		t.Fatalf("Parse: %v at %d of\n%s", m.Fault(), m.Fault().Offset, b)
	}
	return m
}

func mustURI(t testing.TB, s string) URI {
	t.Helper()
	u, err := ParseURI([]byte(s))
	if err != nil {
		t.Fatalf("ParseURI(%q): %v", s, err)
	}
	return u
}

// texts returns what a walk of slices yields.
func texts(walk func(yield func([]byte) bool)) []string {
	var s []string
	for b := range walk {
		s = append(s, string(b))
	}
	return s
}

// tortureRow is one row of EXPECT.tsv.
type tortureRow struct {
	file, section, verdict, gate string
	data                         []byte
}

// torture reads the table of the torture messages of RFC 4475 and RFC 5118, and the messages.
func torture(t testing.TB) []tortureRow {
	t.Helper()
	const folder = "../testdata/torture"
	table, err := os.ReadFile(filepath.Join(folder, "EXPECT.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []tortureRow
	lines := strings.Split(strings.TrimSpace(string(table)), "\n")
	columns := strings.Split(lines[0], "\t")
	if want := []string{"file", "section", "verdict", "parse_gate"}; !slices.Equal(columns[:4], want) {
		t.Fatalf("EXPECT.tsv: got columns %q, want %q first", columns, want)
	}
	for _, line := range lines[1:] {
		c := strings.Split(line, "\t")
		data, err := os.ReadFile(filepath.Join(folder, c[0]))
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, tortureRow{c[0], c[1], c[2], c[3], data})
	}
	return rows
}
