package parser

import (
	"fmt"
	"strings"
	"testing"
)

// Via values: RFC 3261, Section 20.42, RFC 3581 and the odd ones of RFC 4475 and RFC 5118.
func TestVia(t *testing.T) {
	for _, row := range []struct {
		in   string
		want string // transport host port branch received rport maddr ttl, "-" for what is not there
	}{
		{"SIP/2.0/UDP h", "UDP h 0 - - - - -"},
		{"SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKa", "UDP 192.0.2.1 5060 z9hG4bKa - - - -"},
		{"SIP/2.0/UDP h;branch=z9hG4bK", "UDP h 0 z9hG4bK - - - -"},
		{"SIP / 2.0 / UDP h : 5060 ; branch = a", "UDP h 5060 a - - - -"},
		{"SIP\r\n / 2.0\r\n\t/\r\n UDP\r\n h\r\n :\r\n 5060\r\n ;\r\n branch\r\n =\r\n a", "UDP h 5060 a - - - -"},
		{"SIP/2.0/\r\n UDP h", "UDP h 0 - - - - -"},
		{"SIP/2.0/TLS-SCTP h.", "TLS-SCTP h. 0 - - - - -"},
		{"SIP/2.0/udp h", "udp h 0 - - - - -"},
		{"sip/2.0/UDP h", "UDP h 0 - - - - -"},
		{"OTHER/3.7/UDP h", "UDP h 0 - - - - -"},
		{"SIP/2.0/TCP [2001:db8::9:1]:6050;received=2001:db8::9:255", "TCP [2001:db8::9:1] 6050 - 2001:db8::9:255 - - -"},
		{"SIP/2.0/TCP [2001:db8::9:1];received=[2001:db8::9:255]", "TCP [2001:db8::9:1] 0 - 2001:db8::9:255 - - -"},
		{"SIP/2.0/UDP h;rport", "UDP h 0 - - 0 - -"},
		{"SIP/2.0/UDP h;RPORT=5061", "UDP h 0 - - 5061 - -"},
		{"SIP/2.0/UDP h;rport=0", "UDP h 0 - - 0 - -"},
		{"SIP/2.0/UDP h;rport=65536", "UDP h 0 - - 0 - -"},
		{"SIP/2.0/UDP h;rport=12x", "UDP h 0 - - 0 - -"},
		{`SIP/2.0/UDP h;rport="12"`, "UDP h 0 - - 0 - -"},
		{"SIP/2.0/UDP h;maddr=224.2.0.1;ttl=16", "UDP h 0 - - - 224.2.0.1 16"},
		{"SIP/2.0/UDP h;ttl=255", "UDP h 0 - - - - 255"},
		{"SIP/2.0/UDP h;ttl=256", "UDP h 0 - - - - -"},
		{"SIP/2.0/UDP h;ttl", "UDP h 0 - - - - -"},
		{"SIP/2.0/UDP h;branch", "UDP h 0 - - - - -"},
		{`SIP/2.0/UDP h;x="a,b;c";y;z=1;alias;keep=30`, "UDP h 0 - - - - -"},
	} {
		v, err := ParseVia([]byte(" " + row.in + " "))
		if err != nil {
			t.Errorf("%q: %v", row.in, err)
			continue
		}
		dash := func(b []byte) string {
			if len(b) == 0 {
				return "-"
			}
			return string(b)
		}
		number := func(n int, ok bool) string {
			if !ok {
				return "-"
			}
			return fmt.Sprint(n)
		}
		got := fmt.Sprintf("%s %s %d %s %s %s %s %s", v.Transport(), v.Host(), v.Port(), dash(v.Branch()), dash(v.Received()),
			number(v.RPort()), dash(v.MAddr()), number(v.TTL()))
		if got != row.want {
			t.Errorf("%q:\n got %s\nwant %s", row.in, got, row.want)
		}
		if string(v.Raw()) != row.in {
			t.Errorf("%q: got raw %q", row.in, v.Raw())
		}
	}
}

