package ua_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/auth"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/registration"
	"github.com/ringback-sip/ringback/ua"
)

// contacts returns the Contact values of m.
func contacts(m *parser.Message) (all []string) {
	for v := range m.Values(parser.HeaderContact) {
		all = append(all, string(v))
	}
	return all
}

// Several addresses are bound by one registration: the shortest grant says when to refresh, found by the rules of RFC 3261, Section 19.1.4,
// whatever else is bound.
func TestSeveralContacts(t *testing.T) {
	withOffice(t, nil, func(o *office) {
		o.says(func(m *parser.Message) (parser.Status, []ua.Field) {
			if n, _ := m.Expires(); n == 0 {
				return 200, nil
			}
			return 200, fieldsOf([]string{
				"Contact: <sip:other@192.0.2.9>;expires=5, <SIP:%61lice@10.0.0.1:5060>;expires=3000",
				"Contact: <mailto:alice@example.com>;q=0.1;expires=1200",
			})
		})
		r := o.register(&ua.RegisterOptions{Contacts: []ua.Contact{{Params: "q=0.7;audio"}, {URI: "mailto:alice@example.com", Params: "q=0.1"}}})
		want := []string{"<sip:alice@10.0.0.1:5060>;q=0.7;audio", "<mailto:alice@example.com>;q=0.1"}
		if got := contacts(o.want(1)[0]); !slices.Equal(got, want) {
			t.Errorf("asked for %q, want %q", got, want)
		}
		if d := time.Until(r.Expires()); d > 1200*time.Second || d < 1199*time.Second {
			t.Errorf("ours expire in %v, want 1200s", d)
		}
		all := r.Bindings()
		if len(all) != 3 || all[2].URI != "mailto:alice@example.com" || all[1].Value != "<SIP:%61lice@10.0.0.1:5060>;expires=3000" {
			t.Errorf("bindings %+v", all)
		}
		time.Sleep(6 * time.Second)
		if len(r.Bindings()) != 2 {
			t.Errorf("another's binding that has expired is still told")
		}
		time.Sleep(1080*time.Second - 6*time.Second)
		o.want(1)
	})
}

// RG-010, UA-060: to ask binds nothing, and "*" removes what anybody bound, with Expires: 0 and no instance (RFC 5626, Section 4.2.3).
func TestBindingsAreAskedForAndRemoved(t *testing.T) {
	withOffice(t, nil, func(o *office) {
		o.says(always(200, "Contact: <sip:a@192.0.2.1>;expires=60, <sip:b@192.0.2.2>", "Expires: 120"))
		with := &ua.RegisterOptions{Instance: instance, RegID: 1}
		all, err := o.phone.Bindings(context.Background(), with)
		if err != nil || len(all) != 2 || time.Until(all[0].Expires) > time.Minute || time.Until(all[1].Expires) < time.Minute {
			t.Errorf("got %+v, %v", all, err)
		}
		m := o.want(1)[0]
		if m.Has(parser.HeaderContact) || m.Has(parser.HeaderExpires) {
			t.Errorf("asked with\n%s", m.Bytes())
		}
		o.says(always(200))
		if all, err := o.phone.RemoveBindings(context.Background(), with); err != nil || len(all) != 0 {
			t.Errorf("got %+v, %v", all, err)
		}
		m = o.want(1)[0]
		if got := contacts(m); !slices.Equal(got, []string{"*"}) || string(m.Raw(parser.HeaderExpires)) != "0" {
			t.Errorf("removed with\n%s", m.Bytes())
		}
		o.says(always(403))
		var refused *ua.ResponseError
		if _, err := o.phone.RemoveBindings(context.Background(), nil); !errors.As(err, &refused) {
			t.Errorf("got %v", err)
		}
	})
}

