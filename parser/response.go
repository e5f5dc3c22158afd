package parser

import (
	"bytes"
	"slices"
)

// Response writes the status line (reason "" means the status' own) and copies from req all Via values in order (the
// top one with what SetReceived recorded), From, To, Call-ID and CSeq, in their spelling but for folds, which become
// one space; toTag is added to a To without tag unless it is "". A 100 copies Timestamp as well (RFC 3261, Section
// 8.2.6). Of a request that Parse or Check refused it copies what can be found.
func (b *Builder) Response(req *Message, status Status, reason, toTag string) {
	if reason == "" {
		reason = status.Reason()
	}
	b.response(req, status, reason, toTag)
}

// MinimalResponse is Response with nothing that can be left out: no reason phrase, compact names, also in what the
// Builder writes after it. It is for answers to datagrams of unknown origin, which must not be much longer than what
// they answer.
func (b *Builder) MinimalResponse(req *Message, status Status, toTag string) {
	b.compact = true
	b.response(req, status, "", toTag)
}

func (b *Builder) response(req *Message, status Status, reason, toTag string) {
	if status < 100 || status > 699 {
		b.fail(errStatus)
	}
	if toTag != "" && !isToken(toTag) {
		b.fail(errName)
	}
	if !b.startLine() {
		return
	}
	buf := append(slices.Grow(b.buf, len("SIP/2.0 nnn \r\n")+len(reason)), "SIP/2.0 "...)
	buf = appendDigits(buf, uint64(status))
	buf = append(buf, ' ')
	b.close(b.text(buf, reason))
	b.copyVias(req)
	b.copyFirst(req, HeaderFrom)
	b.copyTo(req, toTag)
	b.copyFirst(req, HeaderCallID)
	b.copyFirst(req, HeaderCSeq)
	if status == StatusTrying {
		b.copyFirst(req, HeaderTimestamp)
	}
}

// copyField writes a field of h with a received value as it was, but for folds.
func (b *Builder) copyField(h Header, v []byte) {
	if buf := b.open(h, len(v)); buf != nil {
		from := len(buf)
		if len(v) >= 8 && !copyBytes(buf[from:from+len(v)], v) {
			b.close(buf[:from+len(v)])
			return
		}
		b.closeCopy(appendUnfolded(buf, v), from)
	}
}

// closeCopy is close for a received value that was appended at from. One that Parse refused may hold control octets:
// each is a space then.
func (b *Builder) closeCopy(buf []byte, from int) {
	if strayControl(buf[from:]) >= 0 {
		for i := nextControl(buf, from); i < len(buf); i = nextControl(buf, i) {
			buf[i] = ' '
		}
	}
	b.close(buf)
}

// copyFirst copies the first field of h, if there is one.
func (b *Builder) copyFirst(m *Message, h Header) {
	if m.Has(h) {
		b.copyField(h, m.Raw(h))
	}
}

// copyAll copies all fields of h in order.
func (b *Builder) copyAll(m *Message, h Header) {
	for i, ok := m.first(h); ok; i, ok = m.after(h, i) {
		b.copyField(h, m.at(i).value.of(m.b))
	}
}

// copyTo copies To and adds the tag to one without. To one that cannot be read nothing can be added.
func (b *Builder) copyTo(req *Message, tag string) {
	if !req.Has(HeaderTo) {
		return
	}
	v := req.Raw(HeaderTo)
	buf := b.open(HeaderTo, len(v)+len(";tag=")+len(tag))
	if buf == nil {
		return
	}
	from := len(buf)
	buf = appendUnfolded(buf, v)
	if to, err := req.To(); tag != "" && err == nil && to.Tag() == nil {
		buf = append(buf, ";tag="...)
		buf = append(buf, tag...)
	}
	b.closeCopy(buf, from)
}

// copyVias copies all Via fields, the topmost value with what SetReceived recorded.
func (b *Builder) copyVias(req *Message) {
	top := req.receivedLen > 0
	for i, ok := req.first(HeaderVia); ok; i, ok = req.after(HeaderVia, i) {
		v := req.at(i).value.of(req.b)
		if !top {
			b.copyField(HeaderVia, v)
			continue
		}
		top = false
		if buf := b.open(HeaderVia, len(v)); buf != nil {
			b.closeCopy(req.appendTopVia(buf, v), len(buf))
		}
	}
}

// appendTopVia appends the field value row, whose first value is the topmost Via: with `received` and the value of
// `rport` that SetReceived recorded. One that cannot be read stays as it is.
func (m *Message) appendTopVia(dst, row []byte) []byte {
	if v := &m.seen.via; m.seen.viaAt.len > 0 && !v.hasSource && v.params > 0 {
		raw := row[:m.seen.viaAt.len]
		if tail := raw[v.params-1:]; bytes.IndexByte(tail, ' ') < 0 && nextControl(raw, 0) == len(raw) {
			return m.appendUsualVia(dst, row)
		}
	}
	var v Via
	n, err := v.parse(row)
	if err != 0 {
		return appendUnfolded(dst, row)
	}
	i := int(v.params)
	if i == 0 {
		i = len(v.raw)
	}
	dst = bytes.TrimRight(appendUnfolded(dst, row[:i]), " \t")
	for i < len(v.raw) && row[i] == ';' {
		p, end, _ := nextParam(row, i) // parse found no fault
		name := p.name.of(row)
		switch {
		case EqualFold(name, "received"):
		case EqualFold(name, "rport"):
			dst = append(dst, ';')
			dst = append(dst, name...)
			dst = append(dst, '=')
			dst = appendDigits(dst, uint64(m.rport))
		default:
			dst = append(dst, ';')
			dst = appendUnfolded(dst, row[p.name.off:end])
		}
		i = skipLWS(row, end)
	}
	dst = append(dst, ";received="...)
	dst = append(dst, m.received[:m.receivedLen]...)
	return appendUnfolded(dst, row[n:])
}

// appendUsualVia is appendTopVia where Check has seen the value, which has no received, no fold and no blank before or among its parameters.
func (m *Message) appendUsualVia(dst, row []byte) []byte {
	v, end := &m.seen.via, int(m.seen.viaAt.len)
	from := 0
	if v.hasRPort {
		name := v.rport.of(row)[:len("rport")]
		dst = append(dst, row[:v.rport.off]...)
		dst = append(dst, name...)
		dst = append(dst, '=')
		dst = appendDigits(dst, uint64(m.rport))
		from = v.rport.end()
	}
	dst = append(dst, row[from:end]...)
	dst = append(dst, ";received="...)
	dst = append(dst, m.received[:m.receivedLen]...)
	return appendUnfolded(dst, row[skipLWS(row, end):])
}

// appendUnfolded appends v with each fold, and each stray CR or LF, as one space.
func appendUnfolded(dst, v []byte) []byte {
	from := 0
	for i := nextControl(v, 0); i < len(v); i = nextControl(v, i) {
		if v[i] != '\r' && v[i] != '\n' {
			i++
			continue
		}
		dst = append(bytes.TrimRight(append(dst, v[from:i]...), " \t"), ' ')
		for i < len(v) && (isBlank(v[i]) || v[i] == '\r' || v[i] == '\n') {
			i++
		}
		from = i
	}
	return append(dst, v[from:]...)
}
