package parser

import (
	"strings"
	"testing"
)

// Accept lists media ranges; a parameter behind q needs no value (RFC 3261, Section 25.1).
func TestAcceptRanges(t *testing.T) {
	show := func(m MediaType) string {
		return string(m.Type()) + "/" + string(m.Subtype()) + "(" + showParams(m.Params()) + ")"
	}
	testValues(t, HeaderAccept, first((*Message).AcceptRanges), show, []valueRow{
		{"type", "application/sdp", "application/sdp()", "", 0},
		{"parameters", "application/sdp;level=1;q=0.5;ext", "application/sdp(level=1|q=0.5|ext)", "", 0},
		{"blanks", "text / * ; q = 0.1", "text/*(q=0.1)", "", 0},
		{"any", "*/*", "*/*()", "", 0},
		{"folds", "text/html\r\n ;q=1", "text/html(q=1)", "text/html ;q=1", 0},
		{"no subtype", "text", "", "", errMediaType},
		{"empty subtype", "text/;q=1", "", "", errMediaType},
		{"text behind", "text/html x", "", "", errTrailing},
		{"twice", "text/html;q=1;q=0", "", "", errParamTwice},
	})
	m := mustParse(t, request("Accept: a/b;x=\"1,2\", c, d/e", "Accept:", "Accept: */*"))
	if got, want := strings.Join(all(m.AcceptRanges(), show), " "), `a/b(x="1,2") !malformed media type d/e() */*()`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, err := ParseMediaType([]byte("text/plain;ext")); err != errParamValue {
		t.Errorf("Content-Type: got %v, want %v", err, errParamValue)
	}
}

// The closest range decides, q=0 refuses, an empty Accept takes nothing (RFC 3261, Section 20.1).
func TestAccepts(t *testing.T) {
	for _, row := range []struct {
		accept string
		want   bool
	}{
		{"", false},
		{"application/sdp", true},
		{"APPLICATION/Sdp;level=1", true},
		{"application/sd", false},
		{"application/sdpx", false},
		{"text/plain", false},
		{"application/*", true},
		{"app/*", false},
		{"*/*", true},
		{"*/sdp", false},
		{"text/*", false},
		{"application/sdp;q=0", false},
		{"*/*, application/sdp;q=0", false},
		{"application/sdp;q=0, */*", false},
		{"application/*;q=0, application/sdp;q=0.1, */*;q=0", true},
		{"application/*;q=0, */*", false},
		{"application/sdp;q=x", false},
		{"application/sdp;q=x, */*", true},
		{"garbage, application/sdp", true},
	} {
		got, err := mustParse(t, request("Accept: "+row.accept)).Accepts("application/sdp")
		if got != row.want || err != nil {
			t.Errorf("%q: got %v %v, want %v", row.accept, got, err, row.want)
		}
	}
	if got, err := mustParse(t, request()).Accepts("application/sdp"); got || err != ErrAbsent {
		t.Errorf("absent: got %v %v", got, err)
	}
}
