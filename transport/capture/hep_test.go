package capture

import (
	"bytes"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/transport"
)

// chunks reads a HEP3 packet, naively: the contents of each chunk by its type.
func chunks(t *testing.T, b []byte) map[int]string {
	t.Helper()
	if len(b) < 6 || string(b[:4]) != "HEP3" || big(b[4:6]) != len(b) {
		t.Fatalf("not a HEP3 packet of %d octets: %q", len(b), b[:min(len(b), 6)])
	}
	found := make(map[int]string)
	for b = b[6:]; len(b) > 0; {
		if len(b) < 6 || big(b[4:6]) < 6 || big(b[4:6]) > len(b) {
			t.Fatalf("a chunk is cut short: %q", b)
		}
		vendor, kind, n := big(b[0:2]), big(b[2:4]), big(b[4:6])
		if _, twice := found[kind]; twice || vendor != 0 {
			t.Errorf("chunk %d of vendor %d, twice: %t", kind, vendor, twice)
		}
		found[kind] = string(b[6:n])
		b = b[n:]
	}
	return found
}

func TestHEPIsReadBack(t *testing.T) {
	tests := []struct {
		name string
		e    transport.Event
		opts *Options
		want map[int]string
	}{
		{
			"in over UDP and IPv4", event(transport.In, transport.UDP, "192.0.2.1:5060", "198.51.100.2:40000", "OPTIONS"), nil,
			map[int]string{1: "\x02", 2: "\x11", 3: "\xc6\x33\x64\x02", 4: "\xc0\x00\x02\x01", 7: "\x9c\x40", 8: "\x13\xc4", 12: "\x00\x00\x00\x00", 15: "OPTIONS"},
		},
		{
			"out over TCP and IPv6, with a key", event(transport.Out, transport.TCP, "[2001:db8::1]:5060", "[2001:db8::2]:40000", "OPTIONS"), &Options{Agent: 2001, Key: "myhep"},
			map[int]string{
				1: "\x0a", 2: "\x06", 5: string(netip.MustParseAddr("2001:db8::1").AsSlice()), 6: string(netip.MustParseAddr("2001:db8::2").AsSlice()),
				7: "\x13\xc4", 8: "\x9c\x40", 12: "\x00\x00\x07\xd1", 14: "myhep", 15: "OPTIONS",
			},
		},
		{
			"secrets hidden", event(transport.Out, transport.UDP, "[::]:1", "192.0.2.2:2", "k=x"), nil,
			map[int]string{1: "\x02", 2: "\x11", 3: "\x00\x00\x00\x00", 4: "\xc0\x00\x02\x02", 7: "\x00\x01", 8: "\x00\x02", 12: "\x00\x00\x00\x00", 15: "k=*"},
		},
		{
			"secrets shown", event(transport.Out, transport.UDP, "192.0.2.1:1", "192.0.2.2:2", "k=x"), &Options{Secrets: true},
			map[int]string{1: "\x02", 2: "\x11", 3: "\xc0\x00\x02\x01", 4: "\xc0\x00\x02\x02", 7: "\x00\x01", 8: "\x00\x02", 12: "\x00\x00\x00\x00", 15: "k=x"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := chunks(t, AppendHEP(nil, tt.e, tt.opts))
			tt.want[9], tt.want[10], tt.want[11] = "\x3a\x7b\x83\x72", "\x00\x00\x00\x01", "\x01"
			for kind, want := range tt.want {
				if got[kind] != want {
					t.Errorf("chunk %d: got %q, want %q", kind, got[kind], want)
				}
			}
			if len(got) != len(tt.want) {
				t.Errorf("got %d chunks, want %d: %q", len(got), len(tt.want), got)
			}
		})
	}
}

func TestHEPCutsWhatNoDatagramCarries(t *testing.T) {
	e := event(transport.In, transport.TCP, "192.0.2.1:5060", "198.51.100.2:40000", strings.Repeat("x", 70000))
	b := AppendHEP([]byte("before"), e, &Options{Key: strings.Repeat("k", 70000)})
	if b = b[len("before"):]; len(b) != 65507 {
		t.Errorf("got %d octets, want 65507", len(b))
	}
	if c := chunks(t, b); len(c[14]) != 255 || len(c[15]) < 65000 {
		t.Errorf("got a key of %d octets and a message of %d", len(c[14]), len(c[15]))
	}
}

// packets keeps each Write apart, and fails as told.
type packets struct {
	all  [][]byte
	fail error
}

func (p *packets) Write(b []byte) (int, error) {
	p.all = append(p.all, bytes.Clone(b))
	return len(b), p.fail
}

func TestHEPSendsEachMessageInOnePacket(t *testing.T) {
	var w packets
	h := NewHEP(&w, &Options{Agent: 7})
	h.Trace(event(transport.In, transport.UDP, "192.0.2.1:5060", "192.0.2.2:5060", "one"))
	lost := event(transport.Out, transport.UDP, "192.0.2.1:5060", "192.0.2.2:5060", "never sent")
	lost.Dropped = "too large"
	h.Trace(lost)
	h.Trace(event(transport.Out, transport.UDP, "192.0.2.1:5060", "192.0.2.2:5060", "two"))
	if len(w.all) != 2 {
		t.Fatalf("got %d packets, want 2", len(w.all))
	}
	for i, want := range []string{"one", "two"} {
		if c := chunks(t, w.all[i]); c[15] != want || c[12] != "\x00\x00\x00\x07" {
			t.Errorf("packet %d: got %q, want %q", i, c[15], want)
		}
	}
	if n, err := h.Lost(); n != 0 || err != nil {
		t.Errorf("got %d lost packets, %v", n, err)
	}
	w.fail = errors.New("connection refused")
	h.Trace(event(transport.Out, transport.UDP, "192.0.2.1:5060", "192.0.2.2:5060", "three"))
	w.fail = nil
	h.Trace(event(transport.Out, transport.UDP, "192.0.2.1:5060", "192.0.2.2:5060", "four"))
	if n, err := h.Lost(); n != 1 || err == nil || len(w.all) != 4 {
		t.Errorf("got %d lost packets, %v, and %d in all, want 1, the reason, and 4", n, err, len(w.all))
	}
}

func TestHEPTimeIsUTC(t *testing.T) {
	e := event(transport.In, transport.UDP, "192.0.2.1:5060", "192.0.2.2:5060", "x")
	e.Time = time.Unix(1, 999999999)
	if c := chunks(t, AppendHEP(nil, e, nil)); c[9] != "\x00\x00\x00\x01" || c[10] != "\x00\x0f\x42\x3f" {
		t.Errorf("got %x and %x", c[9], c[10])
	}
}
