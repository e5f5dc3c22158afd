package ua

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ringback-sip/ringback/auth"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/registration"
	"github.com/ringback-sip/ringback/transport"
)

// defaultInterval is what a registration asks for: "the expiration interval [...] is 3600 seconds" where nobody says more (RFC 3261,
// Section 10.2.1.1).
const defaultInterval = time.Hour

// RegisterOptions says what to register, and where. Nil is all defaults: the agent's own address for Config.From. Register copies it.
type RegisterOptions struct {
	// AOR is the address of record, such as "sip:alice@example.com": To. Empty means Config.From.
	AOR string
	// From is who registers, if that is somebody else (RFC 3261, Section 10.2). Empty means AOR.
	From string
	// Registrar is the Request-URI. Empty means the domain of AOR (RFC 3261, Section 10.2).
	Registrar string
	// Contacts are the addresses to be bound. Nil means the one Contact that is the agent's own. Where the answer shows that a NAT is on the way, over UDP and
	// without outbound, it is bound anew as the address at which the registrar sees us.
	Contacts []Contact
	// Expires is the interval to ask for; a registrar may grant less and, by 423, want more. Zero means 3600s.
	Expires time.Duration
	// Instance is the URN of this user agent, the same for as long as it exists, such as "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6". It
	// stands in the agent's own Contact (RFC 5626, Section 4.1), and a registrar that knows GRUUs answers with some.
	Instance string
	// RegID numbers the flows of one Instance, the same numbers after each restart. Not 0: the registrar is asked for an outbound binding, which
	// needs an Instance. Each has a Registration of its own, with a Route of its own (RFC 5626, Section 4.2).
	RegID int
	// GRUU says what the Contact of calls of this address of record is to be (RFC 5627, Section 4.3).
	GRUU GRUU
	// Route is the URIs of the servers on the way, the first to be passed first. Nil means Config.OutboundProxy.
	Route []string
	// Header is added to each REGISTER.
	Header []Field
	// Credentials replaces Config.Credentials.
	Credentials func(realm string) (auth.Credentials, bool)
	// Persist has Register return before the first answer: a first REGISTER that fails in a way that may pass is tried again like each later one.
	Persist bool
	// Probe is how often OPTIONS asks whether a registrar is there that answers no other keep-alive, over UDP. Zero means 29s where the answers
	// show that a NAT is on the way, and not at all elsewhere; a negative one means never.
	Probe time.Duration
	// OnState hears of every state that the registration enters, one at a time and in order, on a goroutine that no message waits for. err is why the
	// last REGISTER, or the flow, failed; nil when it did not.
	OnState func(s registration.State, err error)
}

// Contact is an address at which somebody is reached: one to be bound to an address of record, or the Contact of calls.
type Contact struct {
	// URI is the address, "sip:alice@192.0.2.4". Empty means the agent's own, on the flow that the request takes.
	URI string
	// User replaces the user of the agent's own address: that of From, or of the AOR. It is written escaped.
	User string
	// Params are the parameters of the header field, "q=0.5;audio", if there are any. Those that the agent writes itself are refused.
	Params string
}

// GRUU is a kind of globally routable user agent URI (RFC 5627, Section 3.1).
type GRUU uint8

// The kinds.
const (
	NoGRUU        GRUU = iota // the address of the flow
	PublicGRUU                // shows the address of record
	TemporaryGRUU             // hides it
)

// Binding is one address that is bound to an address of record.
type Binding struct {
	URI     string
	Expires time.Time // as the registrar's last answer had it
	Value   string    // the whole Contact value
}

// enrolment is what all REGISTERs of one kind have in common: RegisterOptions, read.
type enrolment struct {
	first
	opts     RegisterOptions
	contacts []Contact
	auth     *auth.Client
	user     string // of the agent's own Contact
}

// enrol reads opts.
func (a *Agent) enrol(opts *RegisterOptions) (*enrolment, error) {
	r := &enrolment{}
	if opts != nil {
		r.opts = *opts
	}
	o := &r.opts
	if o.AOR == "" {
		o.AOR = a.cfg.From
	}
	if o.AOR == "" {
		return nil, fmt.Errorf("sip: register: which address of record? RegisterOptions.AOR and Config.From are empty")
	}
	if o.From == "" {
		o.From = o.AOR
	}
	if o.Expires <= 0 {
		o.Expires = defaultInterval
	}
	var err error
	if r.first, err = a.newFirst(parser.MethodRegister, o.AOR, o.From); err != nil {
		return nil, err
	}
	if !r.remote.IsSIP() {
		return nil, fmt.Errorf("sip: register %q: want a SIP or SIPS URI", o.AOR)
	}
	r.user = string(r.remote.User())
	r.route = a.proxy // a route that was learned is not for REGISTER (RFC 3608, Section 6.1)
	if o.Route != nil {
		if r.route, err = parseRoute(o.Route); err != nil {
			return nil, err
		}
	}
	if r.uri, err = registrarURI(o.Registrar, r.uri); err != nil {
		return nil, err
	}
	if r.contacts, err = checkContacts(o); err != nil {
		return nil, err
	}
	if err := checkFields(o.Header, parser.HeaderVia, parser.HeaderContact, parser.HeaderExpires, parser.HeaderSupported); err != nil {
		return nil, err
	}
	r.auth = a.credentials(o.Credentials)
	return r, nil
}

