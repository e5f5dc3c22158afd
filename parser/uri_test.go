package parser

import (
	"strings"
	"testing"
)

// The parts of URIs (RFC 3261, Section 19.1; RFC 3966).
func TestParseURI(t *testing.T) {
	for _, row := range []struct {
		in                           string
		scheme, user, password, host string
		port                         int
		params, headers              string
	}{
		{"sip:h", "sip", "", "", "h", 0, "", ""},
		{"sip:alice@atlanta.com", "sip", "alice", "", "atlanta.com", 0, "", ""},
		{"sip:alice:secretword@atlanta.com;transport=tcp", "sip", "alice", "secretword", "atlanta.com", 0, "transport=tcp", ""},
		{"sips:alice@atlanta.com?subject=project%20x&priority=urgent", "sips", "alice", "", "atlanta.com", 0, "", "subject=project%20x&priority=urgent"},
		{"sip:+1-212-555-1212:1234@gateway.com;user=phone", "sip", "+1-212-555-1212", "1234", "gateway.com", 0, "user=phone", ""},
		{"sips:1212@gateway.com", "sips", "1212", "", "gateway.com", 0, "", ""},
		{"sip:alice@192.0.2.4", "sip", "alice", "", "192.0.2.4", 0, "", ""},
		{"sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com", "sip", "", "", "atlanta.com", 0, "method=REGISTER", "to=alice%40atlanta.com"},
		{"sip:alice;day=tuesday@atlanta.com", "sip", "alice;day=tuesday", "", "atlanta.com", 0, "", ""},
		{"SIP:A@H:5060", "SIP", "A", "", "H", 5060, "", ""},
		{"SiPs:h", "SiPs", "", "", "h", 0, "", ""},
		{"sip:a:@h", "sip", "a", "", "h", 0, "", ""},
		{"sip:a@h.", "sip", "a", "", "h.", 0, "", ""},
		{"sip:a@[2001:db8::10:5070]", "sip", "a", "", "[2001:db8::10:5070]", 0, "", ""},
		{"sip:a@[2001:db8::10]:5070;lr", "sip", "a", "", "[2001:db8::10]", 5070, "lr", ""},
		{"sip:%00@h", "sip", "%00", "", "h", 0, "", ""},
		{"sip:&=+$,;?/@h", "sip", "&=+$,;?/", "", "h", 0, "", ""},
		{"sip:a:&=+$,@h", "sip", "a", "&=+$,", "h", 0, "", ""},
		{"sip:h;a=[]/:&+$%20-_.!~*'();b", "sip", "", "", "h", 0, "a=[]/:&+$%20-_.!~*'() b", ""},
		{"sip:h;lr=on;x", "sip", "", "", "h", 0, "lr=on x", ""},
		{"sip:h?a=&b=[]/?:+$%00", "sip", "", "", "h", 0, "", "a=&b=[]/?:+$%00"},
		{"tel:+1-201-555-0123", "tel", "+1-201-555-0123", "", "", 0, "", ""},
		{"tel:7042;phone-context=example.com", "tel", "7042", "", "", 0, "phone-context=example.com", ""},
		{"TEL:(863)1234#*aF;isub=1", "TEL", "(863)1234#*aF", "", "", 0, "isub=1", ""},
		{"http://www.example.com:80/a;b?c=d&e#f", "http", "", "", "", 0, "", ""},
		{"soap.beep://192.0.2.103:3002", "soap.beep", "", "", "", 0, "", ""},
		{"nobodyKnowsThisScheme:totallyopaquecontent", "nobodyKnowsThisScheme", "", "", "", 0, "", ""},
		{"urn:service:sos", "urn", "", "", "", 0, "", ""},
		{"cid:a%20b@h", "cid", "", "", "", 0, "", ""},
	} {
		u, err := ParseURI([]byte(row.in))
		if err != nil {
			t.Errorf("%q: %v", row.in, err)
			continue
		}
		if string(u.Scheme()) != row.scheme || string(u.User()) != row.user || string(u.Password()) != row.password ||
			string(u.Host()) != row.host || u.Port() != row.port || string(u.Headers()) != row.headers {
			t.Errorf("%q: got %q %q %q %q %d %q", row.in, u.Scheme(), u.User(), u.Password(), u.Host(), u.Port(), u.Headers())
		}
		var params []string
		for name, value := range u.Params() {
			s := string(name)
			if value != nil {
				s += "=" + string(value)
			}
			params = append(params, s)
			if v, ok := u.Param(strings.ToUpper(string(name))); !ok || string(v) != string(value) {
				t.Errorf("%q: Param(%q): got %q %v", row.in, name, v, ok)
			}
		}
		if got := strings.Join(params, " "); got != row.params {
			t.Errorf("%q: got parameters %q, want %q", row.in, got, row.params)
		}
		scheme := strings.ToLower(row.scheme)
		if u.IsSIP() != (scheme == "sip" || scheme == "sips") || u.IsSIPS() != (scheme == "sips") {
			t.Errorf("%q: got IsSIP %v, IsSIPS %v", row.in, u.IsSIP(), u.IsSIPS())
		}
		if string(u.Raw()) != row.in || string(u.AppendTo([]byte("x"))) != "x"+row.in || u.IsZero() {
			t.Errorf("%q: got raw %q", row.in, u.Raw())
		}
	}
}

