package parser

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// start makes a message with this start line.
func start(line string) []byte {
	_, rest, _ := strings.Cut(string(request()), "\r\n")
	return []byte(line + "\r\n" + rest)
}

func TestRequestLine(t *testing.T) {
	for _, row := range []struct {
		name, line  string
		method, uri string
		known       Method
		err         Error
		offset      int
	}{
		{"plain", "INVITE sip:b@h SIP/2.0", "INVITE", "sip:b@h", MethodInvite, 0, 0},
		{"version in lower case", "ACK sip:b@h sip/2.0", "ACK", "sip:b@h", MethodAck, 0, 0},
		{"method in lower case is another", "invite sip:b@h SIP/2.0", "invite", "sip:b@h", MethodUnknown, 0, 0},
		{"percent is no escape in a method", "IN%56ITE sip:b@h SIP/2.0", "IN%56ITE", "sip:b@h", MethodUnknown, 0, 0},
		{"any scheme", "OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0", "OPTIONS", "soap.beep://192.0.2.103:3002", MethodOptions, 0, 0},
		{"bad URI is for Check", "OPTIONS <> SIP/2.0", "OPTIONS", "<>", MethodOptions, 0, 0},
		{"two blanks", "OPTIONS  sip:h SIP/2.0", "OPTIONS", " sip:h", MethodOptions, errRequestURIBlank, 8},
		{"blank in the URI", "OPTIONS sip:h; lr SIP/2.0", "OPTIONS", "sip:h; lr", MethodOptions, errRequestURIBlank, 14},
		{"blank at the end", "OPTIONS sip:h SIP/2.0 ", "OPTIONS", "sip:h SIP/2.0", MethodOptions, errRequestURIBlank, 13},
		{"no URI", "OPTIONS  SIP/2.0", "OPTIONS", "", MethodOptions, errRequestURIBlank, 8},
		{"no version", "OPTIONS sip:h", "OPTIONS", "sip:h", MethodOptions, errNoVersion, 13},
		{"another protocol", "GET / HTTP/1.1", "GET", "/", MethodUnknown, errNoVersion, 6},
		{"version 7", "OPTIONS sip:h SIP/7.0", "OPTIONS", "sip:h", MethodOptions, errVersion, 14},
		{"version 2.00", "OPTIONS sip:h SIP/2.00", "OPTIONS", "sip:h", MethodOptions, errVersion, 14},
		{"version without minor", "OPTIONS sip:h SIP/2.", "OPTIONS", "sip:h", MethodOptions, errNoVersion, 14},
		{"version without major", "OPTIONS sip:h SIP/.0", "OPTIONS", "sip:h", MethodOptions, errNoVersion, 14},
		{"version with text", "OPTIONS sip:h SIP/2.0x", "OPTIONS", "sip:h", MethodOptions, errNoVersion, 14},
		{"tab", "OPTIONS\tsip:h SIP/2.0", "OPTIONS", "", MethodOptions, errMethod, 7},
		{"method only", "OPTIONS", "OPTIONS", "", MethodOptions, errMethod, 7},
		{"no token", "OPT[ONS sip:h SIP/2.0", "OPT", "", MethodUnknown, errMethod, 3},
		{"leading blank", " OPTIONS sip:h SIP/2.0", "", "", MethodUnknown, errMethod, 0},
		{"empty", "", "", "", MethodUnknown, errRequestLine, 0},
		{"control octet", "OPTIONS sip:\x01h SIP/2.0", "OPTIONS", "sip:\x01h", MethodOptions, errControl, 12},
		{"CR alone", "OPTIONS sip:h SIP/2.0\r", "OPTIONS", "sip:h", MethodOptions, errControl, 21},
	} {
		t.Run(row.name, func(t *testing.T) {
			var m Message
			err := m.Parse(start(row.line))
			if want := row.err.orNil(); err != want {
				t.Fatalf("got %v, want %v", err, want)
			}
			if f := m.Fault(); f.Err != row.err || f.Offset != row.offset || f.Header != HeaderUnknown {
				t.Errorf("got fault %v at %d, want at %d", f, f.Offset, row.offset)
			}
			if !m.IsRequest() || m.Status() != 0 {
				t.Errorf("got request %v, status %d", m.IsRequest(), m.Status())
			}
			if got := string(m.StartLine()); got != row.line {
				t.Errorf("start line: got %q", got)
			}
			if string(m.MethodName()) != row.method || m.Method() != row.known {
				t.Errorf("method: got %q %v, want %q %v", m.MethodName(), m.Method(), row.method, row.known)
			}
			if got := string(m.uri.of(m.b)); got != row.uri {
				t.Errorf("Request-URI: got %q, want %q", got, row.uri)
			}
			if row.line == "" {
				return // the blank line: there are no fields
			}
			if got := string(m.CallID()); got != "1@192.0.2.1" {
				t.Errorf("Call-ID: got %q: the fields behind the start line are lost", got)
			}
		})
	}
}

