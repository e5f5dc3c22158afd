package parser

import (
	"fmt"
	"testing"
)

// Session-Expires is seconds and a refresher (RFC 4028, Section 4).
func TestSessionExpires(t *testing.T) {
	show := func(s SessionExpires) string { return fmt.Sprintf("%d %q", s.Seconds, s.Refresher) }
	testValues(t, HeaderSessionExpires, (*Message).SessionExpires, show, []valueRow{
		{"seconds", "4000", `4000 ""`, "", 0},
		{"uac", "1800;refresher=uac", `1800 "uac"`, "", 0},
		{"uas, in capitals", "90 ; Refresher = UAS", `90 "uas"`, "90;refresher=uas", 0},
		{"below the least", "5;x=y", `5 ""`, "5", 0},
		{"large", "4294967296", fmt.Sprintf(`%d ""`, maxSeconds), fmt.Sprint(maxSeconds), 0},
		{"empty", "", "", "", errEmpty},
		{"no number", "soon", "", "", errNumber},
		{"negative", "-1", "", "", errNumber},
		{"fraction", "1.5", "", "", errTrailing},
		{"other refresher", "90;refresher=proxy", "", "", errRefresher},
		{"refresher without a value", "90;refresher", "", "", errRefresher},
		{"two refreshers", "90;refresher=uac;refresher=uas", "", "", errParamTwice},
		{"list in a single", "90, 91", "", "", errTrailing},
	})
	if got := Refresher(9).String(); got != "" {
		t.Errorf("no refresher: got %q", got)
	}
}

func TestMinSE(t *testing.T) {
	for _, row := range []struct {
		in   string
		want int
		err  error
	}{{"Min-SE: 90", 90, nil}, {"Min-SE: 3600;x=y", 3600, nil}, {"Min-SE: 9999999999", maxSeconds, nil}, {"Min-SE: x", 0, errNumber}, {"Min-SE: 90 s", 0, errTrailing}, {"X: y", 0, ErrAbsent}} {
		if got, err := mustParse(t, request(row.in)).MinSE(); got != row.want || err != row.err {
			t.Errorf("%s: got %d %v, want %d %v", row.in, got, err, row.want, row.err)
		}
	}
}
