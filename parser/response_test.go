package parser

import (
	"strings"
	"testing"
)

// respond answers req and returns the message as text.
func respond(t *testing.T, req *Message, status Status, reason, toTag string) string {
	t.Helper()
	var b Builder
	b.Reset(nil)
	b.Response(req, status, reason, toTag)
	w, err := b.Wire()
	if err != nil {
		t.Fatal(err)
	}
	return string(w.AppendTo(nil))
}

// What a response copies, and how (RFC 3261, Section 8.2.6.2).
func TestResponse(t *testing.T) {
	b := wire("INVITE sip:bob@biloxi.com SIP/2.0",
		"CSeq: 314159\r\n  INVITE",
		"v: SIP/2.0/UDP bigbox3.site3.atlanta.com;branch=z9hG4bK77ef4c2312983.1,\r\n SIP/2.0/UDP a",
		"From : \"J \\\\\\\"\"  <sip:alice@atlanta.com>\r\n ;tag = 1928301774",
		"VIA:SIP/2.0/UDP  pc33.atlanta.com;branch=z9hG4bKnashds8;received=192.0.2.1",
		"t:Bob <sip:bob@biloxi.com>",
		"i:a84b4c76e66710",
		"Record-Route: <sip:p1.example.com;lr>",
		"Timestamp: 54.2",
		"Content-Length: 4", "", "bod")
	m := mustParse(t, b)
	want := string(wire("SIP/2.0 180 Ringing",
		"Via: SIP/2.0/UDP bigbox3.site3.atlanta.com;branch=z9hG4bK77ef4c2312983.1, SIP/2.0/UDP a",
		"Via: SIP/2.0/UDP  pc33.atlanta.com;branch=z9hG4bKnashds8;received=192.0.2.1",
		"From: \"J \\\\\\\"\"  <sip:alice@atlanta.com> ;tag = 1928301774",
		"To: Bob <sip:bob@biloxi.com>;tag=a6c85cf",
		"Call-ID: a84b4c76e66710",
		"CSeq: 314159 INVITE",
		"Content-Length: 0", ""))
	if got := respond(t, m, 180, "", "a6c85cf"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}

	// A 100 carries Timestamp, and no tag is added where none is given (RFC 3261, Section 8.2.6.1).
	want = strings.Replace(want, "180 Ringing", "100 Trying", 1)
	want = strings.Replace(want, ";tag=a6c85cf", "", 1)
	want = strings.Replace(want, "INVITE\r\n", "INVITE\r\nTimestamp: 54.2\r\n", 1)
	if got := respond(t, m, 100, "", ""); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}

	// The words may be others, and a To with a tag keeps it.
	m = mustParse(t, replaced(request(), "To", "To: <sip:bob@h>;TAG=old"))
	got := respond(t, m, 400, "Malformed Via", "new")
	if !strings.HasPrefix(got, "SIP/2.0 400 Malformed Via\r\n") || !strings.Contains(got, "\r\nTo: <sip:bob@h>;TAG=old\r\n") {
		t.Errorf("got\n%s", got)
	}
}

