package parser

import (
	"strings"
	"testing"
	"time"
)

// Date has one layout, literal GMT, and its names are case-sensitive (RFC 3261, Section 20.17).
func TestDate(t *testing.T) {
	for _, row := range []struct {
		in   string
		want time.Time
	}{
		{"Sat, 13 Nov 2010 23:29:00 GMT", time.Date(2010, 11, 13, 23, 29, 0, 0, time.UTC)},
		{"Thu, 29 Feb 2024 00:00:00 GMT", time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)},
		{"Wed, 31 Dec 9999 23:59:59 GMT", time.Time{}},
		{"Fri, 01 Jan 0001 00:00:00 GMT", time.Time{}},
	} {
		got, err := mustParse(t, request("Date: "+row.in)).Date()
		if err != nil || !row.want.IsZero() && !got.Equal(row.want) || got.Location() != time.UTC {
			t.Errorf("%q: got %v %v", row.in, got, err)
		}
		if d := string(AppendDate([]byte("x"), got)); d[1:5] == row.in[:4] && d != "x"+row.in || d[5:] != row.in[4:] {
			t.Errorf("AppendDate: got %q, want %q", d, row.in)
		}
	}
	zone := time.FixedZone("EST", -5*3600)
	if got := string(AppendDate(nil, time.Date(2010, 11, 13, 18, 29, 0, 5, zone))); got != "Sat, 13 Nov 2010 23:29:00 GMT" {
		t.Errorf("another zone: got %q", got)
	}
}

// Each of these is malformed, for Date only: the message is not.
func TestDateMalformed(t *testing.T) {
	for _, in := range []string{
		"", "Fri, 01 Jan 2010 16:00:00 EST", "Sat, 13 Nov 2010 23:29:00 UTC", "Sat, 13 Nov 2010 23:29:00 gmt", "sat, 13 Nov 2010 23:29:00 GMT",
		"Sat, 13 nov 2010 23:29:00 GMT", "Sat, 1 Nov 2010 23:29:00 GMT", "Sat, 13 Nov 10 23:29:00 GMT", "Sat 13 Nov 2010 23:29:00 GMT",
		"Sat, 13-Nov-2010 23:29:00 GMT", "Sat, 13 Nov 2010 24:00:00 GMT", "Sat, 13 Nov 2010 22:60:00 GMT", "Sat, 13 Nov 2010 22:29:60 GMT", "Sat, 13 Nov 2010 23:60:00 GMT", "Sat, 13 Nov 2010 23:29:60 GMT",
		"Sat, 00 Nov 2010 23:29:00 GMT", "Sat, 31 Nov 2010 23:29:00 GMT", "Tue, 30 Feb 2010 23:29:00 GMT", "Sat, 13 ovD 2010 23:29:00 GMT",
		"nTu, 13 Nov 2010 23:29:00 GMT", "Sat, 13 Nov 2010 23:29 GMT", "Sat, 13 Nov 2010 23:29:00 GMT+1", "Sat,\r\n 13 Nov 2010 23:29:00 GMT",
		"Sat, 1x Nov 2010 23:29:00 GMT", "2010-11-13T23:29:00Z",
	} {
		m := mustParse(t, request("Date: "+in))
		if got, err := m.Date(); err != errDate || !got.IsZero() {
			t.Errorf("%q: got %v %v, want %v", in, got, err, errDate)
		}
		if err := m.Check(); err != nil {
			t.Errorf("%q: Check: got %v", in, err)
		}
	}
	if _, err := mustParse(t, request()).Date(); err != ErrAbsent {
		t.Errorf("absent: got %v", err)
	}
}

func FuzzDate(f *testing.F) {
	f.Add("Sat, 13 Nov 2010 23:29:00 GMT")
	f.Add("Sat, 31 Apr 2010 23:29:00 GMT")
	f.Fuzz(func(t *testing.T, in string) {
		got, err := readDate([]byte(in), HeaderDate)
		// The oracle reads the layout with the standard library, which knows the names without case and looks at nothing else.
		want, other := time.Parse(dateLayout, in)
		if err == 0 && (other != nil || !got.Equal(want)) {
			t.Errorf("%q: got %v, the library says %v %v", in, got, want, other)
		}
		if err != 0 && other == nil && want.Format(dateLayout) == in {
			t.Errorf("%q: refused", in)
		}
		if err == 0 && !strings.HasSuffix(in, string(AppendDate(nil, got))[4:]) {
			t.Errorf("%q: written as %q", in, AppendDate(nil, got))
		}
	})
}
