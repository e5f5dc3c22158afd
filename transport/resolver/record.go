package resolver

import (
	"context"
	"net/netip"
	"time"
)

// Type is a type of DNS record.
type Type uint16

// The types that are asked for.
const (
	TypeA     Type = 1
	TypeAAAA  Type = 28
	TypeSRV   Type = 33 // RFC 2782
	TypeNAPTR Type = 35 // RFC 3403
)

// String returns the type as it stands in a zone file.
func (t Type) String() string {
	switch t {
	case TypeA:
		return "A"
	case TypeAAAA:
		return "AAAA"
	case TypeSRV:
		return "SRV"
	case TypeNAPTR:
		return "NAPTR"
	}
	return ""
}

// SRV says on which host and port a service is found (RFC 2782).
type SRV struct {
	Priority, Weight, Port uint16
	Target                 string // without the final dot; "" for the root: the service is not there
}

// NAPTR says by which service a domain is reached (RFC 3403, Section 4.1).
type NAPTR struct {
	Order, Preference uint16
	Flags             string // "s": Replacement has SRV records
	Service           string // "SIP+D2U"
	Regexp            string // empty for SIP
	Replacement       string // without the final dot; "" for the root
}

// Answer is what DNS says about a name: the records of the type that was asked for. One without records says that there are none, by an
// answer without data or because there is no such name.
type Answer struct {
	Addrs []netip.Addr // of A and AAAA
	SRV   []SRV
	NAPTR []NAPTR
	// TTL is how long the answer is true; also of one without records (RFC 2308, Section 5). Zero is for this once.
	TTL time.Duration
}

// Empty reports whether there are no records.
func (a Answer) Empty() bool { return len(a.Addrs)+len(a.SRV)+len(a.NAPTR) == 0 }

// Querier asks DNS. It is called at the same time for different questions.
type Querier interface {
	// Query returns the records of type t that name has. name is absolute, whether or not it ends in a dot. The caller keeps the
	// Answer and does not write to it. An error means that nobody knows whether there are such records. It returns when ctx ends.
	Query(ctx context.Context, name string, t Type) (Answer, error)
}
