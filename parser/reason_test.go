package parser

import (
	"fmt"
	"strings"
	"testing"
)

func showReason(r Reason) string { return fmt.Sprintf("%s|%d|%s", r.Protocol, r.Cause, r.Text) }

// Reason is a protocol, a cause and a text (RFC 3326, Section 2).
func TestReason(t *testing.T) {
	testValues(t, HeaderReason, first((*Message).Reasons), showReason, []valueRow{
		{"SIP", `SIP;cause=200;text="Call completed elsewhere"`, `SIP|200|"Call completed elsewhere"`, "", 0},
		{"Q.850", `Q.850;cause=16`, `Q.850|16|`, "", 0},
		{"protocol alone", `preemption`, `preemption|0|`, "", 0},
		{"blanks and case", `SIP ; TEXT="a, b" ; Cause = 600`, `SIP|600|"a, b"`, `SIP;cause=600;text="a, b"`, 0},
		{"empty text", `SIP;text=""`, `SIP|0|""`, "", 0},
		{"extension", `SIP;cause=603;x=y`, `SIP|603|`, `SIP;cause=603`, 0},
		{"no protocol", `;cause=1`, "", "", errToken},
		{"bad cause", `SIP;cause=busy`, "", "", errNumber},
		{"cause without a value", `SIP;cause`, "", "", errNumber},
		{"bare text", `SIP;text=busy`, "", "", errParamValue},
		{"two causes", `SIP;cause=1;cause=2`, "", "", errParamTwice},
		{"open string", `SIP;text="x`, "", "", errQuote},
	})
	r := Reason{Protocol: []byte("SIP"), Cause: 480, Text: []byte(`no "one"`)}
	if got, want := string(r.AppendTo(nil)), `SIP;cause=480;text="no \"one\""`; got != want {
		t.Errorf("AppendTo: got %s, want %s", got, want)
	}
}

// There is one value for each protocol; what others say about theirs does not matter.
func TestReasonFor(t *testing.T) {
	m := mustParse(t, request(`Reason: SIP ;cause=600;text="x, y", Q.850;cause=x`, `Reason: preemption;cause=1, PREEMPTION;cause=2`))
	for _, row := range []struct {
		protocol, want string
		err            error
	}{
		{"sip", `SIP|600|"x, y"`, nil}, {"Q.850", "|0|", errNumber}, {"preemption", "|0|", errProtocolTwice}, {"Q", "|0|", ErrAbsent}, {"", "|0|", ErrAbsent},
	} {
		if got, err := m.ReasonFor(row.protocol); showReason(got) != row.want || err != row.err {
			t.Errorf("%s: got %s %v, want %s %v", row.protocol, showReason(got), err, row.want, row.err)
		}
	}
	got := strings.Join(all(m.Reasons(), showReason), " ")
	if want := `SIP|600|"x, y" !not a number preemption|1| PREEMPTION|2|`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	bad := mustParse(t, request("Reason: SIP;cause=x, SIP;cause=1"))
	if _, err := bad.ReasonFor("SIP"); err != errProtocolTwice {
		t.Errorf("malformed and again: got %v, want %v", err, errProtocolTwice)
	}
}
