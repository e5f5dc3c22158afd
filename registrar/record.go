package registrar

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"slices"
	"time"

	"github.com/ringback-sip/ringback/transport"
)

// A record is the bindings of one address of record: the octet recordVersion, and for each binding its fields in the order of appendTo. A string has
// its length before it, and a number is a varint.
const recordVersion = 1

var errRecord = errors.New("registrar: a record of the store cannot be read")

// appendRecord appends bindings to dst.
func appendRecord(dst []byte, all []Binding) []byte {
	const usual = 384 // octets of a binding
	dst = append(slices.Grow(dst, usual*len(all)), recordVersion)
	for i := range all {
		dst = all[i].appendTo(dst)
	}
	return dst
}

// appendTo appends b to dst.
func (b *Binding) appendTo(dst []byte) []byte {
	for _, s := range []string{b.Contact, b.Params, b.CallID, b.Instance} {
		dst = appendString(dst, s)
	}
	dst = binary.AppendUvarint(dst, uint64(len(b.Path)))
	for _, s := range b.Path {
		dst = appendString(dst, s)
	}
	r := &b.Received
	dst = appendAddr(appendAddr(append(dst, byte(r.Protocol)), r.Local), r.Remote)
	for _, n := range []uint64{uint64(b.Q), uint64(b.Until.UnixMilli()), uint64(b.Updated.UnixMilli()), uint64(b.CSeq), uint64(b.RegID), b.epoch, r.run, r.flow} {
		dst = binary.AppendUvarint(dst, n)
	}
	return dst
}

func appendString(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

func appendAddr(dst []byte, a netip.AddrPort) []byte {
	b, err := a.MarshalBinary()
	if err != nil {
		b = nil // which it never is
	}
	return append(append(dst, byte(len(b))), b...)
}

// reader reads a record. What is missing makes it bad, and all that is read then is zero.
type reader struct {
	rest string
	bad  bool
}

// readRecord reads a record. Strings refer to one copy of it.
func readRecord(val []byte) ([]Binding, error) {
	if len(val) == 0 {
		return nil, nil
	}
	if val[0] != recordVersion {
		return nil, errRecord
	}
	r := reader{rest: string(val[1:])}
	var all []Binding
	for r.rest != "" && !r.bad {
		all = append(all, Binding{})
		r.binding(&all[len(all)-1])
	}
	if r.bad {
		return nil, errRecord
	}
	return all, nil
}

func (r *reader) binding(b *Binding) {
	for _, s := range []*string{&b.Contact, &b.Params, &b.CallID, &b.Instance} {
		*s = r.string()
	}
	if n := r.number(); n <= uint64(len(r.rest)) && n > 0 {
		b.Path = make([]string, n)
		for i := range b.Path {
			b.Path[i] = r.string()
		}
	} else if n > 0 {
		r.bad = true
	}
	b.Received.Protocol = transport.Protocol(r.octet())
	b.Received.Local, b.Received.Remote = r.addr(), r.addr()
	b.Q = int(r.number())
	b.Until, b.Updated = time.UnixMilli(int64(r.number())), time.UnixMilli(int64(r.number()))
	b.CSeq, b.RegID = uint32(r.number()), int(r.number())
	b.epoch, b.Received.run, b.Received.flow = r.number(), r.number(), r.number()
}

func (r *reader) number() (n uint64) {
	for shift := uint(0); shift < 64; shift += 7 {
		c := r.octet()
		n |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return n
		}
	}
	r.bad = true
	return 0
}

func (r *reader) octet() byte {
	if r.rest == "" {
		r.bad = true
		return 0
	}
	c := r.rest[0]
	r.rest = r.rest[1:]
	return c
}

func (r *reader) string() string { return r.take(r.number()) }

func (r *reader) take(n uint64) string {
	if n > uint64(len(r.rest)) {
		r.bad, r.rest = true, ""
		return ""
	}
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

func (r *reader) addr() (a netip.AddrPort) {
	var buf [64]byte // 16 octets, the zone of a link, and the port
	s := r.take(uint64(r.octet()))
	if n := copy(buf[:], s); n < len(s) || a.UnmarshalBinary(buf[:n]) != nil {
		r.bad = true
	}
	return a
}
