package parser

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// A request, field by field, as it stands on the wire.
func TestBuilderRequest(t *testing.T) {
	var b Builder
	b.Reset(nil)
	b.Request(MethodInvite, mustURI(t, "sip:bob@biloxi.com;transport=tcp"))
	b.Via("TCP", "client.atlanta.com:5060", "z9hG4bK74bf9")
	b.Address(HeaderRoute, "", mustURI(t, "sip:ss1.atlanta.com;lr"), "")
	b.Address(HeaderRoute, "", mustURI(t, "sip:ss2.biloxi.com;lr"), "")
	b.Int(HeaderMaxForwards, 70)
	b.Int(HeaderExpires, 0)
	b.Address(HeaderFrom, "Alice", mustURI(t, "sip:alice@atlanta.com"), "9fxced76sl")
	b.Address(HeaderTo, "", mustURI(t, "sip:bob@biloxi.com"), "")
	b.Header(HeaderCallID, "3848276298220188511@atlanta.com")
	b.CSeq(2, MethodInvite)
	b.Address(HeaderContact, `Al "the" \ice`, mustURI(t, "sip:alice@client.atlanta.com;transport=tcp"), "")
	b.Header(HeaderSubject, "")
	b.HeaderBytes(HeaderSupported, []byte("timer,\r\n 100rel"))
	b.Field("X-Any", "\"\u4e2d\"")
	b.Body("application/sdp", []byte("v=0\r\n"), nil, []byte("s=-\r\n"))
	w, err := b.Wire()
	if err != nil {
		t.Fatal(err)
	}
	want := string(wire(
		"INVITE sip:bob@biloxi.com;transport=tcp SIP/2.0",
		"Via: SIP/2.0/TCP client.atlanta.com:5060;branch=z9hG4bK74bf9;rport",
		"Route: <sip:ss1.atlanta.com;lr>",
		"Route: <sip:ss2.biloxi.com;lr>",
		"Max-Forwards: 70",
		"Expires: 0",
		`From: "Alice" <sip:alice@atlanta.com>;tag=9fxced76sl`,
		"To: <sip:bob@biloxi.com>",
		"Call-ID: 3848276298220188511@atlanta.com",
		"CSeq: 2 INVITE",
		`Contact: "Al \"the\" \\ice" <sip:alice@client.atlanta.com;transport=tcp>`,
		"Subject: ",
		"Supported: timer, 100rel",
		"X-Any: \"\u4e2d\"",
		"Content-Type: application/sdp",
		"Content-Length: 10",
		"", "v=0", "s=-"))
	got := string(w.AppendTo(nil))
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if w.Len() != len(got) {
		t.Errorf("got length %d, want %d", w.Len(), len(got))
	}
	m := mustParse(t, []byte(got))
	if err := m.Check(); err != nil {
		t.Errorf("Check: %v", m.Fault())
	}
	c, err := m.Contact()
	if name := string(Unquote(nil, c.Display())); err != nil || name != `Al "the" \ice` {
		t.Errorf("display name: got %q %v", name, err)
	}
}

