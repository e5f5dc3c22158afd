package parser

import (
	"strings"
	"testing"
)

// What Check asks for, in requests and responses: the contract of `sip parse`.
func TestCheck(t *testing.T) {
	for _, row := range []struct {
		name   string
		field  string // the one replaced
		with   []string
		err    Error
		header Header
		at     string // what the fault points at, up to the end of its line
	}{
		{"as it is", "Subject", nil, 0, 0, ""},

		{"no Via", "Via", nil, ErrAbsent, HeaderVia, ""},
		{"empty Via", "Via", []string{"Via:"}, errEmpty, HeaderVia, ""},
		{"second Via malformed", "Via", []string{"Via: SIP/2.0/UDP a", "v: SIP/2.0/UDP b, SIP/2.0/UDP c;"}, errStray, HeaderVia, ""},
		{"Via with text behind it", "Via", []string{"Via: SIP/2.0/UDP a b"}, errTrailing, HeaderVia, "b"},
		{"Via without branch", "Via", []string{"Via: SIP/2.0/UDP a"}, 0, 0, ""},
		{"Via with the bare cookie", "Via", []string{"Via: SIP/2.0/UDP a;branch=z9hG4bK"}, 0, 0, ""},
		{"unknown transport", "Via", []string{"Via: SIP/2.0/CARRIERPIGEON a"}, 0, 0, ""},

		{"no From", "From", nil, ErrAbsent, HeaderFrom, ""},
		{"empty From", "From", []string{"From:"}, errEmpty, HeaderFrom, ""},
		{"From without a tag", "From", []string{"From: <sip:a@h>"}, 0, 0, ""},
		{"From of another scheme", "From", []string{"From: <http://www.example.com>;tag=1"}, 0, 0, ""},
		{"two From values", "From", []string{"From: <sip:a@h>, <sip:b@h>"}, errTrailing, HeaderFrom, ", <sip:b@h>"},
		{"From is a wildcard", "From", []string{"From: *"}, errScheme, HeaderFrom, "*"},

		{"no To", "To", nil, ErrAbsent, HeaderTo, ""},
		{"open string", "To", []string{`To: "Bob <sip:bob@h>`}, errQuote, HeaderTo, `"Bob <sip:bob@h>`},
		{"bad host in To", "To", []string{"To: <sip:bob@h-;x>"}, errHost, HeaderTo, ";x>"},
		{"folded To", "To", []string{"To:\r\n <sip:bob@h>\r\n ;;"}, errStray, HeaderTo, ";"},

		{"no Call-ID", "Call-ID", nil, ErrAbsent, HeaderCallID, ""},
		{"empty Call-ID", "Call-ID", []string{"Call-ID:"}, errEmpty, HeaderCallID, ""},
		{"bad Call-ID", "Call-ID", []string{"Call-ID: a@b@c"}, errCallID, HeaderCallID, "@c"},

		{"no CSeq", "CSeq", nil, ErrAbsent, HeaderCSeq, ""},
		{"empty CSeq", "CSeq", []string{"CSeq:"}, errEmpty, HeaderCSeq, ""},
		{"CSeq without a number", "CSeq", []string{"CSeq: OPTIONS"}, errNumber, HeaderCSeq, "OPTIONS"},
		{"CSeq too large", "CSeq", []string{"CSeq: 4294967296 OPTIONS"}, errNumberLarge, HeaderCSeq, "4294967296 OPTIONS"},

		{"bad Max-Forwards", "Subject", []string{"Max-Forwards: -1"}, errNumber, HeaderMaxForwards, "-1"},
		{"empty Max-Forwards", "Subject", []string{"Max-Forwards:"}, errNumber, HeaderMaxForwards, ""},
		{"large Max-Forwards", "Subject", []string{"Max-Forwards: 99999999999"}, 0, 0, ""},
		{"bad Expires", "Subject", []string{"Expires: soon"}, errNumber, HeaderExpires, "soon"},
		{"large Expires", "Subject", []string{"Expires: 99999999999"}, 0, 0, ""},

		{"no Contact", "Subject", nil, 0, 0, ""},
		{"empty Contact", "Subject", []string{"Contact:"}, errEmpty, HeaderContact, ""},
		{"Contact of another scheme", "Subject", []string{"Contact: <name:John_Smith>"}, 0, 0, ""},
		{"second Contact malformed", "Subject", []string{"Contact: <sip:a@h>", "m: <sip:b@h>, sip:c@h?x=y"}, errQuestion, HeaderContact, "?x=y"},
		{"wildcard", "Subject", []string{"Contact: *"}, 0, 0, ""},
		{"wildcard first in a list", "Subject", []string{"Contact: *, <sip:a@h>"}, errScheme, HeaderContact, "*, <sip:a@h>"},
		{"wildcard last in a list", "Subject", []string{"Contact: <sip:a@h>, *"}, errWildcard, HeaderContact, "*"},
		{"wildcard in two rows", "Subject", []string{"Contact: *", "Contact: <sip:a@h>"}, errWildcard, HeaderContact, "<sip:a@h>"},
		{"bad Contact parameters are not read", "Subject", []string{"Contact: <sip:a@h>;expires=abc;q=1.5"}, 0, 0, ""},

		{"others are not read", "Subject", []string{"Date: Fri, 01 Jan 2010 16:00:00 EST", "Content-Type: ;;", "Route: sip:h", "RSeq: x",
			"Warning: 1812 x", "Authorization: ?", "X-Y: ;;,,"}, 0, 0, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, first := range []string{"OPTIONS sip:bob@biloxi.example.com SIP/2.0", "SIP/2.0 200 OK"} {
				b := replaced(append(start(first)[:len(start(first))-2], "Subject: x\r\n\r\n"...), row.field, row.with...)
				m := mustParse(t, b)
				if err := m.Check(); err != row.err.orNil() {
					t.Fatalf("%s: got %v, want %v", first, err, row.err)
				}
				f := m.Fault()
				if f.Err != row.err || f.Header != row.header {
					t.Errorf("%s: got fault %q of %v", first, f, f.Header)
				}
				if row.err == 0 {
					continue
				}
				if got := string(b[f.Offset:]); !strings.HasPrefix(got, row.at+"\r\n") {
					t.Errorf("%s: got a fault at %.30q, want %q", first, got, row.at)
				}
				want := Status(400)
				if first[0] == 'S' || row.header == HeaderVia && row.err == ErrAbsent {
					want = 0
				}
				if got := m.FaultStatus(); got != want {
					t.Errorf("%s: got status %d, want %d", first, got, want)
				}
				if again := m.Check(); again != row.err {
					t.Errorf("%s: the second Check says %v", first, again)
				}
			}
		})
	}
}