// The topmost Via says where the request came from (RFC 3261, Section 18.2.1; RFC 3581, Section 4): what the sender
// wrote there is overwritten, and nothing else changes.
func TestResponseReceived(t *testing.T) {
	for _, row := range []struct{ via, want string }{
		{"SIP/2.0/UDP a:5070", "SIP/2.0/UDP a:5070;received=192.0.2.7"},
		{"SIP/2.0/UDP a;branch=z9hG4bK1", "SIP/2.0/UDP a;branch=z9hG4bK1;received=192.0.2.7"},
		{"SIP/2.0/UDP a;rport;branch=z9hG4bK1", "SIP/2.0/UDP a;rport=4000;branch=z9hG4bK1;received=192.0.2.7"},
		{"SIP/2.0/UDP a;branch=z9hG4bK1;RPORT=1", "SIP/2.0/UDP a;branch=z9hG4bK1;RPORT=4000;received=192.0.2.7"},
		{"SIP/2.0/UDP a;received=[2001:db8::1];x=\"a;rport,b\"", "SIP/2.0/UDP a;x=\"a;rport,b\";received=192.0.2.7"},
		{"SIP/2.0/UDP a;received", "SIP/2.0/UDP a;received=192.0.2.7"},
		{"SIP / 2.0\r\n / UDP a : 5070 ;\r\n branch = z9hG4bK1 ; rport",
			"SIP / 2.0 / UDP a : 5070;branch = z9hG4bK1;rport=4000;received=192.0.2.7"},
		{"SIP/2.0/UDP a;rport, SIP/2.0/UDP b;rport", "SIP/2.0/UDP a;rport=4000;received=192.0.2.7, SIP/2.0/UDP b;rport"},
		{"SIP/2.0/UDP a ,SIP/2.0/UDP b", "SIP/2.0/UDP a;received=192.0.2.7,SIP/2.0/UDP b"},
		{"SIP/2.0/UDP a;rport;x=1 ,SIP/2.0/UDP b", "SIP/2.0/UDP a;rport=4000;x=1;received=192.0.2.7,SIP/2.0/UDP b"},
		{"SIP/2.0/UDP a;x;RPort=77;branch=z9hG4bK1", "SIP/2.0/UDP a;x;RPort=4000;branch=z9hG4bK1;received=192.0.2.7"},
		{"SIP/2.0/UDP a ;branch=z9hG4bK1", "SIP/2.0/UDP a;branch=z9hG4bK1;received=192.0.2.7"},
		{"SIP/2.0/UDP a; rport ;branch=z9hG4bK1", "SIP/2.0/UDP a;rport=4000;branch=z9hG4bK1;received=192.0.2.7"},
		{"SIP/2.0/UDP a;;rport", "SIP/2.0/UDP a;;rport"}, // malformed: as it was
	} {
		m := mustParse(t, replaced(request(), "Via", "Via: "+row.via, "Via: SIP/2.0/UDP last;rport"))
		m.SetReceived([]byte("192.0.2.7"), 4000)
		got := respond(t, m, 200, "", "")
		if m.Check() == nil {
			if checked := respond(t, m, 200, "", ""); checked != got {
				t.Errorf("%q, checked: got\n%s\nwant\n%s", row.via, checked, got)
			}
		}
		if want := "SIP/2.0 200 OK\r\nVia: " + row.want + "\r\nVia: SIP/2.0/UDP last;rport\r\nFrom: "; !strings.HasPrefix(got, want) {
			t.Errorf("%q: got\n%s\nwant\n%s", row.via, got, want)
		}
		if strings.Contains(row.via, ";;") {
			continue
		}
		answer := mustParse(t, []byte(got))
		v, err := answer.Via()
		port, ok := v.RPort()
		if err != nil || string(v.Received()) != "192.0.2.7" || ok != strings.Contains(strings.ToLower(row.want), "rport=4000") || ok && port != 4000 {
			t.Errorf("%q: read as received %q, rport %d %v, %v", row.via, v.Received(), port, ok, err)
		}
	}
}

// A refused request is answered with what could be found in it (RFC 4475, Section 3.3.1), without CR or LF of its own.
func TestResponseToRefused(t *testing.T) {
	for _, row := range torture(t) {
		var m Message
		if verdict(&m, row.data) == nil || m.FaultStatus() == 0 {
			continue
		}
		got := respond(t, &m, m.FaultStatus(), "", "t1")
		var answer Message
		if err := answer.Parse([]byte(got)); err != nil {
			t.Errorf("%s: the answer is malformed: %v\n%s", row.file, answer.Fault(), got)
			continue
		}
		if answer.Status() != m.FaultStatus() {
			t.Errorf("%s: got status %d, want %d", row.file, answer.Status(), m.FaultStatus())
		}
		for _, h := range []Header{HeaderVia, HeaderFrom, HeaderCallID, HeaderCSeq} {
			want := ""
			if m.Has(h) {
				want = string(appendUnfolded(nil, m.Raw(h)))
			}
			if got := string(answer.Raw(h)); got != want {
				t.Errorf("%s: %v: got %q, want %q", row.file, h, got, want)
			}
		}
		if _, err := m.To(); err == nil {
			if to, err := answer.To(); err != nil || to.Tag() == nil {
				t.Errorf("%s: To: got %q %v, want a tag", row.file, to.Raw(), err)
			}
		} else if got, want := string(answer.Raw(HeaderTo)), string(m.Raw(HeaderTo)); got != want {
			t.Errorf("%s: To: got %q, want %q as it was", row.file, got, want)
		}
	}
	for _, row := range []struct{ name, bad, want string }{
		{"CR", "Call-ID: a\rX-Evil: b", "\r\nCall-ID: a X-Evil: b\r\n"},
		{"CR before a fold", "Call-ID: a\r\r\n b", "\r\nCall-ID: a b\r\n"},
		{"many", "Call-ID: a\r\r\r \r\r\t\rb", "\r\nCall-ID: a b\r\n"},
	} {
		var m Message
		if m.Parse(replaced(request(), "Call-ID", row.bad)) == nil {
			t.Errorf("%s: accepted", row.name)
		}
		if got := respond(t, &m, 400, "", ""); !strings.Contains(got, row.want) {
			t.Errorf("%s: got\n%s\nwant %q", row.name, got, row.want)
		}
	}
}