func TestParseURIMalformed(t *testing.T) {
	for _, row := range []struct {
		name, in string
		at       int
		err      Error
	}{
		{"empty", "", 0, errScheme},
		{"no scheme", "alice", 5, errScheme},
		{"no scheme name", ":a", 0, errScheme},
		{"scheme with a digit first", "1sip:a", 4, errScheme},
		{"bracket", "<sip:a@h>", 0, errScheme},
		{"nothing behind the scheme", "sip:", 4, errHost},
		{"nothing behind another scheme", "http:", 5, errURI},
		{"empty user", "sip:@h", 4, errUser},
		{"empty user with a password", "sip::p@h", 4, errUser},
		{"at in the user", "sip:a@b@h", 7, errURI},
		{"bad octet in the user", "sip:a<@h", 5, errUser},
		{"bracket in the user", "sip:[a]@h", 4, errUser},
		{"blank in the user", "sip:a b@h", 5, errUser},
		{"UTF-8 in the user", "sip:\u00e9@h", 4, errUser},
		{"bad octet in the password", "sip:a:b:c@h", 7, errUser},
		{"percent alone", "sip:%@h", 4, errUser},
		{"half an escape", "sip:a%4@h", 5, errUser},
		{"no hexadecimal", "sip:a%4g@h", 5, errUser},
		{"no host", "sip:a@", 6, errHost},
		{"no host but a port", "sip:a@:5060", 6, errHost},
		{"escape in the host", "sip:a%2eb", 5, errURI},
		{"octets above 255", "sip:a@444.555.666.777", 6, errHost},
		{"IPv6 without brackets", "sip:2001:db8::10", 4, errHost},
		{"bad IPv6", "sip:[2001:db8]", 4, errIPv6},
		{"empty port", "sip:a@h:", 8, errPort},
		{"port 0", "sip:a@h:0", 8, errPort},
		{"port 65536", "sip:a@h:65536", 8, errPort},
		{"text behind the port", "sip:a@h:5060x", 12, errURI},
		{"path", "sip:a@h/x", 7, errURI},
		{"comma", "sip:a@h,x", 7, errURI},
		{"empty parameter", "sip:h;", 6, errStray},
		{"empty parameter between", "sip:h;;a", 6, errStray},
		{"parameter without a name", "sip:h;=a", 6, errParamName},
		{"parameter without a value", "sip:h;a=", 8, errParamValue},
		{"equals in a value", "sip:h;a=b=c", 9, errURI},
		{"blank in a parameter", "sip:h; lr", 6, errParamName},
		{"parameter twice", "sip:h;a=1;b;A=2", 12, errParamTwice},
		{"parameter twice, escaped", "sip:h;lr;%6C%72", 9, errParamTwice},
		{"parameter twice, escaped first", "sip:h;%6C%72=1;x;LR", 17, errParamTwice},
		{"no header", "sip:h?", 6, errURIHeader},
		{"header without a name", "sip:h?=a", 6, errURIHeader},
		{"header without equals", "sip:h?a", 7, errURIHeader},
		{"header joined to nothing", "sip:h?a=b&", 10, errURIHeader},
		{"bad octet in a header", "sip:h?a=b;c", 9, errURIHeader},
		{"tel without a number", "tel:", 4, errUser},
		{"tel of separators", "tel:+-.", 7, errUser},
		{"tel with a plus inside", "tel:1+2", 5, errURI},
		{"tel with letters", "tel:phone", 4, errUser},
		{"tel of a global number with letters", "tel:+12A", 7, errURI},
		{"tel of a plus and letters", "tel:+A", 5, errUser},
		{"tel with a stray separator", "tel:1;", 6, errStray},
		{"angle bracket elsewhere", "http://a>b", 8, errURI},
		{"control octet", "http://a\x01", 8, errURI},
		{"bad escape elsewhere", "http://a%zz", 8, errURI},
		{"long", "sip:" + strings.Repeat("a", MaxURI), MaxURI, errURILong},
	} {
		var u URI
		if at, err := u.parse([]byte(row.in)); at != row.at || err != row.err {
			t.Errorf("%s: %.30q: got %v at %d, want %v at %d", row.name, row.in, err, at, row.err, row.at)
		}
		if u, err := ParseURI([]byte(row.in)); err != row.err || !u.IsZero() {
			t.Errorf("%s: %.30q: got %q %v", row.name, row.in, u.Raw(), err)
		}
	}
}

// Names of parameters may be written with escapes (RFC 4475, Section 3.1.1.3).
func TestURIParamEscaped(t *testing.T) {
	u := mustURI(t, "sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31")
	if _, ok := u.Param("lr"); !ok {
		t.Error("lr: not found")
	}
	v, ok := u.Param("name")
	if got := string(Unescape(nil, v)); !ok || got != "value%41" {
		t.Errorf("name: got %q %v, want value%%41: decoded once", got, ok)
	}
	if _, ok := u.Param("nosuch"); ok {
		t.Error("nosuch: found")
	}
}

// The zero URI answers everything with nothing.
func TestZeroURI(t *testing.T) {
	var u URI
	if u.Raw() != nil || len(u.Scheme()) != 0 || len(u.User()) != 0 || len(u.Host()) != 0 || u.Port() != 0 || u.IsSIP() || !u.IsZero() ||
		u.Headers() != nil || u.Equal(u) || len(u.AppendTo(nil)) != 0 {
		t.Error("the zero URI holds something")
	}
	for range u.Params() {
		t.Error("the zero URI has a parameter")
	}
	if _, ok := u.Param("lr"); ok {
		t.Error("the zero URI has lr")
	}
}
