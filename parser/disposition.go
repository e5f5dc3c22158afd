package parser

// Disposition is what is to be done with a body (RFC 3261, Section 20.11).
type Disposition struct {
	Type     []byte // session, render, early-session, icon ..., compared without case
	Optional bool   // handling=optional: whoever does not know the type, or the body's, ignores the body
}

// ContentDisposition returns the Content-Disposition value. Without one it is what RFC 3261, Section 20.11 says, not an
// error: session for application/sdp and render for any other Content-Type, handling required; [Message.Has] tells
// them apart. The error is an [Error].
func (m *Message) ContentDisposition() (Disposition, error) {
	if !m.Has(HeaderContentDisposition) {
		t, _ := m.ContentType()
		return defaultDisposition(t), nil
	}
	return one(m, HeaderContentDisposition, readDisposition)
}

var (
	dispositionSession = []byte("session")
	dispositionRender  = []byte("render")
)

// defaultDisposition returns the disposition of a body of type t without Content-Disposition.
func defaultDisposition(t MediaType) Disposition {
	if t.Is("application/sdp") {
		return Disposition{Type: dispositionSession}
	}
	return Disposition{Type: dispositionRender}
}

// readDisposition takes any handling but optional for required: nothing is ignored by mistake.
func readDisposition(b []byte, h Header) (d Disposition, err Error) {
	t, err := readItem(b, h)
	if err != 0 {
		return d, err
	}
	d.Type = t.Text()
	v, err := t.token("handling")
	d.Optional = EqualFold(v, "optional")
	return d, err
}

// AppendTo appends the value to dst.
func (d Disposition) AppendTo(dst []byte) []byte {
	dst = append(dst, d.Type...)
	if d.Optional {
		dst = append(dst, ";handling=optional"...)
	}
	return dst
}