// CSeq's method is the request's, octet by octet; when it is not, an unknown method is answered 501 (RFC 4475,
// Sections 3.1.2.17 and 3.1.2.18). A response has no method to compare with.
func TestCheckCSeqMethod(t *testing.T) {
	for _, row := range []struct {
		method, cseq string
		status       Status // 0: fine
	}{
		{"OPTIONS", "OPTIONS", 0}, {"NEWMETHOD", "NEWMETHOD", 0}, {"OPTIONS", "INVITE", 400}, {"OPTIONS", "options", 400},
		{"options", "OPTIONS", 501}, {"NEWMETHOD", "INVITE", 501}, {"NEWMETHOD", "NEWMETHODS", 501},
	} {
		b := replaced(start(row.method+" sip:h SIP/2.0"), "CSeq", "CSeq: 1 "+row.cseq)
		m := mustParse(t, b)
		err := m.Check()
		if (err == nil) != (row.status == 0) || m.FaultStatus() != row.status {
			t.Errorf("%s with CSeq %s: got %v, status %d, want %d", row.method, row.cseq, err, m.FaultStatus(), row.status)
		}
		if err != nil && !strings.HasPrefix(string(b[m.Fault().Offset:]), row.cseq+"\r\n") {
			t.Errorf("%s with CSeq %s: got a fault at %.20q", row.method, row.cseq, b[m.Fault().Offset:])
		}
	}
	if err := mustParse(t, replaced(start("SIP/2.0 200 OK"), "CSeq", "CSeq: 1 FOO")).Check(); err != nil {
		t.Errorf("response: got %v", err)
	}
}

