package resolver

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestAlarm(t *testing.T) {
	var a alarm
	steps := []struct {
		domain       string
		offers, want bool
	}{
		{"a", false, false}, {"a", true, false}, {"a", true, false}, {"b", false, false},
		{"a", false, true}, {"a", false, false}, {"a", true, false}, {"a", false, true},
	}
	for i, s := range steps {
		if got := a.missed(s.domain, s.offers); got != s.want {
			t.Errorf("step %d, %s: got %v, want %v", i, s.domain, got, s.want)
		}
	}
	for i := range 2 * maxSecure {
		a.missed(fmt.Sprint(i), true)
	}
	if n := len(a.secure); n != maxSecure {
		t.Errorf("%d domains are watched, want %d", n, maxSecure)
	}
}

// A domain whose SIPS records go away is reported, once (RFC 3263, Section 7).
func TestVanishedTLSIsReported(t *testing.T) {
	var log bytes.Buffer
	z := newZone(t, example)
	r := newResolver(t, z, Config{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	locate := func() {
		t.Helper()
		if _, err := r.Locate(context.Background(), mustURI(t, "sip:user@example.com")); err != nil {
			t.Fatal(err)
		}
	}
	locate()
	r.cache = newCache(10)
	k := asked{"example.com", TypeNAPTR}
	z.records[k] = Answer{NAPTR: z.records[k].NAPTR[1:]}
	if log.Len() > 0 {
		t.Errorf("logged %q before anything was wrong", log.String())
	}
	locate()
	locate()
	if n := strings.Count(log.String(), "domain=example.com"); n != 1 {
		t.Errorf("reported %d times, want once:\n%s", n, log.String())
	}
}
