package main

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/internal/golden"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport"
)

// scene is a call as the caller's transport saw it, with what happens to messages in life.
func scene() []transport.Event {
	at := time.Date(2000, 1, 1, 12, 0, 0, 0, time.UTC)
	local := netip.MustParseAddrPort("127.0.0.1:40000")
	v4, v6 := netip.MustParseAddrPort("127.0.0.1:5060"), netip.MustParseAddrPort("[2001:db8:85a3:8d3:1319:8a2e:370:7348]:5060")
	request := func(method, uri, number string, more ...string) string {
		lines := append([]string{method + " " + uri + " SIP/2.0", "Via: SIP/2.0/UDP 127.0.0.1:40000;branch=z9hG4bK1", "From: <sip:a@h>;tag=x",
			"To: <sip:b@h>", "Call-ID: 1@h", "CSeq: " + number + " " + method}, more...)
		return message(lines...)
	}
	response := func(status, cseq string, more ...string) string {
		lines := append([]string{"SIP/2.0 " + status, "Via: SIP/2.0/UDP 127.0.0.1:40000;branch=z9hG4bK1", "From: <sip:a@h>;tag=x",
			"To: <sip:b@h>;tag=y", "Call-ID: 1@h", "CSeq: " + cseq}, more...)
		return message(lines...)
	}
	const in, out, udp, tcp = transport.In, transport.Out, transport.UDP, transport.TCP
	rows := []struct {
		after time.Duration
		dir   transport.Direction
		proto transport.Protocol
		peer  netip.AddrPort
		bytes string
		why   string
	}{
		{0, out, udp, v4, request("INVITE", "sip:echo@127.0.0.1:5060", "1", "Content-Type: application/sdp;charset=x", "Content-Length: 5") + "v=0\r\n", ""},
		{1500 * time.Microsecond, in, udp, v4, response("100 Trying", "1 INVITE"), ""},
		{20 * time.Millisecond, in, udp, v4, response("180 Ringing", "1 INVITE"), ""},
		{time.Second, in, udp, v4, response("200 OK", "1 INVITE", "Content-Length: 5") + "v=0\r\n", ""},
		{time.Second, out, udp, v4, request("ACK", "sip:127.0.0.1:5060", "1"), ""},
		{2 * time.Second, out, tcp, v6, request("OPTIONS", "sip:alice:secret@h", "4294967295", "Authorization: Digest response=\"secret\""), ""},
		{2 * time.Second, in, tcp, v6, response("401 Un\u202eauthorized", "4294967295 OPTIONS"), ""},
		{3 * time.Second, in, tcp, v6, "\r\n\r\n", ""},
		{3 * time.Second, out, tcp, v6, "\r\n", ""},
		{4 * time.Second, in, udp, v4, response("200 OK", "1 INVITE"), "response to somebody else: its top Via is not ours"},
		{4 * time.Second, in, udp, v4, "INVITE sip:alice:secret@h\r\n\r\n", "malformed"},
		{5 * time.Second, out, udp, v4, request("BYE", "sip:127.0.0.1:5060", "2"), "too large"},
		{5 * time.Second, in, udp, v4, response("200 ", "2 BYE"), ""},
	}
	var events []transport.Event
	for _, r := range rows {
		events = append(events, transport.Event{Time: at.Add(r.after), Direction: r.dir, Protocol: r.proto, Local: local, Remote: r.peer, Bytes: []byte(r.bytes), Dropped: r.why})
	}
	return events
}

func TestLadder(t *testing.T) {
	for _, colour := range []bool{false, true} {
		var stderr bytes.Buffer
		c := newConsole(nil, nil, &stderr)
		c.errStyle = style(colour)
		l := newLadder(c)
		for _, e := range scene() {
			l.trace(e)
		}
		if strings.Contains(stderr.String(), "secret") {
			t.Errorf("the ladder tells a secret:\n%s", stderr.String())
		}
		name := "plain"
		if colour {
			name = "colour"
		}
		golden.Equal(t, "testdata/ladder/"+name+".txt", stderr.Bytes())
	}
}

func TestRedacted(t *testing.T) {
	tests := []struct{ in, want string }{
		{"sip:127.0.0.1", "sip:127.0.0.1"},
		{"sip:alice@h", "sip:alice@h"},
		{"sip:alice:secret@h:5060;lr", "sip:alice:***@h:5060;lr"},
		{"sip:alice:@h", "sip:alice:@h"},
		{"sips:alice:a@h?x=y", "sips:alice:***@h?***"},
		{"sip:h?Authorization=secret", "sip:h?***"},
		{"tel:+1", "tel:+1"},
	}
	for _, tt := range tests {
		u, err := parser.ParseURI([]byte(tt.in))
		if err != nil {
			t.Errorf("%s: %v", tt.in, err)
			continue
		}
		if got := string(redacted(u)); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.in, got, tt.want)
		}
		if string(u.Raw()) != tt.in {
			t.Errorf("%s: the message itself became %s", tt.in, u.Raw())
		}
	}
}
