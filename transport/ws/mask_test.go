package ws

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// Masking is what RFC 6455, Section 5.3 says, octet by octet, for every length and wherever the payload is cut; twice is nothing.
func TestMask(t *testing.T) {
	key := Key{0x37, 0xfa, 0x21, 0x3d}
	le := binary.LittleEndian.Uint32(key[:])
	for n := range 100 {
		plain := make([]byte, n)
		want := make([]byte, n)
		for i := range plain {
			plain[i] = byte(i * 7)
			want[i] = plain[i] ^ key[i%4]
		}
		for cut := range n + 1 {
			got := bytes.Clone(plain)
			mask(got[cut:], mask(got[:cut], le))
			if !bytes.Equal(got, want) {
				t.Fatalf("%d octets cut at %d: got %x, want %x", n, cut, got, want)
			}
			if mask(got, le); !bytes.Equal(got, plain) {
				t.Fatalf("%d octets: twice masked they are %x", n, got)
			}
		}
	}
}

// It leaves alone what stands around.
func TestMaskStaysInside(t *testing.T) {
	for n := range 70 {
		for from := range 9 {
			b := make([]byte, from+n+9)
			mask(b[from:from+n], 0xFFFFFFFF)
			if got := bytes.Count(b[from:from+n], []byte{0xFF}); got != n || bytes.Count(b, []byte{0xFF}) != n {
				t.Fatalf("%d octets from %d: %x", n, from, b)
			}
		}
	}
}
