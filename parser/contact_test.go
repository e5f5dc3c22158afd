package parser

import "testing"

// The parameters of a Contact: those without sense are 3600 seconds (RFC 3261, Section 10.2.1.1), a reg-id is above 0
// (RFC 5626, Section 10), an instance is a URN in quotes and brackets.
func TestContactParams(t *testing.T) {
	for _, row := range []struct {
		in       string
		seconds  int
		present  bool
		reg      int
		regErr   error
		instance string
		instErr  error
	}{
		{"", 0, false, 0, ErrAbsent, "", ErrAbsent},
		{`;expires=60;reg-id=1;+sip.instance="<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>"`, 60, true, 1, nil, "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", nil},
		{";EXPIRES=0;REG-ID=2147483647", 0, true, 2147483647, nil, "", ErrAbsent},
		{";expires=4294967296;reg-id=2147483648", maxSeconds, true, 0, errNumberLarge, "", ErrAbsent},
		{";expires=abc;reg-id=0", 3600, true, 0, errZero, "", ErrAbsent},
		{`;expires;reg-id`, 3600, true, 0, errNumber, "", ErrAbsent},
		{`;expires="60";reg-id="1"`, 3600, true, 0, errNumber, "", ErrAbsent},
		{`;expires=-1;reg-id=1a`, 3600, true, 0, errNumber, "", ErrAbsent},
		{`;+sip.instance`, 0, false, 0, ErrAbsent, "", errInstance},
		{`;+sip.instance="urn:uuid:1"`, 0, false, 0, ErrAbsent, "", errInstance},
		{`;+sip.instance="<urn:uuid:1"`, 0, false, 0, ErrAbsent, "", errInstance},
		{`;+sip.instance="<>"`, 0, false, 0, ErrAbsent, "", errInstance},
		{`;+sip.instance="<urn:a b>"`, 0, false, 0, ErrAbsent, "", errInstance},
		{`;+sip.instance=urn:uuid:1`, 0, false, 0, ErrAbsent, "", errInstance},
	} {
		a, err := mustParse(t, request("Contact: <sip:a@h;expires=7>"+row.in)).Contact()
		if err != nil {
			t.Errorf("%q: %v", row.in, err)
			continue
		}
		if n, ok := a.Expires(); n != row.seconds || ok != row.present {
			t.Errorf("%q: got expires %d %v, want %d %v", row.in, n, ok, row.seconds, row.present)
		}
		if n, err := a.RegID(); n != row.reg || err != row.regErr {
			t.Errorf("%q: got reg-id %d %v, want %d %v", row.in, n, err, row.reg, row.regErr)
		}
		if s, err := a.Instance(); string(s) != row.instance || err != row.instErr {
			t.Errorf("%q: got instance %q %v, want %q %v", row.in, s, err, row.instance, row.instErr)
		}
	}
}
