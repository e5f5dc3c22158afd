package transport

import (
	"bytes"
	"testing"
)

// An error is believed when it quotes what was sent to where it says, far enough that nobody could have guessed it.
func TestUnreachableQuotesWhatWasSent(t *testing.T) {
	one, two := options("UDP 192.0.2.1;branch=z9hG4bKone"), options("UDP 192.0.2.1;branch=z9hG4bKtwo")
	to := ap("192.0.2.9:5060")
	h, other := &Hop{to: to}, &Hop{to: to}
	tests := []struct {
		name   string
		to     string
		quoted []byte
		want   *Hop
	}{
		{"all", "192.0.2.9:5060", one, h},
		{"what ICMP has room for", "192.0.2.9:5060", one[:len(one)-1], h},
		{"the other", "192.0.2.9:5060", two[:200], other},
		{"with what the link added", "192.0.2.9:5060", append(bytes.Clone(one), 0, 0), h},
		{"another port", "192.0.2.9:5061", one, nil},
		{"another address", "192.0.2.8:5060", one, nil},
		{"eight octets", "192.0.2.9:5060", one[:8], nil},
		{"all but what nobody can guess", "192.0.2.9:5060", one[:80], nil},
		{"nothing", "192.0.2.9:5060", nil, nil},
		{"something else", "192.0.2.9:5060", options("UDP 192.0.2.1;branch=z9hG4bKsix"), nil},
	}
	for _, tt := range tests {
		var s sent
		for range keptWays { // it goes round
			s.add(&Hop{to: to}, wire(options("UDP 192.0.2.1;branch=z9hG4bKold")))
		}
		s.add(h, wire(one))
		s.add(other, wire(two))
		u := unreachable{to: ap(tt.to), quoted: tt.quoted}
		if got := s.find(u); got != tt.want {
			t.Errorf("%s: got %p, want %p", tt.name, got, tt.want)
		}
		if got := s.find(u); got != nil {
			t.Errorf("%s: told twice", tt.name)
		}
		if len(s.last) != keptWays {
			t.Errorf("%d messages kept, want %d", len(s.last), keptWays)
		}
	}
}