// UA-061: the Service-Route of the last 2xx is the way of all requests of the address of record outside a dialog but REGISTER, behind the outbound
// proxy; the next 2xx replaces it (RFC 3608, Section 6.1).
func TestServiceRouteIsFollowed(t *testing.T) {
	withOffice(t, &ua.Config{From: "sip:alice@10.0.2.1", OutboundProxy: "sip:10.0.2.1:5060"}, func(o *office) {
		o.says(grant(600, "Service-Route: <sip:10.0.2.1:5060;lr>, <sip:hsp.example.com;lr>", "Path: <sip:p1.example.com;lr>,<sip:p2.example.com;lr>"))
		r := o.register(nil)
		if got := routed(o.want(1)[0]); got != "sip:10.0.2.1 | <sip:10.0.2.1:5060;lr>" {
			t.Errorf("REGISTER went %s", got)
		}
		if got, want := r.ServiceRoute(), []string{"sip:10.0.2.1:5060;lr", "sip:hsp.example.com;lr"}; !slices.Equal(got, want) {
			t.Errorf("Service-Route %q, want %q", got, want)
		}
		if got, want := r.Path(), []string{"<sip:p1.example.com;lr>", "<sip:p2.example.com;lr>"}; !slices.Equal(got, want) {
			t.Errorf("Path %q, want %q", got, want)
		}
		way := func(from string) string {
			o.network.Record()
			if _, err := o.phone.Options(context.Background(), "sip:bob@biloxi.example.com", &ua.RequestOptions{From: from}); err != nil {
				t.Error(err)
			}
			for _, p := range slices.Backward(o.network.Packets()) {
				m := new(parser.Message)
				if m.Parse(p.Data) == nil && m.IsRequest() {
					return routed(m)
				}
			}
			return ""
		}
		const to = "sip:bob@biloxi.example.com | <sip:10.0.2.1:5060;lr>"
		if got := way(""); got != to+" <sip:hsp.example.com;lr>" {
			t.Errorf("alice's OPTIONS went %s", got)
		}
		if got := way("sips:%61lice@10.0.2.1"); got != to+" <sip:hsp.example.com;lr>" {
			t.Errorf("alice's, written another way, went %s", got)
		}
		if got := way("sip:carol@10.0.2.1"); got != to {
			t.Errorf("somebody else's OPTIONS went %s", got)
		}
		o.says(grant(600))
		time.Sleep(541 * time.Second) // it is refreshed
		if got := way(""); got != to || r.ServiceRoute() != nil {
			t.Errorf("after a 200 without Service-Route OPTIONS went %s", got)
		}
	})
}

// The GRUUs that the registrar gives stand in the Contact of calls, either way, where that is wanted (RFC 5627, Sections 4.2 to 4.4).
func TestGRUUIsTheContactOfCalls(t *testing.T) {
	const public, temporary = "sip:alice@10.0.2.1;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "sip:tgruu.7hs==jd7vnzga5w7fajsc7-ajd6fabz0f8g5@10.0.2.1;gr"
	for _, tt := range []struct {
		want    ua.GRUU
		contact string
	}{
		{ua.NoGRUU, "<sip:alice@10.0.0.1:5060>"},
		{ua.PublicGRUU, "<" + public + ">"},
		{ua.TemporaryGRUU, "<" + temporary + ">"},
	} {
		withOffice(t, &ua.Config{From: "sip:alice@10.0.2.1", OnCall: func(c *ua.Call) { c.Answer(ua.Body{}) }}, func(o *office) {
			o.says(grant(600))
			r := o.register(&ua.RegisterOptions{Instance: instance, GRUU: tt.want})
			if pub, temp := r.GRUU(); pub != "" || temp != "" {
				t.Errorf("GRUUs that nobody gave: %q, %q", pub, temp)
			}
			o.says(func(m *parser.Message) (parser.Status, []ua.Field) {
				if n, _ := m.Expires(); n == 0 {
					return 200, nil
				}
				return 200, fieldsOf([]string{`Contact: <sip:phone2@192.0.2.3>;pub-gruu="sip:x@y";+sip.instance="<urn:uuid:00000000-0000-0000-0000-000000000000>";expires=7`,
					"Contact: " + contacts(m)[0] + `;pub-gruu="` + public + `";temp-gruu="` + temporary + `";expires=600`})
			})
			time.Sleep(541 * time.Second) // it is refreshed
			if pub, temp := r.GRUU(); pub != public || temp != temporary {
				t.Errorf("GRUUs %q, %q", pub, temp)
			}
			o.network.Record()
			o.phone.Call(context.Background(), "sip:bob@10.0.2.1", ua.Body{}, nil) // who answers 405
			c, err := o.server.Call(context.Background(), "sip:alice@10.0.0.1", ua.Body{}, &ua.CallOptions{From: "sip:bob@10.0.2.1"})
			if err != nil {
				t.Fatal(err)
			}
			c.Hangup(context.Background())
			var invite string
			for _, p := range o.network.Packets() {
				m := new(parser.Message)
				if m.Parse(p.Data) == nil && m.Method() == parser.MethodInvite && m.IsRequest() && p.From == agentAddr {
					invite = string(m.Raw(parser.HeaderContact))
				}
			}
			if invite != tt.contact {
				t.Errorf("Contact of a call %q, want %q", invite, tt.contact)
			}
		})
	}
}

