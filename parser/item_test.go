package parser

import (
	"strings"
	"testing"
)

func showItem(v Item) string { return string(v.Text()) + "(" + showParams(v.Params()) + ")" }

// What stands before the parameters, by header.
func TestItem(t *testing.T) {
	for _, group := range []struct {
		h    Header
		rows []valueRow
	}{
		{HeaderContentDisposition, []valueRow{
			{"token", "session", "session()", "", 0},
			{"parameters", "session;handling=optional;x", "session(handling=optional|x)", "", 0},
			{"blanks", "session ; handling = optional", "session(handling=optional)", "", 0},
			{"folds", "session\r\n ;\r\n\thandling=\r\n optional", "session(handling=optional)", "session ; handling= optional", 0},
			{"quoted", `session;x="a;b,\"c"`, `session(x="a;b,\"c")`, "", 0},
			{"empty", "", "", "", errEmpty},
			{"no token", ";handling=optional", "", "", errToken},
			{"list in a single", "session, render", "", "", errTrailing},
			{"text behind", "session render", "", "", errTrailing},
			{"stray", "session;", "", "", errStray},
			{"twice", "session;a=1;A=2", "", "", errParamTwice},
			{"open string", `session;a="`, "", "", errQuote},
		}},
		{HeaderAcceptContact, []valueRow{
			{"features", `*;audio;methods="INVITE,BYE";require;explicit`, `*(audio|methods="INVITE,BYE"|require|explicit)`, "", 0},
			{"first of a list", "*;audio, *;video", "*(audio)", "*;audio", 0},
			{"no star", "x;audio", "", "", errToken},
			{"stars", "**;audio", "", "", errToken},
		}},
		{HeaderRejectContact, []valueRow{{"features", `*;actor="msg-taker";video`, `*(actor="msg-taker"|video)`, "", 0}}},
		{HeaderFeatureCaps, []valueRow{
			{"capability", `*;+sip.instance="<urn:uuid:f81d4fae>"`, `*(+sip.instance="<urn:uuid:f81d4fae>")`, "", 0},
			{"no star", "+g.x", "", "", errToken},
		}},
		{HeaderAcceptLanguage, []valueRow{
			{"range", "da", "da()", "", 0},
			{"subtag", "en-gb;q=0.8", "en-gb(q=0.8)", "", 0},
			{"digits behind the hyphen", "es-419", "es-419()", "", 0},
			{"any", "*;q=0.1", "*(q=0.1)", "", 0},
			{"eight letters", "abcdefgh-abcdefgh-12345678", "abcdefgh-abcdefgh-12345678()", "", 0},
			{"long", "abcdefghi", "", "", errToken},
			{"long subtag", "en-abcdefghi", "", "", errToken},
			{"one digit", "1", "", "", errToken},
			{"star and more", "*a", "", "", errToken},
			{"open hyphen", "en-", "", "", errToken},
			{"hyphen first", "-en", "", "", errToken},
			{"digits first", "419", "", "", errToken},
			{"no tag", "en_GB", "", "", errToken},
		}},
		{HeaderAcceptEncoding, []valueRow{{"any", "*;q=0", "*(q=0)", "", 0}, {"coding", "gzip;q=1.0", "gzip(q=1.0)", "", 0}}},
		{HeaderUsertoUser, []valueRow{
			{"token", "56a390f3d2b7310023a2;encoding=hex;purpose=foo;content=bar", "56a390f3d2b7310023a2(encoding=hex|purpose=foo|content=bar)", "", 0},
			{"quoted", `"a, \"b\"";encoding=hex`, `"a, \"b\""(encoding=hex)`, "", 0},
			{"open", `"a`, "", "", errQuote},
			{"text behind", `"a"b`, "", "", errTrailing},
		}},
		{HeaderInfoPackage, []valueRow{{"package", "foo;p=1", "foo(p=1)", "", 0}, {"list in a single", "foo, bar", "", "", errTrailing}}},
		{HeaderRecvInfo, []valueRow{{"package", "foo, bar;x=y", "foo()", "foo", 0}}},
		{HeaderReferSub, []valueRow{{"false", "false;x", "false(x)", "", 0}}},
		{HeaderMinSE, []valueRow{{"digits", "90;x=y", "90(x=y)", "", 0}, {"none", "x", "", "", errNumber}}},
	} {
		t.Run(group.h.String(), func(t *testing.T) {
			get := func(m *Message) (Item, error) { return m.Item(group.h) }
			testValues(t, group.h, get, showItem, group.rows)
		})
	}
}

