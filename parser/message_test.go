package parser

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// The zero Message, and one that Parse refused, answer every question.
func TestZeroMessage(t *testing.T) {
	for _, in := range []string{"", "x", "\r\n", " \r\n\r\n", "SIP/2.0", "INVITE", "INVITE  SIP/2.0\r\n:\r\n\r\n"} {
		var m Message
		if in != "" && m.Parse([]byte(in)) == nil {
			t.Errorf("%q: accepted", in)
		}
		readAll(&m)
		if m.Raw(HeaderVia) != nil || m.CallID() != nil || m.Has(HeaderTo) || m.Has(headerCount) || m.Raw(headerCount) != nil {
			t.Errorf("%q: found something", in)
		}
		for _, err := range []error{second(m.Via()), second(m.From()), second(m.To()), second(m.Contact()), second(m.CSeq()), second(m.MaxForwards()),
			second(m.Expires()), second(m.ContentLength()), second(m.ContentType()), second(m.RetryAfter())} {
			if err != ErrAbsent {
				t.Errorf("%q: got %v, want %v", in, err, ErrAbsent)
			}
		}
		describe(&m)
		m.Clone()
	}
}

func second[T any](_ T, err error) error { return err }

// One Message may be parsed into again and again: nothing of the message before is left.
func TestMessageReuse(t *testing.T) {
	var many []string
	for i := range 100 {
		many = append(many, fmt.Sprintf("X-%d: %d", i, i))
	}
	inputs := [][]byte{
		append(request(append(many, "Contact: *", "Expires: 0")...), "body"...),
		request("Supported: a"),
		start("SIP/2.0 486 Busy Here"),
		[]byte("garbage"),
		request(many[:30]...),
		inviteBytes(),
		replaced(request(), "Via"),
	}
	var reused Message
	for range 3 {
		for i, b := range inputs {
			var fresh Message
			err, want := verdict(&reused, b), verdict(&fresh, b)
			if err != want {
				t.Errorf("input %d: got %v, want %v", i, err, want)
			}
			if got, want := describe(&reused), describe(&fresh); got != want {
				t.Errorf("input %d: got\n%s\nwant\n%s", i, got, want)
			}
		}
		slices.Reverse(inputs)
	}
}

// Fields of one header are found in order, inline, in the spill, and across both.
func TestFieldChains(t *testing.T) {
	var rows []string
	want := map[Header][]string{}
	names := []string{"Route", "Allow", "X-A", "Record-Route", "X-B"}
	for i := range MaxFields - 5 {
		name := names[i*i%len(names)]
		rows = append(rows, fmt.Sprintf("%s: v%d", name, i))
		h := ParseHeader(name)
		want[h] = append(want[h], fmt.Sprintf("v%d", i))
	}
	m := mustParse(t, request(rows...))
	for h, w := range want {
		if got := texts(m.Values(h)); !slices.Equal(got, w) {
			t.Errorf("%v: got %q, want %q", h, got, w)
		}
		if got := string(m.Raw(h)); got != w[0] {
			t.Errorf("%v: first: got %q, want %q", h, got, w[0])
		}
	}
	n := 0
	for range m.Fields() {
		n++
	}
	if n != MaxFields {
		t.Errorf("got %d fields, want %d", n, MaxFields)
	}
}

// Each of these is made to be looked at again and again. To be read, checked and answered it takes below 1 ms for 30 kB;
// a quadratic scan takes a hundred times as long.
func BenchmarkWorstCases(b *testing.B) {
	row := func(name, unit string) string {
		return name + ": " + strings.Repeat(unit, (MaxLine-40)/len(unit)) + "x\r\n"
	}
	rows := func(name, unit string) []byte {
		good := request()
		return []byte(string(good[:len(good)-2]) + strings.Repeat(row(name, unit), 3) + "\r\n")
	}
	same := ""
	for i := range 64 { // as many names as may be, all in the same bit of the set
		same += fmt.Sprintf(";aaaa%04d=%s", i, strings.Repeat("v", 100))
	}
	for name, bad := range map[string][]byte{
		"commas":          rows("Contact", ","),
		"open brackets":   rows("Contact", "<,"),
		"open comments":   rows("Accept", " (,"),
		"open strings":    rows("Contact", `",`),
		"host brackets":   rows("Via", "SIP/2.0/UDP [,"),
		"blanks":          rows("Via", " "),
		"folds":           rows("Via", "\r\n "),
		"carriage return": rows("Via", "\r"),
		"no colons":       []byte("OPTIONS sip:h SIP/2.0\r\n" + strings.Repeat("a\r\n", MaxHead/3)),
		"empty rows":      []byte("OPTIONS sip:h SIP/2.0\r\n" + strings.Repeat("v:\r\n", MaxHead/4)),
		"parameters":      rows("Via", "SIP/2.0/UDP h"+same+","),
		"escapes":         rows("Contact", "<sip:%61%62%63@h;%61=%62;%63=%64?%61=%62&%63=%64>,"),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(bad)))
			var m Message
			var w Builder
			for b.Loop() {
				_ = m.Parse(bad)
				m.fault = Fault{} // so that Check goes on
				_ = m.Check()
				readAll(&m)
				for range m.Values(HeaderAccept) {
				}
				w.Reset(nil)
				w.Response(&m, 400, "", "t")
			}
		})
	}
}
