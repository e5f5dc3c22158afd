package parser

import "testing"

func TestWire(t *testing.T) {
	w := Wire{Head: []byte("head"), Body: [3][]byte{[]byte("a"), nil, []byte("bc")}}
	if got := string(w.AppendTo([]byte("> "))); got != "> headabc" {
		t.Errorf("got %q", got)
	}
	if w.Len() != 7 {
		t.Errorf("got length %d, want 7", w.Len())
	}
	if got := (Wire{}).AppendTo(nil); got != nil || (Wire{}).Len() != 0 {
		t.Errorf("the zero Wire: got %q", got)
	}
}
