package registrar

import (
	"slices"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// change is what a REGISTER wants of the bindings of an address of record.
type change struct {
	all      bool      // "*": remove every one
	callID   string    // of the request
	cseq     uint32    // likewise
	contacts []Binding // to be added, updated or, with a zero Until, removed
	epoch    uint64    // random: of the temporary GRUUs from now on, where those before are not valid any more
}

// apply returns the bindings after c, and false when c is older than one of them: then nothing is changed (RFC 3261, Section 10.3, Steps 6
// and 7). It writes to neither.
func (c *change) apply(old []Binding) (next []Binding, ok bool) {
	if c.all {
		return nil, !slices.ContainsFunc(old, c.older)
	}
	next = slices.Clone(old)
	mine := make([]bool, len(next), len(next)+len(c.contacts)) // by this very request
	for i := range c.contacts {
		b := c.contacts[i]
		at := find(next, &b)
		switch {
		case at >= 0 && !mine[at] && c.older(next[at]):
			return nil, false
		case at >= 0 && b.Until.IsZero():
			next, mine = slices.Delete(next, at, at+1), slices.Delete(mine, at, at+1)
		case b.Until.IsZero(): // there is none: no error
		default:
			next = c.renew(next, &b)
			if at >= 0 {
				next[at], mine[at] = b, true
			} else {
				next, mine = append(next, b), append(mine, true)
			}
		}
	}
	return next, true
}

// older reports whether c was sent before the binding was made by the same user agent.
func (c *change) older(b Binding) bool { return b.CallID == c.callID && c.cseq <= b.CSeq }

// find returns the index of the binding that b replaces or removes, -1 when there is none: the same flow of the same phone, if b is of one
// (RFC 5626, Section 6), else the same URI (RFC 3261, Section 19.1.4), as it is written if there are several. Who removes a URI need not
// say on which flow it was.
func find(all []Binding, b *Binding) int {
	if b.flowKey() {
		return slices.IndexFunc(all, func(o Binding) bool { return o.RegID == b.RegID && sameInstance(o.Instance, b.Instance) })
	}
	may := func(o *Binding) bool { return !o.flowKey() || b.Until.IsZero() }
	if i := slices.IndexFunc(all, func(o Binding) bool { return may(&o) && o.Contact == b.Contact }); i >= 0 {
		return i
	}
	var uri parser.URI
	return slices.IndexFunc(all, func(o Binding) bool {
		if uri.IsZero() {
			uri = b.uri()
		}
		return may(&o) && uri.Equal(o.uri())
	})
}

// renew gives b the epoch of its phone: a new one when the phone was not registered, or began anew, which another Call-ID says. Then the
// temporary GRUUs that it had are not valid any more (RFC 5627, Section 5.1). It may write to all.
func (c *change) renew(all []Binding, b *Binding) []Binding {
	if b.Instance == "" {
		return all
	}
	b.epoch = c.epoch
	var last *Binding // of the same flow, if b is of one
	for i := range all {
		o := &all[i]
		if !sameInstance(o.Instance, b.Instance) {
			continue
		}
		b.epoch = o.epoch
		if (b.RegID == 0 || o.RegID == b.RegID) && (last == nil || !o.Updated.Before(last.Updated)) {
			last = o
		}
	}
	if last == nil || last.CallID == c.callID {
		return all
	}
	b.epoch = c.epoch
	for i := range all {
		if sameInstance(all[i].Instance, b.Instance) {
			all[i].epoch = c.epoch
		}
	}
	return all
}

// live returns the bindings that are not over. It writes to all.
func live(all []Binding, now time.Time) []Binding {
	return slices.DeleteFunc(all, func(b Binding) bool { return !now.Before(b.Until) })
}

// last returns when the last of all is over.
func last(all []Binding) time.Time {
	var t time.Time
	for i := range all {
		if all[i].Until.After(t) {
			t = all[i].Until
		}
	}
	return t
}
