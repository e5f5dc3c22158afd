package transaction

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/ringback-sip/ringback/parser"
)

// cookie begins the branch of every client that follows RFC 3261 (Section 8.1.1.7).
const cookie = "z9hG4bK"

// A key names a transaction: a digest of what RFC 3261 compares, and the method, which is apart because a CANCEL looks for
// another method than its own. The digest cannot be aimed: to meet the transaction of somebody else, a
// request has to carry the same values. Making one does not allocate.
type key struct {
	sum    [sha256.Size]byte
	method parser.Method
}

// clientKey is the key of a client transaction, from its request or a response to it: branch and CSeq method (RFC 3261,
// Section 17.1.3).
func clientKey(m *parser.Message) (k key, ok bool) {
	via, err := m.Via()
	if err != nil || len(via.Branch()) == 0 {
		return key{}, false
	}
	cseq, err := m.CSeq()
	if err != nil {
		return key{}, false
	}
	var d digest
	d.fold(via.Branch())
	if cseq.Method == parser.MethodUnknown {
		d.write(cseq.Name)
	}
	return key{d.sum(), cseq.Method}, true
}

// serverKey is the key of a server transaction, from a request (RFC 3261, Section 17.2.3). rfc3261 is false for a request of
// an RFC 2543 client, whose branch has no cookie, or nothing else (RFC 4475, Section 3.2.1).
func serverKey(m *parser.Message) (k key, rfc3261, ok bool) {
	via, err := m.Via()
	if err != nil {
		return key{}, false, false
	}
	var d digest
	b := via.Branch()
	if len(b) <= len(cookie) || !parser.EqualFold(b[:len(cookie)], cookie) {
		to, err := m.To()
		if err != nil {
			return key{}, false, false
		}
		k, ok = legacyKey(m, to.Tag())
		return k, false, ok
	}
	d.fold(b)
	// An absent port is another value than the default one: a client does not change its sent-by under way.
	d.fold(via.Host())
	d.number(uint32(via.Port())) // 0 to 65535
	if m.Method() == parser.MethodUnknown {
		d.write(m.MethodName())
	}
	return key{d.sum(), m.Method()}, true, true
}

// legacyKey is the key of a request of an RFC 2543 client, with toTag for the tag of its To: that of our response when
// an ACK is to be found by it. The URI is compared as it stands, which is how it is repeated; the equality of
// Section 19.1.4 is not transitive, so that no key can be made of it.
func legacyKey(m *parser.Message, toTag []byte) (k key, ok bool) {
	via, err := m.Via()
	if err != nil {
		return key{}, false
	}
	uri, err := m.RequestURI()
	if err != nil {
		return key{}, false
	}
	cseq, err := m.CSeq()
	if err != nil {
		return key{}, false
	}
	from, err := m.From()
	if err != nil {
		return key{}, false
	}
	var d digest
	d.write(uri.Raw())
	d.fold(toTag)
	d.fold(from.Tag())
	d.write(m.CallID())
	d.number(cseq.Number)
	d.fold(via.Raw())
	if m.Method() == parser.MethodUnknown {
		d.write(m.MethodName())
	}
	return key{d.sum(), m.Method()}, true
}

// A mergeKey names the request whatever way it came: the same for all copies that a forking proxy made of it (RFC 3261,
// Section 8.2.2.2).
type mergeKey [16]byte

// newMergeKey makes the mergeKey of a request, or the zero one when it has none. tagged reports whether it is inside a dialog.
func newMergeKey(m *parser.Message) (k mergeKey, tagged bool) {
	from, err := m.From()
	if err != nil {
		return k, false
	}
	cseq, err := m.CSeq()
	if err != nil {
		return k, false
	}
	if to, err := m.To(); err == nil {
		tagged = len(to.Tag()) > 0
	}
	var d digest
	d.fold(from.Tag())
	d.write(m.CallID())
	d.number(cseq.Number)
	d.write(m.MethodName())
	sum := d.sum()
	copy(k[:], sum[:])
	return k, tagged
}

// A digest hashes a row of values of any length, each followed by its length. It stays on the stack.
type digest struct {
	buf [256]byte
	n   int
}

// write adds a value.
func (d *digest) write(b []byte) {
	for rest := b; len(rest) > 0; rest = rest[d.part(rest):] {
	}
	d.number(uint32(len(b))) // below 2^16: a part of a header section
}

// fold adds a value whose case means nothing: a token, a host (RFC 3261, Section 7.3.1).
func (d *digest) fold(b []byte) {
	for rest := b; len(rest) > 0; {
		n := d.part(rest)
		part := d.buf[d.n-n : d.n]
		for i, c := range part {
			if 'A' <= c && c <= 'Z' {
				part[i] = c + 'a' - 'A'
			}
		}
		rest = rest[n:]
	}
	d.number(uint32(len(b))) // below 2^16
}

// part adds as many of the octets of b as there is room for, at least one of them, and returns their number.
func (d *digest) part(b []byte) int {
	if d.n == len(d.buf) {
		d.shrink()
	}
	n := copy(d.buf[d.n:], b)
	d.n += n
	return n
}

// number adds a number.
func (d *digest) number(v uint32) {
	if d.n > len(d.buf)-4 {
		d.shrink()
	}
	binary.BigEndian.PutUint32(d.buf[d.n:], v)
	d.n += 4
}

// shrink replaces what was added by its hash.
func (d *digest) shrink() {
	sum := sha256.Sum256(d.buf[:d.n])
	d.n = copy(d.buf[:], sum[:])
}

// sum returns the hash of all values.
func (d *digest) sum() [sha256.Size]byte { return sha256.Sum256(d.buf[:d.n]) }
