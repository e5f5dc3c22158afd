package parser

// isQuotedString reports whether all of b is one quoted string.
func isQuotedString(b []byte) bool {
	if len(b) < 2 || b[0] != '"' {
		return false
	}
	end, err := quoted(b, 0)
	return err == 0 && end == len(b)
}

// appendString appends v as a quoted string: what is one already as it is but for folds, anything else in quotes.
func appendString(dst, v []byte) []byte {
	if isQuotedString(v) {
		return appendUnfolded(dst, v)
	}
	return appendQuoted(dst, v)
}

// appendParam appends ";name=v" unless v is nil. A v that may not stand there bare is quoted.
func appendParam(dst []byte, name string, v []byte) []byte {
	if v == nil {
		return dst
	}
	dst = append(dst, ';')
	dst = append(dst, name...)
	dst = append(dst, '=')
	if len(v) > 0 && run(v, 0, value) == len(v) {
		return append(dst, v...)
	}
	return appendString(dst, v)
}

// appendNumber appends ";name=n".
func appendNumber(dst []byte, name string, n int) []byte {
	dst = append(dst, ';')
	dst = append(dst, name...)
	return appendDigits(append(dst, '='), uint64(n))
}

// appendDigits appends n in decimal. It is short, and most numbers of a message are.
func appendDigits(dst []byte, n uint64) []byte {
	switch {
	case n < 10:
		return append(dst, byte('0'+n))
	case n < 100:
		return append(dst, byte('0'+n/10), byte('0'+n%10))
	case n < 1000:
		return append(dst, byte('0'+n/100), byte('0'+n/10%10), byte('0'+n%10))
	}
	var b [20]byte
	i := len(b)
	for {
		i--
		b[i] = byte('0' + n%10)
		if n /= 10; n == 0 {
			return append(dst, b[i:]...)
		}
	}
}
