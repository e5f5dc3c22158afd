package ua

import (
	"context"
	"slices"
	"strings"

	"github.com/ringback-sip/ringback/parser"
)

// recordKey returns the key of an address of record: user and host, whatever the scheme and the parameters (RFC 3261, Section 10.3;
// RFC 5630, Section 5.2).
func recordKey(u parser.URI) string {
	return string(parser.Unescape(nil, u.User())) + "@" + strings.ToLower(string(u.Host()))
}

// addRegistration takes r into the tables, unless the agent is shutting down.
func (a *Agent) addRegistration(r *Registration) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.draining.Load() {
		return ErrClosed
	}
	a.registrations[r] = struct{}{}
	a.records[r.key] = append(slices.Clone(a.records[r.key]), r)
	a.registered.Store(int64(len(a.registrations)))
	return nil
}

// removeRegistration drops r.
func (a *Agent) removeRegistration(r *Registration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.registrations, r)
	if a.records[r.key] = slices.DeleteFunc(slices.Clone(a.records[r.key]), func(o *Registration) bool { return o == r }); len(a.records[r.key]) == 0 {
		delete(a.records, r.key)
	}
	a.registered.Store(int64(len(a.registrations)))
	if len(a.registrations) == 0 && a.unregistered != nil {
		close(a.unregistered)
		a.unregistered = nil
	}
}

// of returns the registrations of an address of record, those that stand first. Nobody writes to it.
func (a *Agent) of(aor parser.URI) []*Registration {
	if a.registered.Load() == 0 || !aor.IsSIP() {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.records[recordKey(aor)]
}

// standing returns a registration of an address of record whose binding stands, nil when there is none.
func (a *Agent) standing(aor parser.URI) *Registration {
	for _, r := range a.of(aor) {
		if r.bound.Load() {
			return r
		}
	}
	return nil
}

// another reports whether another flow of the same user agent is registered for the address of record of r.
func (a *Agent) another(r *Registration) bool {
	if r.opts.RegID == 0 {
		return false
	}
	for _, o := range a.of(r.remote) {
		if o != r && o.opts.RegID > 0 && o.opts.Instance == r.opts.Instance && o.bound.Load() {
			return true
		}
	}
	return false
}

// routeOf returns the way of requests of an address of record: that of its registration, and behind that what the registrar wants (RFC
// 3608, Section 6.1); Config.OutboundProxy without one.
func (a *Agent) routeOf(from parser.URI) route {
	r := a.standing(from)
	if r == nil {
		return a.proxy
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.route.follows(r.got.service)
}

// globally returns what the Contact of calls of an address of record is to be, "" for the address of the flow.
func (a *Agent) globally(aor parser.URI) string {
	r := a.standing(aor)
	if r == nil || r.opts.GRUU == NoGRUU {
		return ""
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.opts.GRUU == TemporaryGRUU {
		return r.got.temporary
	}
	return r.got.public
}

// overFlow reports whether an address of record is registered over a flow of RFC 5626.
func (a *Agent) overFlow(aor parser.URI) bool {
	r := a.standing(aor)
	if r == nil {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.got.outbound
}

// unregister begins to remove every registration. There will be no more.
func (a *Agent) unregister(ctx context.Context) {
	for _, r := range a.liveRegistrations() {
		if ctx.Err() != nil {
			return // the rest is dropped
		}
		r.unregister()
	}
}

// waitUnregistered waits for the end of the last registration.
func (a *Agent) waitUnregistered(ctx context.Context) error {
	a.mu.Lock()
	if len(a.registrations) == 0 {
		a.mu.Unlock()
		return nil
	}
	if a.unregistered == nil {
		a.unregistered = make(chan struct{})
	}
	none := a.unregistered
	a.mu.Unlock()
	select {
	case <-none:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// liveRegistrations returns the registrations there are.
func (a *Agent) liveRegistrations() []*Registration {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := make([]*Registration, 0, len(a.registrations))
	for r := range a.registrations {
		all = append(all, r)
	}
	return all
}
