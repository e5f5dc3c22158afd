package main

import (
	"log/slog"

	"github.com/ringback-sip/ringback/internal/sdp"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// echo answers every call and message for the users of its realm.
type echo struct {
	realm *realm
	log   *slog.Logger
}

// call answers at once, without 100 or 180: with an answer to the offer, or with an offer when there was none.
func (e *echo) call(c *ua.Call) {
	log := e.log.With("call_id", c.ID().CallID)
	if e.nobody(c.Invite()) {
		e.check(log, c.Reject(parser.StatusNotFound))
		return
	}
	addr := e.realm.media(c.Invite())
	body := sdp.Offer(addr)
	if offer := c.Offer(); !offer.IsZero() {
		var err error
		if body, err = sdp.Answer(offer.Data, addr); err != nil {
			log.Warn("call refused: its offer cannot be read", "err", err)
			e.check(log, c.Reject(parser.StatusNotAcceptableHere))
			return
		}
	}
	e.check(log, c.Answer(ua.Body{Type: sdp.ContentType, Data: body}))
}

// offer answers what changes the session: hold, resume, another codec. One offer is asked for with none.
func (e *echo) offer(c *ua.Call, offer ua.Body) (ua.Body, error) {
	last, _ := c.Session()
	if offer.IsZero() {
		return last, nil
	}
	body, err := sdp.Again(last.Data, offer.Data)
	if err != nil {
		e.log.Warn("offer refused", "call_id", c.ID().CallID, "err", err)
		return ua.Body{}, err
	}
	return ua.Body{Type: sdp.ContentType, Data: body}, nil
}

// key takes a key that was pressed, and any other INFO: 200, and a line of the log.
func (e *echo) key(r *ua.Request) {
	m := r.Message()
	if d, err := ua.ParseDTMF(ua.Body{Type: string(m.Raw(parser.HeaderContentType)), Data: m.Body()}); err == nil {
		e.log.Info("key pressed", "call_id", string(m.CallID()), "key", string(d.Signal))
	}
}

// message accepts a MESSAGE: nobody reads it.
func (e *echo) message(r *ua.Request) {
	status := parser.StatusOK
	if e.nobody(r.Message()) {
		status = parser.StatusNotFound
	}
	e.check(e.log, r.Respond(status, nil))
}

// nobody reports whether m is for an own address without a user: OPTIONS asks about the server itself, a call or a
// message needs somebody.
func (e *echo) nobody(m *parser.Message) bool {
	uri, err := m.RequestURI()
	return err != nil || len(uri.User()) == 0 && !e.realm.everybody()
}

// check logs that a response was not sent. The peer gave up by then, most likely: nothing to be done.
func (e *echo) check(log *slog.Logger, err error) {
	if err != nil {
		log.Info("too late to answer", "err", err)
	}
}
