package transaction

import (
	"encoding/binary"
	"hash/maphash"

	"github.com/ringback-sip/ringback/parser"
)

// cookie begins the branch of every client that follows RFC 3261 (Section 8.1.1.7).
const cookie = "z9hG4bK"

// A key names a transaction: a hash of what RFC 3261 compares, and the method, which is apart because a CANCEL looks for
// another method than its own. Making one does not allocate.
type key struct {
	sum    [sumSize]byte
	method parser.Method
}

// hash is the part of k that an index looks at.
func (k key) hash() uint32 { return binary.LittleEndian.Uint32(k.sum[4:]) }

// sumSize is the length of a hash: with a million transactions, one in 2^88 requests meets another's by chance.
const sumSize = 16

// keys makes the keys of one layer. Its hashes are keyed with two secrets that leave the process in no form, so that they cannot be aimed:
// to meet the transaction of somebody else, a request has to carry the same values, and who knows these needs no collision.
type keys struct{ seed [sumSize / 8]maphash.Seed }

func newKeys() keys {
	return keys{[...]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}}
}

// clientKey is the key of a client transaction, from its request or a response to it: branch and CSeq method (RFC 3261,
// Section 17.1.3).
func (h *keys) clientKey(m *parser.Message) (k key, ok bool) {
	via, err := m.Via()
	if err != nil || len(via.Branch()) == 0 {
		return key{}, false
	}
	cseq, err := m.CSeq()
	if err != nil {
		return key{}, false
	}
	d := digest{keys: h}
	d.fold(via.Branch())
	if cseq.Method == parser.MethodUnknown {
		d.write(cseq.Name)
	}
	return key{d.sum(), cseq.Method}, true
}

// serverKey is the key of a server transaction, from a request (RFC 3261, Section 17.2.3). rfc3261 is false for a request of
// an RFC 2543 client, whose branch has no cookie, or nothing else (RFC 4475, Section 3.2.1).
func (h *keys) serverKey(m *parser.Message) (k key, rfc3261, ok bool) {
	via, err := m.Via()
	if err != nil {
		return key{}, false, false
	}
	d := digest{keys: h}
	b := via.Branch()
	if len(b) <= len(cookie) || !parser.EqualFold(b[:len(cookie)], cookie) {
		to, err := m.To()
		if err != nil {
			return key{}, false, false
		}
		k, ok = h.legacyKey(m, to.Tag())
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
func (h *keys) legacyKey(m *parser.Message, toTag []byte) (k key, ok bool) {
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
	d := digest{keys: h}
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
// Section 8.2.2.2). 0 is none.
type mergeKey uint64

// hash is the part of k that an index looks at.
func (k mergeKey) hash() uint32 { return uint32(k >> 32) }

// mergeKey makes the mergeKey of a request. tagged reports whether it is inside a dialog.
func (h *keys) mergeKey(m *parser.Message) (k mergeKey, tagged bool) {
	from, err := m.From()
	if err != nil {
		return 0, false
	}
	cseq, err := m.CSeq()
	if err != nil {
		return 0, false
	}
	if to, err := m.To(); err == nil {
		tagged = len(to.Tag()) > 0
	}
	d := digest{keys: h}
	d.fold(from.Tag())
	d.write(m.CallID())
	d.number(cseq.Number)
	d.write(m.MethodName())
	return mergeKey(d.half(0)), tagged
}

// A digest hashes a row of values of any length, each followed by its length. It stays on the stack.
type digest struct {
	keys *keys
	n    int
	buf  [256]byte
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
	sum := d.sum()
	d.n = copy(d.buf[:], sum[:])
}

// sum returns the hash of all values.
func (d *digest) sum() (sum [sumSize]byte) {
	for i := range d.keys.seed {
		binary.BigEndian.PutUint64(sum[8*i:], d.half(i))
	}
	return sum
}

// half returns one half of the hash.
func (d *digest) half(i int) uint64 { return maphash.Bytes(d.keys.seed[i], d.buf[:d.n]) }
