package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// A nonce is its time, random octets, and a proof that the server made both for its realm. Nobody needs to remember it (RFC 7616, Section 3.3).
const (
	nonceRandom = 9 // with the others a number of octets that base64 needs no padding for
	nonceProof  = 16
	nonceSize   = 8 + nonceRandom + nonceProof
	nonceLength = nonceSize / 3 * 4
)

// nonceID is the part of a nonce that tells it from others.
type nonceID struct {
	stamp  int64 // Unix nanoseconds, none twice by one server
	random [nonceRandom]byte
}

// nonces makes and reads the nonces of a realm. Safe for concurrent use.
type nonces struct {
	macs  sync.Pool // of hash.Hash, keyed
	realm string
	rand  func([]byte)
	last  atomic.Int64 // the last stamp
}

// init gives the nonces a key, which it keeps, and a realm.
func (n *nonces) init(key []byte, realm string, rand func([]byte)) {
	n.macs.New = func() any { return hmac.New(sha256.New, key) }
	n.realm, n.rand = realm, rand
}

// append appends a new nonce to dst.
func (n *nonces) append(dst []byte, now time.Time) []byte {
	id := nonceID{stamp: n.stamp(now)}
	n.rand(id.random[:])
	var b [nonceSize]byte
	n.seal(b[:0], id)
	return base64.RawURLEncoding.AppendEncode(dst, b[:])
}

// stamp returns the time, and never the same twice.
func (n *nonces) stamp(now time.Time) int64 {
	for {
		last := n.last.Load()
		stamp := max(now.UnixNano(), last+1)
		if n.last.CompareAndSwap(last, stamp) {
			return stamp
		}
	}
}

// seal appends the octets of a nonce to dst, which has room for them.
func (n *nonces) seal(dst []byte, id nonceID) []byte {
	dst = binary.BigEndian.AppendUint64(dst, uint64(id.stamp))
	dst = append(dst, id.random[:]...)
	h := n.macs.Get().(hash.Hash)
	defer n.macs.Put(h)
	h.Reset()
	h.Write(dst)
	io.WriteString(h, n.realm)
	var sum [sha256.Size]byte
	return append(dst, h.Sum(sum[:0])[:nonceProof]...)
}

// read returns what a nonce says; false when it is none of ours.
func (n *nonces) read(text []byte) (id nonceID, ok bool) {
	var got, want [nonceSize]byte
	if len(text) != nonceLength {
		return id, false
	}
	if _, err := base64.RawURLEncoding.Strict().Decode(got[:], text); err != nil {
		return id, false
	}
	id.stamp = int64(binary.BigEndian.Uint64(got[:]))
	copy(id.random[:], got[8:])
	n.seal(want[:0], id)
	return id, subtle.ConstantTimeCompare(got[:], want[:]) == 1
}
