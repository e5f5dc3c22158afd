package parser

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// List splitting (RFC 3261, Section 7.3.1): which headers, and where.
func TestValues(t *testing.T) {
	for _, row := range []struct {
		name string
		rows []string
		want []string
	}{
		{"Allow", []string{"Allow: INVITE, ACK,BYE ,\tCANCEL"}, []string{"INVITE", "ACK", "BYE", "CANCEL"}},
		{"Allow", []string{"Allow: INVITE", "Allow: ACK, BYE", "allow:CANCEL"}, []string{"INVITE", "ACK", "BYE", "CANCEL"}},
		{"Allow", []string{"Allow: INVITE,\r\n ACK\r\n ,\r\n BYE"}, []string{"INVITE", "ACK", "BYE"}},
		{"In-Reply-To", []string{"In-Reply-To: 70710@saturn.bell-tel.com, 17320@saturn.bell-tel.com"}, []string{"70710@saturn.bell-tel.com", "17320@saturn.bell-tel.com"}},
		{"Geolocation", []string{"Geolocation: <cid:target123@atlanta.example.com>, <https://ls.example.com/a,b>"}, []string{"<cid:target123@atlanta.example.com>", "<https://ls.example.com/a,b>"}},
		{"Supported", []string{"k:"}, nil},
		{"Supported", []string{"k: ,a,, b,"}, []string{"a", "b"}},
		{"Contact", []string{`Contact: "Bell, A" <sip:a,b@h>;q=1, <sip:c@h>`}, []string{`"Bell, A" <sip:a,b@h>;q=1`, "<sip:c@h>"}},
		{"Contact", []string{`Contact: "a\", b" <sip:a@h>, <sip:c@h>`}, []string{`"a\", b" <sip:a@h>`, "<sip:c@h>"}},
		{"Contact", []string{`Contact: <sip:a@h>, "open, <sip:b@h>`, "Contact: <sip:c@h>"}, []string{"<sip:a@h>", `"open, <sip:b@h>`, "<sip:c@h>"}},
		{"Contact", []string{"Contact: <sip:a@h, <sip:b@h>"}, []string{"<sip:a@h, <sip:b@h>"}},
		{"Contact", []string{"Contact: sip:a(b@h, sip:c)d@h"}, []string{"sip:a(b@h", "sip:c)d@h"}},
		{"Accept", []string{"Accept: a/b (x, (y, z)), c/d (open, e/f"}, []string{"a/b (x, (y, z))", "c/d (open, e/f"}},
		{"Warning", []string{`Warning: 301 isi "a, b", 399 x "c"`}, []string{`301 isi "a, b"`, `399 x "c"`}},
		// Single values and unknown headers have their commas (PR-021).
		{"Date", []string{"Date: Sat, 13 Nov 2010 23:29:00 GMT"}, []string{"Sat, 13 Nov 2010 23:29:00 GMT"}},
		{"Subject", []string{"Subject: a, b"}, []string{"a, b"}},
		{"Subject", []string{"Subject:"}, []string{""}},
		{"Organization", []string{"Organization: a, b"}, []string{"a, b"}},
		{"User-Agent", []string{"User-Agent: a, b (c, d)"}, []string{"a, b (c, d)"}},
		{"Server", []string{"Server: a, b"}, []string{"a, b"}},
		{"Privacy", []string{"Privacy: id;user, x"}, []string{"id;user, x"}},
		// Challenges and credentials repeat and are never split (PR-019).
		{"WWW-Authenticate", []string{`WWW-Authenticate: Digest realm="a", nonce="b"`, `WWW-Authenticate: Digest realm="c"`},
			[]string{`Digest realm="a", nonce="b"`, `Digest realm="c"`}},
		{"Authorization", []string{`Authorization: Digest a="b", c="d"`}, []string{`Digest a="b", c="d"`}},
		{"Proxy-Authenticate", []string{"Proxy-Authenticate: a, b"}, []string{"a, b"}},
		{"Proxy-Authorization", []string{"Proxy-Authorization: a, b"}, []string{"a, b"}},
		{"Authentication-Info", []string{`Authentication-Info: a="b", c="d"`}, []string{`a="b", c="d"`}},
	} {
		m := mustParse(t, request(row.rows...))
		if got := texts(m.Values(ParseHeader(row.name))); !slices.Equal(got, row.want) {
			t.Errorf("%q: got %q, want %q", row.rows, got, row.want)
		}
	}
	m := mustParse(t, request("Allow: a, b, c"))
	for v := range m.Values(HeaderAllow) {
		if string(v) != "a" {
			t.Errorf("got %q after the walk was left", v)
		}
		break
	}
	if got := texts(m.Values(headerCount)); got != nil {
		t.Errorf("no header: got %q", got)
	}
}

// The four ways to write the same Route set are the same (RFC 3261, Section 7.3.1), and so is the mixture.
func TestRouteLayouts(t *testing.T) {
	want := []string{"sip:alice@atlanta.com", "sip:bob@biloxi.com", "sip:carol@chicago.com"}
	for i, rows := range [][]string{
		{"Route: <sip:alice@atlanta.com>", "Subject: Lunch", "Route: <sip:bob@biloxi.com>", "Route: <sip:carol@chicago.com>"},
		{"Route: <sip:alice@atlanta.com>, <sip:bob@biloxi.com>", "Route: <sip:carol@chicago.com>", "Subject: Lunch"},
		{"Subject: Lunch", "Route: <sip:alice@atlanta.com>, <sip:bob@biloxi.com>,\r\n       <sip:carol@chicago.com>"},
		{"rOuTe:<sip:alice@atlanta.com>", "ROUTE : <sip:bob@biloxi.com> , <sip:carol@chicago.com>"},
	} {
		var got []string
		for r, err := range mustParse(t, request(rows...)).Routes() {
			if err != nil {
				t.Errorf("layout %d: %v", i, err)
			}
			u := r.URI()
			got = append(got, string(u.Raw()))
		}
		if !slices.Equal(got, want) {
			t.Errorf("layout %d: got %q, want %q", i, got, want)
		}
	}
}

