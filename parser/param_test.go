package parser

import (
	"fmt"
	"strings"
	"testing"
)

// Parameters as a From value carries them: what they say, or which fault they are.
func TestParams(t *testing.T) {
	for _, row := range []struct {
		name, in string
		want     string // name=value|name, values as written
		err      Error
		at       string // what the fault points at
	}{
		{"none", "", "", 0, ""},
		{"flag", ";lr", "lr", 0, ""},
		{"token", ";a=b", "a=b", 0, ""},
		{"quoted", `;a="b;c=d,<>\""`, `a="b;c=d,<>\""`, 0, ""},
		{"empty quoted", `;a=""`, `a=""`, 0, ""},
		{"host", ";a=[2001:db8::1]:5060", "a=[2001:db8::1]:5060", 0, ""},
		{"address without brackets", ";a=2001:db8::1", "a=2001:db8::1", 0, ""},
		{"blanks", " ; a = b \t;\tc ", "a=b|c", 0, ""},
		{"folds", "\r\n ;\r\n a\r\n =\r\n b", "a=b", 0, ""},
		{"several", ";a=1;b;c=\"3\"", "a=1|b|c=\"3\"", 0, ""},
		{"odd tokens", ";a!%*_+`'~.-=-.!%*_+`'~", "a!%*_+`'~.-=-.!%*_+`'~", 0, ""},
		{"stray at the end", ";a;", "", errStray, ""},
		{"stray before", ";;a", "", errStray, ";a"},
		{"stray alone", ";", "", errStray, ""},
		{"stray with a blank", "; ;a", "", errStray, ";a"},
		{"no name", ";=b", "", errParamName, "=b"},
		{"bad name", ";a@b", "", errTrailing, "@b"},
		{"no value", ";a=", "", errParamValue, ""},
		{"no value before the next", ";a=;b", "", errParamValue, ";b"},
		{"bad value", ";a=@", "", errParamValue, "@"},
		{"text behind a value", `;a="b"c`, "", errTrailing, "c"},
		{"text behind a token", ";a=b c", "", errTrailing, "c"},
		{"open string", `;a="b`, "", errQuote, `"b`},
		{"twice", ";a=1;b;a=2", "", errParamTwice, "a=2"},
		{"twice in another case", ";tAg=1;TaG=2", "", errParamTwice, "TaG=2"},
		{"twice, far apart", ";aa=1;bb;cc;dd;ee;ff;gg;hh;ii;jj;kk;ll;mm;nn;oo;pp;qq;rr;ss;tt;AA", "", errParamTwice, "AA"},
		{"a comma", ";a=1,x", "", errTrailing, ",x"},
	} {
		t.Run(row.name, func(t *testing.T) {
			in := "<sip:a@h>" + row.in
			m := mustParse(t, replaced(request(), "To", "To: "+in))
			to, err := m.To()
			if row.err != 0 {
				if err != row.err {
					t.Errorf("got %v, want %v", err, row.err)
				}
				err := m.Check()
				f := m.Fault()
				if err != row.err || f.Header != HeaderTo || !strings.HasPrefix(string(m.Bytes()[f.Offset:]), row.at+"\r\n") {
					t.Errorf("Check: got %v of %v at %.20q, want at %q", err, f.Header, m.Bytes()[f.Offset:], row.at)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for name, value := range to.Params() {
				s := string(name)
				if value != nil {
					s += "=" + string(value)
				}
				got = append(got, s)
				v, ok := to.Param(strings.ToUpper(string(name)))
				if !ok || string(v) != string(value) {
					t.Errorf("Param(%q): got %q %v, want %q", name, v, ok, value)
				}
			}
			if s := strings.Join(got, "|"); s != row.want {
				t.Errorf("got %q, want %q", s, row.want)
			}
			if v, ok := to.Param("nosuch"); ok || v != nil {
				t.Errorf("Param(nosuch): got %q", v)
			}
		})
	}
}

// 64 parameters are accepted and 65 are not, in a value and in a URI.
func TestParamsLimit(t *testing.T) {
	many := func(n int) string {
		var s strings.Builder
		for i := range n {
			fmt.Fprintf(&s, ";p%d=v", i)
		}
		return s.String()
	}
	for n, want := range map[int]error{MaxParams: nil, MaxParams + 1: errParamsMany} {
		if _, err := ParseNameAddr([]byte("<sip:a@h>" + many(n))); err != want {
			t.Errorf("%d parameters: got %v, want %v", n, err, want)
		}
		if _, err := ParseVia([]byte("SIP/2.0/UDP h" + many(n))); err != want {
			t.Errorf("%d Via parameters: got %v, want %v", n, err, want)
		}
		if _, err := ParseURI([]byte("sip:a@h" + many(n))); err != want {
			t.Errorf("%d URI parameters: got %v, want %v", n, err, want)
		}
		headers := "?" + strings.TrimSuffix(strings.Repeat("a=b&", n), "&")
		if _, err := ParseURI([]byte("sip:a@h" + headers)); err != want {
			t.Errorf("%d URI headers: got %v, want %v", n, err, want)
		}
	}
}
