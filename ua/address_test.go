package ua

import (
	"testing"

	"github.com/ringback-sip/ringback/parser"
)

func TestURIsHaveOnlyWhatTheirPlaceAllows(t *testing.T) {
	for _, test := range []struct{ uri, request, address string }{
		{"sip:bob@example.com", "sip:bob@example.com", "sip:bob@example.com"},
		{"sip:example.com;maddr=example.com", "sip:example.com;maddr=example.com", "sip:example.com"},
		{"sip:a?b=a", "sip:a", "sip:a"},
		{"sip:bob:pw@example.com:5070;transport=tcp;user=phone", "sip:bob:pw@example.com:5070;transport=tcp;user=phone", "sip:bob:pw@example.com;user=phone"},
		{"sips:[2001:db8::1]:5071;METHOD=BYE;lr;x=1?Subject=a", "sips:[2001:db8::1]:5071;lr;x=1", "sips:[2001:db8::1];x=1"},
		{"sip:example.com;maddr=192.0.2.1;ttl=1;flag", "sip:example.com;maddr=192.0.2.1;ttl=1;flag", "sip:example.com;flag"},
		{"tel:+4930123;phone-context=x", "tel:+4930123;phone-context=x", "tel:+4930123;phone-context=x"},
	} {
		u, err := parser.ParseURI([]byte(test.uri))
		if err != nil {
			t.Fatalf("%s: %v", test.uri, err)
		}
		if got, err := requestURI(u); err != nil || string(got.Raw()) != test.request {
			t.Errorf("%s as Request-URI: %s, %v; want %s", test.uri, got.Raw(), err, test.request)
		}
		if got, err := addressURI(u); err != nil || string(got.Raw()) != test.address {
			t.Errorf("%s in To: %s, %v; want %s", test.uri, got.Raw(), err, test.address)
		}
	}
}
