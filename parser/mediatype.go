package parser

import "iter"

// MediaType is a parsed Content-Type value (RFC 3261, Section 20.15).
type MediaType struct {
	raw     []byte
	kind    span
	subtype span
	params  uint16 // offset of the first semicolon, 0: none
}

// ContentType returns the Content-Type value. The error is an [Error].
func (m *Message) ContentType() (MediaType, error) {
	i, ok := m.first(HeaderContentType)
	if !ok {
		return MediaType{}, ErrAbsent
	}
	t, err := parseMediaType(m.at(i).value.of(m.b), HeaderContentType)
	if err != 0 {
		return MediaType{}, err
	}
	return t, nil
}

// ParseMediaType parses all of b, which it keeps: the value of Content-Type, or one of Accept. The error is an [Error].
func ParseMediaType(b []byte) (MediaType, error) {
	from, to := trimLWS(b, 0, len(b))
	t, err := parseMediaType(b[from:to], HeaderContentType)
	if err != 0 {
		return MediaType{}, err
	}
	return t, nil
}

// parseMediaType reads all of b. The parameters of a media type have values, those of Accept need none.
func parseMediaType(b []byte, h Header) (t MediaType, err Error) {
	if len(b) > maxValue {
		return t, errValueLong
	}
	end := run(b, 0, token)
	if end == 0 {
		return t, errMediaType
	}
	t.kind = spanOf(0, end)
	i := skipLWS(b, end)
	if i == len(b) || b[i] != '/' {
		return t, errMediaType
	}
	i = skipLWS(b, i+1)
	if end = run(b, i, token); end == i {
		return t, errMediaType
	}
	t.subtype = spanOf(i, end)
	w := window{b: b}
	ps := params{end: end}
	for {
		p, ok, err := ps.next(&w)
		switch {
		case err != 0:
			return t, err
		case ok && !p.valued && h == HeaderContentType:
			return t, errParamValue
		case ok:
			continue
		case ps.at < len(b):
			return t, errTrailing
		}
		t.params = uint16(ps.first) // below maxValue
		t.raw = b[:ps.end:ps.end]
		return t, 0
	}
}

// Raw returns the value as received.
func (t MediaType) Raw() []byte { return t.raw }

// Type returns the type as written, "multipart" in multipart/mixed.
func (t MediaType) Type() []byte { return t.kind.of(t.raw) }

// Subtype returns the subtype as written, "mixed" in multipart/mixed.
func (t MediaType) Subtype() []byte { return t.subtype.of(t.raw) }

// Param returns the value of a parameter as received, quotes included.
func (t MediaType) Param(name string) ([]byte, bool) { return findParam(t.raw, int(t.params), name) }

// Params walks the parameters as received.
func (t MediaType) Params() iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) { walkParams(t.raw, int(t.params), yield) }
}

// AppendTo appends the value to dst, each fold as one space.
func (t MediaType) AppendTo(dst []byte) []byte { return appendUnfolded(dst, t.raw) }

// Is reports whether t is mediaType, "application/sdp" for instance, without regard to case and parameters.
func (t MediaType) Is(mediaType string) bool {
	n := int(t.kind.len)
	return n > 0 && len(mediaType) == n+1+int(t.subtype.len) && mediaType[n] == '/' &&
		EqualFold(t.Type(), mediaType[:n]) && EqualFold(t.Subtype(), mediaType[n+1:])
}