func TestStatusLine(t *testing.T) {
	for _, row := range []struct {
		name, line string
		status     Status
		reason     string
		err        Error
		offset     int
	}{
		{"plain", "SIP/2.0 200 OK", 200, "OK", 0, 0},
		{"words", "SIP/2.0 486 Busy  Here ", 486, "Busy  Here ", 0, 0},
		{"lower case", "sip/2.0 100 Trying", 100, "Trying", 0, 0},
		{"empty reason", "SIP/2.0 100 ", 100, "", 0, 0},
		{"no blank behind the code", "SIP/2.0 100", 100, "", 0, 0},
		{"UTF-8", "SIP/2.0 200 = \u043d\u0435", 200, "= \u043d\u0435", 0, 0},
		{"highest", "SIP/2.0 699 x", 699, "x", 0, 0},
		{"099", "SIP/2.0 099 x", 0, "", errStatusCode, 8},
		{"700", "SIP/2.0 700 x", 0, "", errStatusCode, 8},
		{"two digits", "SIP/2.0 20 x", 0, "", errStatusCode, 8},
		{"four digits", "SIP/2.0 2000 x", 0, "", errStatusCode, 8},
		{"2^32+5", "SIP/2.0 4294967301 x", 0, "", errStatusCode, 8},
		{"negative", "SIP/2.0 -20 x", 0, "", errStatusCode, 8},
		{"text behind the code", "SIP/2.0 200OK", 0, "", errStatusCode, 8},
		{"two blanks", "SIP/2.0  200 OK", 0, "", errStatusCode, 8},
		{"version only", "SIP/2.0", 0, "", errStatusLine, 7},
		{"version and blank", "SIP/2.0 ", 0, "", errStatusCode, 8},
		{"another version", "SIP/7.0 200 OK", 200, "OK", errVersion, 0},
		{"no version", "SIP/x 200 OK", 200, "OK", errStatusLine, 0},
		{"control octet", "SIP/2.0 200 O\x00K", 200, "O\x00K", errControl, 13},
	} {
		t.Run(row.name, func(t *testing.T) {
			var m Message
			err := m.Parse(start(row.line))
			if want := row.err.orNil(); err != want {
				t.Fatalf("got %v, want %v", err, want)
			}
			if f := m.Fault(); f.Offset != row.offset {
				t.Errorf("got fault at %d, want %d", f.Offset, row.offset)
			}
			if m.IsRequest() || m.Status() != row.status || string(m.Reason()) != row.reason {
				t.Errorf("got request %v, %d %q, want %d %q", m.IsRequest(), m.Status(), m.Reason(), row.status, row.reason)
			}
			if m.FaultStatus() != 0 {
				t.Errorf("got status %d for a response, want 0", m.FaultStatus())
			}
			if m.Method() != MethodOptions {
				t.Errorf("got method %v, want that of CSeq", m.Method())
			}
		})
	}
}

