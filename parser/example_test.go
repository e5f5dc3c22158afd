package parser_test

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/ringback-sip/ringback/parser"
)

// crlf writes a message's lines with the line ends of the wire.
func crlf(s string) []byte { return []byte(strings.ReplaceAll(s, "\n", "\r\n")) }

var options = crlf(`OPTIONS sip:carol@chicago.com SIP/2.0
Via: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bKhjhs8ass877;rport
Max-Forwards: 70
To: <sip:carol@chicago.com>
From: "Alice \"A.\"" <sip:alice@atlanta.com>;tag=1928301774
Call-ID: a84b4c76e66710
CSeq: 63104 OPTIONS
X-Floor: 3
Content-Length: 0

`)

func ExampleMessage_Parse() {
	var m parser.Message
	if err := m.Parse(options); err != nil {
		fmt.Println(err)
		return
	}
	from, err := m.From()
	if err != nil {
		fmt.Println(err)
		return
	}
	uri := from.URI()
	fmt.Printf("%s from %s at %s, tag %s\n", m.MethodName(), uri.User(), uri.Host(), from.Tag())
	// Output: OPTIONS from alice at atlanta.com, tag 1928301774
}

// A message that cannot be used says what is wrong with it and where, and how to answer it.
func ExampleMessage_Check() {
	var m parser.Message
	err := m.Parse(crlf("OPTIONS sip:carol@chicago.com SIP/2.0\nVia: SIP/2.0/UDP h\nFrom: <sip:a@h>;tag=1\nTo: \"Carol <sip:c@h>\n\n"))
	fmt.Println("Parse:", err)
	err = m.Check()
	f := m.Fault()
	fmt.Printf("Check: %v\n%v, at octet %d, answer %d\n", err, f, f.Offset, m.FaultStatus())
	// Output:
	// Parse: <nil>
	// Check: unterminated quoted string
	// To: unterminated quoted string, at octet 86, answer 400
}

func ExampleMessage_Vias() {
	var m parser.Message
	if err := m.Parse(crlf("SIP/2.0 200 OK\nVia: SIP/2.0/UDP p1.example.com;branch=z9hG4bK1, SIP/2.0/TCP p2.example.com:5070\nv: SIP/2.0/UDP [2001:db8::1]\n\n")); err != nil {
		fmt.Println(err)
		return
	}
	for v, err := range m.Vias() {
		fmt.Printf("%s %s %d %q %v\n", v.Transport(), v.Host(), v.Port(), v.Branch(), err)
	}
	// Output:
	// UDP p1.example.com 0 "z9hG4bK1" <nil>
	// TCP p2.example.com 5070 "" <nil>
	// UDP [2001:db8::1] 0 "" <nil>
}

func ExampleMessage_Lookup() {
	var m parser.Message
	if err := m.Parse(options); err != nil {
		fmt.Println(err)
		return
	}
	for v := range m.Lookup("x-floor") {
		fmt.Printf("%s\n", v)
	}
	// Output: 3
}

// A reader's buffer is used again: Clone keeps a message.
func ExampleMessage_Clone() {
	buf := append([]byte(nil), options...)
	var m parser.Message
	if err := m.Parse(buf); err != nil {
		fmt.Println(err)
		return
	}
	kept := m.Clone()
	clear(buf)
	fmt.Printf("%s\n", kept.CallID())
	// Output: a84b4c76e66710
}

// A stream's reader gives the Framer what it has, and again with more at its end until there is a message.
func ExampleFramer() {
	conn := bytes.NewReader(append([]byte("\r\n\r\n"), options...))
	buf := make([]byte, 0, 1024)
	var f parser.Framer
	for {
		n, err := conn.Read(buf[len(buf) : len(buf)+100])
		if err != nil {
			break
		}
		buf = buf[:len(buf)+n]
		for {
			n, err := f.Next(buf)
			if err != nil {
				fmt.Println(err) // the framing is lost: close the connection
				return
			}
			if n == 0 {
				break
			}
			if buf[0] == '\r' {
				fmt.Println(n, "octets between messages, ping:", f.Ping())
			} else {
				fmt.Println("a message of", n, "octets")
			}
			buf = buf[:copy(buf, buf[n:])]
		}
	}
	// Output:
	// 4 octets between messages, ping: true
	// a message of 293 octets
}