// UA-063: a way that does not support outbound is registered over without it.
func TestFirstHopLacksOutbound(t *testing.T) {
	withOffice(t, nil, func(o *office) {
		o.says(func(m *parser.Message) (parser.Status, []ua.Field) {
			if m.HasTag(parser.HeaderSupported, "outbound") {
				return 439, nil
			}
			return grant(600)(m)
		})
		o.register(&ua.RegisterOptions{Instance: instance, RegID: 1})
		all := o.want(2)
		if got := contacts(all[1])[0]; strings.Contains(got, "reg-id") || !strings.Contains(got, instance) {
			t.Errorf("then asked for %s", got)
		}
		time.Sleep(540 * time.Second)
		o.want(1)
	})
}

// UA-007: a registrar that names another one is followed, each once; a SIPS URI is not followed into the clear.
func TestRedirectionToAnotherRegistrar(t *testing.T) {
	withOffice(t, nil, func(o *office) {
		o.says(func(m *parser.Message) (parser.Status, []ua.Field) {
			if uri, _ := m.RequestURI(); uri.Port() == 0 {
				return 302, fieldsOf([]string{"Contact: <mailto:x@y>, <sip:10.0.2.1>, <sip:reg@10.0.2.1:5060>"})
			}
			return grant(600)(m)
		})
		r := o.register(nil)
		all := o.want(2)
		if got := string(all[1].StartLine()); got != "REGISTER sip:10.0.2.1:5060 SIP/2.0" || number(all[1]) != 2 {
			t.Errorf("then %q with number %d", got, number(all[1]))
		}
		time.Sleep(540 * time.Second)
		if got := string(o.want(1)[0].StartLine()); got != "REGISTER sip:10.0.2.1:5060 SIP/2.0" {
			t.Errorf("refreshed by %q", got)
		}
		o.says(always(302, "Contact: <sip:10.0.2.1:5060>, <sip:10.0.2.1>"))
		o.until(r, registration.Retrying, 10*time.Minute)
		if n := len(o.took()); n > 2 {
			t.Errorf("%d REGISTERs of a redirection in a circle", n)
		}
		o.says(nil)
	})
}

// A SIPS URI is not followed into the clear (RFC 3261, Section 8.1.3.4).
func TestRedirectionOfSIPSStaysSecure(t *testing.T) {
	server, client := proof(t, "localhost")
	asked := make(chan string, 9)
	registrar := newAgent(t, &ua.Config{Listen: []string{"tls:127.0.0.1:0"}, TLS: server, Handlers: []ua.Handler{handle(func(r *ua.Request) bool {
		uri, _ := r.Message().RequestURI()
		asked <- string(uri.Raw())
		r.Respond(302, &ua.ResponseOptions{Header: fieldsOf([]string{"Contact: <sip:127.0.0.1:9>"})})
		return true
	})}})
	phone := newAgent(t, &ua.Config{TLS: client})
	var refused *ua.ResponseError
	_, err := phone.Register(t.Context(), &ua.RegisterOptions{AOR: "sips:alice@localhost:" + port(registrar), Registrar: "sips:localhost:" + port(registrar)})
	if !errors.As(err, &refused) || refused.Status != 302 || len(asked) != 1 {
		t.Errorf("got %v, after %d REGISTERs", err, len(asked))
	}
}