// What a Builder is told, it writes, or it says that it does not: the first error sticks.
func TestBuilderRefuses(t *testing.T) {
	uri := mustURI(t, "sip:a@h")
	line := func(b *Builder) { b.Request(MethodInvite, uri) }
	for _, row := range []struct {
		name  string
		write func(b *Builder)
		err   Error
	}{
		{"nothing", func(b *Builder) {}, errNoStartLine},
		{"field before the start line", func(b *Builder) { b.Header(HeaderSubject, "x"); line(b) }, errNoStartLine},
		{"named field before the start line", func(b *Builder) { b.Field("X", "x") }, errNoStartLine},
		{"body before the start line", func(b *Builder) { b.Body("", nil) }, errNoStartLine},
		{"Via before the start line", func(b *Builder) { b.Via("UDP", "h", "b") }, errNoStartLine},
		{"two start lines", func(b *Builder) { line(b); line(b) }, errStartLineTwice},
		{"response behind a request line", func(b *Builder) { line(b); b.Response(new(Message), 200, "", "") }, errStartLineTwice},
		{"unknown method", func(b *Builder) { b.Request(MethodUnknown, uri) }, errNoMethod},
		{"no method", func(b *Builder) { b.Request(methodCount, uri) }, errNoMethod},
		{"method that is no token", func(b *Builder) { b.RequestNamed([]byte("IN VITE"), uri) }, errName},
		{"empty method", func(b *Builder) { b.RequestNamed(nil, uri) }, errName},
		{"long method", func(b *Builder) { b.RequestNamed([]byte(strings.Repeat("M", MaxLine+1)), uri) }, errLineLong},
		{"no Request-URI", func(b *Builder) { b.Request(MethodInvite, URI{}) }, errAbsentURI},

		{"Content-Length", func(b *Builder) { line(b); b.Header(HeaderContentLength, "5") }, errLengthGiven},
		{"Content-Length by bytes", func(b *Builder) { line(b); b.HeaderBytes(HeaderContentLength, []byte("5")) }, errLengthGiven},
		{"Content-Length by number", func(b *Builder) { line(b); b.Int(HeaderContentLength, 5) }, errLengthGiven},
		{"Content-Length by name", func(b *Builder) { line(b); b.Field("content-length", "5") }, errLengthGiven},
		{"Content-Length by compact name", func(b *Builder) { line(b); b.Field("l", "5") }, errLengthGiven},
		{"header unknown", func(b *Builder) { line(b); b.Header(HeaderUnknown, "5") }, errHeaderUnknown},
		{"no header", func(b *Builder) { line(b); b.Header(headerCount, "5") }, errHeaderUnknown},
		{"single field twice", func(b *Builder) { line(b); b.Header(HeaderSubject, "a"); b.Header(HeaderSubject, "b") }, errWrittenTwice},
		{"single field twice by name", func(b *Builder) { line(b); b.Header(HeaderSubject, "a"); b.Field("s", "b") }, errWrittenTwice},
		{"copied before the start line", func(b *Builder) { b.Copy(Field{Name: []byte("X-Any")}) }, errNoStartLine},
		{"copied without a name", func(b *Builder) { line(b); b.Copy(Field{}) }, errName},
		{"known name copied as unknown", func(b *Builder) { line(b); b.Copy(Field{Name: []byte("l"), Value: []byte("5")}) }, errName},
		{"unknown header", func(b *Builder) { line(b); b.Copy(Field{Header: headerCount, Name: []byte("x")}) }, errHeaderUnknown},
		{"single field twice by copy", func(b *Builder) {
			line(b)
			b.Address(HeaderTo, "", uri, "")
			b.Copy(Field{Header: HeaderTo, Value: []byte("x")})
		}, errWrittenTwice},
		{"single field twice by address", func(b *Builder) { line(b); b.Address(HeaderTo, "", uri, ""); b.HeaderBytes(HeaderTo, []byte("x")) }, errWrittenTwice},
		{"CSeq twice", func(b *Builder) { line(b); b.CSeq(1, MethodInvite); b.CSeq(1, MethodInvite) }, errWrittenTwice},
		{"Content-Type twice", func(b *Builder) { line(b); b.Header(HeaderContentType, "a/b"); b.Body("a/b", []byte("x")) }, errWrittenTwice},
		{"field behind the body", func(b *Builder) { line(b); b.Body("", nil); b.Header(HeaderSubject, "x") }, errFinished},
		{"second body", func(b *Builder) { line(b); b.Body("", nil); b.Body("", nil) }, errFinished},
		{"four parts", func(b *Builder) { line(b); b.Body("a/b", nil, nil, nil, nil) }, errPartsMany},
		{"body without a type", func(b *Builder) { line(b); b.Body("", []byte("x")) }, errNoContentType},
		{"bad type", func(b *Builder) { line(b); b.Body("text", []byte("x")) }, errMediaType},
		{"type with a line end", func(b *Builder) { line(b); b.Body("a/b\r\nX: y", []byte("x")) }, errMediaType},
		{"type with a fold", func(b *Builder) { line(b); b.Body("a/b;\r\n c=d", []byte("x")) }, errOctet},

		{"CSeq of another method", func(b *Builder) { line(b); b.CSeq(1, MethodBye) }, errNoMethod},
		{"CSeq without a method", func(b *Builder) { b.Response(new(Message), 200, "", ""); b.CSeq(1, MethodUnknown) }, errNoMethod},
		{"CSeq of no method", func(b *Builder) { line(b); b.CSeq(1, methodCount) }, errNoMethod},
		{"CSeq of 2^31", func(b *Builder) { line(b); b.CSeq(1<<31, MethodInvite) }, errSequence},
		{"negative number", func(b *Builder) { line(b); b.Int(HeaderExpires, -1) }, errNegative},
		{"Via behind another field", func(b *Builder) { line(b); b.Int(HeaderMaxForwards, 70); b.Via("UDP", "h", "b") }, errViaLate},
		{"Via behind an unknown field", func(b *Builder) { line(b); b.Field("X", ""); b.Via("UDP", "h", "b") }, errViaLate},
		{"Via with a bad transport", func(b *Builder) { line(b); b.Via("U/DP", "h", "b") }, errName},
		{"Via without a branch", func(b *Builder) { line(b); b.Via("UDP", "h", "") }, errName},
		{"Via with a bad branch", func(b *Builder) { line(b); b.Via("UDP", "h", "b;x") }, errName},
		{"Via with a bad host", func(b *Builder) { line(b); b.Via("UDP", "::1", "b") }, errHost},
		{"Via with a semicolon for a colon", func(b *Builder) { line(b); b.Via("UDP", "h;5060", "b") }, errHost},
		{"Via with a bad port", func(b *Builder) { line(b); b.Via("UDP", "h:0", "b") }, errHost},
		{"Via with text for a port", func(b *Builder) { line(b); b.Via("UDP", "h:x1", "b") }, errHost},
		{"Via with a line end", func(b *Builder) { line(b); b.Via("UDP", "h\r\nX: y", "b") }, errHost},
		{"address without a URI", func(b *Builder) { line(b); b.Address(HeaderTo, "x", URI{}, "") }, errAbsentURI},
		{"bad tag", func(b *Builder) { line(b); b.Address(HeaderTo, "", uri, "a;b") }, errName},
		{"status 99", func(b *Builder) { b.Response(new(Message), 99, "", "") }, errStatus},
		{"status 700", func(b *Builder) { b.Response(new(Message), 700, "", "") }, errStatus},
		{"bad To tag", func(b *Builder) { b.Response(new(Message), 200, "", `"`) }, errName},
		{"bad field name", func(b *Builder) { line(b); b.Field("X Y", "") }, errName},
		{"empty field name", func(b *Builder) { line(b); b.Field("", "") }, errName},
		{"field name with a colon", func(b *Builder) { line(b); b.Field("X:", "") }, errName},
		{"half a fold", func(b *Builder) { line(b); b.HeaderBytes(HeaderSubject, []byte("a\r\n")) }, errOctet},
		{"fold in a string", func(b *Builder) { line(b); b.Header(HeaderSubject, "a\r\n b") }, errOctet},
	} {
		var b Builder
		b.Reset(nil)
		row.write(&b)
		w, err := b.Wire()
		if err != row.err || w.Head != nil || w.Body[0] != nil {
			t.Errorf("%s: got %q %v, want %v", row.name, w.Head, err, row.err)
		}
		if got := b.Err(); got != row.err {
			t.Errorf("%s: Err: got %v, want %v", row.name, got, row.err)
		}
		b.Reset(nil)
		if b.Err() != nil {
			t.Errorf("%s: the error outlives Reset", row.name)
		}
	}
}

