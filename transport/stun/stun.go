// Package stun is as much of STUN as keeps a UDP flow of SIP alive (RFC 5626, Sections 4.4.2 and 8): the Binding request, and its two answers. It is
// pure: bytes in, bytes out, no I/O and no clock. It neither authenticates nor needs to: an answer says no more than what the sender of
// the request could know of itself, and a forged one at worst ends a flow that is then made anew.
package stun

import (
	"encoding/binary"
	"errors"
	"net/netip"
)

// ID is what an answer has in common with its request: 96 bits that nobody can predict (RFC 5389, Section 6).
type ID [12]byte

// What a message begins with (RFC 5389, Sections 6 and 18.1).
const (
	header  = 20
	cookie  = 0x2112A442
	request = 0x0001
	success = 0x0101
	failure = 0x0111
)

// The attributes that are understood (RFC 5389, Section 18.2).
const (
	errorCode         = 0x0009
	unknownAttributes = 0x000A
	xorMappedAddress  = 0x0020
	optional          = 0x8000 // and above: whoever does not know it goes on
)

// Errors of Response.
var (
	ErrOther   = errors.New("stun: no answer to this request")
	ErrRefused = errors.New("stun: the server refuses")
	ErrAddress = errors.New("stun: an answer without a readable XOR-MAPPED-ADDRESS")
)

// Is reports whether b is a STUN message and not one of SIP, which begins with no octet below 0x40.
func Is(b []byte) bool {
	return len(b) >= header && b[0]&0xc0 == 0 && binary.BigEndian.Uint32(b[4:]) == cookie &&
		int(binary.BigEndian.Uint16(b[2:])) == len(b)-header && len(b)%4 == 0
}

// IDOf returns the ID of a STUN message.
func IDOf(b []byte) (ID, bool) {
	if !Is(b) {
		return ID{}, false
	}
	return ID(b[8:header]), true
}

// AppendRequest appends a Binding request.
func AppendRequest(dst []byte, id ID) []byte { return appendHeader(dst, request, 0, id) }

// AppendAnswer appends the answer to b, which came from the address from: where that is, or, if b has attributes that must be understood and are not, an
// error that names them (RFC 5389, Section 7.3.1). What is no Binding request has no answer: dst comes back as it was, and false. The
// answer is at most 24 octets longer than the request.
func AppendAnswer(dst, b []byte, from netip.AddrPort) ([]byte, bool) {
	if !Is(b) || binary.BigEndian.Uint16(b) != request {
		return dst, false
	}
	id := ID(b[8:header])
	var unknown []uint16
	for kind := range attributes(b[header:]) {
		if kind < optional && len(unknown) < maxUnknown {
			unknown = append(unknown, kind)
		}
	}
	if unknown != nil {
		return appendRefusal(dst, id, unknown), true
	}
	address := from.Addr().Unmap()
	size := 8
	if address.Is6() {
		size = 20
	}
	dst = appendHeader(dst, success, 4+size, id)
	dst = appendAttribute(dst, xorMappedAddress, size)
	return appendXOR(dst, netip.AddrPortFrom(address, from.Port()), id), true
}

// maxUnknown bounds the attributes that a refusal names, and so its length.
const maxUnknown = 2

func appendRefusal(dst []byte, id ID, unknown []uint16) []byte {
	dst = appendHeader(dst, failure, 4+4+4+4, id)
	dst = append(appendAttribute(dst, errorCode, 4), 0, 0, 4, 20)
	dst = appendAttribute(dst, unknownAttributes, 2*len(unknown))
	for len(unknown) < maxUnknown { // padding
		unknown = append(unknown, 0)
	}
	for _, kind := range unknown {
		dst = binary.BigEndian.AppendUint16(dst, kind)
	}
	return dst
}

// Response returns what an answer to the request id says: the address that the request came from.
func Response(b []byte, id ID) (netip.AddrPort, error) {
	if !Is(b) || ID(b[8:header]) != id {
		return netip.AddrPort{}, ErrOther
	}
	switch binary.BigEndian.Uint16(b) {
	case success:
	case failure:
		return netip.AddrPort{}, ErrRefused
	default:
		return netip.AddrPort{}, ErrOther
	}
	for kind, value := range attributes(b[header:]) {
		if kind == xorMappedAddress {
			return parseXOR(value, id)
		}
	}
	return netip.AddrPort{}, ErrAddress
}

// attributes walks b up to the first attribute that is cut short.
func attributes(b []byte) func(func(uint16, []byte) bool) {
	return func(yield func(uint16, []byte) bool) {
		for len(b) >= 4 {
			kind, n := binary.BigEndian.Uint16(b), int(binary.BigEndian.Uint16(b[2:]))
			padded := (n + 3) &^ 3
			if b = b[4:]; padded > len(b) {
				return
			}
			if !yield(kind, b[:n:n]) {
				return
			}
			b = b[padded:]
		}
	}
}

func appendHeader(dst []byte, kind uint16, size int, id ID) []byte {
	dst = binary.BigEndian.AppendUint16(dst, kind)
	dst = binary.BigEndian.AppendUint16(dst, uint16(size)) // at most 24
	dst = binary.BigEndian.AppendUint32(dst, cookie)
	return append(dst, id[:]...)
}

func appendAttribute(dst []byte, kind uint16, size int) []byte {
	dst = binary.BigEndian.AppendUint16(dst, kind)
	return binary.BigEndian.AppendUint16(dst, uint16(size)) // at most 20
}

// mask is what addresses are combined with, against NATs that rewrite what looks like one (RFC 5389, Section 15.2).
func mask(id ID) (m [16]byte) {
	binary.BigEndian.PutUint32(m[:], cookie)
	copy(m[4:], id[:])
	return m
}

// The address families of XOR-MAPPED-ADDRESS.
const (
	family4 = 1
	family6 = 2
)

func appendXOR(dst []byte, a netip.AddrPort, id ID) []byte {
	family := byte(family4)
	if a.Addr().Is6() {
		family = family6
	}
	dst = append(dst, 0, family)
	dst = binary.BigEndian.AppendUint16(dst, a.Port()^(cookie>>16))
	m := mask(id)
	for i, c := range a.Addr().AsSlice() {
		dst = append(dst, c^m[i])
	}
	return dst
}

func parseXOR(v []byte, id ID) (netip.AddrPort, error) {
	if len(v) != 8 && len(v) != 20 || v[1] == family4 != (len(v) == 8) || v[1] != family4 && v[1] != family6 {
		return netip.AddrPort{}, ErrAddress
	}
	m := mask(id)
	var b [16]byte
	n := copy(b[:], v[4:])
	for i := range b[:n] {
		b[i] ^= m[i]
	}
	a, _ := netip.AddrFromSlice(b[:n])
	return netip.AddrPortFrom(a, binary.BigEndian.Uint16(v[2:])^(cookie>>16)), nil
}