// handle is a Handler that is a function.
type handle func(*ua.Request) bool

func (f handle) Handle(r *ua.Request) bool { return f(r) }

// A Service-Route that cannot be read leads nowhere: the requests go as if there were none.
func TestServiceRouteThatCannotBeRead(t *testing.T) {
	for _, bad := range []string{"<sip:a.example.com;lr>, <sip:b", "<sip:a.example.com;lr>, <tel:+1>", "sip:a.example.com"} {
		withOffice(t, nil, func(o *office) {
			o.says(grant(600, "Service-Route: "+bad))
			if r := o.register(nil); r.ServiceRoute() != nil {
				t.Errorf("%s: %q", bad, r.ServiceRoute())
			}
		})
	}
}

// Challenges are answered, and the next REGISTER goes with credentials at once (AU-025).
func TestRegisterWithCredentials(t *testing.T) {
	withOffice(t, &ua.Config{From: "sip:alice@10.0.2.1", Credentials: auth.User("alice", "secret")}, func(o *office) {
		o.says(func(m *parser.Message) (parser.Status, []ua.Field) {
			if !m.Has(parser.HeaderAuthorization) {
				return 401, fieldsOf([]string{`WWW-Authenticate: Digest realm="office", nonce="n", qop="auth", algorithm=SHA-256`})
			}
			return grant(600)(m)
		})
		r := o.register(nil)
		all := o.want(2)
		if number(all[0]) != 1 || number(all[1]) != 2 || string(all[0].CallID()) != string(all[1].CallID()) {
			t.Errorf("numbers %d and %d", number(all[0]), number(all[1]))
		}
		time.Sleep(540 * time.Second)
		m := o.want(1)[0]
		if number(m) != 3 || !strings.Contains(string(m.Raw(parser.HeaderAuthorization)), "nc=00000002") {
			t.Errorf("refreshed with number %d and %s", number(m), m.Raw(parser.HeaderAuthorization))
		}
		if err := r.Unregister(context.Background()); err != nil {
			t.Error(err)
		}
		if m := o.want(1)[0]; number(m) != 4 {
			t.Errorf("removed with number %d", number(m))
		}
		o.says(always(401, `WWW-Authenticate: Digest realm="office", nonce="n", qop="auth", algorithm=SHA-256`))
		if _, err := o.tries(nil); !errors.Is(err, auth.ErrRejected) {
			t.Errorf("with a wrong password: %v", err)
		}
	})
}

// A second flow waits longer after a failure, as long as the first one stands (RFC 5626, Section 4.5).
func TestSecondFlowWaitsLonger(t *testing.T) {
	withOffice(t, nil, func(o *office) {
		o.says(func(m *parser.Message) (parser.Status, []ua.Field) {
			if n, _ := m.Expires(); n > 0 && strings.Contains(contacts(m)[0], "reg-id=2") {
				return 500, nil
			}
			return outbound(3600)(m)
		})
		first := o.register(&ua.RegisterOptions{Instance: instance, RegID: 1})
		r := o.register(&ua.RegisterOptions{Instance: instance, RegID: 2, Persist: true})
		o.until(r, registration.Waiting, time.Second)
		waits := func(least, most time.Duration) {
			o.took()
			begin := time.Now()
			for len(o.took()) == 0 && time.Since(begin) < most+time.Minute {
				time.Sleep(time.Second)
			}
			if took := time.Since(begin); took < least-time.Second || took > most+2*time.Second {
				t.Errorf("waited %v, want %v to %v", took, least, most)
			}
		}
		waits(90*time.Second, 180*time.Second)
		waits(180*time.Second, 360*time.Second)
		time.Sleep(time.Second) // the next wait is known
		first.Unregister(context.Background())
		waits(359*time.Second, 720*time.Second)
		waits(240*time.Second, 480*time.Second) // of the lower base time
	})
	withOffice(t, nil, func(o *office) { // none of them stands
		o.says(always(500))
		for id := range 2 {
			o.register(&ua.RegisterOptions{Instance: instance, RegID: id + 1, Persist: true})
		}
		time.Sleep(61 * time.Second)
		if n := len(o.took()); n != 4 {
			t.Errorf("%d REGISTERs in the first 61 s, want 4", n)
		}
	})
}

