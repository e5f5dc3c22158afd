package fuzz

import (
	"fmt"
	"math/big"
	"strings"
	"unicode/utf8"

	"github.com/ringback-sip/ringback/transport/ws"
)

// naiveFrame is a frame as RFC 6455, Section 5.2 draws it. What is not there yet is missing from it.
type naiveFrame struct {
	fin     bool
	rsv     byte
	opcode  byte
	masked  bool
	short   int      // the length of seven bits
	length  *big.Int // nil: not there yet
	headed  bool     // the whole header is there
	payload string   // as far as it is there, unmasked
	whole   bool
	rest    string
}

// cutNaively cuts the first frame off s.
func cutNaively(s string) (f naiveFrame, started bool) {
	if len(s) < 2 {
		return f, false
	}
	f.fin, f.rsv, f.opcode = s[0]>>7 == 1, s[0]>>4&7, s[0]&15
	f.masked, f.short = s[1]>>7 == 1, int(s[1]&127)
	s = s[2:]
	extra := map[int]int{126: 2, 127: 8}[f.short]
	if len(s) < extra {
		return f, true
	}
	f.length = big.NewInt(int64(f.short))
	if extra > 0 {
		f.length.SetBytes([]byte(s[:extra]))
	}
	s = s[extra:]
	key := "\x00\x00\x00\x00"
	if f.masked {
		if len(s) < 4 {
			return f, true
		}
		key, s = s[:4], s[4:]
	}
	f.headed = true
	if f.whole = f.length.Cmp(big.NewInt(int64(len(s)))) <= 0; f.whole {
		n := int(f.length.Int64())
		s, f.rest = s[:n], s[n:]
	}
	var plain strings.Builder
	for i := range len(s) {
		plain.WriteByte(s[i] ^ key[i%4])
	}
	f.payload = plain.String()
	return f, true
}

// fault says what is wrong with the frame by itself: a close code, 0 for nothing.
func (f naiveFrame) fault(role ws.Role) int {
	control := f.opcode >= 8
	switch {
	case f.rsv != 0,
		!strings.ContainsRune("\x00\x01\x02\x08\x09\x0a", rune(f.opcode)),
		f.masked != (role == ws.Server),
		control && !f.fin,
		control && f.short > 125:
		return 1002
	case f.length == nil:
		return 0
	case f.short == 126 && f.length.Cmp(big.NewInt(125)) <= 0,
		f.short == 127 && f.length.Cmp(big.NewInt(65535)) <= 0,
		f.length.BitLen() > 63:
		return 1002
	}
	return 0
}

// framesNaively says of a stream what readFrames does, by RFC 6455 read again: frame by frame, with strings.
func framesNaively(s string, role ws.Role, limit int) string {
	var out strings.Builder
	fails := func(code int) string {
		fmt.Fprintf(&out, "fails with %d", code)
		return out.String()
	}
	kinds := map[byte]string{1: "text", 2: "binary", 9: "ping", 10: "pong"}
	message, kind := "", byte(0)
	for {
		f, started := cutNaively(s)
		if !started {
			break
		}
		if code := f.fault(role); code != 0 {
			return fails(code)
		}
		if !f.headed {
			break
		}
		if f.opcode >= 8 {
			if !f.whole {
				break
			}
			if f.opcode == 8 {
				reason, code, fault := closeNaively(f.payload)
				if fault != 0 {
					return fails(fault)
				}
				fmt.Fprintf(&out, "close %d %q\n", code, reason)
				break
			}
			fmt.Fprintf(&out, "%s 0 %q\n", kinds[f.opcode], f.payload)
			s = f.rest
			continue
		}
		if (f.opcode == 0) != (kind != 0) {
			return fails(1002)
		}
		if f.opcode != 0 {
			message, kind = "", f.opcode
		}
		if new(big.Int).Add(f.length, big.NewInt(int64(len(message)))).Cmp(big.NewInt(int64(limit))) > 0 {
			return fails(1009)
		}
		message += f.payload
		last := f.whole && f.fin
		if kind == 1 && !beginsText(message, last) {
			return fails(1007)
		}
		if !f.whole {
			break
		}
		if last {
			fmt.Fprintf(&out, "%s 0 %q\n", kinds[kind], message)
			kind = 0
		}
		s = f.rest
	}
	fmt.Fprintf(&out, "waits, pending %v", kind != 0)
	return out.String()
}

// closeNaively reads the payload of a Close: its code, 1005 for none, or the code that its fault owes.
func closeNaively(payload string) (reason string, code, fault int) {
	switch {
	case payload == "":
		return "", 1005, 0
	case len(payload) == 1:
		return "", 0, 1002
	}
	code = int(payload[0])<<8 + int(payload[1])
	reserved := map[int]bool{1004: true, 1005: true, 1006: true, 1015: true}
	if code < 1000 || code > 4999 || code > 1014 && code < 3000 || reserved[code] {
		return "", 0, 1002
	}
	if !utf8.ValidString(payload[2:]) {
		return "", 0, 1007
	}
	return payload[2:], code, 0
}

// beginsText reports whether s is UTF-8, or could become it with more behind it when it is not all.
func beginsText(s string, all bool) bool {
	for s != "" {
		c, size := utf8.DecodeRuneInString(s)
		if c == utf8.RuneError && size == 1 {
			return !all && !utf8.FullRuneInString(s)
		}
		s = s[size:]
	}
	return true
}
