package ua_test

import (
	"slices"
	"testing"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// registering is a Handler of REGISTER that says so.
type registering struct{ origins }

func (registering) Methods() []parser.Method { return []parser.Method{parser.MethodRegister} }

// What a Handler says to be its own stands in Allow (RFC 3261, Section 20.5): of the answer to OPTIONS, and of a 405.
func TestAllowNamesTheMethodsOfHandlers(t *testing.T) {
	for _, tt := range []struct {
		handlers []ua.Handler
		want     bool
	}{{nil, false}, {[]ua.Handler{make(origins, 1)}, false}, {[]ua.Handler{registering{make(origins, 1)}}, true}} {
		withPhone(t, &ua.Config{Handlers: tt.handlers}, func(p *phone) {
			for method, status := range map[string]string{"OPTIONS": "200", "PUBLISH": "405"} {
				p.send(request(method, "sip:me@10.0.0.1"))
				var allow []string
				for v := range p.hear(status).Values(parser.HeaderAllow) {
					allow = append(allow, string(v))
				}
				if got := slices.Contains(allow, "REGISTER"); got != tt.want {
					t.Errorf("%s: Allow is %q, want REGISTER there: %v", method, allow, tt.want)
				}
			}
		})
	}
}
