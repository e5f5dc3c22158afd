package parser

import "testing"

// Comments nest and hold quoted pairs (RFC 3261, Sections 20.33 and 25.1).
func TestRetryAfter(t *testing.T) {
	for _, row := range []struct {
		in                string
		seconds, duration int
		err               Error
	}{
		{"120", 120, 0, 0},
		{"0", 0, 0, 0},
		{"18000;duration=3600", 18000, 3600, 0},
		{"18000 ; Duration = 3600 ; x", 18000, 3600, 0},
		{"120 (I'm in a meeting)", 120, 0, 0},
		{`120 (I'm (in) a \) mtg);duration=60`, 120, 60, 0},
		{"120(a(b(c)))", 120, 0, 0},
		{"120\r\n (a\r\n b)\r\n ;duration=1", 120, 1, 0},
		{"949302838503028349304023988", maxSeconds, 0, 0},
		{"1;duration=949302838503028349304023988", 1, maxSeconds, 0},
		{"", 0, 0, errNumber},
		{"-1", 0, 0, errNumber},
		{"soon", 0, 0, errNumber},
		{"120 (open", 0, 0, errComment},
		{`120 (open\)`, 0, 0, errComment},
		{"120 (a) (b)", 0, 0, errTrailing},
		{"120 x", 0, 0, errTrailing},
		{"120, 60", 0, 0, errTrailing},
		{"120;duration=x", 0, 0, errNumber},
		{"120;duration", 0, 0, errNumber},
		{"120;", 0, 0, errStray},
		{"120;duration=1;duration=1", 0, 0, errParamTwice},
	} {
		m := mustParse(t, request("Retry-After: "+row.in))
		r, err := m.RetryAfter()
		if err != row.err.orNil() || err == nil && (r.Seconds != row.seconds || r.Duration != row.duration) {
			t.Errorf("%q: got %d %d %v, want %d %d %v", row.in, r.Seconds, r.Duration, err, row.seconds, row.duration, row.err)
		}
		if err == nil {
			again, err := parseRetryAfter(r.AppendTo(nil))
			if err != 0 || again != r {
				t.Errorf("%q written and read: got %v %v, want %v", row.in, again, err, r)
			}
		}
		if err != nil && r != (RetryAfter{}) {
			t.Errorf("%q: got %v with an error", row.in, r)
		}
	}
	if _, err := mustParse(t, request()).RetryAfter(); err != ErrAbsent {
		t.Errorf("absent: got %v", err)
	}
}
