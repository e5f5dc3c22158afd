package main

import (
	"slices"
	"strings"
	"testing"
)

// -digest names the algorithms of the challenges, in their order. Each has a challenge of its own.
func TestServeDigest(t *testing.T) {
	for _, tt := range []struct {
		flags []string
		want  []string
	}{
		{nil, []string{"MD5"}},
		{[]string{"-digest", "sha-256"}, []string{"SHA-256"}},
		{[]string{"-digest", "SHA-512-256", "-digest", "MD5"}, []string{"SHA-512-256", "MD5"}},
	} {
		s := spawn(t, append([]string{"serve", "-listen", "udp:127.0.0.1:0", "-users", write(t, "alice:secret")}, tt.flags...)...)
		p := newPeer(t, s.stdout.line(t, "listening udp "))
		m := p.register("sip:alice@"+p.to.String(), p.to.String())
		var got []string
		for f := range m.Fields() {
			if string(f.Name) != "WWW-Authenticate" {
				continue
			}
			_, rest, _ := strings.Cut(string(f.Value), "algorithm=")
			algorithm, _, _ := strings.Cut(rest, ",")
			got = append(got, algorithm)
		}
		if m.Status() != 401 || !slices.Equal(got, tt.want) {
			t.Errorf("%q: got %q with %q, want 401 with %q", tt.flags, m.StartLine(), got, tt.want)
		}
	}
	for _, flags := range [][]string{{"-digest", "SHA-1"}, {"-digest", "MD5-sess"}, {"-digest", "MD5", "-digest", "md5"}} {
		if r := sip(t, append([]string{"serve", "-listen", "udp:127.0.0.1:0"}, flags...)...); r.code != exitUsage || !strings.Contains(r.stderr, "-digest") {
			t.Errorf("%q: got %+v, want exit status %d", flags, r, exitUsage)
		}
	}
}
