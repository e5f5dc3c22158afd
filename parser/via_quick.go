package parser

// quick reads the value at the start of b into v, which is zero, when it is written the usual way. It returns how much
// of b came before the comma or the end.
func (v *Via) quick(b []byte) (n int, ok bool) {
	whole := len(b)
	b = b[:min(whole, quickMax-1)]
	var k marks
	k.read(b)
	i := len("SIP/2.0/")
	low, high := k.from(i)
	if i >= len(b) || string(b[:i]) != "SIP/2.0/" || b[i] <= ' ' {
		if i, low, high = k.protocol(b); i == quickMax {
			return 0, false
		}
	}
	from := i
	if i, low, high = pop(low, high); i == from || !has(b, i) || b[i] > ' ' {
		return 0, false
	}
	v.transport = spanOf(from, i)
	from = i + 1
	if from < len(b) && b[from] <= ' ' || b[i] < ' ' {
		from, low, high = k.gap(b, i, 0)
	}
	i, low, high = pop(low, high)
	if !k.isHost(b, from, i) {
		return 0, false
	}
	v.host = spanOf(from, i)
	if has(b, i) && b[i] == ':' {
		from = i + 1
		i, low, high = pop(low, high)
		if v.port, ok = quickPort(b[from:i]); !ok {
			return 0, false
		}
	}
	n = i
	var keys quickKeys
	for {
		if has(b, i) && b[i] <= ' ' {
			i, low, high = k.gap(b, i, 1)
		}
		if !has(b, i) || b[i] != ';' {
			break
		}
		if v.params == 0 {
			v.params = uint16(i)
		}
		var p param
		p.key, from, n, low, high = k.param(b, i, low, high, value)
		if n == quickMax || !keys.add(p.key) {
			return 0, false
		}
		if from > 0 {
			p.value, p.valued = spanOf(from, n), true
		}
		v.note(b, p, spanOf(i+1, n))
		i = n
	}
	if i == len(b) && i < whole || has(b, i) && b[i] != ',' {
		return 0, false
	}
	v.raw = b[:n:n]
	return i, true
}

// protocol returns the offset of the transport behind the name and the version of the protocol, and the odd octets from there on,
// quickMax at a surprise.
func (k *marks) protocol(b []byte) (at int, low, high uint64) {
	low, high = k.odd[0], k.odd[1]
	for range 2 {
		var i int
		if i, low, high = pop(low, high); i == at {
			return quickMax, 0, 0
		}
		if has(b, i) && b[i] <= ' ' {
			i, low, high = k.gap(b, i, 1)
		}
		if !has(b, i) || b[i] != '/' {
			return quickMax, 0, 0
		}
		if at = i + 1; at < len(b) && b[at] <= ' ' {
			at, low, high = k.gap(b, at, 0)
		}
	}
	return at, low, high
}

// quickPort reads all of b as a port of up to five digits.
func quickPort(b []byte) (port uint16, ok bool) {
	if len(b) > 5 {
		return 0, false
	}
	p := uint(0)
	for _, c := range b {
		if c -= '0'; c > 9 {
			return 0, false
		}
		p = p*10 + uint(c)
	}
	return uint16(p), p-1 < 65535
}
