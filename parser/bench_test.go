package parser

import (
	"bytes"
	"strings"
	"testing"
)

// inviteBytes is what a phone behind two proxies sends: 936 octets, 16 header fields, a body of SDP.
func inviteBytes() []byte {
	return []byte(strings.ReplaceAll(`INVITE sip:bob@biloxi.example.com;transport=udp SIP/2.0
Via: SIP/2.0/UDP ss1.atlanta.example.com:5060;branch=z9hG4bK2d4790.1;rport
Via: SIP/2.0/UDP client.atlanta.example.com:5060;branch=z9hG4bK74bf9;received=192.0.2.101
Record-Route: <sip:ss1.atlanta.example.com;lr>
Record-Route: <sip:edge.atlanta.example.com;lr>
Max-Forwards: 69
From: "Alice" <sip:alice@atlanta.example.com>;tag=9fxced76sl
To: "Bob" <sip:bob@biloxi.example.com>
Call-ID: 2xTb9vxSit55XU7p8@atlanta.example.com
CSeq: 1 INVITE
Contact: <sip:alice@client.atlanta.example.com;transport=udp>
Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY
Supported: replaces, timer, 100rel
User-Agent: Example Phone 2.3.1
Session-Expires: 1800
Content-Type: application/sdp
Content-Length: 151

v=0
o=alice 2890844526 2890844526 IN IP4 client.atlanta.example.com
s=-
c=IN IP4 192.0.2.101
t=0 0
m=audio 49172 RTP/AVP 0
a=rtpmap:0 PCMU/8000
`, "\n", "\r\n"))
}

// BenchmarkSplit is the floor: it finds the lines and their colons and nothing else. Figures of a shared machine move
// by half; their ratios to this one do not.
func BenchmarkSplit(b *testing.B) {
	in := inviteBytes()
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		for rest := in; ; {
			i := bytes.IndexByte(rest, '\n')
			if i <= 1 {
				break
			}
			if bytes.IndexByte(rest[:i], ':') < 0 {
				b.Fatal("a line without a colon")
			}
			rest = rest[i+1:]
		}
	}
}

func BenchmarkParse(b *testing.B) {
	in := inviteBytes()
	var m Message
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		if err := m.Parse(in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseCheck(b *testing.B) {
	in := inviteBytes()
	var m Message
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		if m.Parse(in) != nil || m.Check() != nil {
			b.Fatal(m.Fault())
		}
	}
}

// BenchmarkFull reads every value that a transaction, a dialog and a proxy ask for.
func BenchmarkFull(b *testing.B) {
	in := inviteBytes()
	var m Message
	sum := 0
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		if err := m.Parse(in); err != nil {
			b.Fatal(err)
		}
		sum += readAll(&m)
	}
	if sum == 0 {
		b.Fatal("read nothing")
	}
}

// readAll asks m for all values with an accessor and returns how many octets there were.
func readAll(m *Message) int {
	n := int(m.Method()) + int(m.Status())
	if u, err := m.RequestURI(); err == nil {
		n += len(u.User()) + len(u.Host()) + u.Port()
	}
	for v, err := range m.Vias() {
		if err == nil {
			port, _ := v.RPort()
			n += len(v.Host()) + v.Port() + len(v.Branch()) + port
		}
	}
	if a, err := m.From(); err == nil {
		u := a.URI()
		n += len(u.Host()) + len(a.Tag())
	}
	if a, err := m.To(); err == nil {
		u := a.URI()
		n += len(u.Host()) + len(a.Tag())
	}
	n += len(m.CallID())
	if c, err := m.CSeq(); err == nil {
		n += int(c.Number)
	}
	if a, err := m.Contact(); err == nil {
		u := a.URI()
		n += len(u.Host())
	}
	for a, err := range m.Routes() {
		if err == nil {
			u := a.URI()
			n += len(u.Host())
		}
	}
	for a, err := range m.RecordRoutes() {
		if err == nil {
			u := a.URI()
			n += len(u.Host())
		}
	}
	if f, err := m.MaxForwards(); err == nil {
		n += f
	}
	if l, err := m.ContentLength(); err == nil {
		n += l
	}
	return n + len(m.Body())
}
