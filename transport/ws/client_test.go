package ws_test

import (
	"bufio"
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/transport/ws"
)

// handshake is one whose key is that of RFC 6455, Section 1.3.
func handshake() *ws.ClientHandshake {
	h := &ws.ClientHandshake{Host: "sip-ws.example.com:8080", Target: "/sip?x=y"}
	copy(h.Key[:], "the sample nonce")
	return h
}

// answer is the response of RFC 7118, Section 4.1, with some of its lines changed.
func answer(changes ...string) string {
	lines := []string{"HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
		"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "Sec-WebSocket-Protocol: sip"}
	return changed(lines, changes)
}

// The request has what RFC 6455, Section 4.1 asks for, once each, and what the caller adds.
func TestClientRequest(t *testing.T) {
	h := handshake()
	h.Header = http.Header{"Origin": {"https://example.com"}, "Cookie": {"a=b"}, "Authorization": {"Basic eA=="}, "X-Two": {"1", "2"}}
	out, err := h.AppendRequest([]byte("before"))
	if err != nil || !bytes.HasPrefix(out, []byte("beforeGET /sip?x=y HTTP/1.1\r\nHost: sip-ws.example.com:8080\r\n")) {
		t.Fatalf("got %q, %v", out, err)
	}
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(out[len("before"):])))
	if err != nil {
		t.Fatal(err)
	}
	want := http.Header{"Origin": {"https://example.com"}, "Cookie": {"a=b"}, "Authorization": {"Basic eA=="}, "X-Two": {"1", "2"}, "Upgrade": {"websocket"},
		"Connection": {"Upgrade"}, "Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="}, "Sec-Websocket-Version": {"13"}, "Sec-Websocket-Protocol": {"sip"}}
	for name, values := range want {
		if got := strings.Join(r.Header.Values(name), "|"); got != strings.Join(values, "|") {
			t.Errorf("%s: got %q, want %q", name, got, values)
		}
	}
	if len(r.Header) != len(want) {
		t.Errorf("got %v", r.Header)
	}
	h.Target = ""
	if out, err := h.AppendRequest(nil); err != nil || !bytes.HasPrefix(out, []byte("GET / HTTP/1.1\r\n")) {
		t.Errorf("got %q, %v", out, err)
	}
}

// Nothing that is given can begin a line, a request or a field of its own.
func TestClientRequestRefuses(t *testing.T) {
	for name, change := range map[string]func(h *ws.ClientHandshake){
		"no host":              func(h *ws.ClientHandshake) { h.Host = "" },
		"a host of two lines":  func(h *ws.ClientHandshake) { h.Host = "h\r\nX: y" },
		"a host with a blank":  func(h *ws.ClientHandshake) { h.Host = "a b" },
		"a host beyond ASCII":  func(h *ws.ClientHandshake) { h.Host = "zoë.example" },
		"a target of no path":  func(h *ws.ClientHandshake) { h.Target = "x" },
		"a target with a LF":   func(h *ws.ClientHandshake) { h.Target = "/\nX: y" },
		"a target with a name": func(h *ws.ClientHandshake) { h.Target = "/x#y" },
		"another Host":         func(h *ws.ClientHandshake) { h.Header = http.Header{"host": {"h"}} },
		"another key":          func(h *ws.ClientHandshake) { h.Header = http.Header{"Sec-WebSocket-Key": {"k"}} },
		"an extension": func(h *ws.ClientHandshake) {
			h.Header = http.Header{"Sec-WebSocket-Extensions": {"permessage-deflate"}}
		},
		"a body":               func(h *ws.ClientHandshake) { h.Header = http.Header{"Content-Length": {"5"}} },
		"a name of two lines":  func(h *ws.ClientHandshake) { h.Header = http.Header{"X\r\nY": {"z"}} },
		"a name of none":       func(h *ws.ClientHandshake) { h.Header = http.Header{"": {"z"}} },
		"a value of two lines": func(h *ws.ClientHandshake) { h.Header = http.Header{"Cookie": {"a", "b\r\nX: y"}} },
		"a value with NUL":     func(h *ws.ClientHandshake) { h.Header = http.Header{"Cookie": {"a\x00"}} },
	} {
		h := handshake()
		change(h)
		if out, err := h.AppendRequest([]byte("before")); err == nil || string(out) != "before" {
			t.Errorf("%s: got %q, %v", name, out, err)
		}
	}
}

