package parser

import (
	"fmt"
	"iter"
	"strings"
	"testing"
)

func showAuth(a Auth) string {
	return fmt.Sprintf("%s %v %s", a.Scheme(), a.IsDigest(), showParams(a.Params()))
}

// auths makes an accessor of the first challenge or credentials of h.
func auths(h Header) func(*Message) (Auth, error) {
	return first(func(m *Message) iter.Seq2[Auth, error] { return m.Auths(h) })
}

// Challenges: syntax, and which parameters go out quoted (RFC 3261, Section 25.1; RFC 7616, Section 3.3).
func TestChallenge(t *testing.T) {
	testValues(t, HeaderWWWAuthenticate, auths(HeaderWWWAuthenticate), showChallenge, []valueRow{
		{"as it should be", `Digest realm="atlanta.com", domain="sip:boxesbybob.com", qop="auth,auth-int", nonce="f84f", opaque="", stale=FALSE, algorithm=MD5`,
			`Digest true realm=atlanta.com|domain=sip:boxesbybob.com|qop=auth,auth-int|nonce=f84f|opaque=|stale=FALSE|algorithm=MD5`, "", 0},
		{"quoted the wrong way round", `Digest realm=atlanta.com,nonce=f84f,qop=auth,algorithm="SHA-256",stale="true"`,
			`Digest true realm=atlanta.com|nonce=f84f|qop=auth|algorithm=SHA-256|stale=true`,
			`Digest realm="atlanta.com", nonce="f84f", qop="auth", algorithm=SHA-256, stale=true`, 0},
		{"blanks and folds", "dIGEST\r\n realm = \"a\"\t,\r\n nonce=\"b\"", "dIGEST true realm=a|nonce=b", `dIGEST realm="a", nonce="b"`, 0},
		{"comma and escapes in a string", `Digest realm="a, \"b\\", nonce="c"`, `Digest true realm=a, "b\|nonce=c`, "", 0},
		{"extension", `Digest realm="a", x="1", y=2`, `Digest true realm=a|x=1|y=2`, "", 0},
		{"other scheme", `Basic realm="a"`, `Basic false realm=a`, "", 0},
		{"other scheme, opaque", `Negotiate oYG2MIGzoAMKAQ==`, `Negotiate false `, "", 0},
		{"other scheme, odd", `NewScheme a=b, , =c`, `NewScheme false a=b`, "", 0},
		{"other scheme alone", `NTLM`, `NTLM false `, "", 0},
		{"empty", "", "", "", errAuthScheme},
		{"no scheme", `="x"`, "", "", errAuthScheme},
		{"no blank", `Digest,realm="a"`, "", "", errAuthScheme},
		{"digest alone", "Digest", "", "", errStray},
		{"stray comma", `Digest realm="a",,nonce="b"`, "", "", errStray},
		{"comma at the end", `Digest realm="a",`, "", "", errStray},
		{"comma first", `Digest ,realm="a"`, "", "", errStray},
		{"semicolon", `Digest realm="a";nonce="b"`, "", "", errTrailing},
		{"no comma", `Digest realm="a" nonce="b"`, "", "", errTrailing},
		{"no value", `Digest realm`, "", "", errParamValue},
		{"empty value", `Digest realm=`, "", "", errParamValue},
		{"open string", `Digest realm="a`, "", "", errQuote},
		{"twice", `Digest realm="a", nonce="b", REALM="c"`, "", "", errParamTwice},
		{"two challenges in one row", `Digest realm="a", nonce="b", Digest realm="c"`, "", "", errParamValue},
		{"no token", `Digest opaque=a@b`, "", "", errTrailing},
	})
}

// showChallenge is showAuth with the values unquoted, so that what is quoted differently compares equal.
func showChallenge(a Auth) string {
	var s []string
	for name, v := range a.Params() {
		s = append(s, string(name)+"="+string(Unquote(nil, v)))
	}
	return fmt.Sprintf("%s %v %s", a.Scheme(), a.IsDigest(), strings.Join(s, "|"))
}

// Credentials quote no qop, and the response has any length (RFC 7616, Section 3.4; RFC 8760, Section 2.7).
func TestCredentials(t *testing.T) {
	digest32, digest64 := strings.Repeat("0f", 16), strings.Repeat("0f", 32)
	for _, h := range []Header{HeaderAuthorization, HeaderProxyAuthorization} {
		testValues(t, h, auths(h), showChallenge, []valueRow{
			{"MD5", `Digest username="bob", realm="h", nonce="n", uri="sip:bob@h", response="` + digest32 + `", qop=auth, nc=00000001, cnonce="c"`,
				`Digest true username=bob|realm=h|nonce=n|uri=sip:bob@h|response=` + digest32 + `|qop=auth|nc=00000001|cnonce=c`, "", 0},
			{"SHA-256", `Digest response="` + digest64 + `", algorithm=SHA-256`, `Digest true response=` + digest64 + `|algorithm=SHA-256`, "", 0},
			{"quoted the wrong way round", `Digest response=` + digest32 + `, qop="auth", nc="00000001", userhash="true", username=bob`,
				`Digest true response=` + digest32 + `|qop=auth|nc=00000001|userhash=true|username=bob`,
				`Digest response="` + digest32 + `", qop=auth, nc=00000001, userhash=true, username="bob"`, 0},
			{"never quoted, but no token", `Digest algorithm="a b"`, `Digest true algorithm=a b`, "", 0},
			{"extended username", `Digest username*=UTF-8''J%C3%A4s`, `Digest true username*=UTF-8''J%C3%A4s`, "", 0},
			{"other scheme", `Bearer a.b.c`, "Bearer false ", "", 0},
			{"bare URI", `Digest uri=sip:bob@h`, "", "", errTrailing},
		})
	}
}

