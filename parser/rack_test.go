package parser

import (
	"fmt"
	"math"
	"testing"
)

// RAck is two numbers and a method (RFC 3262, Section 7.2).
func TestRAck(t *testing.T) {
	show := func(r RAck) string { return fmt.Sprintf("%d %d %v %s", r.RSeq, r.CSeq, r.Method, r.Name) }
	testValues(t, HeaderRAck, (*Message).RAck, show, []valueRow{
		{"INVITE", "776656 1 INVITE", "776656 1 INVITE INVITE", "", 0},
		{"blanks and folds", "1 \r\n\t4294967295\r\n FOO", "1 4294967295  FOO", "1 4294967295 FOO", 0},
		{"leading zeros", "0001 01 INVITE", "1 1 INVITE INVITE", "1 1 INVITE", 0},
		{"RSeq 0", "0 1 INVITE", "", "", errZero},
		{"RSeq large", "4294967296 1 INVITE", "", "", errNumberLarge},
		{"CSeq large", "1 4294967296 INVITE", "", "", errNumberLarge},
		{"empty", "", "", "", errNumber},
		{"one number", "1", "", "", errNumber},
		{"no method", "1 2", "", "", errCSeqMethod},
		{"no second number", "1 INVITE", "", "", errNumber},
		{"bad method", "1 2 IN@VITE", "", "", errCSeqMethod},
		{"text behind", "1 2 INVITE x", "", "", errCSeqMethod},
		{"negative", "-1 2 INVITE", "", "", errNumber},
	})
	if got := string(RAck{RSeq: 7, CSeq: 8, Method: MethodInvite}.AppendTo(nil)); got != "7 8 INVITE" {
		t.Errorf("without a name: got %q", got)
	}
}

func TestRSeqAndMaxBreadth(t *testing.T) {
	for _, row := range []struct {
		in      string
		rseq    uint32
		rseqErr error
		breadth int
		err     error
	}{
		{"1", 1, nil, 1, nil}, {"0060", 60, nil, 60, nil}, {"4294967295", math.MaxUint32, nil, min(math.MaxUint32, maxSeconds), nil},
		{"4294967296", 0, errNumberLarge, maxSeconds, nil}, {"0", 0, errZero, 0, errZero}, {"000", 0, errZero, 0, errZero},
		{"", 0, errNumber, 0, errNumber}, {"-1", 0, errNumber, 0, errNumber}, {"1 2", 0, errNumber, 0, errNumber}, {"1;x", 0, errNumber, 0, errNumber},
	} {
		m := mustParse(t, request("RSeq: "+row.in, "Max-Breadth: "+row.in))
		if got, err := m.RSeq(); got != row.rseq || err != row.rseqErr {
			t.Errorf("RSeq %q: got %d %v, want %d %v", row.in, got, err, row.rseq, row.rseqErr)
		}
		if got, err := m.MaxBreadth(); got != row.breadth || err != row.err {
			t.Errorf("Max-Breadth %q: got %d %v, want %d %v", row.in, got, err, row.breadth, row.err)
		}
	}
	m := mustParse(t, request())
	if _, err := m.RSeq(); err != ErrAbsent {
		t.Errorf("RSeq: got %v", err)
	}
	if _, err := m.MaxBreadth(); err != ErrAbsent {
		t.Errorf("Max-Breadth: got %v", err)
	}
}

// Headers that are a number of seconds: Min-Expires (RFC 3261, Section 20.23) and Flow-Timer (RFC 5626, Section 10).
func TestNumber(t *testing.T) {
	for _, h := range []Header{HeaderMinExpires, HeaderFlowTimer} {
		for in, want := range map[string]int{"0": 0, "120": 120, "4294967296": maxSeconds} {
			if got, err := mustParse(t, request(h.String()+": "+in)).Number(h); got != want || err != nil {
				t.Errorf("%v %q: got %d %v, want %d", h, in, got, err, want)
			}
		}
		for _, in := range []string{"", "x", "1.5", "1 2", "-1", "1;x"} {
			if _, err := mustParse(t, request(h.String()+": "+in)).Number(h); err != errNumber {
				t.Errorf("%v %q: got %v, want %v", h, in, err, errNumber)
			}
		}
	}
}
