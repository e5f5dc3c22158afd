package dialog

import "github.com/ringback-sip/ringback/parser"

// maxState is the number of octets that one dialog may remember: identifiers, URIs and route set. Seventy
// proxies, all that Max-Forwards allows, fit with 80 octets each; and nobody can make a dialog cost more.
const maxState = 6 << 10

// Dialog is the state of one dialog at one of its ends (RFC 3261, Section 12). It owns its memory and holds no part
// of the messages it was made from. Use [NewServer] or [NewClient]; the zero Dialog is not a dialog. Not safe for concurrent use.
type Dialog struct {
	id        ID
	localTag  string // as it is written
	remoteTag string // as the peer spells it
	local     parser.URI
	remote    parser.URI
	target    parser.URI // the remote target
	route     routeSet

	localSeq  uint32
	remoteSeq uint32
	invite    uint32 // CSeq number of the request that made the dialog

	role      Role
	confirmed bool
	secure    bool
	hasLocal  bool // localSeq is not empty
	hasRemote bool // remoteSeq is not empty
}

// NewServer returns the dialog that a 1xx with a tag or a 2xx to req makes at the callee's end; localTag is the To tag of all
// responses to req and should be in lower case (RFC 3261, Section 12.1.1). It is early until [Dialog.Confirm]. It copies what it keeps.
// An error has a Status to answer req with.
func NewServer(req *parser.Message, localTag string) (*Dialog, error) {
	from, err := req.From()
	if err != nil {
		return nil, err
	}
	to, err := req.To()
	if err != nil {
		return nil, err
	}
	seq, err := req.CSeq()
	if err != nil {
		return nil, err
	}
	target, err := requestTarget(req)
	if err != nil {
		return nil, err
	}
	d := &Dialog{role: Callee, remoteSeq: seq.Number, hasRemote: true, invite: seq.Number, secure: overTLS(req)}
	d.identify(req.CallID(), []byte(localTag), from.Tag())
	if err := d.keep(to.URI(), from.URI(), target, req); err != nil {
		return nil, err
	}
	return d, nil
}

// NewClient returns the dialog that resp, a 1xx with a tag or a 2xx, makes at the caller's end; req is the request
// as it was sent (RFC 3261, Section 12.1.2). It is confirmed when resp is a 2xx. It copies what it keeps.
// A 2xx without a tag is that of an RFC 2543 peer and makes a dialog with a null tag. ErrNoDialog: resp makes none.
func NewClient(req, resp *parser.Message) (*Dialog, error) {
	to, err := resp.To()
	if err != nil {
		return nil, err
	}
	status := resp.Status()
	early := status > parser.StatusTrying && status.Provisional() && len(to.Tag()) > 0
	if !early && !status.Success() {
		return nil, ErrNoDialog
	}
	sentTo, err := req.To()
	if err != nil {
		return nil, err
	}
	from, err := req.From()
	if err != nil {
		return nil, err
	}
	seq, err := req.CSeq()
	if err != nil {
		return nil, err
	}
	target, ok := responseTarget(resp)
	if !ok {
		// Section 12.1.1 demands a Contact; some peers omit it. The Request-URI reaches whom the INVITE reached.
		if target, err = req.RequestURI(); err != nil {
			return nil, err
		}
	}
	d := &Dialog{role: Caller, localSeq: seq.Number, hasLocal: true, invite: seq.Number, secure: overTLS(req), confirmed: !early}
	d.identify(req.CallID(), from.Tag(), to.Tag())
	if err := d.keep(from.URI(), sentTo.URI(), target, resp); err != nil {
		return nil, err
	}
	return d, nil
}

// Confirm makes an early dialog a confirmed one. At the caller resp is the 2xx: the route set is computed again from it,
// the remote target follows its Contact, and all else stays, the sequence numbers above all (RFC 3261, Section 13.2.2.4; RFC 6141,
// Section 4.9). At the callee resp is nil. On a confirmed dialog it does nothing. After an error d is as it was.
func (d *Dialog) Confirm(resp *parser.Message) error {
	if d.confirmed {
		return nil
	}
	if resp == nil {
		d.confirmed = true
		return nil
	}
	target, ok := responseTarget(resp)
	if !ok {
		target = d.target // of the 1xx, or refreshed meanwhile
	}
	next := *d
	next.confirmed = true
	if err := next.keep(d.local, d.remote, target, resp); err != nil {
		return err
	}
	*d = next
	return nil
}

// ID returns the dialog's identifier at this end.
func (d *Dialog) ID() ID { return d.id }

// Role returns the end at which d stands: that of the request which made it. The caller owns the Call-ID.
func (d *Dialog) Role() Role { return d.role }

// Confirmed reports whether d is confirmed, not early.
func (d *Dialog) Confirmed() bool { return d.confirmed }

// Secure reports whether d was made by a request to a SIPS URI over TLS: its Contacts must be SIPS URIs
// (RFC 3261, Section 12.2.1.1).
func (d *Dialog) Secure() bool { return d.secure }

// LocalURI returns the URI of our From in requests that we send. It is read only.
func (d *Dialog) LocalURI() parser.URI { return d.local }

// RemoteURI returns the URI of our To in requests that we send. It is read only.
func (d *Dialog) RemoteURI() parser.URI { return d.remote }

// Target returns the remote target: where the peer itself can be reached. It is read only.
func (d *Dialog) Target() parser.URI { return d.target }

// identify sets the identifiers.
func (d *Dialog) identify(callID, localTag, remoteTag []byte) {
	d.id = newID(callID, localTag, remoteTag)
	d.localTag, d.remoteTag = spelled(d.id.LocalTag, localTag), spelled(d.id.RemoteTag, remoteTag)
}

// spelled returns tag as a string, which is lower itself where they do not differ.
func spelled(lower string, tag []byte) string {
	if string(tag) == lower {
		return lower
	}
	return string(tag)
}

// keep copies the URIs and the route set that m sets up.
func (d *Dialog) keep(local, remote, target parser.URI, m *parser.Message) error {
	var err error
	if d.route, err = newRouteSet(m, d.role); err != nil {
		return err
	}
	if d.local, err = ownURI(local); err != nil {
		return err
	}
	if d.remote, err = ownURI(remote); err != nil {
		return err
	}
	return d.retarget(target)
}

// retarget makes a copy of target, which is the last thing to be set, the remote target.
func (d *Dialog) retarget(target parser.URI) error {
	own, err := targetURI(target)
	if err != nil {
		return err
	}
	if d.size(own) > maxState {
		return ErrTooLarge
	}
	d.target = own
	return nil
}

// overTLS reports whether req asks for a SIPS URI and travelled over TLS on the hop next to us.
func overTLS(req *parser.Message) bool {
	uri, err := req.RequestURI()
	if err != nil || !uri.IsSIPS() {
		return false
	}
	via, err := req.Via()
	return err == nil && (parser.EqualFold(via.Transport(), "TLS") || parser.EqualFold(via.Transport(), "WSS"))
}

// size is what d remembers with a target, in octets.
func (d *Dialog) size(target parser.URI) int {
	return len(d.id.CallID) + 2*len(d.localTag) + 2*len(d.remoteTag) +
		len(d.local.Raw()) + len(d.remote.Raw()) + len(target.Raw()) + len(d.route.values)
}
