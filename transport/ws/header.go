package ws

import (
	"encoding/binary"
	"math"
)

// MaxControl is how many octets the payload of a control frame may have (RFC 6455, Section 5.5).
const MaxControl = 125

// maxHeader is the longest header: two octets, eight of length, and the key.
const maxHeader = 2 + 8 + len(Key{})

// The two values of the seven bit length that say where the length is (RFC 6455, Section 5.2).
const (
	length16 = 126
	length64 = 127
)

// Bits of the first two octets.
const (
	bitFin  = 0x80
	bitsRSV = 0x70
	bitMask = 0x80
)

// header is what stands before a payload.
type header struct {
	op     Opcode
	fin    bool
	size   int    // octets of the header itself
	length uint64 // of the payload
	key    uint32 // first octet lowest; 0: not masked, or masked with zeros
}

// parseHeader reads the header at the start of b, of a frame that we receive. A size of 0 says that more octets are needed. Whether a fault
// is found depends on the octets alone: each is looked for as soon as those that show it are there.
func parseHeader(b []byte, role Role) (h header, fault Error) {
	if len(b) < 2 {
		return h, 0
	}
	masked := b[1]&bitMask != 0
	short := b[1] &^ bitMask
	h.op, h.fin = Opcode(b[0]&0xF), b[0]&bitFin != 0
	switch {
	case b[0]&bitsRSV != 0: // RFC 6455, Section 5.2: no extension is ever negotiated
		return h, errReserved
	case !h.op.known():
		return h, errOpcode
	case role == Server && !masked: // RFC 6455, Section 5.1
		return h, errUnmasked
	case role == Client && masked:
		return h, errMasked
	case h.op.control() && !h.fin: // RFC 6455, Section 5.5
		return h, errControlFragment
	case h.op.control() && short > MaxControl:
		return h, errControlLong
	}
	size, enough, fault := h.readLength(b[2:], short)
	if !enough || fault != 0 {
		return h, fault
	}
	size += 2
	if masked {
		if len(b) < size+len(Key{}) {
			return h, 0
		}
		h.key = binary.LittleEndian.Uint32(b[size:])
		size += len(Key{})
	}
	h.size = size
	return h, 0
}

// readLength reads the length of the payload: short, or what stands in b. It must be written in the fewest octets, and its
// first bit is 0 (RFC 6455, Section 5.2).
func (h *header) readLength(b []byte, short byte) (size int, enough bool, fault Error) {
	switch short {
	case length16:
		if len(b) < 2 {
			return 0, false, 0
		}
		if h.length = uint64(binary.BigEndian.Uint16(b)); h.length < length16 {
			return 0, false, errLength
		}
		return 2, true, 0
	case length64:
		if len(b) < 8 {
			return 0, false, 0
		}
		if h.length = binary.BigEndian.Uint64(b); h.length <= math.MaxUint16 || h.length > math.MaxInt64 {
			return 0, false, errLength
		}
		return 8, true, 0
	}
	h.length = uint64(short)
	return 0, true, 0
}

// appendHeader appends a header whose length takes the fewest octets, without the key.
func appendHeader(dst []byte, op Opcode, masked byte, n int) []byte {
	dst = append(dst, bitFin|byte(op))
	switch {
	case n < length16:
		return append(dst, masked|byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, masked|length16), uint16(n))
	}
	return binary.BigEndian.AppendUint64(append(dst, masked|length64), uint64(n))
}
