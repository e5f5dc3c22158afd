package parser

import (
	"strings"
	"testing"
)

// Numbers: absent, malformed and too large are three things.
func TestNumbers(t *testing.T) {
	huge := strings.Repeat("9", 100)
	for _, row := range []struct {
		name string
		get  func(*Message) (int, error)
		in   string
		want int
		err  Error
	}{
		{"Max-Forwards", (*Message).MaxForwards, "0068", 68, 0},
		{"Max-Forwards", (*Message).MaxForwards, "0", 0, 0},
		{"Max-Forwards", (*Message).MaxForwards, "255", 255, 0},
		{"Max-Forwards", (*Message).MaxForwards, "256", 255, 0},
		{"Max-Forwards", (*Message).MaxForwards, huge, 255, 0},
		{"Max-Forwards", (*Message).MaxForwards, "-1", 0, errNumber},
		{"Max-Forwards", (*Message).MaxForwards, "", 0, errNumber},
		{"Max-Forwards", (*Message).MaxForwards, "7 0", 0, errNumber},
		{"Expires", (*Message).Expires, "0", 0, 0},
		{"Expires", (*Message).Expires, "3600", 3600, 0},
		{"Expires", (*Message).Expires, "4294967295", maxSeconds, 0},
		{"Expires", (*Message).Expires, "4294967296", maxSeconds, 0},
		{"Expires", (*Message).Expires, huge, maxSeconds, 0},
		{"Expires", (*Message).Expires, "3600;x", 0, errNumber},
		{"Content-Length", (*Message).ContentLength, "0", 0, 0},
	} {
		m := mustParse(t, request(row.name+": "+row.in))
		if got, err := row.get(m); got != row.want || err != row.err.orNil() {
			t.Errorf("%s %.20q: got %d %v, want %d %v", row.name, row.in, got, err, row.want, row.err)
		}
		if got, err := m.Number(ParseHeader(row.name)); err != row.err.orNil() || err == nil && got < row.want {
			t.Errorf("Number(%s) %.20q: got %d %v", row.name, row.in, got, err)
		}
	}
	m := mustParse(t, request())
	for name, get := range map[string]func(*Message) (int, error){
		"Max-Forwards": (*Message).MaxForwards, "Expires": (*Message).Expires, "Content-Length": (*Message).ContentLength,
	} {
		if n, err := get(m); n != 0 || err != ErrAbsent {
			t.Errorf("%s absent: got %d %v", name, n, err)
		}
	}
	var short Message
	if err := short.Parse(request("Content-Length: 3000000000")); err != errLengthBeyond {
		t.Errorf("got %v", err)
	}
	if n, err := short.ContentLength(); n != 1<<31-1 || err != nil {
		t.Errorf("Content-Length beyond 2^31-1: got %d %v", n, err)
	}
}

// Call-ID: word [ "@" word ], compared as it is (RFC 3261, Section 20.8).
func TestCallID(t *testing.T) {
	for _, row := range []struct {
		in string
		at int // of the fault, -1: none
	}{
		{"a", -1}, {"a@b", -1}, {"intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{", -1}, {"1;2", 1}, {"a@", 2}, {"@a", 0}, {"a@b@c", 3},
		{"a b", 1}, {"a,b", 1}, {"\u00e9", 0}, {"a@b\r\n c", 3}, {"", 0},
	} {
		b := replaced(request(), "Call-ID", "Call-ID: "+row.in)
		m := mustParse(t, b)
		err := m.Check()
		if (err == nil) != (row.at < 0) {
			t.Errorf("%q: got %v", row.in, err)
		}
		if err != nil {
			if f := m.Fault(); f.Header != HeaderCallID || f.Offset != strings.Index(string(b), "Call-ID: ")+9+row.at {
				t.Errorf("%q: got a fault of %v at %d", row.in, f.Header, f.Offset)
			}
		}
		if got := string(m.CallID()); got != row.in {
			t.Errorf("%q: got %q", row.in, got)
		}
	}
	if id := mustParse(t, wire("OPTIONS sip:h SIP/2.0", "")).CallID(); id != nil {
		t.Errorf("absent: got %q", id)
	}
}

func TestRequestURI(t *testing.T) {
	for _, row := range []struct {
		in  string
		err Error
	}{
		{"sip:h", 0}, {"tel:1", 0}, {"soap.beep://192.0.2.103:3002", 0}, {"<sip:h>", errScheme}, {"sip:h?a=b", errRequestURIHeaders},
		{"http://h/?a=b", 0}, {"sip:h;method=BYE", 0}, {"*", errScheme}, {"sip:h\t;x", errURI},
	} {
		m := mustParse(t, start("OPTIONS "+row.in+" SIP/2.0"))
		u, err := m.RequestURI()
		if err != row.err.orNil() || err == nil && string(u.Raw()) != row.in || err != nil && !u.IsZero() {
			t.Errorf("%q: got %q %v, want %v", row.in, u.Raw(), err, row.err)
		}
	}
	if _, err := mustParse(t, start("SIP/2.0 200 OK")).RequestURI(); err != ErrAbsent {
		t.Errorf("response: got %v", err)
	}
}
