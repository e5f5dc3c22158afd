package ua

import (
	"bytes"
	"slices"
	"strings"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transaction"
)

// extensions returns the option tags of our Supported header field. A request that requires another one is
// refused (RFC 3261, Section 8.2.2.3).
func extensions(cfg *Config) []string {
	var tags []string
	if cfg.Reliable != ReliableNever {
		tags = append(tags, option100rel)
	}
	if cfg.OnReplaces != nil {
		tags = append(tags, optionReplaces)
	}
	if cfg.OnJoin != nil {
		tags = append(tags, optionJoin)
	}
	if cfg.OnCall != nil {
		tags = append(tags, optionTDialog)
	}
	if !cfg.timed().Off() {
		tags = append(tags, optionTimer)
	}
	return tags
}

// refusal is a response that a check asks for: its status and what the RFC wants to stand in it.
type refusal struct {
	status parser.Status
	header parser.Header
	value  string
}

func (f *refusal) send(a *Agent, t *transaction.Server, m *parser.Message) {
	a.respond(t, m, f.status, "", func(b *parser.Builder) {
		if f.header != parser.HeaderUnknown {
			b.Header(f.header, f.value)
		}
	})
}

// check inspects a request outside a dialog in the order of RFC 3261, Section 8.2: method, Request-URI,
// merged request, Require, content. Nil: it may be processed.
func (a *Agent) check(t *transaction.Server, m *parser.Message) *refusal {
	if f := a.checkMethod(m); f != nil {
		return f
	}
	uri, err := m.RequestURI()
	if err != nil || !uri.IsSIP() {
		return &refusal{status: parser.StatusUnsupportedURIScheme} // RFC 3261, Section 8.2.2.1
	}
	if f := a.checkSecure(uri, t.Conn()); f != nil {
		return f
	}
	if a.cfg.Serves != nil && !a.cfg.Serves(uri) {
		return &refusal{status: parser.StatusNotFound}
	}
	if t.Merged() {
		return &refusal{status: parser.StatusLoopDetected} // RFC 3261, Section 8.2.2.2
	}
	return a.checkContent(m)
}

// checkContent inspects what a request asks of us, outside and inside a dialog alike.
func (a *Agent) checkContent(m *parser.Message) *refusal {
	if f := a.checkRequire(m); f != nil {
		return f
	}
	if f := a.misplaced(m); f != nil {
		return f
	}
	if f := a.checkBody(m); f != nil {
		return f
	}
	return a.checkAccept(m)
}

// checkMethod answers a method that nobody knows 501, and one that is not for us 405 (RFC 3261, Sections 8.2.1 and 21.5.2).
func (a *Agent) checkMethod(m *parser.Message) *refusal {
	switch m.Method() {
	case parser.MethodUnknown:
		return &refusal{parser.StatusNotImplemented, parser.HeaderAllow, a.allow}
	case parser.MethodOptions, parser.MethodBye, parser.MethodCancel, parser.MethodAck, parser.MethodUpdate:
		return nil
	case parser.MethodInvite:
		if a.cfg.OnCall != nil || hasToTag(m) {
			return nil
		}
	case parser.MethodMessage:
		if a.cfg.OnMessage != nil {
			return nil
		}
	case parser.MethodInfo:
		if a.cfg.OnInfo != nil {
			return nil
		}
	case parser.MethodPrack:
		if a.cfg.Reliable != ReliableNever {
			return nil
		}
	}
	return &refusal{parser.StatusMethodNotAllowed, parser.HeaderAllow, a.allow}
}

func hasToTag(m *parser.Message) bool {
	to, err := m.To()
	return err == nil && len(to.Tag()) > 0
}

// maxUnsupported bounds the option tags that an answer names. Who requires more than there are needs no complete list.
const maxUnsupported = 64

