package parser

import (
	"fmt"
	"testing"
)

// What a body is for, and what it is without a word about it (RFC 3261, Section 20.11).
func TestContentDisposition(t *testing.T) {
	for _, row := range []struct {
		fields []string
		want   string
		err    error
	}{
		{nil, "render false", nil},
		{[]string{"Content-Type: application/sdp"}, "session false", nil},
		{[]string{"Content-Type: Application/SDP;x=y"}, "session false", nil},
		{[]string{"Content-Type: text/plain"}, "render false", nil},
		{[]string{"Content-Type: garbage"}, "render false", nil},
		{[]string{"Content-Type: application/sdp", "Content-Disposition: render"}, "render false", nil},
		{[]string{"Content-Disposition: Early-Session;handling=required"}, "Early-Session false", nil},
		{[]string{"Content-Disposition: session ; Handling=OPTIONAL"}, "session true", nil},
		{[]string{"Content-Disposition: icon;handling=perhaps;x=y"}, "icon false", nil},
		{[]string{"Content-Type: application/sdp", "Content-Disposition:"}, " false", errEmpty},
		{[]string{"Content-Disposition: session;handling"}, " false", errParamValue},
		{[]string{`Content-Disposition: session;handling="optional"`}, " false", errParamValue},
		{[]string{"Content-Disposition: a b"}, " false", errTrailing},
		{[]string{"Content-Disposition: session;handling=optional;handling=required"}, " false", errParamTwice},
	} {
		d, err := mustParse(t, request(row.fields...)).ContentDisposition()
		if got := fmt.Sprintf("%s %v", d.Type, d.Optional); got != row.want || err != row.err {
			t.Errorf("%q: got %s %v, want %s %v", row.fields, got, err, row.want, row.err)
		}
		if err != nil {
			continue
		}
		again, err := mustParse(t, request("Content-Disposition: "+string(d.AppendTo(nil)))).ContentDisposition()
		if err != nil || fmt.Sprintf("%s %v", again.Type, again.Optional) != row.want {
			t.Errorf("%q written and read: got %s %v %v", row.fields, again.Type, again.Optional, err)
		}
	}
}
