package dialog

import (
	"testing"

	"github.com/ringback-sip/ringback/parser"
)

func parseURI(t *testing.T, s string) parser.URI {
	t.Helper()
	u, err := parser.ParseURI([]byte(s))
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return u
}

func TestTargetURIStripsWhatIsNotAllowed(t *testing.T) {
	for _, tt := range []struct{ uri, want string }{
		{"sip:b@h", "sip:b@h"},
		{"sip:h", "sip:h"},
		{"sip:b@h;transport=tcp;lr;maddr=224.2.0.1;ttl=16;user=phone;x", "sip:b@h;transport=tcp;lr;maddr=224.2.0.1;ttl=16;user=phone;x"},
		{"sip:b@h;method=BYE", "sip:b@h"},
		{"sip:b@h;a=1;METHOD=BYE;b=2", "sip:b@h;a=1;b=2"},
		{"sip:b@h?Subject=x", "sip:b@h"},
		{"SIPS:b%20c:pw@[::1]:5061;x=%41?a=b&c=d", "SIPS:b%20c:pw@[::1]:5061;x=%41"},
		{"sip:h:5070?a=b", "sip:h:5070"},
		{"tel:+1-212-555-1212;phone-context=a", "tel:+1-212-555-1212;phone-context=a"},
	} {
		u, err := targetURI(parseURI(t, tt.uri))
		if err != nil {
			t.Errorf("%s: %v", tt.uri, err)
			continue
		}
		if got := string(u.Raw()); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.uri, got, tt.want)
		}
	}
}

func TestSecuredURI(t *testing.T) {
	for _, tt := range []struct{ uri, want string }{
		{"sip:p1.example.com;lr", "sips:p1.example.com;lr"},
		{"SIP:a@p1.example.com:5060;lr", "sips:a@p1.example.com:5060;lr"},
		{"sips:p1.example.com;lr", "sips:p1.example.com;lr"},
		{"tel:+1", "tel:+1"},
	} {
		if got := string(secured(parseURI(t, tt.uri)).Raw()); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.uri, got, tt.want)
		}
	}
}

func TestOwnURISharesNoMemory(t *testing.T) {
	raw := []byte("sip:bob@biloxi.example")
	u, err := parser.ParseURI(raw)
	if err != nil {
		t.Fatal(err)
	}
	for _, own := range []func(parser.URI) (parser.URI, error){ownURI, targetURI} {
		copied, err := own(u)
		if err != nil {
			t.Fatal(err)
		}
		raw[4] = 'X'
		if got := string(copied.Raw()); got != "sip:bob@biloxi.example" {
			t.Errorf("got %s", got)
		}
		raw[4] = 'b'
	}
}