func TestViaMalformed(t *testing.T) {
	for _, row := range []struct {
		in  string
		err Error
	}{
		{"", errEmpty},
		{"SIP", errProtocol},
		{"SIP/2.0", errProtocol},
		{"SIP/2.0/", errTransport},
		{"SIP/2.0/ ;x", errTransport},
		{"SIP/2.0/UDP", errTransport},
		{"SIP/2.0/UDP;branch=a", errTransport},
		{"SIP/2.0/UDP ", errTransport},
		{"/2.0/UDP h", errProtocol},
		{"SIP//UDP h", errProtocol},
		{"SIP 2.0 UDP h", errProtocol},
		{"SIP/2.0/UDP :5060", errHost},
		{"SIP/2.0/UDP ;branch=a", errHost},
		{"SIP/2.0/UDP ::1", errHost},
		{"SIP/2.0/UDP 2001:db8::1", errHost},
		{"SIP/2.0/UDP h:", errPort},
		{"SIP/2.0/UDP h:0", errPort},
		{"SIP/2.0/UDP h:65536", errPort},
		{"SIP/2.0/UDP h:5060x", errTrailing},
		{"SIP/2.0/UDP h x", errTrailing},
		{"SIP/2.0/UDP h (comment)", errTrailing},
		{"SIP/2.0/UDP h, SIP/2.0/UDP i", errTrailing},
		{"SIP/2.0/UDP 192.0.2.15;;,;,,", errStray},
		{"SIP/2.0/UDP h;", errStray},
		{"SIP/2.0/UDP h;branch=", errParamValue},
		{"SIP/2.0/UDP h;branch=a;BRANCH=b", errParamTwice},
		{"SIP/2.0/UDP h\r\n;branch=a", errTrailing},
		{"SIP/2.0/UDP " + strings.Repeat("h", MaxLine), errValueLong},
	} {
		if v, err := ParseVia([]byte(row.in)); err != row.err || v.Raw() != nil {
			t.Errorf("%.40q: got %q %v, want %v", row.in, v.Raw(), err, row.err)
		}
	}
}

// Rows and comma lists are one list in order, whatever their names (RFC 3261, Section 7.3.1), and a malformed value
// does not hide the ones behind it.
func TestVias(t *testing.T) {
	for _, row := range []struct {
		name string
		rows []string
		want string
	}{
		{"one", []string{"Via: SIP/2.0/UDP a"}, "a"},
		{"rows", []string{"Via: SIP/2.0/UDP a", "v: SIP/2.0/UDP b", "VIA : SIP/2.0/UDP c"}, "a b c"},
		{"list", []string{"Via: SIP/2.0/UDP a,SIP/2.0/UDP b ,\t SIP/2.0/UDP c"}, "a b c"},
		{"mixed", []string{"Via: SIP/2.0/UDP a, SIP/2.0/UDP b", "v: SIP/2.0/UDP c"}, "a b c"},
		{"folded list", []string{"Via: SIP/2.0/UDP a,\r\n SIP/2.0/UDP b\r\n ,SIP/2.0/UDP c"}, "a b c"},
		{"comma in a string", []string{`Via: SIP/2.0/UDP a;x=",", SIP/2.0/UDP b`}, "a b"},
		{"malformed first", []string{"Via: SIP/2.0/UDP ;, SIP/2.0/UDP b"}, "malformed host b"},
		{"malformed between", []string{"Via: SIP/2.0/UDP a, SIP, SIP/2.0/UDP c"}, "a malformed sent-protocol c"},
		{"malformed row", []string{"Via: SIP", "Via: SIP/2.0/UDP b"}, "malformed sent-protocol b"},
		{"empty row", []string{"Via:", "Via: SIP/2.0/UDP b"}, "empty value b"},
		{"comma at the end", []string{"Via: SIP/2.0/UDP a,", "Via: SIP/2.0/UDP b"}, "a empty value b"},
		{"comma at the start", []string{"Via: ,SIP/2.0/UDP b"}, "malformed sent-protocol b"},
		{"none", nil, ""},
	} {
		m := mustParse(t, replaced(request(), "Via", row.rows...))
		var got []string
		for v, err := range m.Vias() {
			if err != nil {
				got = append(got, err.Error())
				continue
			}
			got = append(got, string(v.Host()))
		}
		if s := strings.Join(got, " "); s != row.want {
			t.Errorf("%s: got %q, want %q", row.name, s, row.want)
		}
		top, err := m.Via()
		switch {
		case row.rows == nil:
			if err != ErrAbsent {
				t.Errorf("%s: got %v, want %v", row.name, err, ErrAbsent)
			}
		case err != nil:
			if err.Error() != strings.TrimSuffix(row.want, " b") {
				t.Errorf("%s: topmost: got %v", row.name, err)
			}
		case string(top.Host()) != "a":
			t.Errorf("%s: topmost: got %q", row.name, top.Host())
		}
	}
}

