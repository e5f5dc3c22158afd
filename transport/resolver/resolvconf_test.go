package resolver

import (
	"fmt"
	"slices"
	"testing"
)

func TestParseConf(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"nothing", "", "[127.0.0.1:53] [] ndots 1 1s x3"},
		{"servers, at most three", "nameserver 192.0.2.1\nnameserver 2001:db8::1\n nameserver\tfe80::1%eth0\nnameserver 192.0.2.4\n",
			"[192.0.2.1:53 [2001:db8::1]:53 [fe80::1%eth0]:53] [] ndots 1 1s x3"},
		{"comments and what nobody knows", "# nameserver 192.0.2.9\nnameserver 192.0.2.1 # ours\n; x\nfrob 1\nnameserver example.com\nsortlist 1.2.3.4\n",
			"[192.0.2.1:53] [] ndots 1 1s x3"},
		{"the last search list counts", "search a.example b.example.\nsearch C.example\n", "[127.0.0.1:53] [c.example] ndots 1 1s x3"},
		{"domain", "search a.example\ndomain b.example c.example", "[127.0.0.1:53] [b.example] ndots 1 1s x3"},
		{"no search list", "search .", "[127.0.0.1:53] [] ndots 1 1s x3"},
		{"options", "options ndots:0 timeout:2 attempts:1 rotate use-vc no-aaaa edns0 trust-ad", "[127.0.0.1:53] [] ndots 0 2s x1 rotate tcp noAAAA"},
		{"options out of their bounds", "options ndots:99 timeout:99 attempts:99", "[127.0.0.1:53] [] ndots 15 30s x5"},
		{"options that say nothing", "options ndots:-1 timeout:0 attempts:0 timeout:x ndots", "[127.0.0.1:53] [] ndots 1 1s x3"},
		{"line ends of other systems", "nameserver 192.0.2.1\r\nsearch a.example\r\n", "[192.0.2.1:53] [a.example] ndots 1 1s x3"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := parseConf(tt.text)
			got := fmt.Sprintf("%v %v ndots %d %v x%d", c.servers, c.search, c.ndots, c.timeout, c.attempts)
			for _, o := range []struct {
				name string
				set  bool
			}{{"rotate", c.rotate}, {"tcp", c.tcp}, {"noAAAA", c.noAAAA}} {
				if o.set {
					got += " " + o.name
				}
			}
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// The search list is for names without a dot: no other domain speaks for the one that the URI names.
func TestSearchList(t *testing.T) {
	tests := []struct {
		conf, host string
		want       []string
	}{
		{"search a.example b.example", "pbx", []string{"pbx.a.example", "pbx.b.example", "pbx"}},
		{"search a.example\noptions ndots:0", "pbx", []string{"pbx", "pbx.a.example"}},
		{"search a.example\noptions ndots:5", "sip.example.com", []string{"sip.example.com"}},
		{"", "pbx", []string{"pbx"}},
	}
	for _, tt := range tests {
		c := parseConf(tt.conf)
		if got := c.names(tt.host); !slices.Equal(got, tt.want) {
			t.Errorf("%q, %s: got %q, want %q", tt.conf, tt.host, got, tt.want)
		}
	}
}
