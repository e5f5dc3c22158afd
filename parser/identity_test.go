package parser

import (
	"fmt"
	"strings"
	"testing"
)

func showIdentity(d Identity) string {
	return fmt.Sprintf("%s|%s|%s|%s", d.Digest, d.Info, d.Alg, d.PPT)
}

// Identity is a signature with the URI of its certificate (RFC 8224, Section 4).
func TestIdentity(t *testing.T) {
	testValues(t, HeaderIdentity, first((*Message).Identities), showIdentity, []valueRow{
		{"compact", "..sv5CTo05KqpSmtHt3dcEiO/1CWTSZtnG3iV+1nmurLXV_w-a==;info=<https://biloxi.example.org/biloxi.cer>;alg=ES256",
			"..sv5CTo05KqpSmtHt3dcEiO/1CWTSZtnG3iV+1nmurLXV_w-a==|https://biloxi.example.org/biloxi.cer|ES256|", "", 0},
		{"full, blanks", `a.b.c ; alg=ES256 ; INFO = <http://h/?a;b,c> ; ppt="shaken" ; x`, `a.b.c|http://h/?a;b,c|ES256|"shaken"`, `a.b.c;info=<http://h/?a;b,c>;alg=ES256;ppt="shaken"`, 0},
		{"empty", "", "", "", errIdentity},
		{"no digest", ";info=<http://h/>", "", "", errIdentity},
		{"no info", "abc;alg=ES256", "", "", errIdentity},
		{"the form of RFC 4474", `"ZYNBbHC00VMZr2kZt6VmCvPonWJMGvQTBDqghoWeLxJfzB2a1pxAr3VgrB0SsSAaifsRdiOPoQZYOy2wrVghuhcsMbHWUSFxI6p6q5TOQXHMmz6uEo3svJsSH49thyGnFVcnyaZ++yRlBYYQTLqWzJ+KVhPKbfU/pryhVn9Yc6U="`, "", "", errIdentity},
		{"quoted info", `abc;info="http://h/"`, "", "", errIdentity},
		{"info without a value", `abc;info`, "", "", errIdentity},
		{"empty info", `abc;info=`, "", "", errIdentity},
		{"open bracket", `abc;info=<http://h/`, "", "", errOpenBracket},
		{"bad URI", `abc;info=<h>`, "", "", errScheme},
		{"twice", `abc;info=<http://h/>;info=<http://h/>`, "", "", errParamTwice},
		{"alg twice", `abc;info=<http://h/>;alg=a;ALG=b`, "", "", errParamTwice},
		{"text behind", `abc;info=<http://h/> x`, "", "", errTrailing},
		{"list", `abc;info=<http://h/>, def;info=<http://h/>`, "", "", errTrailing},
		{"stray", `abc;;info=<http://h/>`, "", "", errStray},
	})
}

// One value in each field.
func TestIdentities(t *testing.T) {
	m := mustParse(t, request("Identity: a;info=<x:1>", "y: b", "Identity: c;info=<x:2>"))
	if got, want := strings.Join(all(m.Identities(), showIdentity), " "), "a|x:1|| !malformed identity c|x:2||"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, err := readIdentity([]byte(strings.Repeat("a", MaxLine-len(";info=<x:1>"))+";info=<x:1>"), HeaderIdentity); err != 0 {
		t.Errorf("as long as may be: got %v", err)
	}
	if _, err := readIdentity([]byte(strings.Repeat("a", MaxLine+1)), HeaderIdentity); err != errValueLong {
		t.Errorf("long: got %v, want %v", err, errValueLong)
	}
}
