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

func event(d transport.Direction, p transport.Protocol, local, remote, message string) transport.Event {
	return transport.Event{Time: time.Unix(981173106, 1000).UTC(), Direction: d, Protocol: p, Local: ap(local), Remote: ap(remote), Bytes: []byte(message)}
}

func TestPCAPWritesBothDirections(t *testing.T) {
	const us, them, other = "192.0.2.1:5060", "192.0.2.9:40000", "192.0.2.9:40001"
	var file bytes.Buffer
	p := NewPCAP(&file, nil)
	p.Trace(event(transport.In, transport.UDP, us, them, "a request"))
	p.Trace(event(transport.Out, transport.UDP, us, them, "an answer"))
	lost := event(transport.Out, transport.UDP, us, them, "a message that was not sent")
	lost.Dropped = "too large"
	p.Trace(lost)
	bad := event(transport.In, transport.UDP, us, them, "nonsense")
	bad.Dropped = "malformed"
	p.Trace(bad)
	p.Trace(event(transport.In, transport.TCP, us, them, "one"))
	p.Trace(event(transport.In, transport.TCP, us, other, "on another stream"))
	p.Trace(event(transport.Out, transport.TCP, us, them, "three"))
	p.Trace(event(transport.In, transport.TCP, us, them, "fifteen"))
	if err := p.Err(); err != nil {
		t.Fatal(err)
	}
	at := time.Unix(981173106, 1000).UTC()
	want := []record{
		{at, ap(them), ap(us), false, 0, 0, "a request"},
		{at, ap(us), ap(them), false, 0, 0, "an answer"},
		{at, ap(them), ap(us), false, 0, 0, "nonsense"},
		{at, ap(them), ap(us), true, 1, 1, "one"},
		{at, ap(other), ap(us), true, 1 + apart, 1 + apart, "on another stream"},
		{at, ap(us), ap(them), true, 1, 4, "three"},
		{at, ap(them), ap(us), true, 4, 6, "fifteen"},
	}
	got := readFile(t, file.Bytes())
	if len(got) != len(want) {
		t.Fatalf("got %d packets, want %d: %v", len(got), len(want), got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("packet %d: got %v, want %v", i, got[i], want[i])
		}
	}
}

// The octets of a stream are those of its messages, in whatever segments.
func TestPCAPCutsLongMessagesIntoSegments(t *testing.T) {
	var file bytes.Buffer
	p := NewPCAP(&file, nil)
	long := strings.Repeat("0123456789", 10000)
	p.Trace(event(transport.Out, transport.TCP, "[::1]:5060", "[::1]:6060", long))
	p.Trace(event(transport.Out, transport.TCP, "[::1]:5060", "[::1]:6060", "the next"))
	var whole strings.Builder
	begin := uint32(1)
	for _, r := range readFile(t, file.Bytes()) {
		if want := begin + uint32(whole.Len()); r.seq != want {
			t.Errorf("sequence number: got %d, want %d", r.seq, want)
		}
		whole.WriteString(r.payload)
	}
	if whole.String() != long+"the next" {
		t.Errorf("got %d octets of %d, or others", whole.Len(), len(long)+len("the next"))
	}
}

func TestPCAPHidesSecretsUnlessAsked(t *testing.T) {
	for _, show := range []bool{false, true} {
		var file bytes.Buffer
		p := NewPCAP(&file, &Options{Secrets: show})
		p.Trace(event(transport.Out, transport.UDP, "192.0.2.1:5060", "192.0.2.2:5060", register))
		p.Trace(event(transport.Out, transport.TCP, "192.0.2.1:5060", "192.0.2.2:5060", register))
		for _, r := range readFile(t, file.Bytes()) {
			if got := r.payload == register; got != show {
				t.Errorf("Secrets %t: got %q", show, r.payload)
			}
			if len(r.payload) != len(register) {
				t.Errorf("Secrets %t: got %d octets, want %d", show, len(r.payload), len(register))
			}
		}
	}
}

// A server that runs for long does not remember every stream that it ever had.
func TestPCAPForgetsOldStreams(t *testing.T) {
	p := NewPCAP(new(bytes.Buffer), nil)
	us := ap("192.0.2.1:5060")
	for _, host := range []string{"192.0.2.2", "192.0.2.3"} {
		for port := range 1 << 16 {
			p.stream(ends{us, netip.AddrPortFrom(netip.MustParseAddr(host), uint16(port))})
		}
	}
	if len(p.streams) != maxStreams || len(p.order) != maxStreams {
		t.Errorf("got %d streams, %d in order, want %d", len(p.streams), len(p.order), maxStreams)
	}
}

// broken is a disk that is full after so many writes.
type broken struct{ left, writes int }

func (b *broken) Write(p []byte) (int, error) {
	b.writes++
	if b.left--; b.left < 0 {
		return 0, errors.New("no space left on device")
	}
	return len(p), nil
}

func TestPCAPStopsAtTheFirstError(t *testing.T) {
	for _, left := range []int{0, 1} {
		disk := &broken{left: left}
		p := NewPCAP(disk, nil)
		for range 3 {
			p.Trace(event(transport.Out, transport.UDP, "192.0.2.1:5060", "192.0.2.2:5060", "x"))
		}
		if p.Err() == nil || disk.writes != left+1 {
			t.Errorf("after %d writes: got error %v and %d writes, want one more", left, p.Err(), disk.writes)
		}
	}
}