// The Request-URI is read by Check: any scheme, no brackets, no header components.
func TestCheckRequestURI(t *testing.T) {
	for _, row := range []struct {
		uri string
		err Error
		at  int
	}{
		{"sip:h", 0, 0}, {"nosuch:x", 0, 0}, {"<sip:h>", errScheme, 8}, {"sip:a@b@h", errURI, 15}, {"sip:h?Route=%3Csip:x%3E", errRequestURIHeaders, 13},
	} {
		m := mustParse(t, start("OPTIONS "+row.uri+" SIP/2.0"))
		if err := m.Check(); err != row.err.orNil() || m.Fault().Offset != row.at {
			t.Errorf("%s: got %v at %d, want %v at %d", row.uri, err, m.Fault().Offset, row.err, row.at)
		}
	}
}

// Check after a failed Parse is that failure.
func TestCheckAfterParse(t *testing.T) {
	var m Message
	b := request("Subject: a", "Subject: b")
	if err := m.Parse(b); err != errTwice {
		t.Fatalf("got %v", err)
	}
	if err := m.Check(); err != errTwice || m.Fault().Header != HeaderSubject {
		t.Errorf("got %v of %v", err, m.Fault().Header)
	}
	if err := m.Parse(request()); err != nil || m.Check() != nil || m.Fault() != (Fault{}) {
		t.Errorf("after another Parse: %v", m.Fault())
	}
}

// An ACK is never answered (RFC 3261, Section 17).
func TestFaultStatusACK(t *testing.T) {
	m := mustParse(t, replaced(replaced(start("ACK sip:h SIP/2.0"), "CSeq", "CSeq: 1 ACK"), "To"))
	if err := m.Check(); err != ErrAbsent || m.FaultStatus() != 0 {
		t.Errorf("got %v, status %d, want %v and 0", err, m.FaultStatus(), ErrAbsent)
	}
	if m := mustParse(t, request()); m.Check() != nil || m.FaultStatus() != 0 {
		t.Errorf("no fault: got status %d", m.FaultStatus())
	}
}

// Removing, doubling or emptying mandatory fields, singly and in pairs, in requests and responses, is refused and
// nothing more.
func TestCheckMandatory(t *testing.T) {
	names := []string{"Via", "From", "To", "Call-ID", "CSeq", "Max-Forwards", "Contact"}
	lines := strings.Split(string(request("Max-Forwards: 70", "Contact: <sip:alice@192.0.2.1>")), "\r\n")
	change := func(lines []string, name, how string) []string {
		var out []string
		for _, l := range lines {
			switch {
			case !strings.HasPrefix(l, name+":"):
				out = append(out, l)
			case how == "double":
				out = append(out, l, l)
			case how == "empty":
				out = append(out, name+":")
			}
		}
		return out
	}
	fine := func(name, how string) bool {
		list := name == "Via" || name == "Contact"
		return how == "double" && list || how == "remove" && (name == "Max-Forwards" || name == "Contact")
	}
	hows := []string{"remove", "double", "empty"}
	for method := MethodInvite; method <= methodCount; method++ {
		first := method.String() + " sip:bob@biloxi.example.com SIP/2.0"
		if method == methodCount {
			first = "SIP/2.0 200 OK"
		}
		base := append([]string{first}, lines[1:]...)
		if method < methodCount {
			base = change(base, "CSeq", "remove")
			base = append([]string{base[0], "CSeq: 1 " + method.String()}, base[1:]...)
		}
		for _, a := range names {
			for _, b := range names {
				for _, howA := range hows {
					for _, howB := range hows {
						if a == b && howA != howB {
							continue
						}
						in := change(base, a, howA)
						if a != b {
							in = change(in, b, howB)
						}
						var m Message
						err := verdict(&m, []byte(strings.Join(in, "\r\n")))
						if want := fine(a, howA) && fine(b, howB); (err == nil) != want {
							t.Errorf("%s: %s %s, %s %s: got %v, want accepted %v", first, howA, a, howB, b, m.Fault(), want)
						}
						readAll(&m)
					}
				}
			}
		}
	}
}
