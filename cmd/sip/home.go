package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/registrar"
	"github.com/ringback-sip/ringback/store"
	"github.com/ringback-sip/ringback/ua"
)

// home knows where the users of a realm are: it registers them, and redirects to them who asks for them (RFC 3261, Section 8.3).
type home struct {
	*registrar.Registrar
	realm *realm
	users users
	file  *store.File // nil without -data
	log   *slog.Logger
}

// newHome opens the folder of -data, if it was given.
func newHome(realm *realm, users users, dir string, log *slog.Logger) (*home, error) {
	h := &home{realm: realm, users: users, log: log}
	cfg := &registrar.Config{Domain: realm.domain, Own: realm.reaches, Logger: log}
	cfg.NoGRUU = true // what is redirected can be called, but a GRUU in a Contact has to be led on to
	if dir != "" {
		file, err := store.OpenFile(dir, &store.FileConfig{Logger: log})
		if err != nil {
			return nil, err
		}
		h.file, cfg.Store = file, file
	}
	h.Registrar = registrar.New(cfg)
	return h, nil
}

// close gives the folder of -data free.
func (h *home) close() {
	if h.file == nil {
		return
	}
	if err := h.file.Close(); err != nil {
		h.log.Error("-data may lack what came last", "err", err)
	}
}

// figures adds the bindings to what the agent holds.
func (h *home) figures(st ua.Stats) figures {
	n, err := h.Bindings(context.Background())
	if err != nil {
		h.log.Error("bindings cannot be counted", "err", err)
	}
	return figures{st, n}
}

// redirect is home as the Handler of requests for its users.
type redirect home

// Handle answers 302 with the places where a user is, and 480 when a user is nowhere; who is no user, or answers here, is left to others. The
// Store has all in memory, so that it may run in the reader.
func (d *redirect) Handle(r *ua.Request) bool {
	h := (*home)(d)
	uri, err := r.Message().RequestURI()
	if err != nil || len(uri.User()) == 0 || h.realm.serves(uri) || !h.realm.owns(uri) {
		return false
	}
	all, err := h.Lookup(context.Background(), uri)
	status, opts := parser.StatusMovedTemporarily, &ua.ResponseOptions{Header: contacts(all)}
	switch known := h.users[string(parser.Unescape(nil, uri.User()))] != ""; {
	case errors.Is(err, registrar.ErrUnknown):
		return false
	case err != nil:
		h.log.Error("nobody can be found", "err", err)
		status = parser.StatusServerInternalError
	case len(opts.Header) > 0:
	case known || len(all) > 0:
		status = parser.StatusTemporarilyUnavailable
	default:
		return false // 404
	}
	if err := r.Respond(status, opts); err != nil {
		h.log.Info("too late to answer", "err", err)
	}
	return true
}

// contacts returns the places to go to: of each phone one, and none that nobody can open a connection to.
func contacts(all []registrar.Binding) (fields []ua.Field) {
	for _, phone := range registrar.Alternatives(all) {
		b := phone[0]
		u, err := parser.ParseURI([]byte(b.Contact))
		if err != nil || strings.HasSuffix(domainKey(u.Host()), ".invalid") {
			continue
		}
		fields = append(fields, ua.Field{Name: "Contact", Value: fmt.Sprintf("<%s>;q=%d.%03d", b.Contact, b.Q/1000, b.Q%1000)})
	}
	return fields
}
