package fuzz

import (
	"iter"
	"strconv"
	"strings"

	"github.com/ringback-sip/ringback/parser"
)

// text is a description of what was read, one value on a line: two readings are the same when their texts are.
type text struct{ strings.Builder }

// line writes one line of values.
func (t *text) line(values ...string) {
	for _, v := range values {
		t.WriteString(strconv.Quote(v))
		t.WriteByte(' ')
	}
	t.WriteByte('\n')
}

// describe returns what the naive parser read.
func (r *reading) describe() string {
	var t text
	if r.request {
		t.line("request", r.method)
		u, _ := readURI(r.uri)
		t.naiveURI(u)
	} else {
		t.line("response", strconv.Itoa(r.status), r.reason)
	}
	for _, f := range r.fields {
		t.line("field", f.name, f.value)
	}
	for _, v := range r.vias {
		t.naiveVia(v)
	}
	t.naiveAddress("from", r.from)
	t.naiveAddress("to", r.to)
	for _, a := range r.contacts {
		t.naiveAddress("contact", a)
	}
	t.line("call-id", r.callID)
	t.line("cseq", strconv.FormatUint(r.number, 10), r.numberMethod)
	t.line("max-forwards", r.numberOf("Max-Forwards", 255))
	t.line("expires", r.numberOf("Expires", 1<<32-1))
	t.line("body", r.body)
	return t.String()
}

// numberOf returns the number in the field called name, at most limit, "" when there is none.
func (r *reading) numberOf(name string, limit uint64) string {
	values := r.all(name)
	if len(values) == 0 {
		return ""
	}
	n, _ := readNumber(values[0])
	return strconv.FormatUint(min(n, limit), 10)
}

func (t *text) naiveVia(v via) {
	branch, _ := lookup(v.params, "branch")
	received, _ := lookup(v.params, "received")
	maddr, _ := lookup(v.params, "maddr")
	rport, has := lookup(v.params, "rport")
	port, ok := readNumber(rport.value)
	if !ok || port > 65535 {
		port = 0
	}
	address := received.value
	if len(address) > 2 && strings.HasPrefix(address, "[") && strings.HasSuffix(address, "]") {
		address = address[1 : len(address)-1]
	}
	t.line("via", v.raw, v.transport, v.host, strconv.FormatUint(v.port, 10), branch.value, address, maddr.value,
		strconv.FormatBool(has), strconv.FormatUint(port, 10))
	t.naiveParams(v.params)
}

func (t *text) naiveAddress(what string, a address) {
	t.line(what, a.raw, a.display, a.tag, strconv.FormatBool(a.wildcard))
	t.naiveURI(a.uri)
	t.naiveParams(a.params)
}

func (t *text) naiveURI(u uri) {
	t.line("uri", u.raw, u.scheme, u.user, u.password, u.host, strconv.FormatUint(u.port, 10))
	t.naiveParams(u.params)
	for _, h := range u.headers {
		t.line("header", h.name, h.value)
	}
}

func (t *text) naiveParams(params []param) {
	for _, p := range params {
		t.line("param", p.name, p.value, strconv.FormatBool(p.valued))
	}
}

// describe returns what package parser read, in the form of the naive one's. Folds are written as there.
func describe(m *parser.Message) string {
	var t text
	if m.IsRequest() {
		t.line("request", string(m.MethodName()))
		u, _ := m.RequestURI()
		t.uri(u)
	} else {
		t.line("response", strconv.Itoa(int(m.Status())), string(m.Reason()))
	}
	for f := range m.Fields() {
		t.line("field", string(f.Name), folded(f.Value))
	}
	for v, err := range m.Vias() {
		t.failed(err)
		t.via(v)
	}
	from, err := m.From()
	t.failed(err)
	t.address("from", from)
	to, err := m.To()
	t.failed(err)
	t.address("to", to)
	for a, err := range m.Contacts() {
		t.failed(err)
		t.address("contact", a)
	}
	t.line("call-id", string(m.CallID()))
	c, err := m.CSeq()
	t.failed(err)
	t.line("cseq", strconv.FormatUint(uint64(c.Number), 10), string(c.Name))
	t.number("max-forwards", m.MaxForwards)
	t.number("expires", m.Expires)
	t.line("body", string(m.Body()))
	return t.String()
}

// failed notes that a value cannot be read.
func (t *text) failed(err error) {
	if err != nil {
		t.line("error", err.Error())
	}
}

func (t *text) number(what string, read func() (int, error)) {
	switch n, err := read(); err {
	case nil:
		t.line(what, strconv.Itoa(n))
	case parser.ErrAbsent:
		t.line(what, "")
	default:
		t.line(what, err.Error())
	}
}

func (t *text) via(v parser.Via) {
	port, has := v.RPort()
	t.line("via", folded(v.Raw()), string(v.Transport()), string(v.Host()), strconv.Itoa(v.Port()), folded(v.Branch()), folded(v.Received()),
		folded(v.MAddr()), strconv.FormatBool(has), strconv.Itoa(port))
	t.params(v.Params())
}

func (t *text) address(what string, a parser.NameAddr) {
	t.line(what, folded(a.Raw()), folded(a.Display()), folded(a.Tag()), strconv.FormatBool(a.IsWildcard()))
	t.uri(a.URI())
	t.params(a.Params())
}

func (t *text) uri(u parser.URI) {
	t.line("uri", string(u.Raw()), string(u.Scheme()), string(u.User()), string(u.Password()), string(u.Host()), strconv.Itoa(u.Port()))
	t.params(u.Params())
	if h := string(u.Headers()); h != "" {
		for _, p := range strings.Split(h, "&") {
			name, value, _ := strings.Cut(p, "=")
			t.line("header", name, value)
		}
	}
}

func (t *text) params(params iter.Seq2[[]byte, []byte]) {
	for name, value := range params {
		t.line("param", string(name), folded(value), strconv.FormatBool(value != nil))
	}
}

// folded returns a received value with each fold's line end as one LF.
func folded(b []byte) string { return strings.ReplaceAll(string(b), "\r\n", "\n") }
