package main

import (
	"bytes"
	"errors"
	"strconv"

	"github.com/emiago/sipgo/sip"
)

// sipgo is the other side: one Parser and one buffer, reused. Its messages are new each time: the API has no other way.
type sipgo struct {
	p   *sip.Parser
	v   values[string]
	buf bytes.Buffer
}

func newSipgo() *sipgo { return &sipgo{p: sip.NewParser()} }

func (s *sipgo) natural(in []byte) error {
	_, err := s.p.ParseSIP(in)
	return err
}

// full fills s.v from in.
func (s *sipgo) full(in []byte) error {
	msg, err := s.p.ParseSIP(in)
	if err != nil {
		return err
	}
	v := &s.v
	v.reset()
	var all []sip.Header
	switch m := msg.(type) {
	case *sip.Request:
		v.method = string(m.Method)
		setSipgoURI(&v.uri, &m.Recipient)
		if c := m.Contact(); c != nil {
			setSipgoURI(&v.contact, &c.Address)
		}
		if f := m.MaxForwards(); f != nil {
			v.maxForwards = int(f.Val())
		}
		all = m.Headers()
	case *sip.Response:
		v.status = m.StatusCode
		if c := m.Contact(); c != nil {
			setSipgoURI(&v.contact, &c.Address)
		}
		if f := m.MaxForwards(); f != nil {
			v.maxForwards = int(f.Val())
		}
		all = m.Headers()
	}
	for _, h := range all {
		switch h := h.(type) {
		case *sip.ViaHeader:
			if err := addSipgoVia(v, h); err != nil {
				return err
			}
		case *sip.RouteHeader:
			v.routes = appendSipgoURI(v.routes, &h.Address)
		case *sip.RecordRouteHeader:
			v.recordRoutes = appendSipgoURI(v.recordRoutes, &h.Address)
		}
	}
	from, to, callID, seq, length := msg.From(), msg.To(), msg.CallID(), msg.CSeq(), msg.ContentLength()
	if from == nil || to == nil || callID == nil || seq == nil || length == nil {
		return errors.New("a field is missing")
	}
	setSipgoURI(&v.from.uri, &from.Address)
	v.from.tag, _ = from.Params.Get("tag")
	setSipgoURI(&v.to.uri, &to.Address)
	v.to.tag, _ = to.Params.Get("tag")
	v.callID = string(*callID)
	v.seq, v.seqMethod = seq.SeqNo, string(seq.MethodName)
	if v.method == "" {
		v.method = v.seqMethod
	}
	v.contentLength = int(*length)
	return nil
}

func addSipgoVia(v *values[string], h *sip.ViaHeader) error {
	branch, _ := h.Params.Get("branch")
	text, hasRPort := h.Params.Get("rport")
	rport := 0
	if text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			return err
		}
		rport = n
	}
	v.vias = append(v.vias, via[string]{h.Host, branch, h.Port, rport, hasRPort})
	return nil
}

func setSipgoURI(dst *uri[string], u *sip.Uri) {
	dst.scheme, dst.user, dst.host, dst.port = u.Scheme, u.User, u.Host, u.Port
}

func appendSipgoURI(dst []uri[string], u *sip.Uri) []uri[string] {
	return append(dst, uri[string]{u.Scheme, u.User, u.Host, u.Port})
}

// write writes the message into the buffer, and returns it.
func (s *sipgo) write(msg sip.Message) []byte {
	s.buf.Reset()
	msg.StringWrite(&s.buf)
	return s.buf.Bytes()
}
