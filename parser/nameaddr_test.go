package parser

import (
	"strings"
	"testing"
)

// name-addr and addr-spec with parameters (RFC 3261, Sections 20.10 and 25.1).
func TestNameAddr(t *testing.T) {
	for _, row := range []struct {
		in, display, uri, tag string
		params                string
	}{
		{"<sip:a@h>", "", "sip:a@h", "", ""},
		{"<sip:a@h>;tag=x", "", "sip:a@h", "x", "tag"},
		{"<sip:a@h> ; TAG = x", "", "sip:a@h", "x", "TAG"},
		{"<sip:a@h;p=1>;q=2", "", "sip:a@h;p=1", "", "q"},
		{"<sip:a,b;c@h?d=e&f=>", "", "sip:a,b;c@h?d=e&f=", "", ""},
		{"sip:a@h", "", "sip:a@h", "", ""},
		{"sip:a@h;tag=x;p", "", "sip:a@h", "x", "tag p"},
		{"sip:a@h ; tag=x", "", "sip:a@h", "x", "tag"},
		{"sip:a@[2001:db8::1]:5060;tag=x", "", "sip:a@[2001:db8::1]:5060", "x", "tag"},
		{"Alice <sip:a@h>", "Alice", "sip:a@h", "", ""},
		{"Alice<sip:a@h>", "Alice", "sip:a@h", "", ""},
		{"Mr. A.\t Lice! <sip:a@h>", "Mr. A.\t Lice!", "sip:a@h", "", ""},
		{"Alice\r\n Two\r\n <sip:a@h>", "Alice\r\n Two", "sip:a@h", "", ""},
		{"* <sip:a@h>", "*", "sip:a@h", "", ""},
		{"* * <sip:a@h>", "* *", "sip:a@h", "", ""},
		{`"" <sip:a@h>`, `""`, "sip:a@h", "", ""},
		{`"Bell, A. <sip:x@y>;tag=z" <sip:a@h>;tag=1`, `"Bell, A. <sip:x@y>;tag=z"`, "sip:a@h", "1", "tag"},
		{`"a\"b"<sip:a@h>`, `"a\"b"`, "sip:a@h", "", ""},
		{"\"\u4e2d\" <sip:a@h>", "\"\u4e2d\"", "sip:a@h", "", ""},
		{"\u4e2d \u6587 <sip:a@my_pc.example.com>;tag=1", "\u4e2d \u6587", "sip:a@my_pc.example.com", "1", "tag"},
		{"J\xf6rg<sip:a@h>", "J\xf6rg", "sip:a@h", "", ""},
		{"<tel:+1-201-555-0123;isub=1>;tag=2", "", "tel:+1-201-555-0123;isub=1", "2", "tag"},
		{"<http://www.example.com/?a=b#c>;tag=3", "", "http://www.example.com/?a=b#c", "3", "tag"},
		{"isbn:2983792873", "", "isbn:2983792873", "", ""},
		{"<name:John_Smith>", "", "name:John_Smith", "", ""},
	} {
		a, err := ParseNameAddr([]byte("\t" + row.in + "\r\n "))
		if err != nil {
			t.Errorf("%q: %v", row.in, err)
			continue
		}
		u := a.URI()
		if string(a.Display()) != row.display || string(u.Raw()) != row.uri || string(a.Tag()) != row.tag || a.IsWildcard() {
			t.Errorf("%q: got %q %q %q %v", row.in, a.Display(), u.Raw(), a.Tag(), a.IsWildcard())
		}
		if (a.Tag() == nil) != (row.tag == "") {
			t.Errorf("%q: got tag %#v", row.in, a.Tag())
		}
		var names []string
		for name := range a.Params() {
			names = append(names, string(name))
		}
		if got := strings.Join(names, " "); got != row.params {
			t.Errorf("%q: got parameters %q, want %q", row.in, got, row.params)
		}
		if string(a.Raw()) != row.in {
			t.Errorf("%q: got raw %q", row.in, a.Raw())
		}
	}
}

func TestNameAddrMalformed(t *testing.T) {
	for _, row := range []struct {
		name, in string
		err      Error
	}{
		{"empty", "", errEmpty},
		{"blank", " ", errEmpty},
		{"no URI", "Alice", errScheme},
		{"quoted only", `"Alice"`, errNoBracket},
		{"quoted and bare URI", `"Alice" sip:a@h`, errNoBracket},
		{"tokens and bare URI", "Alice sip:a@h", errDisplayName},
		{"open string", `"Alice <sip:a@h>`, errQuote},
		{"escaped closing quote", `"Alice\" <sip:a@h>`, errQuote},
		{"comma in the display name", "Bell, Alexander <sip:a@h>", errDisplayName},
		{"at in the display name", "a@b <sip:a@h>", errDisplayName},
		{"UTF-8 and bare URI", "\u4e2d sip:a@h", errDisplayName},
		{"UTF-8 alone", "\u4e2d", errScheme},
		{"comma in UTF-8", "\u4e2d, \u6587 <sip:a@h>", errDisplayName},
		{"string behind tokens", `a "b" <sip:a@h>`, errDisplayName},
		{"open bracket", "<sip:a@h", errOpenBracket},
		{"open bracket and parameters", "<sip:a@h;tag=1", errOpenBracket},
		{"empty brackets", "<>", errScheme},
		{"blank before the URI", "< sip:a@h>", errScheme},
		{"blank behind the URI", "<sip:a@h >", errURI},
		{"fold in the URI", "<sip:a@h\r\n ;x>", errURI},
		{"bracket twice", "<<sip:a@h>>", errScheme},
		{"closing twice", "<sip:a@h>>", errTrailing},
		{"text behind", "<sip:a@h> x", errTrailing},
		{"second value", "<sip:a@h>, <sip:b@h>", errTrailing},
		{"question mark without brackets", "sip:a@h?x=y", errQuestion},
		{"comma without brackets", "sip:a,b@h", errTrailing},
		{"semicolon without brackets", "sip:a;b@h", errTrailing},
		{"stray separators", "<sip:a@h>;;;;", errStray},
		{"only a separator", ";", errStray},
		{"empty tag", "<sip:a@h>;tag=", errParamValue},
		{"tag without a value", "<sip:a@h>;tag", errTag},
		{"quoted tag", `<sip:a@h>;tag="x"`, errTag},
		{"tag that is an address", "<sip:a@h>;tag=[::1]", errTag},
		{"two tags", "<sip:a@h>;tag=1;tag=1", errParamTwice},
		{"wildcard with parameters", "*;q=1", errScheme},
		{"wildcard in a list", "*, <sip:a@h>", errScheme},
		{"bad host", "<sip:a@444.555.666.777>", errHost},
		{"control octet", "<sip:a@h>;x=\"\x01\"", errControl},
		{"long", "<sip:a@h>;x=" + strings.Repeat("y", MaxLine), errValueLong},
	} {
		if a, err := ParseNameAddr([]byte(row.in)); err != row.err || a.Raw() != nil {
			t.Errorf("%s: got %q %v, want %v", row.name, a.Raw(), err, row.err)
		}
	}
}

