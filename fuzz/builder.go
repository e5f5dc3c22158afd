package fuzz

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ringback-sip/ringback/parser"
)

// source is a row of strings from fuzzed data.
type source []string

// measured cuts data into strings: each is an octet that says how long it is, and as many octets.
func measured(data string) source {
	var s source
	for data != "" {
		n := min(int(data[0]), len(data)-1)
		s = append(s, data[1:1+n])
		data = data[1+n:]
	}
	return s
}

// text takes the next string.
func (s *source) text() string {
	if len(*s) == 0 {
		return ""
	}
	t := (*s)[0]
	*s = (*s)[1:]
	return t
}

// uri takes the next string as a URI, or another URI when it is none.
func (s *source) uri() parser.URI {
	u, err := parser.ParseURI([]byte(s.text()))
	if err != nil {
		u, _ = parser.ParseURI([]byte("sips:a;x=1@[2001:db8::1]:5061;lr;method=BYE?h=1"))
	}
	return u
}

// A write is one call of a Builder with strings from anywhere, in a message that is fine without it.
type write struct {
	call   string
	fields []string // names of the fields of the message, but for Content-Length
	do     func(b *parser.Builder)
	read   func(m *parser.Message) []string // what was written, as it is read back
	want   []string
}

// Builder gives octets from data to every string that a Builder takes: it refuses them, or writes a message that has
// those values and nothing else. No value ends its field, opens another one or gets out of its quotes.
func Builder(data []byte) (used bool, err error) {
	if len(data) > maxInput {
		return false, nil
	}
	parts := pieces(data)
	for _, s := range []source{measured(string(data)), parts, parts[len(parts)/2:]} {
		for _, w := range writes(s) {
			written, err := w.check()
			if err != nil {
				return true, fmt.Errorf("%s: %w", w.call, err)
			}
			used = used || written
		}
	}
	return used, nil
}

// check writes a message and reads it again.
func (w *write) check() (written bool, err error) {
	var b parser.Builder
	b.Reset(make([]byte, 3, 512))
	w.do(&b)
	wire, err := b.Wire()
	if err != nil {
		return false, nil
	}
	var m parser.Message
	whole := wire.AppendTo(nil)
	if err := m.Parse(whole); err != nil {
		return true, fmt.Errorf("%q is refused: %v", whole, m.Fault())
	}
	var names []string
	for f := range m.Fields() {
		names = append(names, lower(longName(string(f.Name))))
	}
	if want := append(w.fields, "content-length"); !slices.Equal(names, want) || len(m.Bytes()) != len(whole) {
		return true, fmt.Errorf("got the fields %q, want %q, of\n%q", names, want, whole)
	}
	if got := w.read(&m); !slices.Equal(got, w.want) {
		return true, fmt.Errorf("got %q, want %q, of\n%q", got, w.want, whole)
	}
	return true, nil
}

// start is what comes before the call under test in most messages.
func start(b *parser.Builder) {
	u, _ := parser.ParseURI([]byte("sip:h"))
	b.Request(parser.MethodOptions, u)
	b.Via("UDP", "h", "z9hG4bK1")
}

