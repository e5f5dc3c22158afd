package capture

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"testing"
	"time"
)

// record is a packet as a reader of the file finds it.
type record struct {
	at       time.Time
	from, to netip.AddrPort
	stream   bool
	seq, ack uint32
	payload  string
}

// readFile reads a whole capture file, naively, and fails the test where a length or a checksum is wrong.
func readFile(t *testing.T, b []byte) []record {
	t.Helper()
	if want := "d4c3b2a1020004000000000000000000"; len(b) < 24 || fmt.Sprintf("%x", b[:16]) != want {
		t.Fatalf("file header: got %x, want %s", b[:min(len(b), 16)], want)
	}
	if link := little(b[20:24]); link != 101 {
		t.Fatalf("link type: got %d, want 101", link)
	}
	snap := little(b[16:20])
	b = b[24:]
	var all []record
	for len(b) > 0 {
		if len(b) < 16 {
			t.Fatalf("record %d: %d octets are left", len(all), len(b))
		}
		seconds, micros, kept, length := little(b[0:4]), little(b[4:8]), little(b[8:12]), little(b[12:16])
		if kept != length || length > len(b)-16 || length > snap || micros >= 1e6 {
			t.Fatalf("record %d: kept %d of %d octets, %d in the file, %d at most, %d µs", len(all), kept, length, len(b)-16, snap, micros)
		}
		r := readPacket(t, b[16:16+length])
		r.at = time.Unix(int64(seconds), int64(micros)*1000).UTC()
		all = append(all, r)
		b = b[16+length:]
	}
	return all
}

func readPacket(t *testing.T, b []byte) (r record) {
	t.Helper()
	var from, to netip.Addr
	var pseudo []byte
	var protocol byte
	var inner []byte
	switch b[0] >> 4 {
	case 4:
		header := int(b[0]&15) * 4
		if length := big(b[2:4]); length != len(b) {
			t.Errorf("IPv4 length: got %d, want %d", length, len(b))
		}
		if !adds(b[:header]) {
			t.Error("IPv4 header checksum is wrong")
		}
		protocol, inner = b[9], b[header:]
		from, to = netip.AddrFrom4([4]byte(b[12:16])), netip.AddrFrom4([4]byte(b[16:20]))
		pseudo = append(append(pseudo, b[12:20]...), 0, protocol, byte(len(inner)>>8), byte(len(inner)))
	case 6:
		if length := big(b[4:6]); length != len(b)-40 {
			t.Errorf("IPv6 length: got %d, want %d", length, len(b)-40)
		}
		protocol, inner = b[6], b[40:]
		from, to = netip.AddrFrom16([16]byte(b[8:24])), netip.AddrFrom16([16]byte(b[24:40]))
		pseudo = append(append(pseudo, b[8:40]...), 0, 0, byte(len(inner)>>8), byte(len(inner)), 0, 0, 0, protocol)
	default:
		t.Fatalf("IP version %d", b[0]>>4)
	}
	if !adds(append(pseudo, inner...)) {
		t.Error("checksum is wrong")
	}
	r.from = netip.AddrPortFrom(from, uint16(big(inner[0:2])))
	r.to = netip.AddrPortFrom(to, uint16(big(inner[2:4])))
	switch protocol {
	case 17:
		if length := big(inner[4:6]); length != len(inner) {
			t.Errorf("UDP length: got %d, want %d", length, len(inner))
		}
		if big(inner[6:8]) == 0 {
			t.Error("no UDP checksum")
		}
		r.payload = string(inner[8:])
	case 6:
		r.stream = true
		r.seq, r.ack = uint32(big(inner[4:8])), uint32(big(inner[8:12]))
		if inner[13] != 0x18 {
			t.Errorf("TCP flags: got %#x, want ACK and PSH", inner[13])
		}
		r.payload = string(inner[inner[12]>>4*4:])
	default:
		t.Fatalf("protocol %d", protocol)
	}
	return r
}

// adds reports whether the words of b add up to all ones, one at a time and with the carry brought round, as RFC 1071 has it.
func adds(b []byte) bool {
	total := 0
	for i, c := range b {
		if i%2 == 0 {
			total += int(c) << 8
		} else {
			total += int(c)
		}
		if total > 0xffff {
			total -= 0xffff
		}
	}
	return total == 0xffff
}

func little(b []byte) int { return int(binary.LittleEndian.Uint32(b)) }

// big is the number that b is.
func big(b []byte) int {
	n := 0
	for _, c := range b {
		n = n<<8 | int(c)
	}
	return n
}
