package dialog

import (
	"testing"

	"github.com/ringback-sip/ringback/parser"
)

func TestReliableClientTakesResponsesInOrder(t *testing.T) {
	var r ReliableClient
	for i, tt := range []struct {
		rseq uint32
		want bool
		name string
	}{
		{0, false, "no number"},
		{5, true, "the first may have any number"},
		{5, false, "repeated"},
		{7, false, "after a gap"},
		{4, false, "from before the first"},
		{6, true, "the next"},
		{7, true, "what was missing has come"},
		{6, false, "late"},
		{1<<32 - 1, false, "far away"},
	} {
		if got := r.Take(tt.rseq); got != tt.want {
			t.Errorf("%d: %s, %d: got %v, want %v", i, tt.name, tt.rseq, got, tt.want)
		}
	}
	var other ReliableClient
	if !other.Take(5) {
		t.Error("another early dialog shares the space of numbers")
	}
}

func TestReliableClientNumbersDoNotWrap(t *testing.T) {
	var r ReliableClient
	if !r.Take(1<<32 - 1) {
		t.Error("the highest number is refused")
	}
	for _, rseq := range []uint32{0, 1} {
		if r.Take(rseq) {
			t.Errorf("%d follows 2^32-1", rseq)
		}
	}
}

func TestReliableResponses(t *testing.T) {
	for _, tt := range []struct {
		name   string
		status int
		fields []string
		want   bool
	}{
		{"reliable", 183, []string{"Require: 100rel", "RSeq: 9"}, true},
		{"among others", 199, []string{"Require: foo", "Require: bar, 100Rel", "RSeq: 9"}, true},
		{"100 never is", 100, []string{"Require: 100rel", "RSeq: 9"}, false},
		{"a final never is", 200, []string{"Require: 100rel", "RSeq: 9"}, false},
		{"not required", 183, []string{"RSeq: 9"}, false},
		{"no number", 183, []string{"Require: 100rel"}, false},
		{"number zero", 183, []string{"Require: 100rel", "RSeq: 0"}, false},
		{"number too large", 183, []string{"Require: 100rel", "RSeq: 4294967296"}, false},
	} {
		m := response(t, tt.status, "b", tt.fields...)
		rseq, ok := Reliable(m)
		if ok != tt.want || ok && rseq != 9 {
			t.Errorf("%s: got %d, %v, want %v", tt.name, rseq, ok, tt.want)
		}
		if rack, err := RAck(m, 9); err != nil || rack.RSeq != 9 || rack.CSeq != 1 || rack.Method != parser.MethodInvite {
			t.Errorf("%s: RAck %+v, %v", tt.name, rack, err)
		}
	}
}
