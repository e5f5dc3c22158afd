package parser

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// cut gives stream to a Framer in the pieces that ends name (offsets into stream) and returns the messages, and the
// error that ended it. CRLFs between messages are counted in pings only.
func cut(f *Framer, stream []byte, ends ...int) (messages []string, pings int, err error) {
	start := 0
	for _, end := range append(ends, len(stream)) {
		for {
			n, err := f.Next(stream[start:end])
			if err != nil {
				return messages, pings, err
			}
			if n == 0 {
				break
			}
			if stream[start] == '\r' {
				if f.Ping() {
					pings++
				}
			} else {
				messages = append(messages, string(stream[start:start+n]))
			}
			start += n
		}
	}
	if start < len(stream) {
		messages = append(messages, "and "+fmt.Sprint(len(stream)-start)+" octets of the next")
	}
	return messages, pings, nil
}

func TestFramer(t *testing.T) {
	one := string(append(request("Content-Length: 4"), "body"...))
	two := string(append(request("X: y", "l:2"), "\r\n"...))
	head := request("X-Any: y")
	for _, row := range []struct {
		name, in string
		want     []string
		pings    int
		err      Error
	}{
		{"nothing", "", nil, 0, 0},
		{"one", one, []string{one}, 0, 0},
		{"two", one + two, []string{one, two}, 0, 0},
		{"CRLFs between", one + "\r\n\r\n\r\n" + two, []string{one, two}, 1, 0},
		{"a ping", "\r\n\r\n", nil, 1, 0},
		{"a pong", "\r\n", nil, 0, 0},
		{"CRLF before", "\r\n" + one, []string{one}, 0, 0},
		{"half a CRLF", "\r", []string{"and 1 octets of the next"}, 0, 0},
		{"half a head", one[:40], []string{"and 40 octets of the next"}, 0, 0},
		{"half a body", one[:len(one)-2], []string{fmt.Sprintf("and %d octets of the next", len(one)-2)}, 0, 0},
		{"no fields", "OPTIONS sip:h SIP/2.0\r\n\r\n", nil, 0, errLengthMissing},
		{"no length", string(head), nil, 0, errLengthMissing},
		{"length in a folded value", string(request("X-Any: y\r\n Content-Length: 0")), nil, 0, errLengthMissing},
		{"length before an error", one + string(head), []string{one}, 0, errLengthMissing},
		{"LF at the end of a line", strings.Replace(one, "\r\nTo", "\nTo", 1), nil, 0, errBareLF},
		{"LF for all", strings.ReplaceAll(one, "\r\n", "\n"), nil, 0, errBareLF},
		{"LF between messages", one + "\n", []string{one}, 0, errBareLF},
		{"CR between messages", one + "\rX", []string{one}, 0, errBareCR},
	} {
		var f Framer
		got, pings, err := cut(&f, []byte(row.in))
		if fmt.Sprint(got) != fmt.Sprint(row.want) || pings != row.pings || err != row.err.orNil() {
			t.Errorf("%s: got %q, %d pings, %v, want %q, %d, %v", row.name, got, pings, err, row.want, row.pings, row.err)
		}
		if err != nil {
			if n, again := f.Next([]byte(one)); n != 0 || again != err {
				t.Errorf("%s: the error does not stick: got %d %v", row.name, n, again)
			}
		}
	}
}

