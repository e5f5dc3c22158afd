package sdp

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"
)

// Holding and resuming changes the direction and the version and nothing else.
func TestDirect(t *testing.T) {
	offer := Offer(netip.MustParseAddr("192.0.2.1"))
	one, err := Direct(offer, RecvOnly)
	if err != nil {
		t.Fatal(err)
	}
	two, err := Direct(one, Inactive)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(one, []byte("\r\na=recvonly\r\n")) || bytes.Contains(one, []byte(Inactive)) || !bytes.Contains(two, []byte("\r\na=inactive\r\n")) {
		t.Errorf("got\n%s\nand\n%s", one, two)
	}
	origin := func(b []byte) []string {
		line, _, _ := strings.Cut(string(b[bytes.Index(b, []byte("o=")):]), "\r\n")
		return strings.Fields(line)
	}
	zero, first, second := origin(offer), origin(one), origin(two)
	for i := range zero {
		if same := zero[i] == first[i] && first[i] == second[i]; same != (i != 2) {
			t.Errorf("origins %q, %q, %q: want another version each time, and nothing else", zero, first, second)
		}
	}
	without := func(b []byte) string {
		var s string
		for line := range strings.Lines(string(b)) {
			if !strings.HasPrefix(line, "o=") && line != "a=inactive\r\n" && line != "a=recvonly\r\n" {
				s += line
			}
		}
		return s
	}
	if without(offer) != without(two) {
		t.Errorf("got\n%s\nof\n%s", two, offer)
	}
	if _, err := Direct([]byte("v=0\r\n"), Inactive); err == nil {
		t.Error("a description without an origin was taken")
	}
}
