package registrar

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport"
	"github.com/ringback-sip/ringback/ua"
)

// Binding is one place where somebody can be reached, until it is over.
type Binding struct {
	Contact  string    // the URI
	Params   string    // of the Contact, each with its semicolon, but for what the registrar decides itself
	Q        int       // preference in thousandths, 1000 unless the phone said something else
	Until    time.Time // when it is over
	Updated  time.Time // when it was registered or refreshed last
	CallID   string    // of the last REGISTER
	CSeq     uint32    // likewise
	Path     []string  // URIs of the servers on the way, the first to be passed first (RFC 3327)
	Instance string    // URN of the phone, "" where it named none (RFC 5626, Section 4.1)
	RegID    int       // number of its flow, 0 where there is none (RFC 5626, Section 4.2)
	Received Received  // where the last REGISTER came from

	// Targets is where to send what is for the Contact; nil: what the first of Path, else the Contact comes down to.
	Targets []transport.Target

	epoch uint64 // of the temporary GRUUs that are valid
}

// Received is where a REGISTER came from.
type Received struct {
	Protocol      transport.Protocol
	Local, Remote netip.AddrPort

	run, flow uint64 // the connection in the Registrar that took it, 0 for none
}

// Reach returns what a call or a request to the binding needs to know.
func (b *Binding) Reach() *ua.Reach {
	return &ua.Reach{URI: b.Contact, Route: slices.Clone(b.Path), Targets: slices.Clone(b.Targets)}
}

// Alternatives parts bindings into those that may be tried one after the other or at the same time: in each part are those of one phone, of which the next is
// tried only when the one before cannot be reached: 408, or 430 (RFC 5626, Section 7). The order is kept.
func Alternatives(all []Binding) [][]Binding {
	var parts [][]Binding
	at := make(map[string]int)
	for _, b := range all {
		if i, ok := at[b.Instance]; ok && b.Instance != "" {
			parts[i] = append(parts[i], b)
			continue
		}
		at[b.Instance] = len(parts)
		parts = append(parts, []Binding{b})
	}
	return parts
}

// flowKey reports whether b is bound to a flow of a phone, not to a URI (RFC 5626, Section 6).
func (b *Binding) flowKey() bool { return b.Instance != "" && b.RegID > 0 }

// uri returns the contact as a URI. It was one when it was stored.
func (b *Binding) uri() parser.URI {
	u, err := parser.ParseURI([]byte(b.Contact))
	if err != nil {
		return parser.URI{}
	}
	return u
}

// appendContact appends b as a Contact value.
func (b *Binding) appendContact(dst []byte, now time.Time) []byte {
	dst = append(append(append(dst, '<'), b.Contact...), '>')
	dst = append(append(dst, b.Params...), ";expires="...)
	return strconv.AppendInt(dst, b.seconds(now), 10)
}

// seconds returns how long b still lives, rounded up.
func (b *Binding) seconds(now time.Time) int64 {
	return int64((b.Until.Sub(now) + time.Second - 1) / time.Second)
}

// order sorts bindings by preference, the newer one of two first.
func order(all []Binding) {
	slices.SortStableFunc(all, func(a, b Binding) int {
		return cmp.Or(cmp.Compare(b.Q, a.Q), b.Updated.Compare(a.Updated))
	})
}

// sameInstance reports whether two URNs name the same phone: those of UUIDs are compared without case (RFC 5626, Section 4.1; RFC 4122, Section 3).
func sameInstance(a, b string) bool {
	const uuid = "urn:uuid:"
	if a == b {
		return true
	}
	return len(a) == len(b) && len(a) > len(uuid) && strings.EqualFold(a[:len(uuid)], uuid) && strings.EqualFold(a, b)
}