// Header rows: names, colons, folds, line ends, and what is refused in them.
func TestHeaderRows(t *testing.T) {
	for _, row := range []struct {
		name, rows string
		header     string // the field asked for
		want       string // its raw value
		err        Error
		at         string // what the fault points at
	}{
		{"plain", "Subject: hi\r\n", "Subject", "hi", 0, ""},
		{"compact", "s: hi\r\n", "Subject", "hi", 0, ""},
		{"mixed case", "sUbJeCt: hi\r\n", "Subject", "hi", 0, ""},
		{"no blank", "Subject:hi\r\n", "Subject", "hi", 0, ""},
		{"blanks round", "Subject \t:\t  hi \t\r\n", "Subject", "hi", 0, ""},
		{"empty", "Subject:\r\n", "Subject", "", 0, ""},
		{"only blanks", "Subject:  \t \r\n", "Subject", "", 0, ""},
		{"one octet", "Subject:x\r\n", "Subject", "x", 0, ""},
		{"colon in the value", "Subject: a:b\r\n", "Subject", "a:b", 0, ""},
		{"fold before the value", "Subject:\r\n hi\r\n", "Subject", "hi", 0, ""},
		{"fold in the value", "Subject: a\r\n  b\r\n\tc\r\n", "Subject", "a\r\n  b\r\n\tc", 0, ""},
		{"fold at the end", "Subject: a\r\n \r\n", "Subject", "a", 0, ""},
		{"fold of one LF", "Subject: a\n b\n", "Subject", "a\n b", 0, ""},
		{"LF only", "Subject: hi\n", "Subject", "hi", 0, ""},
		{"unknown", "X-Odd!%*_+`'~-.Name: ;;,,;;,;\r\n", "x-odd!%*_+`'~-.name", ";;,,;;,;", 0, ""},
		{"UTF-8", "Subject: \u4e2d\r\n", "Subject", "\u4e2d", 0, ""},
		{"quoted pairs", "Subject: \"\\\x00\\\x07\"\r\n", "Subject", "\"\\\x00\\\x07\"", 0, ""},
		{"no colon", "Subject\r\nDate: x\r\n", "Date", "x", errFieldName, "\r\nDate"},
		{"fold before the colon", "Subject\r\n : hi\r\nDate: x\r\n", "Date", "x", errFieldName, "\r\n : hi"},
		{"no name", ": hi\r\nDate: x\r\n", "Date", "x", errFieldName, ": hi"},
		{"blank in the name", "Sub ject: hi\r\nDate: x\r\n", "Date", "x", errFieldName, "ject: hi"},
		{"control octet in the name", "To\x01: hi\r\nDate: x\r\n", "Date", "x", errFieldName, "\x01: hi"},
		{"NUL before the colon", "Subject\x00: hi\r\nDate: x\r\n", "Date", "x", errFieldName, "\x00: hi"},
		{"UTF-8 in the name", "Subj\u00e9ct: hi\r\nDate: x\r\n", "Date", "x", errFieldName, "\u00e9ct: hi"},
		{"NUL in the value", "Subject: a\x00b\r\n", "Subject", "a\x00b", errControl, "\x00b"},
		{"DEL in the value", "Subject: a\x7fb\r\n", "Subject", "a\x7fb", errControl, "\x7fb"},
		{"CR in the value", "Subject: a\rTo: b\r\n", "Subject", "a\rTo: b", errControl, "\rTo: b"},
		{"CR before the line end", "Subject: a\r\r\n", "Subject", "a\r", errControl, "\r\r\n"},
		{"CR in a fold", "Subject: a\r\n b\rc\r\n", "Subject", "a\r\n b\rc", errControl, "\rc"},
		{"NUL behind a backslash outside a string", "Subject: \\\x00\r\n", "Subject", "\\\x00", errControl, "\x00\r\n"},
		{"twice", "Subject: a\r\nSubject: b\r\n", "Subject", "a", errTwice, "Subject: b"},
		{"twice, long and compact", "Subject: a\r\ns: b\r\n", "Subject", "a", errTwice, "s: b"},
		{"equal twice", "Date: a\r\nDate: a\r\n", "Date", "a", errTwice, "Date: a\r\n\r\n"},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := []byte(strings.TrimSuffix(string(request()), "\r\n") + row.rows + "\r\n")
			var m Message
			if err := m.Parse(b); err != row.err.orNil() {
				t.Fatalf("got %v, want %v", err, row.err)
			}
			if f := m.Fault(); row.err != 0 && !strings.HasPrefix(string(b[f.Offset:]), row.at) {
				t.Errorf("got a fault at %.20q, want %q", b[f.Offset:], row.at)
			}
			values := texts(m.Lookup(row.header))
			if len(values) == 0 || values[0] != row.want {
				t.Errorf("got %q, want %q", values, row.want)
			}
		})
	}
}