// A Content-Length that is not one number loses the frame, and the whole header section is there by then for the answer.
// One that is good is what Parse reads.
func TestFramerContentLength(t *testing.T) {
	for _, row := range []struct {
		fields []string
		n      int // of the body
		err    Error
	}{
		{[]string{"Content-Length: 0"}, 0, 0},
		{[]string{"content-LENGTH  : 0004 "}, 4, 0},
		{[]string{"l:4"}, 4, 0},
		{[]string{"Content-Length:\r\n 4"}, 4, 0},
		{[]string{"Content-Length:\r\n\t\r\n 4\r\n "}, 4, 0},
		{[]string{"X-Content-Length: 3", "Content-Length: 4", "Content-Length-X: 5"}, 4, 0},
		{[]string{"Content-Length: -1"}, 0, errLength},
		{[]string{"Content-Length: +5"}, 0, errLength},
		{[]string{"Content-Length: 4\r"}, 0, errLength},
		{[]string{"Content-Length: 5, 6"}, 0, errLength},
		{[]string{"Content-Length: 0x10"}, 0, errLength},
		{[]string{"Content-Length: 1e3"}, 0, errLength},
		{[]string{"Content-Length:"}, 0, errLength},
		{[]string{"Content-Length: \r\n "}, 0, errLength},
		{[]string{"Content-Length: 1\r\n 0"}, 0, errLength},
		{[]string{"Content-Length: 4;x"}, 0, errLength},
		{[]string{"Content-Length: five"}, 0, errLength},
		{[]string{"Content-Length: 65535"}, 0, errLengthLarge},
		{[]string{"Content-Length: 2147483648"}, 0, errLengthLarge},
		{[]string{"Content-Length: 4294967300"}, 0, errLengthLarge},
		{[]string{"Content-Length: 18446744073709551620"}, 0, errLengthLarge},
		{[]string{"Content-Length: 100000000000000000000"}, 0, errLengthLarge},
		{[]string{"Content-Length: 4", "Content-Length: 5"}, 0, errTwice},
		{[]string{"Content-Length: 4", "Content-Length: 4"}, 0, errTwice},
		{[]string{"Content-Length: 4", "l: 4"}, 0, errTwice},
		{[]string{"Content-Length: 4", "l: x"}, 0, errLength},
	} {
		b := append(replaced(request("Call-ID: 1@192.0.2.1"), "Call-ID", row.fields...), "12345678"...)
		var f Framer
		for end := range len(b) - 8 {
			if n, err := f.Next(b[:end]); n != 0 || err != nil {
				t.Fatalf("%q: after %d octets: got %d %v", row.fields, end, n, err)
			}
		}
		n, err := f.Next(b)
		if want := len(b) - 8 + row.n; err != row.err.orNil() || err == nil && n != want {
			t.Errorf("%q: got %d %v, want %d %v", row.fields, n, err, want, row.err)
		}
		var m Message
		parsed := m.Parse(b)
		if err == nil && (parsed != nil || len(m.Bytes()) != n) {
			t.Errorf("%q: Parse has %d octets and says %v", row.fields, len(m.Bytes()), parsed)
		}
		if err != nil && err != errLengthLarge && parsed == nil {
			t.Errorf("%q: Parse accepts", row.fields)
		}
		if got := string(m.CallID()); got != "1@192.0.2.1" {
			t.Errorf("%q: got Call-ID %q: an answer is not possible", row.fields, got)
		}
	}
}

func TestFramerLimits(t *testing.T) {
	message := func(length int) []byte {
		head := request("Content-Length: 00000")
		body := length - len(head)
		return append(bytes.Replace(head, []byte("00000"), fmt.Appendf(nil, "%05d", body), 1), make([]byte, body)...)
	}
	for _, row := range []struct {
		name string
		max  int
		in   []byte
		err  Error
	}{
		{"default", 0, message(MaxMessage), 0},
		{"default and one more", 0, message(MaxMessage + 1), errLengthLarge},
		{"given", 1000, message(1000), 0},
		{"given and one more", 1000, message(1001), errLengthLarge},
		{"large", 1 << 20, message(90000), 0},
		{"negative is the default", -1, message(MaxMessage), 0},
		{"no bound, and a number that no one can count to", math.MaxInt, request("Content-Length: 4294967300"), errLengthLarge},
		{"head beyond what is given", 100, message(1000), errHeadLarge},
		{"endless line", 0, append([]byte("OPTIONS "), bytes.Repeat([]byte("x"), MaxHead)...), errHeadLarge},
		{"endless rows", 0, append([]byte("OPTIONS sip:h SIP/2.0\r\n"), bytes.Repeat([]byte("X: y\r\n"), MaxHead)...), errHeadLarge},
		{"endless folds", 0, append([]byte("OPTIONS sip:h SIP/2.0\r\nX: y"), bytes.Repeat([]byte("\r\n "), MaxHead)...), errHeadLarge},
	} {
		f := Framer{MaxMessage: row.max}
		n, err := f.Next(row.in)
		if err != row.err.orNil() || err == nil && n != len(row.in) {
			t.Errorf("%s: got %d %v, want %d %v", row.name, n, err, len(row.in), row.err)
		}
		if f.MaxMessage != row.max {
			t.Errorf("%s: the limit has become %d", row.name, f.MaxMessage)
		}
		// In pieces it is the same, and an endless message is given up as soon as it is too long.
		f = Framer{MaxMessage: row.max}
		end := 0
		for err = nil; err == nil && end < len(row.in); {
			end = min(end+997, len(row.in))
			_, err = f.Next(row.in[:end])
		}
		if err != row.err.orNil() || row.err == errHeadLarge && end > MaxHead+997 {
			t.Errorf("%s: in pieces: got %v after %d octets", row.name, err, end)
		}
	}
}

