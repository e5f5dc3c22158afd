package resolver

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
)

func TestCacheKeepsAnswersForTheirTTL(t *testing.T) {
	c := newCache(10)
	now := time.Unix(1000, 0)
	some := Answer{Addrs: []netip.Addr{netip.MustParseAddr("192.0.2.1")}, TTL: 10 * time.Second}
	c.put(asked{"a", TypeA}, some, now)
	c.put(asked{"none", TypeA}, Answer{TTL: 5 * time.Second}, now) // a negative answer (RFC 2308)
	c.put(asked{"once", TypeA}, Answer{}, now)
	c.put(asked{"long", TypeA}, Answer{TTL: 24 * time.Hour}, now)
	tests := []struct {
		name  string
		after time.Duration
		want  bool
	}{
		{"a", 0, true}, {"a", 10*time.Second - 1, true}, {"a", 10 * time.Second, false},
		{"none", 5*time.Second - 1, true}, {"none", 5 * time.Second, false},
		{"once", 0, false},
		{"long", maxTTL - 1, true}, {"long", maxTTL, false},
		{"unknown", 0, false},
	}
	for _, tt := range tests {
		got, ok := c.get(asked{tt.name, TypeA}, now.Add(tt.after))
		if ok != tt.want {
			t.Errorf("%s after %v: there %v, want %v", tt.name, tt.after, ok, tt.want)
		}
		if ok && tt.name == "a" && (len(got.Addrs) != 1 || got.TTL != 10*time.Second-tt.after) {
			t.Errorf("%s after %v: got %+v, want the address and what is left of its TTL", tt.name, tt.after, got)
		}
	}
	if _, ok := c.get(asked{"a", TypeAAAA}, now); ok {
		t.Error("the answer about A is one about AAAA")
	}
}

// A full cache makes room, and what ends first goes first as far as is looked.
func TestCacheIsBounded(t *testing.T) {
	const most = 10 // below sample: all are looked at
	c := newCache(most)
	now := time.Unix(1000, 0)
	for i := range 100 {
		c.put(asked{fmt.Sprint(i), TypeSRV}, Answer{TTL: time.Duration(i+1) * time.Second}, now)
		if n := c.size(); n > most {
			t.Fatalf("%d answers, want %d at most", n, most)
		}
	}
	for i := range 100 {
		if _, ok := c.get(asked{fmt.Sprint(i), TypeSRV}, now); ok != (i >= 90) {
			t.Errorf("answer %d is there: %v, want the ten that end last", i, ok)
		}
	}
	c.put(asked{"99", TypeSRV}, Answer{TTL: time.Hour}, now)
	if n := c.size(); n != most {
		t.Errorf("%d answers after one came anew, want %d", n, most)
	}
}
