package ua_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/registration"
	"github.com/ringback-sip/ringback/siptest"
	"github.com/ringback-sip/ringback/transport"
	"github.com/ringback-sip/ringback/ua"
)

// office is a phone and a registrar in a fake network. The registrar is an agent whose answers a test writes.
type office struct {
	t       *testing.T
	network *siptest.Network
	phone   *ua.Agent
	server  *ua.Agent
	host    *siptest.Host // of the server
	start   time.Time

	mu     sync.Mutex // guards what follows
	answer func(m *parser.Message) (parser.Status, []ua.Field)
	heard  []heard // REGISTERs, and what else a test wants
	states []string
}

var officeAddr = netip.MustParseAddrPort("10.0.2.1:5060")

const registrarURI = "sip:10.0.2.1"

// withOffice runs f in a bubble, and fails when the phone holds anything after all deadlines.
func withOffice(t *testing.T, phone *ua.Config, f func(o *office)) {
	t.Helper()
	withOfficeOver(t, phone, siptest.Conditions{Delay: wire}, 1, f)
}

func withOfficeOver(t *testing.T, phone *ua.Config, c siptest.Conditions, seed uint64, f func(o *office)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		network := siptest.NewNetwork(seed, c)
		defer network.Close()
		o := &office{t: t, network: network, host: network.Host(officeAddr.Addr()), start: time.Now()}
		o.open()
		cfg := ua.Config{}
		if phone != nil {
			cfg = *phone
		}
		if cfg.From == "" {
			cfg.From = "sip:alice@10.0.2.1"
		}
		o.phone = agentAt(t, network.Host(agentAddr.Addr()), agentAddr, &cfg)
		f(o)
		synctest.Wait()
		siptest.Armed(t, o.phone.Unarmed)
		if err := o.phone.Shutdown(context.Background()); err != nil {
			t.Errorf("the phone's end: %v", err)
		}
		if s := o.phone.Stats(); s.Registrations+s.Calls+s.Dialogs+s.Transactions != 0 {
			t.Errorf("left after all deadlines: %+v", s)
		}
		o.server.Shutdown(context.Background())
	})
}

// open starts the server.
func (o *office) open() {
	o.server = agentAt(o.t, o.host, officeAddr, &ua.Config{Handlers: []ua.Handler{o}, Limits: transport.Limits{Idle: 24 * time.Hour}})
}

// Handle takes every request outside a dialog but OPTIONS and INVITE.
func (o *office) Handle(r *ua.Request) bool {
	if r.Method() != parser.MethodRegister {
		return false
	}
	m := r.Message()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.heard = append(o.heard, heard{1, "", m})
	status, fields := grant(600)(m)
	if o.answer != nil {
		status, fields = o.answer(m)
	}
	if status != 0 {
		r.Respond(status, &ua.ResponseOptions{Header: fields})
	}
	return true
}

// says changes what the registrar answers; status 0 is nothing.
func (o *office) says(f func(m *parser.Message) (parser.Status, []ua.Field)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.answer = f
}

// always is an answer to each REGISTER.
func always(status parser.Status, fields ...string) func(*parser.Message) (parser.Status, []ua.Field) {
	return func(*parser.Message) (parser.Status, []ua.Field) { return status, fieldsOf(fields) }
}

func fieldsOf(lines []string) (all []ua.Field) {
	for _, l := range lines {
		name, value, _ := strings.Cut(l, ": ")
		all = append(all, ua.Field{Name: name, Value: value})
	}
	return all
}

// grant binds every Contact for so many seconds, or not at all when Expires is 0.
func grant(seconds int, more ...string) func(*parser.Message) (parser.Status, []ua.Field) {
	return func(m *parser.Message) (parser.Status, []ua.Field) {
		fields := fieldsOf(more)
		if n, err := m.Expires(); err == nil && n == 0 {
			return parser.StatusOK, fields
		}
		for c := range m.Contacts() {
			if _, gone := c.Expires(); !gone {
				fields = append(fields, ua.Field{Name: "Contact", Value: fmt.Sprintf("%s;expires=%d", c.Raw(), seconds)})
			}
		}
		return parser.StatusOK, fields
	}
}

// took returns the REGISTERs since the last time.
func (o *office) took() []*parser.Message {
	synctest.Wait()
	o.mu.Lock()
	defer o.mu.Unlock()
	var all []*parser.Message
	for _, h := range o.heard {
		all = append(all, h.msg)
	}
	o.heard = nil
	return all
}

// want fails the test unless there were n REGISTERs since the last time, and returns them.
func (o *office) want(n int) []*parser.Message {
	o.t.Helper()
	all := o.took()
	if len(all) != n {
		o.t.Fatalf("after %v the registrar had %d REGISTERs, want %d", time.Since(o.start), len(all), n)
	}
	return all
}

// register registers, and writes down the states.
func (o *office) register(opts *ua.RegisterOptions) *ua.Registration {
	o.t.Helper()
	r, err := o.tries(opts)
	if err != nil {
		o.t.Fatal(err)
	}
	return r
}

func (o *office) tries(opts *ua.RegisterOptions) (*ua.Registration, error) {
	with := ua.RegisterOptions{}
	if opts != nil {
		with = *opts
	}
	with.OnState = func(s registration.State, err error) {
		o.mu.Lock()
		defer o.mu.Unlock()
		text := s.String()
		if err != nil {
			text += "!"
		}
		o.states = append(o.states, text)
	}
	return o.phone.Register(context.Background(), &with)
}

// passed fails the test unless these were the states since the last time; "!" stands where there was an error.
func (o *office) passed(states ...string) {
	o.t.Helper()
	synctest.Wait()
	o.mu.Lock()
	defer o.mu.Unlock()
	if !slices.Equal(o.states, states) {
		o.t.Errorf("the states were %q, want %q", o.states, states)
	}
	o.states = nil
}

// until waits for a state, and returns how long that took.
func (o *office) until(r *ua.Registration, s registration.State, most time.Duration) time.Duration {
	o.t.Helper()
	begin := time.Now()
	for r.State() != s {
		if time.Since(begin) > most {
			o.t.Fatalf("%v after %v, want %v", r.State(), time.Since(begin), s)
		}
		time.Sleep(50 * time.Millisecond)
	}
	return time.Since(begin)
}

// number returns the CSeq number.
func number(m *parser.Message) uint32 {
	c, _ := m.CSeq()
	return c.Number
}
