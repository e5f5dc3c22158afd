package dialog

import "github.com/ringback-sip/ringback/parser"

// Refresh makes the Contact of m the remote target if m is a message that does so (RFC 6141, Section 4), and does
// nothing otherwise: a target refresh request, INVITE or UPDATE first of all, or a 2xx or reliable 1xx to one.
//
// A response is given to Refresh when it arrives. A request is given to Refresh when it has been accepted: with the 2xx or the
// reliable 1xx to it, or before a request is sent to the new target; never when it is answered with an error (Section 4.6).
//
// ErrContact: m is a request with several Contacts or none that can be reached, to be answered with its Status. After an error d is as it was.
func (d *Dialog) Refresh(m *parser.Message) error {
	if !refreshes(m) || !m.Has(parser.HeaderContact) {
		return nil
	}
	if m.IsRequest() {
		target, err := requestTarget(m)
		if err != nil {
			return err
		}
		return d.retarget(target)
	}
	target, ok := responseTarget(m)
	if !ok {
		return nil
	}
	return d.retarget(target)
}

// refreshes reports whether m can move the remote target: the methods are those of RFC 3261, RFC 3311, RFC 3515 and
// RFC 6665. ACK, BYE, PRACK, INFO and OPTIONS never do, nor does a 1xx that is not reliable (RFC 6141, Section 4.7).
func refreshes(m *parser.Message) bool {
	switch m.Method() {
	case parser.MethodInvite, parser.MethodUpdate, parser.MethodSubscribe, parser.MethodNotify, parser.MethodRefer:
	default:
		return false
	}
	return m.IsRequest() || m.Status().Success() || reliable(m)
}

// reliable reports whether resp is a reliable provisional response (RFC 3262, Section 3).
func reliable(resp *parser.Message) bool {
	s := resp.Status()
	return s > parser.StatusTrying && s.Provisional() && resp.Has(parser.HeaderRSeq) && resp.HasTag(parser.HeaderRequire, "100rel")
}
