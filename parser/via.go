package parser

import "iter"

// Via is a parsed Via value (RFC 3261, Section 20.42). It refers to the bytes it was parsed from.
type Via struct {
	raw    []byte
	source []byte // what SetReceived recorded goes before what was written
	viaParts
}

// viaParts is where the parts of a Via are in it.
type viaParts struct {
	transport span
	host      span
	branch    span
	maddr     span
	received  span
	rport     span   // all of the parameter
	params    uint16 // offset of the first semicolon, 0: none
	port      uint16
	rportIs   uint16 // the number
	hasRPort  bool
	hasSource bool // a received parameter
}

// ParseVia parses one Via value, which it keeps. The error is an [Error].
func ParseVia(b []byte) (Via, error) {
	from, to := trimLWS(b, 0, len(b))
	var v Via
	n, err := v.parse(b[from:to:len(b)])
	if err == 0 && n < to-from {
		err = errTrailing
	}
	if err != 0 {
		return Via{}, err
	}
	return v, nil
}

// parse reads the value at the start of b into v, which is zero, up to a comma or the end. It returns how much of b
// came before that, or where the fault is.
func (v *Via) parse(b []byte) (n int, err Error) {
	if n, ok := v.quick(b); ok {
		return n, 0
	}
	*v = Via{}
	return v.read(b)
}

// read is parse for a value in any form.
func (v *Via) read(b []byte) (n int, err Error) {
	if len(b) > maxValue {
		return maxValue, errValueLong
	}
	w := window{b: b}
	i, err := scanProtocol(b)
	if err != 0 {
		return i, err
	}
	end := w.run(i, token)
	if end == i {
		return i, errTransport
	}
	v.transport = spanOf(i, end)
	if i = skipLWS(b, end); i == end {
		return i, errTransport
	}
	if end, err = w.host(i); err != 0 {
		return end, err
	}
	v.host = spanOf(i, end)
	if i = skipLWS(b, end); i < len(b) && b[i] == ':' {
		if v.port, end, err = scanPort(b, skipLWS(b, i+1)); err != 0 {
			return end, err
		}
	}
	ps := params{end: end}
	for {
		p, ok, err := ps.next(&w)
		if err != 0 {
			return ps.at, err
		}
		if !ok {
			break
		}
		end := p.name.end()
		if p.valued {
			end = p.value.end()
		}
		v.note(b, p, spanOf(int(p.name.off), end))
	}
	v.params = uint16(ps.first) // below maxValue
	v.raw = b[:ps.end:ps.end]
	return ps.at, 0
}

// scanProtocol reads "SIP/2.0/", blanks round the slashes included, and returns the offset of the transport.
func scanProtocol(b []byte) (int, Error) {
	if len(b) > 8 && string(b[:8]) == "SIP/2.0/" && b[8] > ' ' {
		return 8, 0
	}
	if len(b) == 0 {
		return 0, errEmpty
	}
	i := 0
	for range 2 {
		end := run(b, i, token)
		if end == i {
			return i, errProtocol
		}
		if i = skipLWS(b, end); i == len(b) || b[i] != '/' {
			return i, errProtocol
		}
		i = skipLWS(b, i+1)
	}
	return i, 0
}

// note keeps where a parameter is that has an accessor; at is all of it, which may start with blanks. Whatever its value is, the Via is well formed: its owner
// alone needs to understand it (RFC 3261, Section 20.42).
func (v *Via) note(b []byte, p param, at span) {
	switch p.key {
	case keyBranch:
		v.branch = p.value
	case keyRPort:
		v.hasRPort = true
		v.rport = spanOf(skipLWS(b, int(at.off)), at.end())
		if p.valued {
			if port, n, err := scanPort(b, int(p.value.off)); err == 0 && n == p.value.end() {
				v.rportIs = port
			}
		}
	case keyReceived:
		v.received, v.hasSource = p.value, true
	case keyMAddr:
		v.maddr = p.value
	}
}

// Raw returns the value as received, folds included.
func (v Via) Raw() []byte { return v.raw }

// Transport returns the transport as written.
func (v Via) Transport() []byte { return v.transport.of(v.raw) }

// Host returns the host of sent-by, an IPv6 address with its brackets.
func (v Via) Host() []byte { return v.host.of(v.raw) }

// Port returns the port of sent-by, 0 when there is none.
func (v Via) Port() int { return int(v.port) }

// Branch returns the branch, empty when there is none (RFC 2543) or it has no value.
func (v Via) Branch() []byte { return v.branch.of(v.raw) }

// Received returns the address the request came from, without brackets, empty when there is none.
func (v Via) Received() []byte {
	if v.source != nil {
		return v.source
	}
	b := v.received.of(v.raw)
	if n := len(b); n > 1 && b[0] == '[' && b[n-1] == ']' {
		return b[1 : n-1 : n-1] // RFC 5118, Section 4.5
	}
	return b
}

// RPort returns the port the request came from (RFC 3581): 0 and true for a parameter without a value or with one
// that is no port.
func (v Via) RPort() (port int, present bool) { return int(v.rportIs), v.hasRPort }

// MAddr returns the maddr parameter, empty when there is none.
func (v Via) MAddr() []byte { return v.maddr.of(v.raw) }

// TTL returns the ttl parameter, 0 to 255; present is false for a value that is none.
func (v Via) TTL() (ttl int, present bool) {
	b, _ := v.Param("ttl")
	n, large, ok := digitsOf(b, 255)
	if !ok || large {
		return 0, false
	}
	return int(n), true
}

// Param returns the value of a parameter as received, quotes included, empty for one without a value.
func (v Via) Param(name string) ([]byte, bool) { return findParam(v.raw, int(v.params), name) }

// Params walks the parameters as received; the value of one without is nil.
func (v Via) Params() iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) { walkParams(v.raw, int(v.params), yield) }
}

// Via returns the topmost Via value, with what SetReceived recorded. The error is an [Error].
func (m *Message) Via() (v Via, _ error) {
	if at := m.seen.viaAt; at.len > 0 {
		v = Via{raw: at.of(m.b), viaParts: m.seen.via}
		m.overwrite(&v)
		return v, nil
	}
	i, ok := m.first(HeaderVia)
	if !ok {
		return v, ErrAbsent
	}
	b := m.at(i).value.in(m.b)
	if _, err := v.parse(b); err != 0 {
		return Via{}, err
	}
	m.overwrite(&v)
	return v, nil
}

// overwrite puts into the topmost Via what SetReceived recorded.
func (m *Message) overwrite(v *Via) {
	if m.receivedLen == 0 {
		return
	}
	v.source = m.received[:m.receivedLen:m.receivedLen]
	if v.hasRPort {
		v.rportIs = m.rport
	}
}

// Vias walks all Via values from the topmost on. After a malformed one it goes on with the next.
func (m *Message) Vias() iter.Seq2[Via, error] {
	return func(yield func(Via, error) bool) { m.walkVias(yield) }
}

func (m *Message) walkVias(yield func(Via, error) bool) {
	top := true
	for i, ok := m.first(HeaderVia); ok; i, ok = m.after(HeaderVia, i) {
		b := m.at(i).value.in(m.b)
		for p, more := 0, true; more; p++ { // the comma
			p = skipLWS(b, p)
			var v Via
			n, err := v.parse(b[p:])
			if err != 0 {
				v, n = Via{}, valueEnd(b[p:])
			} else if top {
				m.overwrite(&v)
			}
			top = false
			p += n
			more = p < len(b)
			if !yield(v, err.orNil()) {
				return
			}
		}
	}
}