func TestRegisterOptionsThatCannotBe(t *testing.T) {
	a := newAgent(t, nil)
	ctx := context.Background()
	if _, err := a.Register(ctx, nil); err == nil || !strings.Contains(err.Error(), "which address of record") {
		t.Errorf("without an address of record: %v", err)
	}
	aor := "sip:alice@127.0.0.1"
	for name, opts := range map[string]ua.RegisterOptions{
		"AOR":              {AOR: "alice"},
		"AOR of a phone":   {AOR: "tel:+49123"},
		"From":             {AOR: aor, From: "x"},
		"registrar":        {AOR: aor, Registrar: "tel:+49123"},
		"contact":          {AOR: aor, Contacts: []ua.Contact{{URI: "sip:"}}},
		"contact injected": {AOR: aor, Contacts: []ua.Contact{{URI: "sip:a@b", Params: "q=1\r\nX: y"}}},
		"no contact":       {AOR: aor, Contacts: []ua.Contact{}},
		"own twice":        {AOR: aor, Contacts: []ua.Contact{{}, {}}},
		"expires in it":    {AOR: aor, Contacts: []ua.Contact{{Params: "expires=3"}}},
		"reg-id alone":     {AOR: aor, RegID: 1},
		"reg-id below 0":   {AOR: aor, RegID: -1, Instance: instance},
		"reg-id of two":    {AOR: aor, RegID: 1, Instance: instance, Contacts: []ua.Contact{{}, {URI: "sip:b@c"}}},
		"GRUU of nobody":   {AOR: aor, GRUU: ua.PublicGRUU},
		"instance":         {AOR: aor, Instance: `urn:"x`},
		"route":            {AOR: aor, Route: []string{"x"}},
		"header":           {AOR: aor, Header: []ua.Field{{Name: "Contact", Value: "*"}}},
	} {
		if r, err := a.Register(ctx, &opts); err == nil {
			t.Errorf("%s: registered, %v", name, r.State())
		}
		if n := a.Stats().Registrations; n != 0 {
			t.Errorf("%s: %d registrations left", name, n)
		}
	}
}

// The Request-URI is that of the domain: without user and password, with port and transport (RFC 3261, Section 10.2).
func TestRequestURIOfRegister(t *testing.T) {
	for registrar, want := range map[string]string{
		"":                                   "sip:10.0.2.1",
		"sip:10.0.2.1:5060":                  "sip:10.0.2.1:5060",
		"sip:a:b@10.0.2.1;transport=udp?X=y": "sip:10.0.2.1;transport=udp",
		"sip:%40@10.0.2.1:5060;method=INVITE;x=1": "sip:10.0.2.1:5060;x=1",
	} {
		withOffice(t, nil, func(o *office) {
			o.register(&ua.RegisterOptions{Registrar: registrar, From: "sip:boss@example.com"})
			m := o.want(1)[0]
			if got := string(m.StartLine()); got != "REGISTER "+want+" SIP/2.0" {
				t.Errorf("%s: %q, want %s", registrar, got, want)
			}
			if from, err := m.From(); err != nil || string(from.URI().Raw()) != "sip:boss@example.com" || string(m.Raw(parser.HeaderTo)) != "<sip:alice@10.0.2.1>" {
				t.Errorf("From %q, To %q", m.Raw(parser.HeaderFrom), m.Raw(parser.HeaderTo))
			}
		})
	}
}