// A ping is seen however it is cut (RFC 5626, Section 4.4.1), and a message between two CRLFs parts them.
func TestFramerPing(t *testing.T) {
	m := string(request("Content-Length: 0"))
	for _, row := range []struct {
		in    string
		pings int
	}{
		{"\r\n\r\n", 1}, {"\r\n", 0}, {"\r\n\r\n\r\n", 1}, {"\r\n\r\n\r\n\r\n", 2}, {"\r\n" + m + "\r\n", 0}, {m + "\r\n\r\n" + m, 1},
	} {
		var whole Framer
		_, all, err := cut(&whole, []byte(row.in))
		if want := min(row.pings, 1); err != nil || all != want {
			t.Errorf("%q: got %d pings %v, want %d", row.in, all, err, want)
		}
		var f Framer
		var ends []int
		for i := range row.in {
			ends = append(ends, i+1)
		}
		if _, pings, err := cut(&f, []byte(row.in), ends...); err != nil || pings != row.pings {
			t.Errorf("%q, octet by octet: got %d pings %v, want %d", row.in, pings, err, row.pings)
		}
	}
}

// Every torture message, three times over with CRLFs between, cut in two at every octet, gives the same messages and the
// same error as in one piece; and a body that holds an INVITE stays a body.
func TestFramerSplits(t *testing.T) {
	inputs := map[string][]byte{
		"INVITE":         inviteBytes(),
		"INVITE in body": append(request(fmt.Sprintf("Content-Length: %d", len(inviteBytes()))), inviteBytes()...),
		"folded length":  append(request("Content-Length:\r\n \r\n 4\r\n "), "body"...),
	}
	for _, row := range torture(t) {
		inputs[row.file] = row.data
	}
	framed := 0
	for name, in := range inputs {
		var stream []byte
		for i := range 3 {
			stream = append(append(stream, in...), "\r\n\r\n\r\n"[:2*i]...)
		}
		var f Framer
		want, _, wantErr := cut(&f, stream)
		if wantErr == nil && len(want) == 3 && want[0] == string(in) {
			framed++
		}
		for i := range stream {
			var f Framer
			got, _, err := cut(&f, stream, i)
			if err != wantErr || !slices.Equal(got, want) {
				t.Fatalf("%s: cut at %d: got %d messages %v, want %d %v", name, i, len(got), err, len(want), wantErr)
			}
		}
		// Octet by octet.
		ends := make([]int, len(stream))
		for i := range ends {
			ends[i] = i
		}
		f = Framer{}
		if got, _, err := cut(&f, stream, ends...); err != wantErr || !slices.Equal(got, want) {
			t.Errorf("%s: octet by octet: got %d messages %v, want %d %v", name, len(got), err, len(want), wantErr)
		}
		// What is framed is what Parse takes for the message.
		for _, s := range want {
			var m Message
			if !strings.HasPrefix(s, "and ") && m.Parse([]byte(s)) == nil && len(m.Bytes()) != len(s) {
				t.Errorf("%s: Parse has %d octets of %d", name, len(m.Bytes()), len(s))
			}
		}
	}
	if framed < 50 {
		t.Errorf("only %d of %d inputs came out three times", framed, len(inputs))
	}
}

// It looks at every octet once: a message that comes octet by octet costs no more than a few times its length.
func TestFramerLooksOnce(t *testing.T) {
	b := append(request(strings.Repeat("X-Long: "+strings.Repeat("x", 90)+"\r\n", 200)+"Content-Length: 4"), "body"...)
	var f Framer
	for i := range b {
		before := f.scanned
		if n, err := f.Next(b[:i]); n != 0 || err != nil {
			t.Fatalf("after %d octets: got %d %v", i, n, err)
		}
		if f.total == 0 && f.scanned != i || f.scanned < before {
			t.Fatalf("after %d octets: looked at %d", i, f.scanned)
		}
	}
	if n, err := f.Next(b); n != len(b) || err != nil {
		t.Errorf("got %d %v, want %d", n, err, len(b))
	}
}