// writes are the calls for the strings in s.
func writes(s source) []write {
	x, y, z := s.text(), s.text(), s.text()
	u := s.uri()
	trimmed := strings.Trim(x, blanks)
	return []write{
		{"Header", []string{"via", "subject"},
			func(b *parser.Builder) { start(b); b.Header(parser.HeaderSubject, x) },
			func(m *parser.Message) []string { return []string{string(m.Raw(parser.HeaderSubject))} }, []string{trimmed}},
		{"HeaderBytes", []string{"via", "subject"},
			func(b *parser.Builder) { start(b); b.HeaderBytes(parser.HeaderSubject, []byte(x)) },
			func(m *parser.Message) []string { return []string{string(m.Raw(parser.HeaderSubject))} }, []string{unfolded([]byte(x))}},
		{"Field", []string{"via", lower(longName(x))},
			func(b *parser.Builder) { start(b); b.Field(x, y) },
			func(m *parser.Message) []string { return lookedUp(m, x) }, lastOf(x, strings.Trim(y, blanks))},
		{"Copy", []string{"via", lower(x)},
			func(b *parser.Builder) { start(b); b.Copy(parser.Field{Name: []byte(x), Value: []byte(y)}) },
			func(m *parser.Message) []string { return lookedUp(m, x) }, lastOf(x, unfolded([]byte(y)))},
		{"Address", []string{"via", "to"},
			func(b *parser.Builder) { start(b); b.Address(parser.HeaderTo, x, u, y) }, readTo, []string{x, string(u.Raw()), y}},
		{"Via", []string{"via", "subject"},
			func(b *parser.Builder) {
				u, _ := parser.ParseURI([]byte("sip:h"))
				b.Request(parser.MethodOptions, u)
				b.Via(x, y, z)
				b.Header(parser.HeaderSubject, "")
			}, readTopVia, []string{x, y, z}},
		{"RequestNamed", []string{"subject", "cseq"},
			func(b *parser.Builder) {
				b.RequestNamed([]byte(x), u)
				b.Header(parser.HeaderSubject, "")
				b.CSeq(7, parser.MethodUnknown)
			}, readMethods, []string{x, x}},
		{"Response", []string{"via", "to"}, func(b *parser.Builder) { b.Response(asked(), 299, x, y) }, readAnswer,
			[]string{reasonOf(x), y}},
		{"MinimalResponse", []string{"via", "to"}, func(b *parser.Builder) { b.MinimalResponse(asked(), 299, y) }, readAnswer, []string{"", y}},
		{"Body", []string{"via", "content-type"},
			func(b *parser.Builder) { start(b); b.Body("x/"+x, []byte(y), []byte(z)) },
			func(m *parser.Message) []string {
				return []string{string(m.Raw(parser.HeaderContentType)), string(m.Body())}
			}, []string{"x/" + strings.TrimRight(x, blanks), y + z}},
	}
}

// asked is a request without a tag in To.
func asked() *parser.Message {
	m := new(parser.Message)
	m.Parse([]byte("OPTIONS sip:h SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nTo: <sip:h>\r\n\r\n"))
	return m
}

// reasonOf is the reason phrase that is written for x.
func reasonOf(x string) string {
	if x == "" {
		return "OK"
	}
	return x
}

// lookedUp returns the last value of the fields called name.
func lookedUp(m *parser.Message, name string) []string {
	last := ""
	for v := range m.Lookup(name) {
		last = string(v)
	}
	return lastOf(name, last)
}

func lastOf(name, value string) []string { return []string{lower(name), value} }

func readTo(m *parser.Message) []string {
	to, err := m.To()
	if err != nil {
		return []string{err.Error()}
	}
	return []string{string(parser.Unquote(nil, to.Display())), string(to.URI().Raw()), string(to.Tag())}
}

func readTopVia(m *parser.Message) []string {
	v, err := m.Via()
	if err != nil {
		return []string{err.Error()}
	}
	sentBy := string(v.Host())
	if raw := string(v.Raw()); v.Port() > 0 {
		// As it was written: leading zeros of a port are no fault.
		sentBy = strings.Trim(before(raw[strings.IndexAny(raw, blanks):], ";"), blanks)
	}
	if _, has := v.RPort(); !has {
		sentBy = "no rport"
	}
	return []string{string(v.Transport()), sentBy, string(v.Branch())}
}

func readMethods(m *parser.Message) []string {
	c, err := m.CSeq()
	if err != nil || c.Number != 7 {
		return []string{fmt.Sprint(c.Number, err)}
	}
	return []string{string(m.MethodName()), string(c.Name)}
}

func readAnswer(m *parser.Message) []string {
	to, err := m.To()
	if err != nil || m.Status() != 299 {
		return []string{fmt.Sprint(m.Status(), err)}
	}
	return []string{string(m.Reason()), string(to.Tag())}
}
