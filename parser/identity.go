package parser

import (
	"bytes"
	"iter"
)

// Identity is a parsed Identity value (RFC 8224, Section 4). The form of RFC 4474 has no info and is malformed here.
type Identity struct {
	Digest []byte // the signature, or the whole PASSporT
	Info   []byte // the URI of the certificate, without its brackets
	Alg    []byte // nil when absent
	PPT    []byte // as received, nil when absent
}

// Identities walks the Identity values, one in each field. After a malformed one it goes on with the next.
func (m *Message) Identities() iter.Seq2[Identity, error] {
	return func(yield func(Identity, error) bool) { each(m, HeaderIdentity, readIdentity, yield) }
}

func readIdentity(b []byte, _ Header) (d Identity, err Error) {
	if len(b) > maxValue {
		return d, errValueLong
	}
	end := 0
	// Letters of base64, those of its form for URLs, dots and padding.
	for end < len(b) && (is(b[end], alpha|digit) || bytes.IndexByte([]byte("+/-_.="), b[end]) >= 0) {
		end++
	}
	if d.Digest = b[:end:end]; end == 0 {
		return d, errIdentity
	}
	for i := skipLWS(b, end); i < len(b); i = skipLWS(b, end) {
		if b[i] != ';' {
			return d, errTrailing
		}
		var p param
		if p, end, err = nextIdentityParam(b, i); err != 0 {
			return d, err
		}
		name := p.name.of(b)
		switch {
		case d.has(name):
			return d, errParamTwice
		case EqualFold(name, "info"):
			d.Info = p.value.of(b)
		case EqualFold(name, "alg"):
			d.Alg = p.value.of(b)
		case EqualFold(name, "ppt"):
			d.PPT = p.value.of(b)
		}
	}
	if d.Info == nil {
		return d, errIdentity
	}
	return d, 0
}

// has reports whether the parameter called name was read.
func (d *Identity) has(name []byte) bool {
	return d.Info != nil && EqualFold(name, "info") || d.Alg != nil && EqualFold(name, "alg") || d.PPT != nil && EqualFold(name, "ppt")
}

// nextIdentityParam is nextParam, but for info, whose value is a URI in brackets and returned without them.
func nextIdentityParam(b []byte, i int) (p param, n int, err Error) {
	p, n, err = nextParam(b, i)
	if !EqualFold(p.name.of(b), "info") {
		return p, n, err
	}
	if err != errParamValue || n == len(b) || b[n] != '<' {
		return p, n, errIdentity
	}
	k := bytes.IndexByte(b[n:], '>')
	if k < 0 {
		return p, n, errOpenBracket
	}
	var u URI
	if _, err = u.parse(b[n+1 : n+k]); err != 0 {
		return p, n, err
	}
	p.value, p.valued = spanOf(n+1, n+k), true
	return p, n + k + 1, 0
}

// AppendTo appends the value to dst.
func (d Identity) AppendTo(dst []byte) []byte {
	dst = append(dst, d.Digest...)
	dst = append(dst, ";info=<"...)
	dst = append(dst, d.Info...)
	dst = append(dst, '>')
	dst = appendParam(dst, "alg", d.Alg)
	return appendParam(dst, "ppt", d.PPT)
}
