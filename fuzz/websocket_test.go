package fuzz_test

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/ringback-sip/ringback/fuzz"
)

// Streams of frames that are mostly right, and of the same role, get further than octets do that were changed anywhere.
func TestWebSocketStreams(t *testing.T) {
	used := 0
	for seed := range uint64(3000) {
		stream := frames(rand.New(rand.NewPCG(seed, 1)))
		ok, err := fuzz.WebSocket(stream)
		if err != nil {
			t.Fatalf("seed %d: %v\nthe input is %q", seed, err, stream)
		}
		if ok {
			used++
		}
	}
	if used < 2000 {
		t.Errorf("%d of 3000 streams have a message or a control frame", used)
	}
}

// frames makes up to twenty frames, of which one in fifty is wrong somewhere.
func frames(r *rand.Rand) []byte {
	texts := []string{"", "x", "INVITE sip:b@h SIP/2.0\r\n", "zo\xc3\xab", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "a long line that goes on behind eight octets, and on"}
	masked := r.IntN(2) == 1
	open, left := false, "" // a message has begun; what its next fragment begins with
	var out []byte
	for range 1 + r.IntN(20) {
		op, payload, fin := byte(1+r.IntN(2)), texts[r.IntN(len(texts))], r.IntN(2) == 1
		switch {
		case r.IntN(4) == 0:
			op, fin = byte(9+r.IntN(2)), true
		case r.IntN(30) == 0:
			op, fin, payload = 8, true, "\x03\xe8"+payload
		default:
			if open {
				op = 0
			}
			payload = left + payload
			left, open = "", !fin
			if cut := r.IntN(len(payload) + 1); !fin {
				payload, left = payload[:cut], payload[cut:]
			}
		}
		if r.IntN(40) == 0 {
			payload += string(make([]byte, []int{60, 125, 126, 300, 5000}[r.IntN(5)]))
		}
		at := len(out)
		out = appendFrame(out, op, fin, masked, payload, r)
		if r.IntN(50) == 0 {
			i := at + r.IntN(len(out)-at)
			out[i] ^= 1 << r.IntN(8)
		}
	}
	return out[:len(out)-r.IntN(min(len(out), 8))/7]
}

func appendFrame(out []byte, op byte, fin, masked bool, payload string, r *rand.Rand) []byte {
	mask := byte(0)
	if masked {
		mask = 0x80
	}
	if fin {
		op |= 0x80
	}
	if n := len(payload); n < 126 {
		out = append(out, op, mask|byte(n))
	} else {
		out = binary.BigEndian.AppendUint16(append(out, op, mask|126), uint16(n))
	}
	var key [4]byte
	if masked {
		binary.BigEndian.PutUint32(key[:], r.Uint32()*uint32(r.IntN(2)))
		out = append(out, key[:]...)
	}
	for i := range len(payload) {
		out = append(out, payload[i]^key[i%4])
	}
	return out
}