// A datagram whose lines all end with LF alone is read as if they ended with CRLF, and its body is left as it is.
func TestBareLF(t *testing.T) {
	b := append(bytes.ReplaceAll(request("Subject: a\r\n b", "Content-Length: 5"), []byte("\r\n"), []byte("\n")), "a\r\nb\n rest"...)
	m := mustParse(t, b)
	if err := m.Check(); err != nil {
		t.Error(m.Fault())
	}
	if got := string(m.Raw(HeaderSubject)); got != "a\n b" {
		t.Errorf("got Subject %q", got)
	}
	if got := string(m.Body()); got != "a\r\nb\n" {
		t.Errorf("got body %q", got)
	}
	// What is missing is missed at the blank line, as after CRLF.
	for _, eol := range []string{"\n", "\r\n"} {
		b := bytes.ReplaceAll(replaced(request(), "To"), []byte("\r\n"), []byte(eol))
		m := mustParse(t, b)
		if err := m.Check(); err != ErrAbsent || m.Fault().Offset != len(b)-len(eol) {
			t.Errorf("%q: got %v at %d, want %v at %d", eol, err, m.Fault().Offset, ErrAbsent, len(b)-len(eol))
		}
	}
}

// A continuation before the first field is malformed (RFC 3261, Section 7.3.1), and hides none behind it.
func TestLeadingFold(t *testing.T) {
	b := wire("OPTIONS sip:h SIP/2.0", " To: <sip:x@h>", "\tmore", "Call-ID: 1", "")
	var m Message
	if err := m.Parse(b); err != errLeadingFold || m.Fault().Offset != 23 {
		t.Errorf("got %v at %d, want %v at 23", err, m.Fault().Offset, errLeadingFold)
	}
	if m.Has(HeaderTo) || string(m.CallID()) != "1" {
		t.Errorf("got To %v, Call-ID %q", m.Has(HeaderTo), m.CallID())
	}
}