// Commas in display names and brackets do not part values (RFC 3261, Section 7.3.1), rows do.
func TestContacts(t *testing.T) {
	for _, row := range []struct {
		name string
		rows []string
		want string
	}{
		{"list", []string{`Contact: "Bell, A" <sip:a,b@h>;q=1, <sip:c@h>`}, "sip:a,b@h sip:c@h"},
		{"rows and lists", []string{"m: sip:a@h, sip:b@h", "Contact:<sip:c@h>"}, "sip:a@h sip:b@h sip:c@h"},
		{"header parameters", []string{"Contact: sip:a@h;expires=3600, sip:b@h;q=0.5"}, "sip:a@h sip:b@h"},
		{"wildcard", []string{"Contact: *"}, "*"},
		{"malformed between", []string{`Contact: <sip:a@h>, Bell, A <sip:x@h>, <sip:b@h>`}, "sip:a@h malformed display name sip:x@h sip:b@h"},
		{"open string takes the row", []string{`Contact: <sip:a@h>, "x <sip:b@h>, <sip:c@h>`, "Contact: <sip:d@h>"}, "sip:a@h unterminated quoted string sip:d@h"},
		{"empty", []string{"Contact:"}, "empty value"},
		{"none", nil, ""},
	} {
		m := mustParse(t, request(row.rows...))
		var got []string
		for c, err := range m.Contacts() {
			u := c.URI()
			switch {
			case err != nil:
				got = append(got, err.Error())
			case c.IsWildcard():
				got = append(got, "*")
			default:
				got = append(got, string(u.Raw()))
			}
		}
		if s := strings.Join(got, " "); s != row.want {
			t.Errorf("%s: got %q, want %q", row.name, s, row.want)
		}
	}
	m := mustParse(t, request("Contact: <sip:a@h>, <sip:b@h>"))
	c, err := m.Contact()
	if u := c.URI(); err != nil || string(u.Raw()) != "sip:a@h" {
		t.Errorf("first: got %q %v", u.Raw(), err)
	}
	if _, err := mustParse(t, request()).Contact(); err != ErrAbsent {
		t.Errorf("absent: got %v", err)
	}
}

// Route, Record-Route, Path and Service-Route values have brackets (RFC 3261, Section 25.1).
func TestRouteNeedsBrackets(t *testing.T) {
	for _, name := range []string{"Route", "Record-Route", "Path", "Service-Route"} {
		h := ParseHeader(name)
		m := mustParse(t, request(name+": <sip:a;lr>, sip:b;lr", name+": \"c\" <sip:c;lr>"))
		var got []string
		for a, err := range m.Addresses(h) {
			u := a.URI()
			if err != nil {
				got = append(got, err.Error())
				continue
			}
			got = append(got, string(u.Raw()))
		}
		if s, want := strings.Join(got, ", "), "sip:a;lr, URI without angle brackets, sip:c;lr"; s != want {
			t.Errorf("%s: got %q, want %q", name, s, want)
		}
	}
}

// From and To hold one value.
func TestSingleAddress(t *testing.T) {
	for _, row := range []struct {
		in  string
		err Error
	}{
		{"<sip:a@h>", 0}, {"sip:a@h;tag=1", 0}, {"", errEmpty}, {"*", errScheme}, {"<sip:a@h>, <sip:b@h>", errTrailing}, {"sip:a@h,", errTrailing},
	} {
		m := mustParse(t, replaced(request(), "From", "From: "+row.in))
		if _, err := m.From(); err != row.err.orNil() {
			t.Errorf("From %q: got %v, want %v", row.in, err, row.err)
		}
		m = mustParse(t, replaced(request(), "To", "t: "+row.in))
		if _, err := m.To(); err != row.err.orNil() {
			t.Errorf("To %q: got %v, want %v", row.in, err, row.err)
		}
	}
	m := mustParse(t, wire("OPTIONS sip:h SIP/2.0", ""))
	if _, err := m.From(); err != ErrAbsent {
		t.Errorf("absent From: got %v", err)
	}
	if _, err := m.To(); err != ErrAbsent {
		t.Errorf("absent To: got %v", err)
	}
}
