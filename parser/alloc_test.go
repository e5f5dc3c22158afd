package parser

import (
	"bytes"
	"fmt"
	"testing"
)

// Everything that promises not to allocate, one line for each, failures among them.
func TestAllocations(t *testing.T) {
	name := []byte("X-Copied")
	in := bytes.Replace(inviteBytes(), []byte("Supported:"), []byte("Route: <sip:r1;lr>, <sip:r2;lr>\r\nRetry-After: 5 (x);duration=9\r\nExpires: 60\r\nX-Any: y\r\nSupported:"), 1)
	var fields []string
	for i := range MaxFields - 5 {
		fields = append(fields, fmt.Sprintf("X-%d: %d", i, i))
	}
	many := request(fields...)
	var m, refused, reused, scratch Message
	if err := verdict(&m, in); err != nil {
		t.Fatal(m.Fault())
	}
	received := mustParse(t, in)
	received.SetReceived([]byte("192.0.2.7"), 4000)
	if err := reused.Parse(many); err != nil {
		t.Fatal(err)
	}
	bad := map[string][]byte{
		"start line":     []byte("INVITE <sip:h> SIP/2.0\r\n\r\n"),
		"version":        start("OPTIONS sip:h SIP/7.0"),
		"status":         start("SIP/2.0 4294967301 x"),
		"twice":          request("Subject: a", "Subject: b"),
		"control":        request("Subject: a\x00b"),
		"length":         request("Content-Length: 99"),
		"blank line":     in[:300],
		"Via":            replaced(request(), "Via", "Via: SIP/2.0/UDP 192.0.2.15;;,;,,"),
		"To":             replaced(request(), "To", `To: "Mr. J. User <sip:j.user@example.com>`),
		"CSeq":           replaced(request(), "CSeq", "CSeq: 36893488147419103232 REGISTER"),
		"missing":        replaced(request(), "From"),
		"header section": request(string(bytes.Repeat([]byte("X: y\r\n"), MaxHead/6))),
	}
	u, v := mustURI(t, "sip:a%41:b@[2001:db8::1]:5060;x;y=z;lr?a=b&c=d"), mustURI(t, "SIP:aA:b@[2001:DB8::0:1]:5060;lr;Y=%7a?c=d&a=b")
	tel := mustURI(t, "tel:+1-201-555-0123;phone-context=x")
	if !u.Equal(v) {
		t.Fatal("the URIs to compare are not equal")
	}
	stream := append(append([]byte("\r\n\r\n"), in...), in...)
	badStream := request("Content-Length: -1")
	var dst [4096]byte
	var b Builder
	part := []byte("v=0\r\n")
	tag := []byte("<sip:a@h>;tag=1")

	for _, row := range []struct {
		name string
		f    func()
	}{
		{"Parse", func() { _ = scratch.Parse(in) }},
		{"Parse a new Message", func() { var m Message; _ = m.Parse(in) }},
		{"Parse 256 fields again", func() { _ = reused.Parse(many) }},
		{"Check", func() { m.checked = false; _ = m.Check() }},
		{"Fault", func() { _ = m.Fault(); _ = m.FaultStatus() }},
		{"all values", func() { readAll(&m) }},
		{"Bytes, Body, StartLine", func() { _ = m.Bytes(); _ = m.Body(); _ = m.StartLine() }},
		{"MethodName, Reason", func() { _ = m.MethodName(); _ = m.Reason() }},
		{"RequestURI", func() { _, _ = m.RequestURI() }},
		{"Via", func() { v, _ := m.Via(); v.Param("branch"); v.TTL(); v.MAddr(); v.Received() }},
		{"Via with SetReceived", func() { received.SetReceived([]byte("192.0.2.7"), 1); v, _ := received.Via(); v.Received() }},
		{"Vias", func() {
			for v, err := range m.Vias() {
				_, _ = v, err
			}
		}},
		{"Via.Params", func() {
			v, _ := m.Via()
			for n, p := range v.Params() {
				_, _ = n, p
			}
		}},
		{"From", func() { a, _ := m.From(); a.Tag(); a.Display(); a.Param("tag") }},
		{"To", func() { a, _ := m.To(); a.Tag() }},
		{"NameAddr.Params", func() {
			a, _ := m.From()
			for n, p := range a.Params() {
				_, _ = n, p
			}
		}},
		{"CallID", func() { _ = m.CallID() }},
		{"CSeq", func() { _, _ = m.CSeq() }},
		{"Contact", func() { _, _ = m.Contact() }},
		{"Contacts", func() {
			for a, err := range m.Contacts() {
				_, _ = a, err
			}
		}},
		{"Routes", func() {
			for a, err := range m.Routes() {
				_, _ = a, err
			}
		}},
		{"RecordRoutes", func() {
			for a, err := range m.RecordRoutes() {
				_, _ = a, err
			}
		}},
		{"numbers", func() { m.MaxForwards(); m.Expires(); m.ContentLength(); m.Number(HeaderSessionExpires) }},
		{"ContentType", func() { t, _ := m.ContentType(); t.Is("application/sdp"); t.Param("boundary") }},
		{"RetryAfter", func() { _, _ = m.RetryAfter() }},
		{"Has, Raw", func() { _ = m.Has(HeaderVia); _ = m.Raw(HeaderAllow) }},
		{"Fields", func() {
			for f := range m.Fields() {
				_ = f
			}
		}},
		{"Values", func() {
			for v := range m.Values(HeaderAllow) {
				_ = v
			}
		}},
		{"Lookup", func() {
			for v := range m.Lookup("X-Any") {
				_ = v
			}
		}},
		{"HasTag", func() { _ = m.HasTag(HeaderSupported, "100rel") }},
		{"absent", func() {
			refused.Parse(bad["start line"])
			refused.Via()
			refused.To()
			refused.CSeq()
			refused.Expires()
		}},

		{"ParseURI", func() { _, _ = ParseURI(u.Raw()) }},
		{"ParseURI of tel", func() { _, _ = ParseURI(tel.Raw()) }},
		{"URI parts", func() { u.Param("y"); u.User(); u.Host(); u.Headers() }},
		{"URI.Params", func() {
			for n, p := range u.Params() {
				_, _ = n, p
			}
		}},
		{"URI.Equal", func() { u.Equal(v); tel.Equal(tel) }},
		{"URI.AppendTo", func() { _ = u.AppendTo(dst[:0]) }},
		{"Unescape", func() { _ = Unescape(dst[:0], u.User()) }},
		{"AppendUser", func() { _ = AppendUser(dst[:0], u.User()) }},
		{"Unquote", func() { _ = Unquote(dst[:0], part) }},
		{"EqualFold", func() { _ = EqualFold(part, "V=0\r\n") }},
		{"ParseNameAddr", func() { _, _ = ParseNameAddr(tag) }},
		{"ParseVia", func() { _, _ = ParseVia(m.Raw(HeaderVia)) }},
		{"ParseMediaType", func() { _, _ = ParseMediaType(m.Raw(HeaderContentType)) }},
		{"ParseHeader", func() { _ = ParseHeader("max-forwards") }},
		{"ParseMethod", func() { _ = ParseMethod(m.MethodName()) }},

		{"Framer", func() {
			var f Framer
			for i := 0; i < len(stream); {
				n, err := f.Next(stream[i:])
				if err != nil {
					panic(err)
				}
				i += n
			}
		}},
		{"Framer in pieces", func() {
			var f Framer
			for i := 0; i < len(in); i += 100 {
				f.Next(in[:i])
			}
		}},
		{"Framer failing", func() { var f Framer; f.Next(badStream) }},

		{"Builder", func() {
			b.Reset(dst[:0])
			b.Request(MethodInvite, u)
			b.Via("UDP", "192.0.2.1:5060", "z9hG4bK1")
			b.Address(HeaderRoute, "", u, "")
			b.Int(HeaderMaxForwards, 70)
			b.Address(HeaderFrom, `Al "ice"`, u, "1")
			b.Header(HeaderCallID, "1@h")
			b.CSeq(1, MethodInvite)
			b.HeaderBytes(HeaderTo, tag)
			b.Copy(Field{HeaderUnknown, name, tag})
			b.Field("X-Any", "y")
			b.Body("application/sdp", part, part)
			if _, err := b.Wire(); err != nil {
				panic(err)
			}
		}},
		{"Wire.AppendTo", func() { _ = Wire{Head: part, Body: [3][]byte{part}}.AppendTo(dst[:0]) }},
		{"Response", func() {
			b.Reset(dst[:0])
			b.Response(received, 100, "", "t")
			if _, err := b.Wire(); err != nil {
				panic(err)
			}
		}},
		{"MinimalResponse", func() { b.Reset(dst[:0]); b.MinimalResponse(received, 400, "t"); _, _ = b.Wire() }},
		{"Ack", func() { b.Reset(dst[:0]); b.Ack(&m, received); _, _ = b.Wire() }},
		{"Cancel", func() { b.Reset(dst[:0]); b.Cancel(&m); _, _ = b.Wire() }},
		{"Builder failing", func() { b.Reset(dst[:0]); b.Header(HeaderSubject, "\r\n"); _, _ = b.Wire(); _ = b.Err() }},
	} {
		if n := testing.AllocsPerRun(100, row.f); n != 0 {
			t.Errorf("%s: got %v allocations, want 0", row.name, n)
		}
	}
	for name, in := range bad {
		if err := verdict(&refused, in); err == nil {
			t.Errorf("%s: accepted", name)
		}
		if n := testing.AllocsPerRun(100, func() {
			_ = verdict(&refused, in)
			readAll(&refused)
			_ = refused.Fault().Err.Status()
			b.Reset(dst[:0])
			b.Response(&refused, 400, "", "t")
			_, _ = b.Wire()
		}); n != 0 {
			t.Errorf("bad %s: got %v allocations, want 0", name, n)
		}
	}

	// Clone allocates twice, whatever the number of fields; a Message once for its 25th field, ever.
	for _, m := range []*Message{&m, mustParse(t, request(fields[:30]...)), &reused} {
		if n := testing.AllocsPerRun(100, func() { _ = m.Clone() }); n > 2 {
			t.Errorf("Clone of %d fields: got %v allocations, want 2", m.count, n)
		}
	}
	if n := testing.AllocsPerRun(100, func() { var m Message; _ = m.Parse(many) }); n > 1 {
		t.Errorf("256 fields in a new Message: got %v allocations, want 1", n)
	}
}