func ExampleBuilder() {
	to, err := parser.ParseURI([]byte("sip:bob@biloxi.com"))
	if err != nil {
		fmt.Println(err)
		return
	}
	var b parser.Builder
	b.Reset(make([]byte, 0, 512))
	b.Request(parser.MethodMessage, to)
	b.Via("TCP", "pc33.atlanta.com", "z9hG4bK776sgdkse")
	b.Int(parser.HeaderMaxForwards, 70)
	b.Address(parser.HeaderTo, "Bob", to, "")
	b.Header(parser.HeaderCallID, "asd88asd77a")
	b.CSeq(1, parser.MethodMessage)
	b.Body("text/plain", []byte("Watson, come here."))
	w, err := b.Wire()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(strings.ReplaceAll(string(w.AppendTo(nil)), "\r\n", "\n"))
	// Output:
	// MESSAGE sip:bob@biloxi.com SIP/2.0
	// Via: SIP/2.0/TCP pc33.atlanta.com;branch=z9hG4bK776sgdkse;rport
	// Max-Forwards: 70
	// To: "Bob" <sip:bob@biloxi.com>
	// Call-ID: asd88asd77a
	// CSeq: 1 MESSAGE
	// Content-Type: text/plain
	// Content-Length: 18
	//
	// Watson, come here.
}

func ExampleBuilder_Response() {
	var m parser.Message
	if err := m.Parse(options); err != nil {
		fmt.Println(err)
		return
	}
	m.SetReceived([]byte("192.0.2.4"), 61000)
	var b parser.Builder
	b.Reset(nil)
	b.Response(&m, parser.StatusBusyHere, "", "93810874")
	w, err := b.Wire()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(strings.ReplaceAll(string(w.Head), "\r\n", "\n"))
	// Output:
	// SIP/2.0 486 Busy Here
	// Via: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bKhjhs8ass877;rport=61000;received=192.0.2.4
	// From: "Alice \"A.\"" <sip:alice@atlanta.com>;tag=1928301774
	// To: <sip:carol@chicago.com>;tag=93810874
	// Call-ID: a84b4c76e66710
	// CSeq: 63104 OPTIONS
	// Content-Length: 0
}

func ExampleParseURI() {
	u, err := parser.ParseURI([]byte("sips:alice:pass@[2001:db8::1]:5061;transport=tcp?subject=hi"))
	if err != nil {
		fmt.Println(err)
		return
	}
	transport, ok := u.Param("transport")
	fmt.Printf("%s %s %s %d %s %v %s\n", u.Scheme(), u.User(), u.Host(), u.Port(), transport, ok, u.Headers())
	// Output: sips alice [2001:db8::1] 5061 tcp true subject=hi
}

func ExampleURI_Equal() {
	for _, pair := range [][2]string{
		{"sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"},
	} {
		a, errA := parser.ParseURI([]byte(pair[0]))
		b, errB := parser.ParseURI([]byte(pair[1]))
		fmt.Println(a.Equal(b), errA, errB)
	}
	// Output:
	// true <nil> <nil>
	// false <nil> <nil>
}

func ExampleUnescape() {
	fmt.Printf("%s\n", parser.Unescape(nil, []byte("sips%3Auser%40example.com")))
	// Output: sips:user@example.com
}

func ExampleAppendUser() {
	fmt.Printf("%s\n", parser.AppendUser([]byte("sip:"), []byte("j@s0n")))
	// Output: sip:j%40s0n
}

func ExampleParseNameAddr() {
	a, err := parser.ParseNameAddr([]byte(`"Bell, Alexander" <sip:agb@bell-telephone.com;lr>;q=0.7`))
	if err != nil {
		fmt.Println(err)
		return
	}
	q, _ := a.Param("q")
	fmt.Printf("%s, %s, q %s\n", parser.Unquote(nil, a.Display()), a.URI().Raw(), q)
	// Output: Bell, Alexander, sip:agb@bell-telephone.com;lr, q 0.7
}

func ExampleParseVia() {
	v, err := parser.ParseVia([]byte("SIP / 2.0 / UDP first.example.com: 4000;ttl=16;maddr=224.2.0.1 ;branch=z9hG4bKa7c6a8dlze.1"))
	if err != nil {
		fmt.Println(err)
		return
	}
	ttl, ok := v.TTL()
	fmt.Printf("%s %s %d %s %d %v %s\n", v.Transport(), v.Host(), v.Port(), v.MAddr(), ttl, ok, v.Branch())
	// Output: UDP first.example.com 4000 224.2.0.1 16 true z9hG4bKa7c6a8dlze.1
}

func ExampleParseMediaType() {
	t, err := parser.ParseMediaType([]byte("multipart/mixed; boundary=boundary42"))
	if err != nil {
		fmt.Println(err)
		return
	}
	boundary, _ := t.Param("boundary")
	fmt.Printf("%v %s\n", t.Is("Multipart/Mixed"), boundary)
	// Output: true boundary42
}

func ExampleParseHeader() {
	fmt.Println(parser.ParseHeader("max-forwards"), parser.ParseHeader("v"), parser.ParseHeader("X-Floor") == parser.HeaderUnknown)
	// Output: Max-Forwards Via true
}
