package parser

import (
	"bytes"
	"testing"
)

// The tables of RFC 3261, Section 19.1.4, of RFC 5954, Section 4.2, and of RFC 3966, Section 4, and what follows from
// their rules. Each row is compared both ways.
func TestURIEqual(t *testing.T) {
	for _, row := range []struct {
		a, b string
		want bool
	}{
		// Equivalent in RFC 3261.
		{"sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp", true},
		{"sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5", true},
		{"sip:carol@chicago.com", "sip:carol@chicago.com;security=on", true},
		{"sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on", true},
		{"sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
			"sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com", true},
		{"sip:alice@atlanta.com?subject=project%20x&priority=urgent", "sip:alice@atlanta.com?priority=urgent&subject=project%20x", true},
		// Not equivalent in RFC 3261.
		{"SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP", false},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com:5060", false},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp", false},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp", false},
		{"sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting", false},
		{"sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4", false},
		// Equality is not transitive.
		{"sip:carol@chicago.com", "sip:carol@chicago.com;security=off", true},
		{"sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off", false},
		// RFC 5954.
		{"sip:bob@[::ffff:192.0.2.128]", "sip:bob@[::ffff:c000:280]", true},
		{"sip:bob@[2001:db8::9:1]", "sip:bob@[2001:db8::9:01]", true},
		{"sip:bob@[0:0:0:0:0:FFFF:129.144.52.38]", "sip:bob@[::ffff:129.144.52.38]", true},
		{"sip:bob@[2001:db8::9:1]", "sip:bob@[2001:db8::9:2]", false},
		{"sip:bob@192.0.2.4", "sip:bob@192.000.2.04", true},
		{"sip:bob@192.0.2.4", "sip:bob@[::ffff:192.0.2.4]", false},
		{"sip:bob@192.0.2.4", "sip:bob@192.0.2.5", false},
		// Schemes.
		{"sip:a@h", "sips:a@h", false},
		{"sip:a@h", "SIP:a@h", true},
		{"sip:+12@h;user=phone", "tel:+12", false},
		// User and password.
		{"sip:h", "sip:a@h", false},
		{"sip:a@h", "sip:a:@h", false},
		{"sip:a:p@h", "sip:a:p@h", true},
		{"sip:a:p@h", "sip:a:P@h", false},
		{"sip:a:p@h", "sip:a@h", false},
		{"sip:%00@h", "sip:%00%00@h", false},
		{"sip:a%2fb@h", "sip:a%2Fb@h", true},
		{"sip:a%2fb@h", "sip:a/b@h", false}, // reserved: escaped it is not the same
		{"sip:a%7eb@h", "sip:a~b@h", true},
		{"sip:%41@h", "sip:a@h", false},
		{"sip:%2541@h", "sip:A@h", false}, // decoded once
		// Hosts and ports.
		{"sip:a@h", "sip:a@i", false},
		{"sip:a@h", "sip:a@h.", false},
		{"sip:a@h:5060", "sip:a@h:05060", true},
		{"sip:a@h:5060", "sip:a@h:5061", false},
		// Parameters that never match by default, and others.
		{"sip:h", "sip:h;user=ip", false},
		{"sip:h", "sip:h;ttl=1", false},
		{"sip:h", "sip:h;method=INVITE", false},
		{"sip:h", "sip:h;maddr=h", false},
		{"sip:h", "sip:h;m%61ddr=h", false},
		{"sip:h", "sip:h;lr", true},
		{"sip:h;lr", "sip:h;lr=on", false},
		{"sip:h;lr", "sip:h;LR", true},
		{"sip:h;%6cr", "sip:h;lr", true},
		{"sip:h;a=%41", "sip:h;A=a", true},
		{"sip:h;a=%3b", "sip:h;a=%3B", true},
		{"sip:h;a=1;b=2", "sip:h;b=2;a=1", true},
		{"sip:h;a=1;b=2", "sip:h;b=3;a=1", false},
		// Header components.
		{"sip:h?a=1", "sip:h?A=1", true},
		{"sip:h?a=b", "sip:h?a=B", false},
		{"sip:h?a=1&a=2", "sip:h?a=2&a=1", true},
		{"sip:h?a=1&a=1", "sip:h?a=1", false},
		{"sip:h?a=1&a=1&a=2", "sip:h?a=1&a=2&a=2", false},
		{"sip:h?a=", "sip:h?a=", true},
		{"sip:h?a=", "sip:h", false},
		{"sip:h?a=%41", "sip:h?a=A", true},
		// tel.
		{"tel:+1-201-555-0123", "tel:+12015550123", true},
		{"TEL:+1(201)5550123", "tel:+1.201.555.0123", true},
		{"tel:+12015550123", "tel:12015550123", false},
		{"tel:+1201", "tel:+12015", false},
		{"tel:7042;phone-context=example.com", "tel:7042;phone-context=EXAMPLE.com", true},
		{"tel:863-1234;phone-context=+1-914-555", "tel:8631234;phone-context=+1914555", true},
		{"tel:7042;phone-context=+1914", "tel:7042;phone-context=1914", false},
		{"tel:7042;phone-context=+1914", "tel:7042;phone-context", false},
		{"tel:7042;phone-context=a-b.com", "tel:7042;phone-context=ab.com", false},
		{"tel:7042;phone-context=example.com", "tel:7042", false},
		{"tel:7042;a=1;b=2", "tel:7042;b=2;a=1", true},
		{"tel:7a", "tel:7A", true},
		// Others are compared as they are, but for the scheme.
		{"HTTP://h/a", "http://h/a", true},
		{"http://h/a", "http://H/a", false},
		{"http:a", "https:a", false},
		{"urn:x", "urna:x", false},
	} {
		a, b := mustURI(t, row.a), mustURI(t, row.b)
		if got := a.Equal(b); got != row.want {
			t.Errorf("%s = %s: got %v, want %v", row.a, row.b, got, row.want)
		}
		if got := b.Equal(a); got != row.want {
			t.Errorf("%s = %s: got %v, want %v", row.b, row.a, got, row.want)
		}
		if !a.Equal(a) {
			t.Errorf("%s is not itself", row.a)
		}
	}
}

// Escapes are decoded once, and what is no escape stays (RFC 3261, Section 19.1.2).
func TestUnescape(t *testing.T) {
	for _, row := range []struct{ in, want string }{
		{"", ""}, {"abc", "abc"}, {"%61", "a"}, {"%25%34%31", "%41"}, {"%2541", "%41"}, {"a%00b", "a\x00b"}, {"%", "%"}, {"%4", "%4"},
		{"%4g", "%4g"}, {"%%41", "%A"}, {"%3b%3B", ";;"}, {"%c3%a9", "\u00e9"}, {"%FF", "\xff"},
	} {
		if got := string(Unescape([]byte("> "), []byte(row.in))); got != "> "+row.want {
			t.Errorf("%q: got %q, want %q", row.in, got, "> "+row.want)
		}
	}
}

// Every user becomes the user of a URI, and is it again after decoding.
func TestAppendUser(t *testing.T) {
	if got := string(AppendUser([]byte("sip:"), []byte("j@s0n"))); got != "sip:j%40s0n" {
		t.Errorf("got %q, want sip:j%%40s0n", got)
	}
	var every []byte
	for c := range 256 {
		every = append(every, byte(c))
	}
	u := mustURI(t, string(AppendUser([]byte("sip:"), every))+"@h")
	if got := Unescape(nil, u.User()); !bytes.Equal(got, every) {
		t.Errorf("got %q", got)
	}
}
