package parser

import (
	"strings"
	"testing"
)

// verdict parses and checks b.
func verdict(m *Message, b []byte) error {
	if err := m.Parse(b); err != nil {
		return err
	}
	return m.Check()
}

// Each torture message is accepted or refused as the table says; where it leaves both open, this parser is strict but
// for a Date that nobody asked for and a Via branch that is nothing but the cookie.
func TestTortureVerdicts(t *testing.T) {
	rows := torture(t)
	if len(rows) != 66 {
		t.Errorf("got %d torture messages, want 66", len(rows))
	}
	lenient := map[string]bool{"4475 3.1.2.12": true, "4475 3.2.1": true}
	for _, row := range rows {
		t.Run(row.file, func(t *testing.T) {
			var m Message
			err := verdict(&m, row.data)
			want := row.gate == "accept" || row.gate == "either" && lenient[row.section]
			if (err == nil) != want {
				t.Fatalf("got %q, want accepted %v", m.Fault(), want)
			}
			if (err != nil) != (m.Fault() != Fault{}) {
				t.Errorf("got error %v and fault %v", err, m.Fault())
			}
			if f := m.Fault(); f.Offset < 0 || f.Offset > len(row.data) {
				t.Errorf("got a fault at %d of %d octets", f.Offset, len(row.data))
			}
		})
	}
}

// The status of each refusal, and what is said.
func TestTortureStatus(t *testing.T) {
	want := map[string]struct {
		status Status
		text   string
		at     string // what the fault points at
	}{
		"4475 3.1.2.1":        {400, "Via: stray separator", ";,;,,"},
		"4475 3.1.2.2":        {400, "Content-Length: more octets than the message has", "9999\r\n"},
		"4475 3.1.2.3":        {400, "Content-Length: not a number of octets", "-999\r\n"},
		"4475 3.1.2.4":        {400, "CSeq: number above 4294967295", "36893488147419103232"},
		"4475 3.1.2.5":        {0, "CSeq: number above 4294967295", "9292394834772304023312"},
		"4475 3.1.2.6":        {400, "To: unterminated quoted string", `"Mr. J. User`},
		"4475 3.1.2.7":        {400, "malformed URI scheme", "<sip:user@example.com>"},
		"4475 3.1.2.8":        {400, "blank in the Request-URI or more than one blank in the request line", " lr SIP/2.0"},
		"4475 3.1.2.9":        {400, "blank in the Request-URI or more than one blank in the request line", " sip:user"},
		"4475 3.1.2.10":       {400, "blank in the Request-URI or more than one blank in the request line", " SIP/2.0  \r\n"},
		"4475 3.1.2.11":       {400, "Request-URI with header components", "?Route="},
		"4475 3.1.2.13":       {400, "Contact: URI with '?' without angle brackets", "?Route="},
		"4475 3.1.2.14":       {400, "To: malformed URI scheme", " sip:t.watson@example.org >"},
		"4475 3.1.2.16":       {505, "SIP version is not 2.0", "SIP/7.0\r\n"},
		"4475 3.1.2.17":       {400, "CSeq: method is not the request's", "INVITE"},
		"4475 3.1.2.18":       {501, "CSeq: method is not the request's, which is unknown", "INVITE"},
		"4475 3.1.2.19":       {0, "status code is not 100 to 699", "4294967301"},
		"4475 3.3.1":          {400, "From: missing", "\r\nv=0"},
		"4475 3.3.8":          {400, "CSeq: field more than once", "CSeq: 59"},
		"4475 3.3.9":          {400, "Content-Length: field more than once", "Content-Length: 5"},
		"(archive only)":      {0, "no SIP version in the request line", "\r\nTO"},
		"5118 4.2":            {400, "malformed host", "2001:db8::10 SIP"},
		"5118 4.6 as printed": {400, "Content-Length: more octets than the message has", "268\r\n"},
	}
	seen := 0
	for _, row := range torture(t) {
		w, ok := want[row.section]
		if !ok {
			continue
		}
		seen++
		var m Message
		if verdict(&m, row.data) == nil {
			t.Errorf("%s: accepted", row.file)
			continue
		}
		f := m.Fault()
		if got := m.FaultStatus(); got != w.status {
			t.Errorf("%s: got status %d, want %d", row.file, got, w.status)
		}
		if got := f.String(); got != w.text {
			t.Errorf("%s: got %q, want %q", row.file, got, w.text)
		}
		if got := string(row.data[f.Offset:]); !strings.HasPrefix(got, w.at) {
			t.Errorf("%s: got a fault at %.30q, want %q", row.file, got, w.at)
		}
	}
	if seen != len(want) {
		t.Errorf("found %d of %d messages", seen, len(want))
	}
	// 3.1.2.15 comes in two forms: as the archive has it, without the blank line, and with it.
	for _, row := range torture(t) {
		if row.section != "4475 3.1.2.15" {
			continue
		}
		var m Message
		if verdict(&m, row.data) == nil || m.FaultStatus() != 400 {
			t.Errorf("%s: got %v, status %d, want 400", row.file, m.Fault(), m.FaultStatus())
		}
	}
}

