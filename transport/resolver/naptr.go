package resolver

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/ringback-sip/ringback/transport"
)

// errNAPTR is a NAPTR record that cannot be read.
var errNAPTR = errors.New("malformed NAPTR record")

// readNAPTR reads the data of a NAPTR record: order, preference, three strings, a name. The name must not be compressed (RFC 3403,
// Section 4.1), and nothing follows it.
func readNAPTR(data []byte) (NAPTR, error) {
	if len(data) < 4 {
		return NAPTR{}, errNAPTR
	}
	n := NAPTR{Order: uint16(data[0])<<8 | uint16(data[1]), Preference: uint16(data[2])<<8 | uint16(data[3])}
	data = data[4:]
	for _, s := range []*string{&n.Flags, &n.Service, &n.Regexp} {
		if len(data) == 0 || len(data) < 1+int(data[0]) {
			return NAPTR{}, errNAPTR
		}
		*s = string(data[1 : 1+data[0]])
		data = data[1+data[0]:]
	}
	name, rest, ok := readName(data)
	if !ok || len(rest) > 0 {
		return NAPTR{}, errNAPTR
	}
	n.Replacement = name
	return n, nil
}

// Limits of names (RFC 1035, Section 2.3.4).
const (
	maxLabel = 63
	maxName  = 255 // octets on the wire, the root's included
)

// readName reads a name without compression, and returns it without the final dot. A dot within a label has no place in the names
// that SIP knows.
func readName(data []byte) (name string, rest []byte, ok bool) {
	var b strings.Builder
	for size := 1; ; {
		if len(data) == 0 {
			return "", nil, false
		}
		n := int(data[0])
		if n == 0 {
			return b.String(), data[1:], true
		}
		size += 1 + n
		if n > maxLabel || size > maxName || len(data) < 1+n {
			return "", nil, false
		}
		label := string(data[1 : 1+n])
		if strings.Contains(label, ".") {
			return "", nil, false
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(label)
		data = data[1+n:]
	}
}

// pointer is a NAPTR record that leads to SRV records over a protocol of ours.
type pointer struct {
	NAPTR
	protocol transport.Protocol
}

// pointers returns the records that can be used, in order: those for one of the protocols, which are for a sips URI those of the SIPS services
// (RFC 3263, Section 4.1). The domain of their replacement may be any.
func pointers(records []NAPTR, protocols []transport.Protocol) []pointer {
	var all []pointer
	for _, n := range records {
		p := protocolOfService(n.Service)
		if p == 0 || !slices.Contains(protocols, p) {
			continue
		}
		if !strings.EqualFold(n.Flags, "s") || n.Regexp != "" || key(n.Replacement) == "" {
			continue
		}
		all = append(all, pointer{n, p})
	}
	slices.SortStableFunc(all, func(a, b pointer) int {
		return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Preference, b.Preference))
	})
	return all
}

// offersTLS reports whether a domain says that it can be reached over TLS (RFC 3263, Section 7).
func offersTLS(records []NAPTR) bool {
	return slices.ContainsFunc(records, func(n NAPTR) bool {
		return len(n.Service) > 5 && strings.EqualFold(n.Service[:5], "SIPS+")
	})
}