// What accepts the handshake, however it is cut into reads; frames behind it are left alone.
func TestClientResponse(t *testing.T) {
	for name, in := range map[string]string{
		"as in the RFC":            answer(),
		"words without case":       answer("Upgrade: WebSocket", "Connection: upgrade"),
		"a list in Connection":     answer("Connection: keep-alive", "+Connection: Upgrade"),
		"blanks around the values": answer("Sec-WebSocket-Accept:\t s3pPLMBiTxaQ9kYGzzhZRbK+xOo= ", "Sec-WebSocket-Protocol: sip "),
		"another phrase":           answer("HTTP/1.1 101 Web Socket Protocol Handshake"),
		"other fields":             answer("Date: now", "Set-Cookie: a=b"),
		"interim responses first":  "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + answer(),
	} {
		frames := "\x81\x02hi\r\n\r\n"
		if n, err := handshake().Response([]byte(in + frames)); n != len(in) || err != nil {
			t.Errorf("%s: got %d of %d, %v", name, n, len(in), err)
		}
		h := handshake()
		for k := range len(in) {
			if n, err := h.Response([]byte(in[:k])); n != 0 || err != nil {
				t.Fatalf("%s: after %d of %d octets: got %d, %v", name, k, len(in), n, err)
			}
		}
		if n, err := h.Response([]byte(in + frames)); n != len(in) || err != nil {
			t.Errorf("%s, octet by octet: got %d of %d, %v", name, n, len(in), err)
		}
	}
}

// A 101 that is none for SIP fails the connection (RFC 6455, Section 4.1; RFC 7118, Section 4.1).
func TestClientResponseFails(t *testing.T) {
	for name, in := range map[string]string{
		"no Upgrade":                             answer("-Upgrade"),
		"another Upgrade":                        answer("Upgrade: h2c"),
		"a list in Upgrade":                      answer("Upgrade: websocket, h2c"),
		"no Connection":                          answer("-Connection"),
		"a Connection that is kept":              answer("Connection: keep-alive"),
		"no Accept":                              answer("-Sec-WebSocket-Accept"),
		"the Accept of another key":              answer("Sec-WebSocket-Accept: HSmrc0sMlYUkAGmm5OPpG2HaGWk="),
		"an Accept in other case":                answer("Sec-WebSocket-Accept: S3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
		"two of Accept":                          answer("+Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
		"no subprotocol":                         answer("-Sec-WebSocket-Protocol"),
		"another subprotocol":                    answer("Sec-WebSocket-Protocol: msrp"),
		"the subprotocol in capitals":            answer("Sec-WebSocket-Protocol: SIP"),
		"a list of subprotocols":                 answer("Sec-WebSocket-Protocol: sip, msrp"),
		"two subprotocols":                       answer("+Sec-WebSocket-Protocol: sip"),
		"an extension":                           answer("Sec-WebSocket-Extensions: permessage-deflate"),
		"HTTP/1.0":                               answer("HTTP/1.0 101 Switching Protocols"),
		"no HTTP":                                "SIP/2.0 200 OK\r\n\r\n",
		"a line end without CR":                  strings.Replace(answer(), "\r\n", "\n", 1),
		"a head without end":                     "HTTP/1.1 101 x\r\n" + strings.Repeat("X: y\r\n", ws.MaxHead/6),
		"a line feed behind an interim response": "HTTP/1.1 100 Continue\r\n\r\n\n" + answer(),
		"interim responses without end":          strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 1000),
	} {
		n, err := handshake().Response([]byte(in))
		var refused *ws.Refusal
		if err == nil || n != 0 || errors.As(err, &refused) || !strings.HasPrefix(err.Error(), "handshake: ") {
			t.Errorf("%s: got %d, %v", name, n, err)
		}
	}
}

// Any other status is told with its fields; nothing is followed (RFC 7118, Section 7).
func TestClientResponseRefused(t *testing.T) {
	for status, in := range map[int]string{
		200: "HTTP/1.1 200 OK\r\nX-A: b\r\n\r\nbody",
		301: "HTTP/1.1 301 Moved\r\nX-A: b\r\nLocation: wss://elsewhere.example/\r\n\r\n",
		401: "HTTP/1.1 401 Unauthorized\r\nX-A: b\r\nWWW-Authenticate: Digest realm=\"x\"\r\nContent-Length: 3\r\n\r\nno!",
		426: "HTTP/1.1 426 Upgrade Required\r\nX-A: b\r\nSec-WebSocket-Version: 13\r\n\r\n",
		503: "HTTP/1.0 503\r\nX-A: b\r\nRetry-After: 5\r\n\r\n",
	} {
		n, err := handshake().Response([]byte(in))
		var refused *ws.Refusal
		if !errors.As(err, &refused) || n != 0 || refused.Status != status || refused.Header.Get("X-A") != "b" {
			t.Errorf("%d: got %d, %v", status, n, err)
		}
	}
}

// Both sides of the package agree.
func TestHandshakesMeet(t *testing.T) {
	h := handshake()
	request, err := h.AppendRequest(nil)
	if err != nil {
		t.Fatal(err)
	}
	response, refused := accepted(t, string(request), nil)
	if refused != nil {
		t.Fatal(refused)
	}
	if n, err := h.Response([]byte(response)); n != len(response) || err != nil {
		t.Errorf("got %d, %v", n, err)
	}
	if h = handshake(); true {
		h.Key[0]++
	}
	if _, err := h.Response([]byte(response)); err == nil {
		t.Error("a response to another key was taken")
	}
}
