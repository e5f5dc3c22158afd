package ws

import (
	"encoding/binary"
	"slices"
	"strings"
	"unicode/utf8"
)

// AppendFrame appends a whole message or control frame, whose payload is the parts one after the other. A client gives the key; a
// server gives none, and its payload is not masked (RFC 6455, Section 5.1). It keeps nothing and changes no part. It panics on a control
// frame with more than MaxControl octets.
func AppendFrame(dst []byte, key *Key, op Opcode, parts ...[]byte) []byte {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	checkControl(op, n)
	dst = slices.Grow(dst, maxHeader+n)
	if key == nil {
		dst = appendHeader(dst, op, 0, n)
	} else {
		dst = append(appendHeader(dst, op, bitMask, n), key[:]...)
	}
	start := len(dst)
	for _, p := range parts {
		dst = append(dst, p...)
	}
	if key != nil {
		mask(dst[start:], binary.LittleEndian.Uint32(key[:]))
	}
	return dst
}

// AppendHeader appends what a server writes before a payload of n octets, for writers that need not copy the payload. It
// panics as AppendFrame does.
func AppendHeader(dst []byte, op Opcode, n int) []byte {
	checkControl(op, n)
	return appendHeader(dst, op, 0, n)
}

// AppendClose appends a Close. CodeNoStatus makes one without a code, which is how a Close without a code is answered. Of a reason that is
// too long the beginning is sent, and octets that are not UTF-8 become question marks. It panics on a code that may not be sent.
func AppendClose(dst []byte, key *Key, code Code, reason string) []byte {
	if code == CodeNoStatus {
		return AppendFrame(dst, key, Close)
	}
	if !code.onWire() {
		panic("ws: close code " + code.String() + " never stands in a frame")
	}
	var payload [MaxControl]byte
	binary.BigEndian.PutUint16(payload[:], uint16(code))
	n := 2 + copy(payload[2:], cutText(strings.ToValidUTF8(reason, "?"), MaxControl-2))
	return AppendFrame(dst, key, Close, payload[:n])
}

// OpcodeFor returns what the parts, one after the other, are sent as: Text, or Binary if they are not UTF-8 as a whole (RFC 7118, Section 4.2).
func OpcodeFor(parts ...[]byte) Opcode {
	var t text
	for _, p := range parts {
		if !t.take(p) {
			return Binary
		}
	}
	if !t.whole() {
		return Binary
	}
	return Text
}

// cutText returns the first n octets of s at most, up to the end of a character.
func cutText(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

func checkControl(op Opcode, n int) {
	if op.control() && n > MaxControl {
		panic("ws: control frame of more than 125 octets")
	}
}
