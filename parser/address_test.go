package parser

import (
	"fmt"
	"strings"
	"testing"
)

func showAddress(a NameAddr) string {
	return fmt.Sprintf("%s <%s> %s", a.Display(), a.URI().Raw(), showParams(a.Params()))
}

// Single headers of the form of From: brackets go out, whatever came in.
func TestAddress(t *testing.T) {
	for _, h := range []Header{HeaderReplyTo, HeaderReferTo, HeaderReferredBy} {
		t.Run(h.String(), func(t *testing.T) {
			testValues(t, h, func(m *Message) (NameAddr, error) { return m.Address(h) }, showAddress, []valueRow{
				{"brackets", `"Bob, B." <sip:bob@h;p?Replaces=a%40b%3Bto-tag%3D1>;x`, `"Bob, B." <sip:bob@h;p?Replaces=a%40b%3Bto-tag%3D1> x`, "", 0},
				{"none", `sip:bob@h;method=INVITE`, ` <sip:bob@h> method=INVITE`, `<sip:bob@h>;method=INVITE`, 0},
				{"no blank", `Bob<sip:bob@h> ; a = b`, `Bob <sip:bob@h> a=b`, `Bob <sip:bob@h>; a = b`, 0},
				{"cid", `<sip:r@h>;cid="20398823.2UWQFN309shb3@referrer.example"`, ` <sip:r@h> cid="20398823.2UWQFN309shb3@referrer.example"`, "", 0},
				{"other scheme", `http://a.example/b`, ` <http://a.example/b> `, `<http://a.example/b>`, 0},
				{"folded", "\"B\"\r\n <sip:b@h>\r\n ;x=\"y z\"", "\"B\" <sip:b@h> x=\"y z\"", "\"B\" <sip:b@h>;x=\"y z\"", 0},
				{"empty", "", "", "", errEmpty},
				{"list in a single", "<sip:a@h>, <sip:b@h>", "", "", errTrailing},
				{"question mark without brackets", "sip:a@h?x=y", "", "", errQuestion},
			})
		})
	}
}

// Lists of the form of Route or Contact, in rows and joined alike.
func TestAddresses(t *testing.T) {
	for _, row := range []struct {
		h    Header
		in   []string
		want string
	}{
		{HeaderPath, []string{"<sip:p1;lr>, <sip:p2;lr;ob>;x", "<sip:p3>"}, " <sip:p1;lr> | <sip:p2;lr;ob> x| <sip:p3> "},
		{HeaderPath, []string{"sip:p1;lr, <sip:p2>"}, "!" + errNoBracket.Error() + "| <sip:p2> "},
		{HeaderServiceRoute, []string{"<sip:s1;lr>, sip:s2"}, " <sip:s1;lr> |!" + errNoBracket.Error()},
		{HeaderPAssertedIdentity, []string{`"Cullen Jennings" <sip:fluffy@cisco.com>, tel:+14085264000`}, `"Cullen Jennings" <sip:fluffy@cisco.com> | <tel:+14085264000> `},
		{HeaderPPreferredIdentity, []string{"sip:a@h"}, " <sip:a@h> "},
		{HeaderHistoryInfo, []string{"<sip:a@h?Reason=SIP%3Bcause%3D302>;index=1, <sip:b@h>;index=1.1;mp=1"}, " <sip:a@h?Reason=SIP%3Bcause%3D302> index=1| <sip:b@h> index=1.1|mp=1"},
		{HeaderHistoryInfo, []string{"sip:a@h;index=1"}, "!" + errNoBracket.Error()},
		{HeaderAlertInfo, []string{"<http://www.example.com/sounds/moo.wav>, <urn:alert:source:internal>;x"}, " <http://www.example.com/sounds/moo.wav> | <urn:alert:source:internal> x"},
		{HeaderCallInfo, []string{`<http://h/a,b;c.jpg> ;purpose=icon,<http://h/>;purpose=info`}, " <http://h/a,b;c.jpg> purpose=icon| <http://h/> purpose=info"},
		{HeaderErrorInfo, []string{"sip:a@h, Moo <sip:b@h>, \"\" <sip:c@h>, <sip:d@h>"},
			"!" + errNoBracket.Error() + "|!" + errDisplayName.Error() + "|!" + errDisplayName.Error() + "| <sip:d@h> "},
		{HeaderAlertInfo, []string{"", "<a b>"}, "!" + errEmpty.Error() + "|!" + errScheme.Error()},
	} {
		var fields []string
		for _, v := range row.in {
			fields = append(fields, row.h.String()+": "+v)
		}
		m := mustParse(t, request(fields...))
		if got := strings.Join(all(m.Addresses(row.h), showAddress), "|"); got != row.want {
			t.Errorf("%v %q: got %q, want %q", row.h, row.in, got, row.want)
		}
		var out []string
		for a, err := range m.Addresses(row.h) {
			if err == nil {
				out = append(out, string(a.AppendTo(nil)))
			}
		}
		if len(out) == 0 {
			continue
		}
		again := mustParse(t, request(row.h.String()+": "+strings.Join(out, ",")))
		var good []string
		for _, s := range all(m.Addresses(row.h), showAddress) {
			if s[0] != '!' {
				good = append(good, s)
			}
		}
		if got := all(again.Addresses(row.h), showAddress); strings.Join(got, "|") != strings.Join(good, "|") {
			t.Errorf("%v written and read: got %q, want %q", row.h, got, good)
		}
	}
	var star NameAddr
	for a := range mustParse(t, request("Contact: *")).Contacts() {
		star = a
	}
	if got := string(star.AppendTo(nil)); got != "*" {
		t.Errorf("wildcard: got %q", got)
	}
}