// The values of the torture messages that are meant to be accepted, read from RFC 4475 and RFC 5118.
func TestTortureValues(t *testing.T) {
	type via struct {
		transport, host string
		port            int
		branch          string
	}
	type values struct {
		method, uri, user, host string
		port                    int
		from, to                string // tags
		vias                    []via
		callID                  string
		seq                     uint32
		forwards                int // -1: absent
		body                    int
		contacts                []string // URIs
		routes                  []string
	}
	want := map[string]values{
		"4475 3.1.1.1": {method: "INVITE", uri: "sip:vivekg@chair-dnrc.example.com;unknownparam", user: "vivekg",
			host: "chair-dnrc.example.com", from: "98asjd8", to: "1918181833n",
			vias: []via{{"UDP", "192.0.2.2", 0, "390skdjuw"}, {"TCP", "spindle.example.com", 0, "z9hG4bK9ikj8"},
				{"UDP", "192.168.255.111", 0, "z9hG4bK30239"}},
			callID: "wsinv.ndaksdj@192.0.2.1", seq: 9, forwards: 68, body: 150, contacts: []string{"sip:jdrosen@example.com"},
			routes: []string{"sip:services.example.com;lr;unknownwith=value;unknown-no-value"}},
		"4475 3.1.1.2": {method: "!interesting-Method0123456789_*+`.%indeed'~",
			uri:  "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com",
			user: "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*", host: "example.com", from: "_token~1'+`*%!-.",
			vias: []via{{"TCP", "host1.example.com", 0, "z9hG4bK-.!%66*_+`'~"}}, callID: "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{",
			seq: 139122385, forwards: 255},
		"4475 3.1.1.3": {method: "INVITE", uri: "sip:sips%3Auser%40example.com@example.net", user: "sips%3Auser%40example.com",
			host: "example.net", from: "938", vias: []via{{"UDP", "host5.example.net", 0, "z9hG4bKkdjuw"}},
			callID: "esc01.239409asdfakjkn23onasd0-3234", seq: 234234, forwards: 87, body: 150,
			contacts: []string{"sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31"}},
		"4475 3.1.1.4": {method: "REGISTER", uri: "sip:example.com", host: "example.com", from: "839923423",
			vias: []via{{"UDP", "host5.example.com", 0, "z9hG4bKkdjuw"}}, callID: "escnull.39203ndfvkjdasfkq3w4otrq0adsfdfnavd",
			seq: 14398234, forwards: 70, contacts: []string{"sip:%00@host5.example.com", "sip:%00%00@host5.example.com"}},
		"4475 3.1.1.5": {method: "RE%47IST%45R", uri: "sip:registrar.example.com", host: "registrar.example.com", from: "f232jadfj23",
			vias: []via{{"TCP", "host.example.com", 0, "z9hG4bK209%fzsnel234"}}, callID: "esc02.asdfnqwo34rq23i34jrjasdcnl23nrlknsdf",
			seq: 29344, forwards: 70, contacts: []string{"sip:alias1@host1.example.com", "sip:alias3@host3.example.com"}},
		"4475 3.1.1.6": {method: "OPTIONS", uri: "sip:user@example.com", user: "user", host: "example.com", from: "323",
			vias: []via{{"UDP", "funky.example.com", 0, "z9hG4bKkdjuw"}}, callID: "lwsdisp.1234abcd@funky.example.com", seq: 60, forwards: 70},
		"4475 3.1.1.8": {method: "REGISTER", uri: "sip:example.com", host: "example.com", from: "43251j3j324",
			vias: []via{{"UDP", "192.0.2.125", 0, "z9hG4bKkdjuw23492"}}, callID: "dblreq.0ha0isndaksdj99sdfafnl3lk233412", seq: 8,
			forwards: 8, contacts: []string{"sip:j.user@host.example.com"}},
		"4475 3.1.1.9": {method: "OPTIONS", uri: "sip:user;par=u%40example.net@example.com", user: "user;par=u%40example.net",
			host: "example.com", from: "33242", vias: []via{{"UDP", "192.0.2.1", 0, "z9hG4bKkdjuw"}},
			callID: "semiuri.0ha0isndaksdj", seq: 8, forwards: 3},
		"4475 3.1.1.10": {method: "OPTIONS", uri: "sip:user@example.com", user: "user", host: "example.com", from: "323",
			vias: []via{{"UDP", "t1.example.com", 0, "z9hG4bKkdjuw"}, {"SCTP", "t2.example.com", 0, "z9hG4bKklasjdhf"},
				{"TLS", "t3.example.com", 0, "z9hG4bK2980unddj"}, {"UNKNOWN", "t4.example.com", 0, "z9hG4bKasd0f3en"},
				{"TCP", "t5.example.com", 0, "z9hG4bK0a9idfnee"}},
			callID: "transports.kijh4akdnaqjkwendsasfdj", seq: 60, forwards: 70},
		"4475 3.1.1.11": {method: "MESSAGE", uri: "sip:kumiko@example.org", user: "kumiko", host: "example.org", from: "2fb0dcc9",
			vias:   []via{{"UDP", "127.0.0.1", 5070, "z9hG4bK-d87543-4dade06d0bdb11ee-1--d87543-"}},
			callID: "3d9485ad0c49859b@Zmx1ZmZ5LW1hYy0xNi5sb2NhbA..", seq: 1, forwards: 70, body: 553,
			contacts: []string{"sip:fluffy@127.0.0.1:5070"}, routes: []string{"sip:127.0.0.1:5080"}},
		"4475 3.1.1.12": {method: "INVITE", from: "11141343", to: "2229", vias: []via{{"UDP", "192.0.2.198", 0, "z9hG4bK1324923"}},
			callID: "unreason.1234ksdfak3j2erwedfsASdf", seq: 35, forwards: -1, body: 154, contacts: []string{"sip:user@host198.example.com"}},
		"4475 3.3.10": {method: "INVITE", from: "11141343", to: "2229", vias: []via{{"UDP", "192.0.2.198", 0, "z9hG4bK1324923"},
			{"UDP", "255.255.255.255", 0, "z9hG4bK1saber23"}}, callID: "bcast.0384840201234ksdfak3j2erwedfsASdf", seq: 35, forwards: -1,
			body: 154, contacts: []string{"sip:user@host28.example.com"}},
		"4475 3.3.12": {method: "REGISTER", uri: "sip:example.com", host: "example.com", from: "DkfVgjkrtMwaerKKpe",
			vias: []via{{"UDP", "saturn.example.com", 5060, "z9hG4bKkdjuw"}}, callID: "cparam01.70710@saturn.example.com", seq: 2,
			forwards: 70, contacts: []string{"sip:+19725552222@gw1.example.net"}},
		"4475 3.3.13": {method: "REGISTER", uri: "sip:example.com", host: "example.com", from: "838293",
			vias: []via{{"UDP", "saturn.example.com", 5060, "z9hG4bKkdjuw"}}, callID: "cparam02.70710@saturn.example.com", seq: 3,
			forwards: 70, contacts: []string{"sip:+19725552222@gw1.example.net;unknownparam"}},
		"4475 3.4.1": {method: "INVITE", uri: "sip:UserB@example.com", user: "UserB", host: "example.com",
			vias: []via{{"UDP", "iftgw.example.com", 0, ""}}, callID: "inv2543.1717@ift.client.example.com", seq: 56, forwards: -1, body: 105},
		"5118 4.1": {method: "REGISTER", uri: "sip:[2001:db8::10]", host: "[2001:db8::10]", from: "81x2",
			vias: []via{{"UDP", "[2001:db8::9:1]", 0, "z9hG4bKas3-111"}}, callID: "SSG9559905523997077@hlau_4100", seq: 98176,
			forwards: 70, contacts: []string{"sip:caller@[2001:db8::1]"}},
		"5118 4.9": {method: "INVITE", uri: "sip:user@example.com", user: "user", host: "example.com", from: "81x2",
			vias:   []via{{"UDP", "[::ffff:192.0.2.10]", 19823, "z9hG4bKbh19"}, {"UDP", "[::ffff:192.0.2.2]", 0, "z9hG4bKas3-111"}},
			callID: "SSG9559905523997077@hlau_4100", seq: 612, forwards: 70, body: 245, contacts: []string{"sip:ted@[::ffff:192.0.2.2]"}},
	}
	for _, row := range torture(t) {
		w, ok := want[row.section]
		if !ok || row.gate != "accept" {
			continue
		}
		delete(want, row.section)
		t.Run(row.file, func(t *testing.T) {
			var m Message
			if err := verdict(&m, row.data); err != nil {
				t.Fatal(m.Fault())
			}
			if got := string(m.MethodName()); got != w.method {
				t.Errorf("method: got %q, want %q", got, w.method)
			}
			if m.IsRequest() {
				u, err := m.RequestURI()
				if err != nil || string(u.Raw()) != w.uri || string(u.User()) != w.user || string(u.Host()) != w.host || u.Port() != w.port {
					t.Errorf("Request-URI: got %q: %q at %q %d, %v, want %q: %q at %q %d", u.Raw(), u.User(), u.Host(), u.Port(), err, w.uri, w.user, w.host, w.port)
				}
			}
			from, err := m.From()
			if err != nil || string(from.Tag()) != w.from {
				t.Errorf("From tag: got %q, %v, want %q", from.Tag(), err, w.from)
			}
			to, err := m.To()
			if err != nil || string(to.Tag()) != w.to {
				t.Errorf("To tag: got %q, %v, want %q", to.Tag(), err, w.to)
			}
			i := 0
			for v, err := range m.Vias() {
				got := via{string(v.Transport()), string(v.Host()), v.Port(), string(v.Branch())}
				if i >= len(w.vias) || err != nil || got != w.vias[i] {
					t.Errorf("Via %d: got %v, %v, want %v", i, got, err, w.vias)
				}
				i++
			}
			if i != len(w.vias) {
				t.Errorf("got %d Vias, want %d", i, len(w.vias))
			}
			if got := string(m.CallID()); got != w.callID {
				t.Errorf("Call-ID: got %q, want %q", got, w.callID)
			}
			if c, err := m.CSeq(); err != nil || c.Number != w.seq || string(c.Name) != w.method {
				t.Errorf("CSeq: got %d %q, %v, want %d", c.Number, c.Name, err, w.seq)
			}
			forwards, err := m.MaxForwards()
			if err == ErrAbsent {
				forwards = -1
			}
			if forwards != w.forwards {
				t.Errorf("Max-Forwards: got %d, %v, want %d", forwards, err, w.forwards)
			}
			if got := len(m.Body()); got != w.body {
				t.Errorf("body: got %d octets, want %d", got, w.body)
			}
			i = 0
			for c, err := range m.Contacts() {
				u := c.URI()
				if i >= len(w.contacts) || err != nil || string(u.Raw()) != w.contacts[i] {
					t.Errorf("Contact %d: got %q, %v, want %q", i, u.Raw(), err, w.contacts)
				}
				i++
			}
			if i != len(w.contacts) {
				t.Errorf("got %d Contacts, want %d", i, len(w.contacts))
			}
			i = 0
			for r, err := range m.Routes() {
				u := r.URI()
				if i >= len(w.routes) || err != nil || string(u.Raw()) != w.routes[i] {
					t.Errorf("Route %d: got %q, %v, want %q", i, u.Raw(), err, w.routes)
				}
				i++
			}
			if i != len(w.routes) {
				t.Errorf("got %d Routes, want %d", i, len(w.routes))
			}
		})
	}
	if len(want) != 0 {
		t.Errorf("no such messages: %v", want)
	}
}
