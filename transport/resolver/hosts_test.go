package resolver

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestParseHosts(t *testing.T) {
	got := parseHosts("127.0.0.1 localhost # here\n\n192.0.2.1\tPBX.example.com. pbx\n2001:db8::1 pbx\n# 192.0.2.2 no\nfrob pbx\n192.0.2.3\n192.0.2.1 pbx\n::ffff:192.0.2.4 pbx\n")
	want := map[string]string{"localhost": "[127.0.0.1]", "pbx.example.com": "[192.0.2.1]", "pbx": "[192.0.2.1 2001:db8::1 192.0.2.4]"}
	if len(got) != len(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for name, addrs := range want {
		if fmt.Sprint(got[name]) != addrs {
			t.Errorf("%s: got %v, want %s", name, got[name], addrs)
		}
	}
}

// What the hosts file knows is asked of nobody, with a port or without; of what is not in it DNS decides.
func TestHostsComeBeforeDNS(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hosts")
	if err := os.WriteFile(path, []byte("192.0.2.1 pbx.example.com pbx\n2001:db8::1 pbx.example.com\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	z := newZone(t, "pbx.example.com A 192.0.2.9\nother.example.com A 192.0.2.9")
	r := newResolver(t, z, Config{Hosts: path})
	for uri, want := range map[string][]string{
		"sip:u@pbx.example.com":                     {"udp 192.0.2.1:5060", "udp [2001:db8::1]:5060"},
		"sip:u@PBX:5070;transport=tcp":              {"tcp 192.0.2.1:5070"},
		"sips:u@pbx":                                {"tls 192.0.2.1:5061 pbx"},
		"sip:u@sip.localhost;transport=tcp":         {"tcp 127.0.0.1:5060", "tcp [::1]:5060"},
		"sip:u@example.net;maddr=pbx":               {"udp 192.0.2.1:5060"},
		"sip:u@[2001:db8::5];maddr=pbx.example.com": {"udp 192.0.2.1:5060", "udp [2001:db8::1]:5060"},
	} {
		got, err := r.Locate(context.Background(), mustURI(t, uri))
		if err != nil || !slices.Equal(texts(got), want) {
			t.Errorf("%s: %q, %v, want %q", uri, texts(got), err, want)
		}
	}
	if asked := z.questions(); asked != nil {
		t.Errorf("asked %q, want nothing", asked)
	}
	got, err := r.Locate(context.Background(), mustURI(t, "sip:u@other.example.com:5060"))
	if err != nil || !slices.Equal(texts(got), []string{"udp 192.0.2.9:5060"}) {
		t.Errorf("other.example.com: %q, %v", texts(got), err)
	}
}

func TestInterleaved(t *testing.T) {
	list := func(s ...string) (all []netip.Addr) {
		for _, a := range s {
			all = append(all, netip.MustParseAddr(a))
		}
		return all
	}
	tests := []struct{ v6, v4, want []netip.Addr }{
		{list("2001:db8::1", "2001:db8::2"), list("192.0.2.1", "192.0.2.2", "192.0.2.3"), list("2001:db8::1", "192.0.2.1", "2001:db8::2", "192.0.2.2", "192.0.2.3")},
		{nil, list("192.0.2.1", "192.0.2.1"), list("192.0.2.1")},
		{list("2001:db8::1"), nil, list("2001:db8::1")},
		{nil, nil, nil},
	}
	for _, tt := range tests {
		if got := interleaved(tt.v6, tt.v4); !slices.Equal(got, tt.want) {
			t.Errorf("%v and %v: got %v, want %v", tt.v6, tt.v4, got, tt.want)
		}
	}
}