// Lookup finds known and unknown names in any case and form, and walks their rows unsplit and in order.
func TestLookup(t *testing.T) {
	m := mustParse(t, request("X-A: 1, 2", "Allow: INVITE", "x-a: 3", "Y-B: 4", "allow: ACK, BYE", "s: hi"))
	for _, row := range []struct {
		name string
		want []string
	}{
		{"X-A", []string{"1, 2", "3"}}, {"x-A", []string{"1, 2", "3"}}, {"y-b", []string{"4"}}, {"ALLOW", []string{"INVITE", "ACK, BYE"}},
		{"Subject", []string{"hi"}}, {"S", []string{"hi"}}, {"nosuch", nil}, {"", nil}, {"Route", nil},
	} {
		if got := texts(m.Lookup(row.name)); !slices.Equal(got, row.want) {
			t.Errorf("%q: got %q, want %q", row.name, got, row.want)
		}
	}
	for v := range m.Lookup("X-A") {
		if string(v) != "1, 2" {
			t.Errorf("got %q after the walk was left", v)
		}
		break
	}
}

// Fields keeps the order and the spelling of everything.
func TestFields(t *testing.T) {
	rows := []string{"v: SIP/2.0/UDP a", "X-Y:  z ", "vIa : SIP/2.0/UDP b", "Subject:", "X-y: \"a\r\n b\""}
	m := mustParse(t, wire(append(append([]string{"OPTIONS sip:h SIP/2.0"}, rows...), "")...))
	want := []Field{
		{HeaderVia, []byte("v"), []byte("SIP/2.0/UDP a")},
		{HeaderUnknown, []byte("X-Y"), []byte("z")},
		{HeaderVia, []byte("vIa"), []byte("SIP/2.0/UDP b")},
		{HeaderSubject, []byte("Subject"), []byte("")},
		{HeaderUnknown, []byte("X-y"), []byte("\"a\r\n b\"")},
	}
	i := 0
	for f := range m.Fields() {
		if i == len(want) || fmt.Sprintf("%v %q %q", f.Header, f.Name, f.Value) != fmt.Sprintf("%v %q %q", want[i].Header, want[i].Name, want[i].Value) {
			t.Errorf("field %d: got %v %q %q", i, f.Header, f.Name, f.Value)
		}
		i++
	}
	if i != len(want) {
		t.Errorf("got %d fields, want %d", i, len(want))
	}
	for range m.Fields() {
		i++
		break
	}
	if i != len(want)+1 {
		t.Error("the walk goes on after it was left")
	}
}

// Option tags are compared without case (RFC 3261, Section 19.2).
func TestHasTag(t *testing.T) {
	m := mustParse(t, request("Supported: 100REL, timer", "k: Path"))
	for tag, want := range map[string]bool{"100rel": true, "TIMER": true, "path": true, "tim": false, "timers": false, "": false} {
		if got := m.HasTag(HeaderSupported, tag); got != want {
			t.Errorf("%q: got %v, want %v", tag, got, want)
		}
	}
	if m.HasTag(HeaderRequire, "100rel") {
		t.Error("Require is absent and has a tag")
	}
}

// What an accessor returns cannot be appended to over what follows it.
func TestSlicesAreCapped(t *testing.T) {
	m := mustParse(t, append(request("Subject: hi", "Allow: a, b", "Contact: <sip:u:p@h:1;x=y?z=w>;q=1;tag=t", "Content-Length: 2",
		"Content-Type: a/b;c=d"), "body"...))
	before := string(m.Bytes())
	via, _ := m.Via()
	contact, _ := m.Contact()
	uri := contact.URI()
	request, _ := m.RequestURI()
	mt, _ := m.ContentType()
	cseq, _ := m.CSeq()
	q, _ := contact.Param("q")
	x, _ := uri.Param("x")
	slices := [][]byte{m.Bytes(), m.Body(), m.MethodName(), m.StartLine(), m.CallID(), m.Raw(HeaderSubject), via.Raw(), via.Transport(), via.Host(),
		via.Branch(), contact.Raw(), contact.Tag(), uri.Raw(), uri.Scheme(), uri.User(), uri.Password(), uri.Host(), uri.Headers(), request.Raw(),
		mt.Raw(), mt.Type(), mt.Subtype(), cseq.Name, q, x}
	for v := range m.Values(HeaderAllow) {
		slices = append(slices, v)
	}
	for f := range m.Fields() {
		slices = append(slices, f.Name, f.Value)
	}
	for i, s := range slices {
		if len(s) == 0 || cap(s) != len(s) {
			t.Errorf("slice %d: %q has length %d, capacity %d", i, s, len(s), cap(s))
		}
		_ = append(s, "!!!!"...)
	}
	if string(m.Bytes()) != before {
		t.Error("the message has changed")
	}
	if strings.Contains(before, "!") {
		t.Fatal("the test cannot see a change")
	}
}