// Parameters are found in any case, and are the value's own.
func TestItemParam(t *testing.T) {
	m := mustParse(t, request("Accept-Contact: *;audio;Methods=\"INVITE\", *;video"))
	v, err := m.Item(HeaderAcceptContact)
	if err != nil {
		t.Fatal(err)
	}
	if p, ok := v.Param("METHODS"); !ok || string(p) != `"INVITE"` {
		t.Errorf("got %q %v", p, ok)
	}
	if p, ok := v.Param("Audio"); !ok || p == nil || len(p) > 0 {
		t.Errorf("got %#v %v", p, ok)
	}
	if p, ok := v.Param("video"); ok {
		t.Errorf("the next value's: got %q", p)
	}
	if string(v.Raw()) != `*;audio;Methods="INVITE"` || cap(v.Text()) != 1 {
		t.Errorf("got %q, capacity %d", v.Raw(), cap(v.Text()))
	}
}

func TestItemLimits(t *testing.T) {
	if _, err := readItem([]byte("a;b="+strings.Repeat("c", MaxLine)), HeaderReason); err != errValueLong {
		t.Errorf("long: got %v, want %v", err, errValueLong)
	}
	if _, err := readItem([]byte("a"+strings.Repeat(";b", MaxParams+1)), HeaderReason); err != errParamTwice {
		t.Errorf("twice: got %v, want %v", err, errParamTwice)
	}
	if v, err := one(mustParse(t, request()), HeaderReason, readItem); err != ErrAbsent || v.Raw() != nil {
		t.Errorf("absent: got %v %v", v, err)
	}
	var zero Item
	if got := showItem(zero); got != "()" || len(zero.AppendTo(nil)) != 0 {
		t.Errorf("zero: got %q", got)
	}
}

// A qvalue is 0 to 1 with three decimals at most (RFC 3261, Section 25.1).
func TestQ(t *testing.T) {
	for _, row := range []struct {
		in   string
		want int
		err  error
	}{
		{"", 1000, nil}, {";q=1", 1000, nil}, {";q=0", 0, nil}, {";q=0.", 0, nil}, {";q=1.", 1000, nil},
		{";q=0.5", 500, nil}, {";q=0.05", 50, nil}, {";q=0.005", 5, nil}, {";q=0.999", 999, nil}, {";Q=1.000", 1000, nil},
		{";q", 0, errQuality}, {";q=.5", 0, errQuality}, {";q=1.5", 0, errQuality}, {";q=1.001", 0, errQuality},
		{";q=0.0001", 0, errQuality}, {";q=2", 0, errQuality}, {";q=-1", 0, errQuality}, {";q=0,5", 0, nil},
		{";q=0x5", 0, errQuality}, {";q=00.5", 0, errQuality}, {`;q="0.5"`, 0, errQuality}, {";q=0.5a", 0, errQuality},
	} {
		m := mustParse(t, request("Accept-Encoding: gzip"+row.in, "Contact: <sip:a@h>"+row.in, "Accept: a/b"+row.in))
		item, err := m.Item(HeaderAcceptEncoding)
		if err != nil {
			t.Fatal(err)
		}
		contact, err := m.Contact()
		if err != nil {
			t.Fatal(err)
		}
		media, err := first((*Message).AcceptRanges)(m)
		if err != nil {
			t.Fatal(err)
		}
		for name, q := range map[string]func() (int, error){"Item": item.Q, "NameAddr": contact.Q, "MediaType": media.Q} {
			if got, err := q(); got != row.want || err != row.err {
				t.Errorf("%s %q: got %d %v, want %d %v", name, row.in, got, err, row.want, row.err)
			}
		}
	}
}
