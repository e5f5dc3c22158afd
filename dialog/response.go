package dialog

import "github.com/ringback-sip/ringback/parser"

// WriteServerHeaders copies the Record-Routes of req, in order and with all their parameters, known or not, into a
// response that makes a dialog: 101-199 or 2xx (RFC 3261, Section 12.1.1). It follows [parser.Builder.Response], which was
// given the dialog's tag; the Contact, whose scheme [SecureContact] tells, follows it.
func WriteServerHeaders(b *parser.Builder, req *parser.Message) {
	for f := range req.Fields() {
		if f.Header == parser.HeaderRecordRoute {
			b.HeaderBytes(parser.HeaderRecordRoute, f.Value)
		}
	}
}

// SecureContact reports whether the Contact of a response that makes a dialog must be a SIPS URI: when the Request-URI of req is
// one, or its topmost Record-Route or, without any, its Contact (RFC 3261, Section 12.1.1).
func SecureContact(req *parser.Message) bool {
	if uri, err := req.RequestURI(); err == nil && uri.IsSIPS() {
		return true
	}
	for rr, err := range req.RecordRoutes() {
		return err == nil && rr.URI().IsSIPS()
	}
	contact, err := req.Contact()
	return err == nil && contact.URI().IsSIPS()
}
