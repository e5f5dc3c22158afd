package parser

import "bytes"

// class is a set of the character classes that an octet belongs to (RFC 3261, Section 25.1).
type class uint16

const (
	alpha    class = 1 << iota
	digit          // DIGIT
	hexdig         // HEXDIG, either case
	token          // token
	word           // word of Call-ID
	value          // token, or what a bracketed or bare IPv6 address adds: an unquoted parameter value
	scheme         // scheme, after its first letter
	user           // user of a SIP URI without escapes
	password       // password of a SIP URI without escapes
	uparam         // paramchar of a SIP URI without escapes
	uheader        // hname and hvalue of a SIP URI without escapes
	uric           // any other URI without escapes
	reserved       // reserved
	phone          // telephone-subscriber without its plus, visual separators included (RFC 3966, Section 3)
)

const (
	letters    = alpha | token | word | value | scheme | user | password | uparam | uheader | uric
	digits     = digit | hexdig | token | word | value | scheme | user | password | uparam | uheader | uric | phone
	unreserved = user | password | uparam | uheader | uric // RFC 3261, Section 25.1
	tokens     = token | word | value
)

// classes is the one table of all scanners. Octets that are not listed, all above 0x7E among them, are in no class.
var classes = [256]class{
	'0': digits, '1': digits, '2': digits, '3': digits, '4': digits, '5': digits, '6': digits, '7': digits, '8': digits, '9': digits,
	'A': letters | hexdig | phone, 'B': letters | hexdig | phone, 'C': letters | hexdig | phone,
	'D': letters | hexdig | phone, 'E': letters | hexdig | phone, 'F': letters | hexdig | phone,
	'G': letters, 'H': letters, 'I': letters, 'J': letters, 'K': letters, 'L': letters, 'M': letters, 'N': letters,
	'O': letters, 'P': letters, 'Q': letters, 'R': letters, 'S': letters, 'T': letters, 'U': letters, 'V': letters,
	'W': letters, 'X': letters, 'Y': letters, 'Z': letters,
	'a': letters | hexdig | phone, 'b': letters | hexdig | phone, 'c': letters | hexdig | phone,
	'd': letters | hexdig | phone, 'e': letters | hexdig | phone, 'f': letters | hexdig | phone,
	'g': letters, 'h': letters, 'i': letters, 'j': letters, 'k': letters, 'l': letters, 'm': letters, 'n': letters,
	'o': letters, 'p': letters, 'q': letters, 'r': letters, 's': letters, 't': letters, 'u': letters, 'v': letters,
	'w': letters, 'x': letters, 'y': letters, 'z': letters,

	'-':  tokens | unreserved | scheme | phone,
	'_':  tokens | unreserved,
	'.':  tokens | unreserved | scheme | phone,
	'!':  tokens | unreserved,
	'~':  tokens | unreserved,
	'*':  tokens | unreserved | phone,
	'\'': tokens | unreserved,
	'(':  unreserved | word | phone,
	')':  unreserved | word | phone,

	'%': tokens,
	'`': tokens,
	'+': tokens | scheme | user | password | uparam | uheader | uric | reserved,

	';': user | uric | reserved,
	'/': user | uparam | uheader | uric | reserved | word,
	'?': user | uheader | uric | reserved | word,
	':': uparam | uheader | uric | reserved | word | value,
	'@': uric | reserved,
	'&': user | password | uparam | uric | reserved,
	'=': user | password | uric | reserved,
	'$': user | password | uparam | uheader | uric | reserved,
	',': user | password | uric | reserved,
	'[': uparam | uheader | uric | word | value,
	']': uparam | uheader | uric | word | value,
	'#': uric | phone,

	'<': word, '>': word, '\\': word, '"': word, '{': word, '}': word,
}

// is reports whether c is in one of the classes k.
func is(c byte, k class) bool { return classes[c]&k != 0 }

// run returns the offset of the first octet of b at or after i that is not in k.
func run(b []byte, i int, k class) int {
	for i < len(b) && classes[b[i]]&k != 0 {
		i++
	}
	return i
}

