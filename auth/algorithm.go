package auth

import (
	"crypto/md5"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"

	"github.com/ringback-sip/ringback/parser"
)

// Algorithm is a hash algorithm of the Digest scheme (RFC 7616, Section 6.1; RFC 8760, Section 2.7). The zero Algorithm is none.
type Algorithm uint8

// The algorithms, weakest first. Those whose names end in Sess hash the nonces of both sides into what they know of the password
// (RFC 7616, Section 3.4.2).
const (
	MD5 Algorithm = iota + 1
	MD5Sess
	SHA256
	SHA256Sess
	SHA512256
	SHA512256Sess
)

var algorithmNames = [...]string{
	MD5: "MD5", MD5Sess: "MD5-sess", SHA256: "SHA-256", SHA256Sess: "SHA-256-sess", SHA512256: "SHA-512-256", SHA512256Sess: "SHA-512-256-sess",
}

// String returns the name as it is written, "" for one that is none.
func (a Algorithm) String() string {
	if int(a) < len(algorithmNames) {
		return algorithmNames[a]
	}
	return ""
}

// ParseAlgorithm returns the algorithm of that name, which is compared without case; 0 when it is not known here.
func ParseAlgorithm(name []byte) Algorithm {
	for a := MD5; a <= SHA512256Sess; a++ {
		if parser.EqualFold(name, algorithmNames[a]) {
			return a
		}
	}
	return 0
}

// HA1 returns H(A1) without a session, in hexadecimal: what may be stored in place of a password (RFC 7616, Section 3.4.2).
// It is "" for an algorithm that is none.
func (a Algorithm) HA1(username, realm, password string) string {
	var b [maxHash]byte
	return string(a.appendHA1(b[:0], []byte(username), realm, password))
}

// maxHash is the length of the longest hash in hexadecimal.
const maxHash = 2 * sha256.Size

// size returns the length of a hash in hexadecimal.
func (a Algorithm) size() int {
	if a.plain() == MD5 {
		return 2 * md5.Size
	}
	return maxHash
}

// plain returns the algorithm without its session.
func (a Algorithm) plain() Algorithm {
	if a.session() {
		return a - 1
	}
	return a
}

func (a Algorithm) session() bool { return a == MD5Sess || a == SHA256Sess || a == SHA512256Sess }

// appendHash appends H(data) in hexadecimal.
func (a Algorithm) appendHash(dst, data []byte) []byte {
	switch a.plain() {
	case MD5:
		sum := md5.Sum(data)
		return hex.AppendEncode(dst, sum[:])
	case SHA256:
		sum := sha256.Sum256(data)
		return hex.AppendEncode(dst, sum[:])
	case SHA512256:
		sum := sha512.Sum512_256(data)
		return hex.AppendEncode(dst, sum[:])
	}
	return dst
}

// appendHA1 appends H(username ":" realm ":" password).
func (a Algorithm) appendHA1(dst, username []byte, realm, password string) []byte {
	var room [128]byte
	b := append(room[:0], username...)
	b = append(b, ':')
	b = append(b, realm...)
	b = append(b, ':')
	b = append(b, password...)
	return a.appendHash(dst, b)
}
