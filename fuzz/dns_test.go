package fuzz_test

import (
	"encoding/binary"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/fuzz"
)

// Answers that are mostly right, about few names, get further than octets do that were changed anywhere.
func TestDNSAnswers(t *testing.T) {
	used := 0
	for seed := range uint64(20000) {
		msg := dnsAnswer(rand.New(rand.NewPCG(seed, 1)))
		ok, err := fuzz.DNS(msg)
		if err != nil {
			t.Fatalf("seed %d: %v\nthe input is %q", seed, err, msg)
		}
		if ok {
			used++
		}
	}
	if used < 15000 {
		t.Errorf("%d of 20000 messages answer what they say they do", used)
	}
}

// dnsAnswer makes an answer with records of some of five names, of which one octet in a thousand is wrong.
func dnsAnswer(r *rand.Rand) []byte {
	names := []string{"a.example", "B.example", "c.a.example", "example", "_sip._udp.a.example"}
	kinds := []uint16{1, 28, 33, 35}
	kind := kinds[r.IntN(4)]
	pick := func() string { return names[r.IntN(len(names))] }
	flags := uint16(0x8180)
	if r.IntN(8) == 0 {
		flags ^= 1 << []int{7, 9, 10, 8}[r.IntN(4)]
	}
	if r.IntN(6) == 0 {
		flags |= uint16(r.IntN(6))
	}
	answers, authorities := r.IntN(8), r.IntN(3)
	if r.IntN(50) == 0 {
		answers = 70
	}
	msg := []byte{byte(r.IntN(256)), byte(r.IntN(256))}
	for _, n := range []uint16{flags, 1, uint16(answers), uint16(authorities), 0} {
		msg = binary.BigEndian.AppendUint16(msg, n)
	}
	msg = appendName(msg, pick(), r)
	msg = append(msg, byte(kind>>8), byte(kind), 0, 1)
	for i := range answers + authorities {
		what := kind
		switch {
		case i >= answers:
			what = 6
		case r.IntN(3) == 0:
			what = 5
		case r.IntN(20) == 0:
			what = kinds[r.IntN(4)]
		}
		if r.IntN(4) == 0 {
			msg = append(msg, 0xC0, 12) // the name of the question
		} else {
			msg = appendName(msg, pick(), r)
		}
		msg = append(msg, byte(what>>8), byte(what), 0, 1, byte(r.IntN(2))*byte(r.IntN(256)), 0, byte(r.IntN(4)), byte(r.IntN(256)), 0, 0)
		at := len(msg)
		msg = appendData(msg, what, pick(), r)
		binary.BigEndian.PutUint16(msg[at-2:], uint16(len(msg)-at))
	}
	for i := range msg {
		if i > 1 && r.IntN(1000) == 0 {
			msg[i] ^= 1 << r.IntN(8)
		}
	}
	return msg[:len(msg)-r.IntN(min(len(msg), 30))/29]
}

// appendData appends the data of a record.
func appendData(msg []byte, kind uint16, name string, r *rand.Rand) []byte {
	switch kind {
	case 1:
		return append(msg, 192, 0, 2, byte(r.IntN(4)))
	case 28:
		return append(msg, "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01"...)
	case 33:
		return appendName(append(msg, 0, byte(r.IntN(2)), 0, 7, 0x13, 0xC4), name, r)
	case 35:
		msg = append(msg, "\x00\x0a\x00\x14\x01s\x07SIP+D2U\x00"...)
		if r.IntN(20) > 0 {
			r = nil // no pointer
		}
		return appendName(msg, name, r)
	case 6:
		msg = appendName(appendName(msg, name, r), name, r)
		return append(msg, "\x00\x00\x00\x01\x00\x00\x0e\x10\x00\x00\x02\x58\x00\x01\x51\x80\x00\x00\x00\x1e"...)
	}
	return appendName(msg, name, r)
}

// appendName appends a name, which may lead into the name of the question.
func appendName(msg []byte, name string, r *rand.Rand) []byte {
	for label := range strings.SplitSeq(name, ".") {
		if r != nil && len(msg) > 20 && r.IntN(10) == 0 {
			return append(msg, 0xC0, byte(12+r.IntN(3)))
		}
		msg = append(append(msg, byte(len(label))), label...)
	}
	return append(msg, 0)
}