// runEscaped is run for classes that also hold %HH escapes.
func runEscaped(b []byte, i int, k class) int {
	for {
		i = run(b, i, k)
		switch {
		case i == len(b):
			return i
		case b[i] == '%' && i+2 < len(b) && is(b[i+1], hexdig) && is(b[i+2], hexdig):
			i += 3
		default:
			return i
		}
	}
}

// isToken reports whether all of b, and at least one octet, are token characters.
func isToken[T []byte | string](b T) bool {
	all := token
	for i := 0; i < len(b); i++ {
		all &= classes[b[i]]
	}
	return all != 0 && len(b) > 0
}

// skipLWS returns the offset of the first octet of b at or after i that is not linear white space. A line end
// counts only when a blank follows it: it is a fold then (RFC 3261, Section 7.3.1).
func skipLWS(b []byte, i int) int {
	if i < len(b) && b[i] <= ' ' {
		return skipBlanks(b, i)
	}
	return i
}

func skipBlanks(b []byte, i int) int {
	for i < len(b) && b[i] <= ' ' {
		switch b[i] {
		case ' ', '\t':
			for i++; i < len(b) && b[i] == ' '; i++ {
			}
			continue
		case '\r':
			if i+2 < len(b) && b[i+1] == '\n' && isBlank(b[i+2]) {
				i += 3
				continue
			}
		case '\n':
			if i+1 < len(b) && isBlank(b[i+1]) {
				i += 2
				continue
			}
		}
		return i
	}
	return i
}

// trimLWS returns from and to, moved inwards over linear white space.
func trimLWS(b []byte, from, to int) (int, int) {
	from = skipLWS(b[:to], from)
	for end := to; to > from; {
		switch c := b[to-1]; {
		case isBlank(c):
			to--
		case c == '\n' && to < end && isBlank(b[to]): // a fold
			if to--; to > from && b[to-1] == '\r' {
				to--
			}
		default:
			return from, to
		}
	}
	return from, to
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// quoted returns the offset after the quoted string that starts at b[i]. On a fault it returns where.
// Any octet but CR and LF may follow a backslash (RFC 3261, Section 25.1).
func quoted(b []byte, i int) (int, Error) {
	start := i
	for i++; i < len(b); {
		switch c := b[i]; {
		case c == '"':
			return i + 1, 0
		case c == '\\':
			if i+1 == len(b) {
				return start, errQuote
			}
			if b[i+1] == '\r' || b[i+1] == '\n' {
				return i + 1, errControl
			}
			i += 2
		case c >= ' ' && c != 0x7f:
			i++
		default:
			j := skipLWS(b, i)
			if j == i {
				return i, errControl
			}
			i = j
		}
	}
	return start, errQuote
}

// Unquote appends b to dst. When b is a quoted string it leaves out the quotes, takes each quoted pair
// for the octet it stands for, once, and writes a fold as one space; anything else is appended as it is.
func Unquote(dst, b []byte) []byte {
	if len(b) < 2 || b[0] != '"' || b[len(b)-1] != '"' {
		return append(dst, b...)
	}
	b = b[1 : len(b)-1]
	for i := 0; i < len(b); i++ {
		switch {
		case b[i] == '\\' && i+1 < len(b):
			i++
			dst = append(dst, b[i])
		case b[i] == '\r' || b[i] == '\n':
			j := skipLWS(b, i)
			if j > i {
				dst = append(bytes.TrimRight(dst, " \t"), ' ')
				i = j - 1
			}
		default:
			dst = append(dst, b[i])
		}
	}
	return dst
}

// EqualFold reports whether a and b are equal without regard to the case of ASCII letters
// (RFC 3261, Section 7.3.1). It does not allocate.
func EqualFold(a []byte, b string) bool { return string(a) == b || sameFold(a, b) }

// sameFold is EqualFold for any two, octet by octet.
func sameFold[A, B []byte | string](a A, b B) bool {
	if len(a) != len(b) {
		return false
	}
	for i := 0; i < len(a); i++ {
		switch a[i] ^ b[i] {
		case 0:
		case 0x20:
			if !is(a[i], alpha) {
				return false
			}
		default:
			return false
		}
	}
	return true
}
