package main

import (
	"github.com/ringback-sip/ringback/parser"
)

// ringback is this module's side: one Message, one Builder and one buffer, reused.
type ringback struct {
	m   parser.Message
	v   values[[]byte]
	b   parser.Builder
	buf []byte
}

func (r *ringback) natural(in []byte) error { return r.m.Parse(in) }

func (r *ringback) checked(in []byte) error {
	if err := r.m.Parse(in); err != nil {
		return err
	}
	return r.m.Check()
}

// full fills r.v from in.
func (r *ringback) full(in []byte) error {
	m, v := &r.m, &r.v
	if err := m.Parse(in); err != nil {
		return err
	}
	v.reset()
	v.method = m.MethodName()
	v.status = int(m.Status())
	if m.IsRequest() {
		u, err := m.RequestURI()
		if err != nil {
			return err
		}
		setURI(&v.uri, &u)
	}
	for h, err := range m.Vias() {
		if err != nil {
			return err
		}
		rport, hasRPort := h.RPort()
		v.vias = append(v.vias, via[[]byte]{h.Host(), h.Branch(), h.Port(), rport, hasRPort})
	}
	from, err := m.From()
	if err != nil {
		return err
	}
	setAddress(&v.from, &from)
	to, err := m.To()
	if err != nil {
		return err
	}
	setAddress(&v.to, &to)
	v.callID = m.CallID()
	seq, err := m.CSeq()
	if err != nil {
		return err
	}
	v.seq, v.seqMethod = seq.Number, seq.Name
	if contact, err := m.Contact(); err == nil {
		u := contact.URI()
		setURI(&v.contact, &u)
	} else if err != parser.ErrAbsent {
		return err
	}
	if v.maxForwards, err = m.MaxForwards(); err == parser.ErrAbsent {
		v.maxForwards = -1
	} else if err != nil {
		return err
	}
	for a, err := range m.Routes() {
		if err != nil {
			return err
		}
		v.routes = appendURI(v.routes, &a)
	}
	for a, err := range m.RecordRoutes() {
		if err != nil {
			return err
		}
		v.recordRoutes = appendURI(v.recordRoutes, &a)
	}
	v.contentLength, err = m.ContentLength()
	return err
}

func setURI(dst *uri[[]byte], u *parser.URI) {
	dst.scheme, dst.user, dst.host, dst.port = u.Scheme(), u.User(), u.Host(), u.Port()
}

func setAddress(dst *address[[]byte], a *parser.NameAddr) {
	u := a.URI()
	setURI(&dst.uri, &u)
	dst.tag = a.Tag()
}

func appendURI(dst []uri[[]byte], a *parser.NameAddr) []uri[[]byte] {
	u := a.URI()
	return append(dst, uri[[]byte]{u.Scheme(), u.User(), u.Host(), u.Port()})
}

// write lets p write into the buffer, and returns the message.
func (r *ringback) write(p program) ([]byte, error) {
	r.b.Reset(r.buf[:0])
	p(&r.b)
	w, err := r.b.Wire()
	if err != nil {
		return nil, err
	}
	r.buf = append(w.Head, w.Body[0]...)
	return r.buf, nil
}