// The frame of a datagram (RFC 3261, Section 18.3).
func TestContentLength(t *testing.T) {
	const body = "0123456789"
	for _, row := range []struct {
		name   string
		fields []string
		body   string
		err    Error
	}{
		{"absent: the rest", nil, body, 0},
		{"exact", []string{"Content-Length: 10"}, body, 0},
		{"compact, leading zeros, blanks", []string{"l  :  0010 "}, body, 0},
		{"folded", []string{"Content-Length:\r\n 10"}, body, 0},
		{"shorter: cut", []string{"Content-Length: 4"}, "0123", 0},
		{"none", []string{"Content-Length: 0"}, "", 0},
		{"longer", []string{"Content-Length: 11"}, body, errLengthBeyond},
		{"2^31-1", []string{"Content-Length: 2147483647"}, body, errLengthBeyond},
		{"2^31", []string{"Content-Length: 2147483648"}, body, errLengthBeyond},
		{"2^32-1", []string{"Content-Length: 4294967295"}, body, errLengthBeyond},
		{"2^64+10", []string{"Content-Length: 18446744073709551626"}, body, errLengthBeyond},
		{"10^20", []string{"Content-Length: 100000000000000000000"}, body, errLengthBeyond},
		{"negative", []string{"Content-Length: -1"}, body, errLength},
		{"signed", []string{"Content-Length: +5"}, body, errLength},
		{"hexadecimal", []string{"Content-Length: 0x10"}, body, errLength},
		{"exponent", []string{"Content-Length: 1e3"}, body, errLength},
		{"list", []string{"Content-Length: 5, 6"}, body, errLength},
		{"text", []string{"Content-Length: five"}, body, errLength},
		{"empty", []string{"Content-Length:"}, body, errLength},
		{"blank inside", []string{"Content-Length: 1 0"}, body, errLength},
		{"fold inside", []string{"Content-Length: 1\r\n 0"}, body, errLength},
		{"two equal", []string{"Content-Length: 4", "Content-Length: 4"}, "0123", errTwice},
		{"two, long and compact", []string{"Content-Length: 4", "l: 10"}, "0123", errTwice},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := append(request(row.fields...), body...)
			var m Message
			if err := m.Parse(b); err != row.err.orNil() {
				t.Fatalf("got %v, want %v", err, row.err)
			}
			if row.err != 0 && m.Fault().Header != HeaderContentLength {
				t.Errorf("got a fault of %v", m.Fault().Header)
			}
			if got := string(m.Body()); got != row.body {
				t.Errorf("got body %q, want %q", got, row.body)
			}
			if got, want := len(m.Bytes()), len(b)-len(body)+len(row.body); got != want {
				t.Errorf("got %d octets, want %d", got, want)
			}
			if got := string(m.CallID()); got != "1@192.0.2.1" {
				t.Errorf("got Call-ID %q", got)
			}
		})
	}
}

// What ends before its blank line is refused, with the fields that were whole.
func TestTruncated(t *testing.T) {
	whole := request("Subject: hi")
	for n := range len(whole) - 1 {
		var m Message
		err := m.Parse(whole[:n])
		if err == nil {
			t.Fatalf("%d octets of %d: accepted", n, len(whole))
		}
		fields := 0
		for f := range m.Fields() {
			fields++
			if i := strings.Index(string(whole), string(f.Name)+": "+string(f.Value)+"\r"); i < 0 {
				t.Fatalf("%d octets: got the field %s: %s", n, f.Name, f.Value)
			}
		}
		if want := max(strings.Count(string(whole[:n]), "\n")-1, 0); fields != want {
			t.Fatalf("%d octets: got %d fields, want %d", n, fields, want)
		}
	}
	for _, row := range []struct {
		in  string
		err Error
	}{{"", errEmptyMessage}, {"\r\n\r\n", errRequestLine}, {"\n", errRequestLine}, {"OPTIONS sip:h SIP/2.0\r\n\r\n", 0}} {
		var m Message
		if err := m.Parse([]byte(row.in)); err != row.err.orNil() {
			t.Errorf("%q: got %v, want %v", row.in, err, row.err)
		}
	}
}