// registrarURI returns the Request-URI of REGISTER: "The Request-URI names the domain of the location service for which the registration is
// meant [...]. The "userinfo" and "@" components of the SIP URI MUST NOT be present" (RFC 3261, Section 10.2).
func registrarURI(registrar string, aor parser.URI) (parser.URI, error) {
	uri := aor
	if registrar != "" {
		var err error
		if uri, err = parser.ParseURI([]byte(registrar)); err == nil && !uri.IsSIP() {
			err = errRoute
		}
		if err == nil {
			uri, err = requestURI(uri)
		}
		if err != nil {
			return uri, fmt.Errorf("sip: registrar %q: %w", registrar, err)
		}
	}
	user := len(uri.User())
	if user == 0 {
		return uri, nil
	}
	if password := len(uri.Password()); password > 0 {
		user += len(":") + password
	}
	scheme := len(uri.Scheme()) + len(":")
	raw := uri.Raw()
	return parser.ParseURI(append(append([]byte(nil), raw[:scheme]...), raw[scheme+user+len("@"):]...))
}

// checkContacts checks what is to be bound.
func checkContacts(o *RegisterOptions) ([]Contact, error) {
	if o.RegID < 0 || o.RegID > 1<<31-1 || o.RegID > 0 && o.Instance == "" {
		return nil, fmt.Errorf("sip: register: reg-id %d needs an instance, and is 1 to 2^31-1", o.RegID)
	}
	if o.GRUU != NoGRUU && o.Instance == "" {
		return nil, fmt.Errorf("sip: register: a GRUU is that of an instance")
	}
	if o.Instance != "" {
		if a, err := parser.ParseNameAddr([]byte(`<sip:a>;+sip.instance="<` + o.Instance + `>"`)); err != nil {
			return nil, fmt.Errorf("sip: register: instance %q: %w", o.Instance, err)
		} else if _, err := a.Instance(); err != nil {
			return nil, fmt.Errorf("sip: register: instance %q: %w", o.Instance, err)
		}
	}
	if o.Contacts == nil {
		return []Contact{{}}, nil
	}
	contacts := append([]Contact(nil), o.Contacts...)
	own := 0
	for _, c := range contacts {
		uri := c.URI
		if uri == "" {
			own++
			uri = "sip:a"
		}
		v := "<" + uri + ">"
		if c.Params != "" {
			v += ";" + c.Params
		}
		a, err := parser.ParseNameAddr([]byte(v))
		for _, name := range []string{"expires", "reg-id", "+sip.instance"} {
			if _, there := a.Param(name); err == nil && there {
				err = fmt.Errorf("%s is written by the agent", name)
			}
		}
		if err == nil && strings.ContainsAny(v, "\r\n") {
			err = errRoute
		}
		if err != nil {
			return nil, fmt.Errorf("sip: contact %q: %w", v, err)
		}
	}
	switch {
	case own > 1 || len(contacts) == 0:
		return nil, fmt.Errorf("sip: register: want the agent's own contact once at most, and one contact at least")
	case o.RegID > 0 && (own == 0 || len(contacts) > 1): // RFC 5626, Sections 4.2.3 and 6
		return nil, fmt.Errorf("sip: register: with a reg-id there is the agent's own contact and no other")
	}
	return contacts, nil
}

// Bindings asks the registrar what is bound to an address of record, and binds nothing (RFC 3261, Section 10.2.3). Errors are those of
// Options.
func (a *Agent) Bindings(ctx context.Context, opts *RegisterOptions) ([]Binding, error) {
	return a.once(ctx, opts, nil)
}

// RemoveBindings removes all that is bound to an address of record, whoever bound it (RFC 3261, Section 10.2.2), and returns what is left. A
// Registration that lives brings its own back with its next refresh. Errors are those of Options.
func (a *Agent) RemoveBindings(ctx context.Context, opts *RegisterOptions) ([]Binding, error) {
	return a.once(ctx, opts, func(b *parser.Builder) {
		// "The REGISTER-specific Contact header field value of "*" applies to all registrations, but it MUST NOT be used unless the Expires
		// header field is present with a value of "0"" (RFC 3261, Section 10.2.2).
		b.Header(parser.HeaderContact, "*")
		b.Int(parser.HeaderExpires, 0)
	})
}

// once sends one REGISTER that no Registration stands behind.
func (a *Agent) once(ctx context.Context, opts *RegisterOptions, fields func(*parser.Builder)) ([]Binding, error) {
	r, err := a.enrol(opts)
	if err != nil {
		return nil, err
	}
	if a.draining.Load() {
		return nil, ErrClosed
	}
	e := &errand{first: r.first, auth: r.auth, fields: func(b *parser.Builder, _ *transport.Hop) {
		b.Header(parser.HeaderSupported, "path")
		if fields != nil {
			fields(b)
		}
		writeFields(b, r.opts.Header)
	}}
	m, err := a.run(ctx, e)
	if err != nil {
		return nil, err
	}
	return bindings(m, time.Now()), nil
}