// Authentication-Info has no scheme (RFC 3261, Section 20.6).
func TestAuthenticationInfo(t *testing.T) {
	testValues(t, HeaderAuthenticationInfo, (*Message).AuthenticationInfo, showChallenge, []valueRow{
		{"all", `nextnonce="47364c23", qop=auth, rspauth="0f", cnonce="c", nc=00000001`, ` false nextnonce=47364c23|qop=auth|rspauth=0f|cnonce=c|nc=00000001`, "", 0},
		{"quoted the wrong way round", `nextnonce=47,qop="auth"`, ` false nextnonce=47|qop=auth`, `nextnonce="47", qop=auth`, 0},
		{"twice", `nc=1, nc=1`, "", "", errParamTwice},
		{"empty", "", "", "", errStray},
		{"scheme", `Digest nc=1`, "", "", errParamValue},
	})
}

// Each row is one value, whatever its commas, and rows are never joined (RFC 3261, Section 20.7).
func TestAuthRows(t *testing.T) {
	m := mustParse(t, request(`WWW-Authenticate: Digest realm="a", nonce="1"`, "WWW-Authenticate: Digest", `WWW-Authenticate: Basic realm="b", charset="UTF-8"`, `Proxy-Authenticate: Digest realm="c"`))
	got := strings.Join(all(m.Auths(HeaderWWWAuthenticate), showAuth), "\n")
	want := `Digest true realm="a"|nonce="1"` + "\n!" + errStray.Error() + "\n" + `Basic false realm="b"|charset="UTF-8"`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for a := range m.Auths(HeaderWWWAuthenticate) {
		if v, ok := a.Param("Nonce"); !ok || string(v) != `"1"` {
			t.Errorf("got %q %v", v, ok)
		}
		if v, ok := a.Param("opaque"); ok || v != nil {
			t.Errorf("absent: got %q %v", v, ok)
		}
		if string(a.Raw()) != `Digest realm="a", nonce="1"` {
			t.Errorf("got %q", a.Raw())
		}
		break
	}
}

// What a digest writes: golden strings (RFC 3261, Section 22.4; RFC 7616, Sections 3.3 and 3.4).
func TestAppendAuthParam(t *testing.T) {
	for _, row := range []struct {
		h                 Header
		name, value, want string
	}{
		{HeaderAuthorization, "realm", "h", `realm="h"`},
		{HeaderAuthorization, "realm", `"h"`, `realm="h"`},
		{HeaderAuthorization, "realm", "", `realm=""`},
		{HeaderAuthorization, "username", `a"b\c`, `username="a\"b\\c"`},
		{HeaderAuthorization, "qop", "auth", "qop=auth"},
		{HeaderAuthorization, "qop", `"auth"`, "qop=auth"},
		{HeaderWWWAuthenticate, "qop", "auth", `qop="auth"`},
		{HeaderProxyAuthenticate, "QOP", "auth,auth-int", `QOP="auth,auth-int"`},
		{HeaderProxyAuthenticate, "algorithm", "SHA-512-256", "algorithm=SHA-512-256"},
		{HeaderProxyAuthenticate, "stale", `"true"`, "stale=true"},
		{HeaderAuthorization, "nc", "0000000a", "nc=0000000a"},
		{HeaderAuthorization, "uri", "sip:h", `uri="sip:h"`},
		{HeaderAuthorization, "x", "a b", `x="a b"`},
		{HeaderAuthorization, "x", `"a"`, `x="a"`},
		{HeaderAuthorization, "x", "", `x=""`},
		{HeaderAuthorization, "stale", `"`, `stale="\""`},
		{HeaderAuthenticationInfo, "nextnonce", "1", `nextnonce="1"`},
	} {
		if got := string(AppendAuthParam(nil, row.h, row.name, []byte(row.value))); got != row.want {
			t.Errorf("%v %s %q: got %s, want %s", row.h, row.name, row.value, got, row.want)
		}
	}
}

// No more than 64 parameters, none twice wherever it stands, in time that does not run away.
func TestAuthLimits(t *testing.T) {
	many := func(n int) []byte {
		var s []string
		for i := range n {
			s = append(s, fmt.Sprintf("p%d=v", i))
		}
		return []byte("Digest " + strings.Join(s, ","))
	}
	for n, want := range map[int]Error{MaxParams: 0, MaxParams + 1: errParamsMany} {
		if _, err := readAuth(many(n), HeaderAuthorization); err != want {
			t.Errorf("%d: got %v, want %v", n, err, want)
		}
	}
	if _, err := readAuth(append(many(60), ",P0=x"...), HeaderAuthorization); err != errParamTwice {
		t.Errorf("twice: got %v, want %v", err, errParamTwice)
	}
	if _, err := readAuth(many(3000), HeaderAuthorization); err != errValueLong {
		t.Errorf("long: got %v, want %v", err, errValueLong)
	}
}
