package ws_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"

	"github.com/ringback-sip/ringback/transport/ws"
)

// A message in two fragments with a Ping between them, as one read brings them.
func ExampleReader() {
	buf := []byte("\x02\x03SIP\x89\x02hi\x80\x04/2.0\x88\x02\x03\xe8")
	r := ws.Reader{Role: ws.Client}
	for {
		e, rest, err := r.Next(buf)
		if err != nil || e.Op == 0 {
			fmt.Println(len(rest), "octets left", err)
			return
		}
		fmt.Printf("%v %q\n", e.Op, e.Data)
		if e.Op == ws.Close {
			fmt.Println(e.Code)
		}
		buf = rest
	}
	// Output:
	// ping "hi"
	// binary "SIP/2.0"
	// close ""
	// 1000 normal closure
	// 0 octets left <nil>
}

// What a fault is answered with.
func ExampleError() {
	var r ws.Reader
	_, _, err := r.Next([]byte("GET / HTTP/1.1\r\n"))
	var e ws.Error
	if errors.As(err, &e) {
		fmt.Printf("%v: %q\n", e, ws.AppendClose(nil, nil, e.Code(), e.Error()))
	}
	// Output:
	// reserved bit without an extension: "\x88#\x03\xeareserved bit without an extension"
}

func ExampleAppendFrame() {
	head, body := []byte("MESSAGE sip:bob@h SIP/2.0\r\n\r\n"), []byte("zo\xc3\xab")
	server := ws.AppendFrame(nil, nil, ws.OpcodeFor(head, body), head, body)
	fmt.Printf("%q\n", server)
	client := ws.AppendFrame(nil, &ws.Key{0x37, 0xfa, 0x21, 0x3d}, ws.Text, []byte("Hello"))
	fmt.Printf("% x\n", client)
	// Output:
	// "\x81!MESSAGE sip:bob@h SIP/2.0\r\n\r\nzoë"
	// 81 85 37 fa 21 3d 7f 9f 4d 51 58
}

func ExampleAppendHeader() {
	fmt.Printf("% x\n", ws.AppendHeader(nil, ws.Binary, 65536))
	// Output:
	// 82 7f 00 00 00 00 00 01 00 00
}

func ExampleAppendClose() {
	fmt.Printf("%q\n", ws.AppendClose(nil, nil, ws.CodeGoingAway, "bye"))
	// Output:
	// "\x88\x05\x03\xe9bye"
}

func ExampleOpcodeFor() {
	fmt.Println(ws.OpcodeFor([]byte("\xe2\x82"), []byte("\xac")), ws.OpcodeFor([]byte("\xe2\x82")))
	// Output:
	// text binary
}

// A server that takes pages of one origin, and wants a cookie of them.
func ExampleAccept() {
	origins := ws.Origins("https://example.com")
	check := func(r *http.Request) *ws.Refusal {
		if refused := origins(r); refused != nil {
			return refused
		}
		if _, err := r.Cookie("session"); err != nil {
			return &ws.Refusal{Status: http.StatusUnauthorized, Header: http.Header{"Www-Authenticate": {`Basic realm="sip"`}}, Reason: "who are you"}
		}
		return nil
	}
	in := []byte("GET / HTTP/1.1\r\nHost: sip-ws.example.com\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: https://example.com\r\nSec-WebSocket-Protocol: sip\r\nSec-WebSocket-Version: 13\r\n\r\n")
	var q ws.RequestReader
	r, _, refused := q.Next(in)
	if refused != nil {
		fmt.Println(refused)
		return
	}
	_, refused = ws.Accept(r, check)
	fmt.Println(refused)
	r.AddCookie(&http.Cookie{Name: "session", Value: "1"})
	answer, _ := ws.Accept(r, check)
	fmt.Print(string(bytes.ReplaceAll(answer, []byte("\r"), nil)))
	// Output:
	// handshake answered with 401 Unauthorized: "who are you"
	// HTTP/1.1 101 Switching Protocols
	// Upgrade: websocket
	// Connection: Upgrade
	// Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
	// Sec-WebSocket-Protocol: sip
}

func ExampleClientHandshake() {
	h := ws.ClientHandshake{Host: "sip-ws.example.com", Header: http.Header{"Cookie": {"session=1"}}}
	copy(h.Key[:], "the sample nonce")
	out, err := h.AppendRequest(nil)
	fmt.Print(string(bytes.ReplaceAll(out, []byte("\r\n"), []byte("|\n"))), err, "\n")
	_, err = h.Response([]byte("HTTP/1.1 302 Found\r\nLocation: https://example.com/login\r\n\r\n"))
	var refused *ws.Refusal
	if errors.As(err, &refused) {
		fmt.Println(refused.Status, refused.Header.Get("Location"))
	}
	// Output:
	// GET / HTTP/1.1|
	// Host: sip-ws.example.com|
	// Upgrade: websocket|
	// Connection: Upgrade|
	// Sec-WebSocket-Version: 13|
	// Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==|
	// Sec-WebSocket-Protocol: sip|
	// Cookie: session=1|
	// |
	// <nil>
	// 302 https://example.com/login
}