// A walk may be left early.
func TestViasStop(t *testing.T) {
	m := mustParse(t, replaced(request(), "Via", "Via: SIP/2.0/UDP a, SIP/2.0/UDP b", "Via: SIP/2.0/UDP c"))
	n := 0
	for range m.Vias() {
		if n++; n == 2 {
			break
		}
	}
	if n != 2 {
		t.Errorf("got %d values", n)
	}
}

// SetReceived is what the topmost Via says from then on, and only that one.
func TestSetReceived(t *testing.T) {
	b := replaced(request(), "Via", "Via: SIP/2.0/UDP a:5060;rport=9;received=203.0.113.9;branch=z9hG4bKt, SIP/2.0/UDP b;rport;received=203.0.113.8")
	before := string(b)
	m := mustParse(t, b)
	m.SetReceived([]byte("192.0.2.7"), 40000)
	check := func(name string, m *Message) {
		t.Helper()
		top, err := m.Via()
		port, ok := top.RPort()
		if err != nil || string(top.Received()) != "192.0.2.7" || port != 40000 || !ok {
			t.Errorf("%s: got received %q, rport %d %v, %v", name, top.Received(), port, ok, err)
		}
		i := 0
		for v := range m.Vias() {
			port, _ := v.RPort()
			got := fmt.Sprint(string(v.Received()), " ", port)
			if want := []string{"192.0.2.7 40000", "203.0.113.8 0"}[i]; got != want {
				t.Errorf("%s: Via %d: got %s, want %s", name, i, got, want)
			}
			i++
		}
	}
	check("message", m)
	check("clone", m.Clone())
	if string(b) != before {
		t.Errorf("the bytes have changed:\n%s", b)
	}
	mustParse(t, b)
	if err := m.Parse(b); err != nil {
		t.Fatal(err)
	}
	if v, _ := m.Via(); string(v.Received()) != "203.0.113.9" {
		t.Errorf("after another Parse: got %q", v.Received())
	}

	// Without rport in the request there is none in the Via (RFC 3581, Section 4).
	m = mustParse(t, request())
	m.SetReceived([]byte("fe80::1%eth0"), 40000)
	v, _ := m.Via()
	if port, ok := v.RPort(); ok || port != 0 || string(v.Received()) != "fe80::1" {
		t.Errorf("got rport %d %v, received %q", port, ok, v.Received())
	}
	m.SetReceived([]byte("0000:0000:0000:0000:0000:ffff:255.255.255.255"), 1)
	if v, _ := m.Via(); len(v.Received()) != 45 {
		t.Errorf("the longest address: got %q", v.Received())
	}
	defer func() {
		if recover() == nil {
			t.Error("46 octets: no panic")
		}
	}()
	m.SetReceived(make([]byte, 46), 1)
}