// checkRequire lists the option tags that we do not have (RFC 3261, Section 8.2.2.3).
func (a *Agent) checkRequire(m *parser.Message) *refusal {
	var unknown []string
	for tag := range m.Values(parser.HeaderRequire) {
		if a.supports(tag) || slices.Contains(unknown, string(tag)) {
			continue
		}
		if unknown = append(unknown, string(tag)); len(unknown) == maxUnsupported {
			break
		}
	}
	if unknown == nil {
		return nil
	}
	return &refusal{parser.StatusBadExtension, parser.HeaderUnsupported, strings.Join(unknown, ", ")}
}

// supports reports whether tag is the option tag of an extension that we have.
func (a *Agent) supports(tag []byte) bool {
	for _, s := range a.extensions {
		if parser.EqualFold(tag, s) {
			return true
		}
	}
	return false
}

// checkBody refuses a body that is of no use here, unless the sender says that it is optional (RFC 3261,
// Section 8.2.3).
func (a *Agent) checkBody(m *parser.Message) *refusal {
	if len(m.Body()) == 0 || optional(m.Raw(parser.HeaderContentDisposition)) {
		return nil
	}
	for coding := range m.Values(parser.HeaderContentEncoding) {
		if !parser.EqualFold(coding, "identity") {
			return &refusal{parser.StatusUnsupportedMediaType, parser.HeaderAcceptEncoding, "identity"}
		}
	}
	if m.Method() != parser.MethodInvite && m.Method() != parser.MethodUpdate {
		return nil // a MESSAGE may carry anything: the application knows what it takes
	}
	if a.accepts(m) && !isMultipart(m) || isMultipart(m) && a.understands(m.Parts(), isAlternative(m.ContentType())) {
		return nil
	}
	return &refusal{parser.StatusUnsupportedMediaType, parser.HeaderAccept, a.accept}
}

// accepts reports whether m describes a session: it has a body of a type in Config.Accept, or a part of one.
func (a *Agent) accepts(m *parser.Message) bool {
	ct, err := m.ContentType()
	if isMultipart(m) {
		p, ok := describing(m.Parts(), isAlternative(ct, err))
		if !ok {
			return false
		}
		ct, err = p.ContentType()
	}
	if err != nil || len(m.Body()) == 0 {
		return false
	}
	return slices.ContainsFunc(a.cfg.Accept, ct.Is)
}

// optional reports whether a Content-Disposition value says handling=optional (RFC 3261, Section 20.11).
func optional(disposition []byte) bool {
	for p := range bytes.SplitSeq(disposition, []byte{';'}) {
		name, value, _ := bytes.Cut(p, []byte{'='})
		if parser.EqualFold(bytes.TrimSpace(name), "handling") && parser.EqualFold(bytes.TrimSpace(value), "optional") {
			return true
		}
	}
	return false
}

// checkAccept refuses an INVITE whose sender would take none of our answers (RFC 3261, Section 20.1: a missing
// Accept means application/sdp).
func (a *Agent) checkAccept(m *parser.Message) *refusal {
	if m.Method() != parser.MethodInvite || !m.Has(parser.HeaderAccept) {
		return nil
	}
	for r := range m.Values(parser.HeaderAccept) {
		r, _, _ = bytes.Cut(r, []byte{';'})
		for _, ours := range a.cfg.Accept {
			if inRange(bytes.TrimSpace(r), ours) {
				return nil
			}
		}
	}
	return &refusal{parser.StatusNotAcceptable, parser.HeaderWarning, `399 ringback "Accept names no body type of ours"`}
}

// inRange reports whether mediaType lies in the media range r.
func inRange(r []byte, mediaType string) bool {
	if parser.EqualFold(r, "*/*") || parser.EqualFold(r, mediaType) {
		return true
	}
	main, _, _ := strings.Cut(mediaType, "/")
	return len(r) == len(main)+2 && parser.EqualFold(r[:len(main)], main) && string(r[len(main):]) == "/*"
}