// Each limit: the last that is accepted and the first that is not, with its status.
func TestLimits(t *testing.T) {
	fields := func(n int) []string {
		s := make([]string, n)
		for i := range s {
			s[i] = fmt.Sprintf("X-%d: %d", i, i)
		}
		return s
	}
	vias := func(n int) []byte {
		return replaced(request(), "Via", "Via: "+strings.TrimSuffix(strings.Repeat("SIP/2.0/UDP h;branch=z9hG4bK1, ", n), ", "))
	}
	head := func(n int) []byte { // a header section of n octets, in lines of 1000
		b := request()
		var fill []string
		for n -= len(b); n >= 2000; n -= 1000 {
			fill = append(fill, "X-: "+strings.Repeat("x", 994))
		}
		return request(append(fill, "X-: "+strings.Repeat("x", n-6))...)
	}
	uri := func(n int) string { return "sip:" + strings.Repeat("u", n-6) + "@h" }
	for _, row := range []struct {
		name    string
		in, out []byte
		err     Error
		status  Status
	}{
		{"fields", request(fields(MaxFields - 5)...), request(fields(MaxFields - 4)...), errFieldsMany, 513},
		{"Vias", vias(MaxVias), vias(MaxVias + 1), errViasMany, 513},
		{"line", request("X: " + strings.Repeat("x", MaxLine-3)), request("X: " + strings.Repeat("x", MaxLine-2)), errLineLong, 513},
		{"folds", request("X: " + strings.Repeat("x\r\n ", MaxLine/4-1)), request("X: " + strings.Repeat("x\r\n ", MaxLine/4)), errLineLong, 513},
		{"header section", head(MaxHead), head(MaxHead + 1), errHeadLarge, 513},
		{"Request-URI", start("OPTIONS " + uri(MaxURI) + " SIP/2.0"), start("OPTIONS " + uri(MaxURI+1) + " SIP/2.0"), errRequestURILong, 414},
		{"Contact URI", request("Contact: <" + uri(MaxURI) + ">"), request("Contact: <" + uri(MaxURI+1) + ">"), errURILong, 400},
	} {
		var m Message
		if err := verdict(&m, row.in); err != nil {
			t.Errorf("%s: at the limit: %v", row.name, m.Fault())
		}
		if err := verdict(&m, row.out); err != row.err || m.FaultStatus() != row.status {
			t.Errorf("%s: beyond the limit: got %v, status %d, want %v, status %d", row.name, err, m.FaultStatus(), row.err, row.status)
		}
		if got := string(m.CallID()); got != "1@192.0.2.1" && row.name != "header section" {
			t.Errorf("%s: got Call-ID %q, want what the answer needs", row.name, got)
		}
	}
	long := start("OPTIONS " + strings.Repeat("u", MaxLine) + " SIP/2.0")
	var m Message
	if err := m.Parse(long); err != errLineLong || m.FaultStatus() != 513 {
		t.Errorf("start line: got %v, status %d", err, m.FaultStatus())
	}
}

// The longest datagram is read whole (RFC 3261, Section 18.1.1).
func TestLongestDatagram(t *testing.T) {
	head := request("Content-Type: text/plain", "Content-Length: 65060")
	b := append(head, strings.Repeat("x", 65535-len(head))...)
	b = []byte(strings.Replace(string(b), "65060", fmt.Sprintf("%05d", 65535-len(head)), 1))
	if len(b) != 65535 {
		t.Fatalf("got %d octets", len(b))
	}
	m := mustParse(t, b)
	if err := m.Check(); err != nil {
		t.Fatal(m.Fault())
	}
	if got, want := len(m.Body()), 65535-len(head); got != want {
		t.Errorf("got a body of %d octets, want %d", got, want)
	}
	var f Framer
	if n, err := f.Next(b); n != len(b) || err != nil {
		t.Errorf("Framer: got %d %v, want %d", n, err, len(b))
	}
}

// A body beyond 64 KiB, as a stream may carry it, disturbs no offset.
func TestLargeBody(t *testing.T) {
	b := append(request("Content-Length: 1000000"), strings.Repeat("\r\nTo: x\r\n", 125000)[:1000000]...)
	m := mustParse(t, b)
	if got := len(m.Body()); got != 1000000 {
		t.Errorf("got a body of %d octets", got)
	}
	if to, err := m.To(); err != nil || string(to.Raw()) != "<sip:bob@biloxi.example.com>" {
		t.Errorf("got To %q %v", to.Raw(), err)
	}
}