// A minimal response says the same as a response, and is not half as long again as the smallest request that names
// what a response has to carry.
func TestMinimalResponse(t *testing.T) {
	b := wire("OPTIONS sip:h SIP/2.0", "v:SIP/2.0/UDP h;branch=z9hG4bK1;rport", "f:sip:a@h;tag=1", "t:sip:b@h", "i:1", "CSeq:1 OPTIONS", "")
	m := mustParse(t, b)
	m.SetReceived([]byte("192.0.2.123"), 65535)
	var w Builder
	w.Reset(nil)
	w.MinimalResponse(m, 400, "t")
	got, err := w.Wire()
	if err != nil {
		t.Fatal(err)
	}
	want := string(wire("SIP/2.0 400 ", "v: SIP/2.0/UDP h;branch=z9hG4bK1;rport=65535;received=192.0.2.123", "f: sip:a@h;tag=1", "t: sip:b@h;tag=t", "i: 1",
		"CSeq: 1 OPTIONS", "l: 0", ""))
	if string(got.Head) != want {
		t.Errorf("got\n%s\nwant\n%s", got.Head, want)
	}
	if 2*len(got.Head) > 3*len(b) {
		t.Errorf("got %d octets for %d", len(got.Head), len(b))
	}
	full := mustParse(t, []byte(respond(t, m, 400, "Bad Request", "t")))
	minimal := mustParse(t, got.Head)
	for _, h := range []Header{HeaderVia, HeaderFrom, HeaderTo, HeaderCallID, HeaderCSeq} {
		if string(minimal.Raw(h)) != string(full.Raw(h)) {
			t.Errorf("%v: got %q, want %q", h, minimal.Raw(h), full.Raw(h))
		}
	}
}

// Of control octets in a refused request none comes back: the answer can be read.
func TestResponseHasNoControlOctets(t *testing.T) {
	for _, field := range []string{"From: <sip:a@h>;tag=1\x00", "To: \"\x7f\" <sip:b@h>", "Via: SIP/2.0/UDP h;branch=\x01", "Call-ID: a\rb", "CSeq: 1\x00 OPTIONS"} {
		name, _, _ := strings.Cut(field, ":")
		var m, answer Message
		if err := m.Parse(replaced(request(), name, field)); err == nil {
			t.Fatalf("%q is accepted", field)
		}
		m.SetReceived([]byte("192.0.2.1"), 5060)
		got := respond(t, &m, 400, "", "new")
		if err := answer.Parse([]byte(got)); err != nil || !answer.Has(ParseHeader(name)) {
			t.Errorf("%q: %v in\n%q", field, answer.Fault(), got)
		}
	}
	// Behind a backslash in a string they are text.
	m := mustParse(t, replaced(request(), "From", "From: \"a\\\x00\" <sip:a@h>"))
	if got := respond(t, m, 200, "", ""); !strings.Contains(got, "From: \"a\\\x00\" <sip:a@h>\r\n") {
		t.Errorf("got\n%q", got)
	}
}

func TestAppendUnfolded(t *testing.T) {
	for _, row := range []struct{ in, want string }{
		{"", ""}, {"a b", "a b"}, {"a\tb", "a\tb"}, {"a\r\n b", "a b"}, {"a \t\r\n\t b", "a b"}, {"a\n b", "a b"}, {"a\r\n \r\n b", "a b"},
		{"a\rb", "a b"}, {"a\r\r\r\rb", "a b"}, {"a\x00b", "a\x00b"}, {"a\r\n", "a "}, {"\r\n a", " a"}, {"a\r\n b\r\n c", "a b c"},
	} {
		if got := string(appendUnfolded([]byte("x:"), []byte(row.in))); got != "x:"+row.want {
			t.Errorf("%q: got %q, want %q", row.in, got, "x:"+row.want)
		}
	}
}
