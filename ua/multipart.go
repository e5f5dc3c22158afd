package ua

import (
	"iter"
	"slices"

	"github.com/ringback-sip/ringback/parser"
)

// Phones send a session description together with other things: where the caller is, what a telephone network wants to know. So an INVITE
// may carry a multipart body (RFC 5621, Section 3.2): its description is one part, and every part is understood or says that it is optional.

// isMultipart reports whether m has a body of parts.
func isMultipart(m *parser.Message) bool {
	t, err := m.ContentType()
	return err == nil && len(m.Body()) > 0 && parser.EqualFold(t.Type(), "multipart")
}

// isAlternative reports whether the parts of a body of type t are ways to say the same, the best of them last (RFC 5621, Section 4.2).
func isAlternative(t parser.MediaType, err error) bool {
	return err == nil && parser.EqualFold(t.Subtype(), "alternative")
}

// describing returns the part that describes a session: the first with that disposition, or the last of alternatives.
func describing(parts iter.Seq2[parser.Part, error], alternative bool) (found parser.Part, ok bool) {
	for p, err := range parts {
		if err != nil {
			break
		}
		t, err := p.ContentType()
		is := false
		if err == nil && parser.EqualFold(t.Type(), "multipart") {
			p, is = describing(p.Parts(), isAlternative(t, nil))
		} else if d, err := p.ContentDisposition(); err == nil {
			is = parser.EqualFold(d.Type, "session")
		}
		if is {
			if found, ok = p, true; !alternative {
				break
			}
		}
	}
	return found, ok
}

// understands reports whether every part that is not optional is of a type in Config.Accept, or one of alternatives is (RFC 5621, Sections 3.3
// and 4.2).
func (a *Agent) understands(parts iter.Seq2[parser.Part, error], alternative bool) bool {
	for p, err := range parts {
		if err != nil {
			return false
		}
		t, err := p.ContentType()
		d, bad := p.ContentDisposition()
		ok := err == nil && slices.ContainsFunc(a.cfg.Accept, t.Is) || bad == nil && d.Optional
		if err == nil && parser.EqualFold(t.Type(), "multipart") {
			ok = ok || a.understands(p.Parts(), isAlternative(t, nil))
		}
		if ok == alternative {
			return ok
		}
	}
	return !alternative
}