// Octets from outside never become anything but what they were meant to be: refused, or the same value after reading.
func TestBuilderInjection(t *testing.T) {
	uri := mustURI(t, "sip:a@h")
	values := []string{"\r", "\n", "\r\n", "\x00", "a\r\nX-Evil: 1", "a\n b", "a\r", "\x0b", "\x7f", `"`, `\`, `\"`, `"\`, ">", "<", `a" <sip:evil@h>`, ",", ";tag=evil",
		" ", "\t", "a\\\r\n", "\u4e2d", "\xff"}
	for c := range 256 {
		values = append(values, string([]byte{byte(c)}))
	}
	clean := func(v string) bool {
		return !strings.ContainsFunc(v, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
	}
	for _, v := range values {
		fields := map[string]struct {
			write func(b *Builder)
			read  func(m *Message) string
		}{
			"display name": {
				func(b *Builder) { b.Address(HeaderTo, v, uri, "") },
				func(m *Message) string { a, _ := m.To(); return string(Unquote(nil, a.Display())) }},
			"header": {
				func(b *Builder) { b.Header(HeaderSubject, v) },
				func(m *Message) string { return string(m.Raw(HeaderSubject)) }},
			"named field": {
				func(b *Builder) { b.Field("X-Any", v) },
				func(m *Message) string { return strings.Join(texts(m.Lookup("X-Any")), "|") }},
			"bytes": {
				func(b *Builder) { b.HeaderBytes(HeaderSubject, []byte(v)) },
				func(m *Message) string { return string(m.Raw(HeaderSubject)) }},
			"copy": {
				func(b *Builder) { b.Copy(Field{HeaderUnknown, []byte("X-Any"), []byte(v)}) },
				func(m *Message) string { return strings.Join(texts(m.Lookup("X-Any")), "|") }},
			"copied name": {
				func(b *Builder) { b.Copy(Field{HeaderUnknown, []byte(v), []byte("x")}) },
				func(m *Message) string {
					for f := range m.Fields() {
						return string(f.Name)
					}
					return ""
				}},
			"tag": {
				func(b *Builder) { b.Address(HeaderTo, "", uri, v) },
				func(m *Message) string { a, _ := m.To(); return string(a.Tag()) }},
			"name": {
				func(b *Builder) { b.Field(v, "x") },
				func(m *Message) string {
					for f := range m.Fields() {
						return string(f.Name)
					}
					return ""
				}},
			"body type": {
				func(b *Builder) { b.Body(v, []byte("x")) },
				func(m *Message) string { return string(m.Raw(HeaderContentType)) }},
		}
		for name, f := range fields {
			var b Builder
			b.Reset(nil)
			b.Request(MethodInvite, uri)
			f.write(&b)
			w, err := b.Wire()
			if err != nil {
				if clean(v) && (name == "display name" || name == "header" || name == "named field") {
					t.Errorf("%s %q: refused: %v", name, v, err)
				}
				continue
			}
			raw := w.AppendTo(nil)
			m := mustParse(t, raw)
			want := v
			if name != "display name" {
				want = strings.Trim(v, " \t")
			}
			if (name == "bytes" || name == "copy") && v == "a\n b" {
				want = "a b"
			}
			if got := f.read(m); got != want {
				t.Errorf("%s %q: read as %q of\n%s", name, v, got, raw)
			}
			n := 0
			for range m.Fields() {
				n++
			}
			if n > 2 || strings.Contains(string(raw), "X-Evil") {
				t.Errorf("%s %q: made fields of its own:\n%s", name, v, raw)
			}
		}
		var b Builder
		b.Reset(nil)
		b.Response(mustParse(t, request()), 200, v, "")
		if w, err := b.Wire(); err == nil {
			if m := mustParse(t, w.Head); v != "" && string(m.Reason()) != v {
				t.Errorf("reason %q: read as %q", v, m.Reason())
			}
		} else if clean(v) {
			t.Errorf("reason %q: refused: %v", v, err)
		}
	}
}

// A received value may hold quoted pairs and folds, and HeaderBytes passes them on; a string may not.
func TestHeaderBytesPassesQuotedPairs(t *testing.T) {
	v := "\"NUL:\\\x00\r\n DEL:\\\x7f\" <sip:a@h>"
	var b Builder
	b.Reset(nil)
	b.Request(MethodInvite, mustURI(t, "sip:h"))
	b.HeaderBytes(HeaderTo, []byte(v))
	w, err := b.Wire()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(mustParse(t, w.Head).Raw(HeaderTo)), "\"NUL:\\\x00 DEL:\\\x7f\" <sip:a@h>"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	b.Reset(nil)
	b.Request(MethodInvite, mustURI(t, "sip:h"))
	b.Header(HeaderTo, v)
	if b.Err() != errOctet {
		t.Errorf("string: got %v, want %v", b.Err(), errOctet)
	}
}

// A Request-URI holds no header components and no method (RFC 3261, Section 19.1.1, Table 1).
func TestBuilderRequestURI(t *testing.T) {
	for in, want := range map[string]string{
		"sip:h":                              "sip:h",
		"sip:a:b@h:1;x;y=z":                  "sip:a:b@h:1;x;y=z",
		"sip:h?Route=%3Csip:x%3E":            "sip:h",
		"sip:h;method=REGISTER?to=a%40h":     "sip:h",
		"sip:h;lr;%6Dethod=REGISTER;x":       "sip:h;lr;x",
		"sip:h;m=1;METHOD=REGISTER":          "sip:h;m=1",
		"sip:h;a;Method=BYE;b=c":             "sip:h;a;b=c",
		"sip:h;m%65thod=BYE":                 "sip:h",
		"sips:h;transport=tcp?a=b":           "sips:h;transport=tcp",
		"tel:+1;phone-context=x":             "tel:+1;phone-context=x",
		"http://h/a?b=c":                     "http://h/a?b=c",
		"soap.beep://192.0.2.103:3002;a=b,c": "soap.beep://192.0.2.103:3002;a=b,c",
	} {
		var b Builder
		b.Reset(nil)
		b.Request(MethodOptions, mustURI(t, in))
		w, err := b.Wire()
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		if got, want := string(w.Head), "OPTIONS "+want+" SIP/2.0\r\nContent-Length: 0\r\n\r\n"; got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
}

// A method without a constant is written as it was, in CSeq as well.
func TestBuilderRequestNamed(t *testing.T) {
	var b Builder
	b.Reset(nil)
	b.RequestNamed([]byte("RE%47IST%45R"), mustURI(t, "sip:h"))
	b.CSeq(7, MethodUnknown)
	w, err := b.Wire()
	if want := "RE%47IST%45R sip:h SIP/2.0\r\nCSeq: 7 RE%47IST%45R\r\nContent-Length: 0\r\n\r\n"; err != nil || string(w.Head) != want {
		t.Errorf("got %q %v, want %q", w.Head, err, want)
	}
}

// Reset appends behind what the buffer holds, and the Wire starts where the message does.
func TestBuilderAppends(t *testing.T) {
	var b Builder
	buf := append(make([]byte, 0, 1024), "before"...)
	b.Reset(buf)
	b.Request(MethodOptions, mustURI(t, "sip:h"))
	b.CSeq(1, MethodOptions)
	w, err := b.Wire()
	if err != nil {
		t.Fatal(err)
	}
	if want := "OPTIONS sip:h SIP/2.0\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"; string(w.Head) != want {
		t.Errorf("got %q, want %q", w.Head, want)
	}
	if got := string(buf[:cap(buf)][:6]); got != "before" {
		t.Errorf("the buffer starts with %q", got)
	}
	if &w.Head[0] != &buf[:7][6] {
		t.Error("the message is not in the buffer")
	}
	again, err := b.Wire()
	if err != nil || string(again.Head) != string(w.Head) {
		t.Errorf("a second Wire: got %q %v", again.Head, err)
	}
}

// Writing what was read gives what was read, field by field, for every message that is accepted.
func TestRoundTrip(t *testing.T) {
	inputs := map[string][]byte{"INVITE": inviteBytes()}
	for _, row := range torture(t) {
		inputs[row.file] = row.data
	}
	for name, in := range inputs {
		var m Message
		if verdict(&m, in) != nil {
			continue
		}
		var b Builder
		b.Reset(nil)
		u, err := m.RequestURI()
		switch {
		case err == nil:
			b.RequestNamed(m.MethodName(), u)
		case len(m.Reason()) == 0: // which Response takes for the status' own
			b.MinimalResponse(new(Message), m.Status(), "")
		default:
			b.Response(new(Message), m.Status(), string(m.Reason()), "")
		}
		for f := range m.Fields() {
			if f.Header != HeaderContentType {
				b.Copy(f)
			}
		}
		b.Body(string(m.Raw(HeaderContentType)), m.Body())
		w, err := b.Wire()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		again := mustParse(t, w.AppendTo(nil))
		if err := again.Check(); err != nil {
			t.Errorf("%s: %v", name, again.Fault())
		}
		if got, want := meaning(again), meaning(&m); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
	}
}

// meaning prints what m says, without its spelling: folds, names and the order of unlike fields.
func meaning(m *Message) string {
	var s strings.Builder
	fmt.Fprintf(&s, "%s %d %q %q\n", m.MethodName(), m.Status(), m.Reason(), m.Body())
	for h := HeaderUnknown; h < headerCount; h++ {
		if h == HeaderContentLength {
			continue
		}
		for v := range m.Values(h) {
			fmt.Fprintf(&s, "%v: %s\n", h, appendUnfolded(nil, v))
		}
	}
	return s.String()
}

// Via takes what its parts are by the grammar, whichever way it looks at them, and nothing else.
func TestBuilderViaParts(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	const odd = "-._;:,=[]\r\n\x00 %~a0\xc3"
	pick := func(from ...string) string {
		s := []byte(from[r.IntN(len(from))])
		if r.IntN(3) == 0 {
			i := r.IntN(len(s) + 1)
			s = append(s[:i:i], append([]byte{odd[r.IntN(len(odd))]}, s[i:]...)...)
		}
		return string(s)
	}
	taken := 0
	for range 100000 {
		transport := pick("UDP", "TLS", "x", "")
		sentBy := pick("h.example.com", "h:5060", "192.0.2.1:1", "[2001:db8::1]:5061", "a-b.c-d.", "h:0", "h:70000", "192.0.2.256", "", strings.Repeat("long.", 30)+"example.com")
		branch := pick("z9hG4bK2d4790.1", "z9hG4bK_-~", "b", "")
		var b Builder
		b.Request(MethodOptions, mustURI(t, "sip:h"))
		b.Via(transport, sentBy, branch)
		_, err := b.Wire()
		end, bad := scanHost([]byte(sentBy), 0)
		if bad == 0 && end < len(sentBy) && sentBy[end] == ':' {
			_, end, bad = scanPort([]byte(sentBy), end+1)
		}
		if want := isToken(transport) && isToken(branch) && bad == 0 && end == len(sentBy); (err == nil) != want {
			t.Fatalf("Via(%q, %q, %q): got %v, want it taken: %v", transport, sentBy, branch, err, want)
		} else if want {
			taken++
		}
	}
	if taken < 10000 {
		t.Errorf("took %d, want more to compare", taken)
	}
}
