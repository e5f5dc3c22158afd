package capture

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func ap(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

func TestPacketsAreReadBack(t *testing.T) {
	at := time.Date(2001, 2, 3, 4, 5, 6, 123456789, time.UTC)
	long := strings.Repeat("x", 70000)
	tests := []struct {
		name     string
		p        Packet
		from, to string // when they differ from the packet's
		length   int    // likewise
	}{
		{name: "UDP over IPv4", p: Packet{From: ap("192.0.2.1:5060"), To: ap("198.51.100.2:65535"), Payload: []byte("OPTIONS")}},
		{name: "even octets", p: Packet{From: ap("192.0.2.1:5060"), To: ap("198.51.100.2:5060"), Payload: []byte("ab")}},
		{name: "no octets", p: Packet{From: ap("192.0.2.1:5060"), To: ap("198.51.100.2:5060")}},
		{name: "UDP over IPv6", p: Packet{From: ap("[2001:db8::1]:5060"), To: ap("[2001:db8::2]:6060"), Payload: []byte("OPTIONS")}},
		{name: "TCP over IPv4", p: Packet{Stream: true, Seq: 4294967295, Ack: 7, From: ap("192.0.2.1:5060"), To: ap("198.51.100.2:5060"), Payload: []byte("OPTIONS")}},
		{name: "TCP over IPv6", p: Packet{Stream: true, Seq: 1, Ack: 4294967295, From: ap("[::1]:5060"), To: ap("[::1]:6060"), Payload: []byte("OPTIONS")}},
		{name: "IPv4 as IPv6", p: Packet{From: ap("[::ffff:192.0.2.1]:1"), To: ap("192.0.2.2:2")}, from: "192.0.2.1:1"},
		{name: "a wildcard of both families", p: Packet{From: ap("[::]:5060"), To: ap("192.0.2.2:2")}, from: "0.0.0.0:5060"},
		{name: "a wildcard", p: Packet{From: ap("0.0.0.0:5060"), To: ap("[2001:db8::1]:2")}, from: "[::]:5060"},
		{name: "two wildcards", p: Packet{From: ap("[::]:5060"), To: ap("[::]:2")}},
		{name: "a zone", p: Packet{From: ap("[fe80::1%eth0]:1"), To: ap("[fe80::2]:2")}, from: "[fe80::1]:1"},
		{name: "nothing known of us", p: Packet{To: ap("[2001:db8::1]:2")}, from: "[::]:0"},
		{name: "nothing known", from: "0.0.0.0:0", to: "0.0.0.0:0"},
		{name: "the longest over IPv4", p: Packet{From: ap("192.0.2.1:1"), To: ap("192.0.2.2:2"), Payload: []byte(long)}, length: 65507},
		{name: "the longest over IPv6", p: Packet{From: ap("[::1]:1"), To: ap("[::1]:2"), Payload: []byte(long)}, length: 65527},
		{name: "the longest segment", p: Packet{Stream: true, From: ap("192.0.2.1:1"), To: ap("192.0.2.2:2"), Payload: []byte(long)}, length: 65495},
		{name: "a checksum of zero", p: Packet{From: ap("0.0.0.0:0"), To: ap("0.0.0.0:0"), Payload: []byte{0xff, 0xff - 17 - 12 - 12}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.p.Time = at
			want := record{at.Truncate(time.Microsecond), tt.p.From, tt.p.To, tt.p.Stream, tt.p.Seq, tt.p.Ack, string(tt.p.Payload)}
			if tt.from != "" {
				want.from = ap(tt.from)
			}
			if tt.to != "" {
				want.to = ap(tt.to)
			}
			if tt.length > 0 {
				want.payload = want.payload[:tt.length]
			}
			b := tt.p.AppendTo(AppendFileHeader(nil))
			got := readFile(t, b)
			if len(got) != 1 || got[0] != want {
				t.Errorf("got %.200v, want %.200v", got, want)
			}
			if again := tt.p.AppendTo([]byte("before")); !bytes.Equal(again, append([]byte("before"), b[24:]...)) {
				t.Error("what is appended depends on what it is appended to")
			}
		})
	}
}

func TestAppendDoesNotAllocate(t *testing.T) {
	p := Packet{Time: time.Unix(1e9, 0), From: ap("[2001:db8::1]:5060"), To: ap("[2001:db8::2]:6060"), Stream: true, Payload: bytes.Repeat([]byte("x"), 900)}
	dst := make([]byte, 0, 2048)
	if n := testing.AllocsPerRun(100, func() { p.AppendTo(dst) }); n != 0 {
		t.Errorf("a packet: %v allocations", n)
	}
	message := []byte(register)
	if n := testing.AllocsPerRun(100, func() { AppendRedacted(dst, message) }); n != 0 {
		t.Errorf("redacting: %v allocations", n)
	}
}

func BenchmarkPacket(b *testing.B) {
	p := Packet{Time: time.Unix(1e9, 0), From: ap("192.0.2.1:5060"), To: ap("192.0.2.2:6060"), Payload: bytes.Repeat([]byte("x"), 936)}
	var dst []byte
	b.SetBytes(int64(len(p.Payload)))
	b.ReportAllocs()
	for b.Loop() {
		dst = p.AppendTo(dst[:0])
	}
}
