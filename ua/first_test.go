package ua

import "testing"

// The From of an agent without a name is that of the address it sends from, whatever it sent from before.
func TestUnnamedFollowsItsAddress(t *testing.T) {
	var a Agent
	for _, tt := range []struct{ sentBy, want string }{
		{"192.0.2.1:5060", "sip:ringback@192.0.2.1"},
		{"192.0.2.2", "sip:ringback@192.0.2.2"},
		{"192.0.2.1:5070", "sip:ringback@192.0.2.1"},
		{"[2001:db8::1]:5060", "sip:ringback@[2001:db8::1]"},
	} {
		for range 2 {
			uri, err := a.unnamed(tt.sentBy)
			if err != nil || string(uri.Raw()) != tt.want {
				t.Errorf("%s: %s, %v, want %s", tt.sentBy, uri.Raw(), err, tt.want)
			}
		}
		if n := testing.AllocsPerRun(100, func() { a.unnamed(tt.sentBy) }); n != 0 {
			t.Errorf("%s: %v allocations when it is known, want 0", tt.sentBy, n)
		}
	}
	if _, err := a.unnamed("a b"); err == nil {
		t.Error("an address that is none was taken")
	}
}
