package ws

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// fin is the first bit of a frame that is the last of its message.
const fin = 0x80

// raw makes a frame of its first octet and its payload, as the other end of role would send it. It shares no code with the package.
func raw(role Role, first byte, payload string) string {
	n := len(payload)
	length := []byte{byte(n)}
	switch {
	case n > 65535:
		length = binary.BigEndian.AppendUint64([]byte{127}, uint64(n))
	case n > 125:
		length = []byte{126, byte(n >> 8), byte(n)}
	}
	if role == Client {
		return string(append([]byte{first}, length...)) + payload
	}
	return masked(first, length, payload)
}

// masked makes a frame that has a length of any form, and a mask.
func masked(first byte, length []byte, payload string) string {
	key := [4]byte{0x37, 0xFA, 0x21, 0x3D}
	b := append([]byte{first}, length...)
	b[1] |= 0x80
	b = append(b, key[:]...)
	for i := range len(payload) {
		b = append(b, payload[i]^key[i%4])
	}
	return string(b)
}

// played is what a Reader makes of a stream.
type played struct {
	events []string
	err    error
	most   int // octets that the buffer held when more were needed
}

func (p played) String() string {
	return strings.Join(append(p.events, fmt.Sprint(p.err)), "\n")
}

// play reads a stream as a connection does: size says how many octets the next read brings. While it is short the buffer is another one
// after each read, and the old one is overwritten, so that nothing can be kept.
func play(t testing.TB, r *Reader, stream string, size func() int) played {
	t.Helper()
	var p played
	var held []byte
	for {
		n := min(size(), len(stream))
		buf := append(held, stream[:n]...)
		if len(buf) < 1000 {
			buf = bytes.Clone(buf)
			clear(held)
		}
		stream = stream[n:]
		in := buf
		for {
			e, rest, err := r.Next(in)
			if err != nil {
				if _, _, again := r.Next([]byte("\x81\x00")); !errors.Is(again, err) {
					t.Errorf("the error %v became %v", err, again)
				}
				p.err = err
				return p
			}
			in = rest
			if e.Op == 0 {
				break
			}
			s := fmt.Sprintf("%v %q", e.Op, e.Data)
			if e.Op == Close {
				s += " " + e.Code.String()
			}
			if len(e.Data) != cap(e.Data) {
				t.Errorf("%s: %d octets behind it can be appended to", s, cap(e.Data)-len(e.Data))
			}
			p.events = append(p.events, s)
		}
		held = in
		p.most = max(p.most, len(held))
		if n == 0 {
			return p
		}
	}
}

func whole() int { return 1 << 30 }

func octetwise() int { return 1 }
