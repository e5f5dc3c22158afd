package parser

import (
	"strings"
	"testing"
)

func showToken(b []byte) string { return string(b) }

// Lists of tokens: what parts them, which are malformed, and that their order is kept.
func TestTokens(t *testing.T) {
	for _, row := range []struct {
		name string
		h    Header
		rows []string
		want string
	}{
		{"absent", HeaderSupported, nil, ""},
		{"empty", HeaderSupported, []string{""}, ""},
		{"list and rows", HeaderSupported, []string{"100rel , timer", "replaces"}, "100rel timer replaces"},
		{"folded", HeaderRequire, []string{"100rel\r\n ,\r\n timer"}, "100rel timer"},
		{"empty values", HeaderProxyRequire, []string{", foo,, bar ,"}, "foo bar"},
		{"twice", HeaderUnsupported, []string{"foo, foo"}, "foo foo"},
		{"malformed", HeaderSupported, []string{"a b, c, d;e, f@g"}, "!malformed token c !malformed token !malformed token"},
		{"methods", HeaderAllow, []string{"INVITE, invite, X-Y"}, "INVITE invite X-Y"},
		{"event types", HeaderAllowEvents, []string{"conference, presence.winfo, a..b, .c, d."}, "conference presence.winfo !malformed token !malformed token !malformed token"},
		{"codings", HeaderContentEncoding, []string{"gzip, Deflate"}, "gzip Deflate"},
		{"languages", HeaderContentLanguage, []string{"fr, en-GB, *, x_y"}, "fr en-GB !malformed token !malformed token"},
		{"Call-IDs", HeaderInReplyTo, []string{"70710@saturn.bell-tel.com, 17320@b\"c, a@b@c"}, "70710@saturn.bell-tel.com !malformed Call-ID"},
		{"directives", HeaderRequestDisposition, []string{"proxy, no-fork", "queue"}, "proxy no-fork queue"},
		{"privacy", HeaderPrivacy, []string{"id;header ; session;;critical;"}, "id header session critical"},
		{"privacy with commas", HeaderPrivacy, []string{"id, header;user"}, "!malformed token user"},
		{"privacy, empty", HeaderPrivacy, []string{""}, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			var fields []string
			for _, v := range row.rows {
				fields = append(fields, row.h.String()+": "+v)
			}
			m := mustParse(t, request(fields...))
			if got := strings.Join(all(m.Tokens(row.h), showToken), " "); got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
			for range m.Tokens(row.h) {
				break
			}
		})
	}
}

// Headers that are one token.
func TestToken(t *testing.T) {
	for _, row := range []struct {
		h    Header
		in   string
		want error
	}{
		{HeaderPriority, "emergency", nil}, {HeaderPriority, "", errEmpty}, {HeaderPriority, "non urgent", errToken},
		{HeaderSIPETag, "dx200xyz", nil}, {HeaderSIPIfMatch, "dx200xyz", nil}, {HeaderSIPIfMatch, "*", nil}, {HeaderSIPETag, `"x"`, errToken},
		{HeaderMIMEVersion, "1.0", nil}, {HeaderMIMEVersion, "12.34", nil}, {HeaderMIMEVersion, "1", errToken}, {HeaderMIMEVersion, "1.", errToken},
		{HeaderMIMEVersion, ".0", errToken}, {HeaderMIMEVersion, "1.0.0", errToken}, {HeaderMIMEVersion, "a.b", errToken},
	} {
		got, err := mustParse(t, request(row.h.String()+": "+row.in)).Token(row.h)
		if err != row.want || err == nil && string(got) != row.in || err != nil && got != nil {
			t.Errorf("%v %q: got %q %v, want %v", row.h, row.in, got, err, row.want)
		}
		if _, err := mustParse(t, request()).Token(row.h); err != ErrAbsent {
			t.Errorf("%v absent: got %v", row.h, err)
		}
	}
}

// Methods are compared with case, and a message without Allow allows nothing that could be known.
func TestAllows(t *testing.T) {
	m := mustParse(t, request("Allow: INVITE, ACK", "Allow: bye"))
	for method, want := range map[Method]bool{MethodInvite: true, MethodAck: true, MethodBye: false, MethodUnknown: false} {
		if got := m.Allows(method); got != want {
			t.Errorf("%v: got %v, want %v", method, got, want)
		}
	}
	if m := mustParse(t, request()); m.Allows(MethodInvite) || m.Has(HeaderAllow) {
		t.Error("without Allow: got INVITE")
	}
	if m := mustParse(t, request("Allow:")); m.Allows(MethodInvite) || m.Allows(MethodUnknown) {
		t.Error("empty Allow: got a method")
	}
}

// Option tags are compared without case, privacy values too; what is malformed is no tag at all.
func TestHasTagOfAnyList(t *testing.T) {
	m := mustParse(t, request("Supported: 100REL, a b", "Privacy: ID; header"))
	for _, row := range []struct {
		h    Header
		tag  string
		want bool
	}{
		{HeaderSupported, "100rel", true}, {HeaderSupported, "a b", false}, {HeaderSupported, "", false}, {HeaderSupported, "a", false},
		{HeaderPrivacy, "id", true}, {HeaderPrivacy, "header", true}, {HeaderPrivacy, "user", false}, {HeaderRequire, "100rel", false},
	} {
		if got := m.HasTag(row.h, row.tag); got != row.want {
			t.Errorf("%v %q: got %v, want %v", row.h, row.tag, got, row.want)
		}
	}
}
