package ws_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/transport/ws"
)

// offer is the request of RFC 7118, Section 4.1, with some of its lines changed.
func offer(changes ...string) string {
	lines := []string{"GET / HTTP/1.1", "Host: sip-ws.example.com", "Upgrade: websocket", "Connection: Upgrade",
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Origin: http://www.example.com", "Sec-WebSocket-Protocol: sip", "Sec-WebSocket-Version: 13"}
	return changed(lines, changes)
}

// changed returns lines with changes: one takes the place of the line of the same field, or is one more; "-Name" takes a line away, and
// "+Name: value" stands beside what there is.
func changed(lines, changes []string) string {
	for _, c := range changes {
		name, _, _ := strings.Cut(strings.TrimLeft(c, "+-"), ":")
		i := slices.IndexFunc(lines[1:], func(l string) bool { return strings.HasPrefix(strings.ToLower(l), strings.ToLower(name)+":") }) + 1
		switch {
		case c[0] == '+':
			lines = append(lines, c[1:])
		case c[0] == '-':
			lines = slices.Delete(lines, i, i+1)
		case !strings.Contains(c, ":") || strings.HasPrefix(c, "GET "):
			lines[0] = c
		case i == 0:
			lines = append(lines, c)
		default:
			lines[i] = c
		}
	}
	return strings.Join(lines, "\r\n") + "\r\n\r\n"
}

// anyPage is a check that refuses nothing.
func anyPage(*http.Request) *ws.Refusal { return nil }

// accepted reads a request as a listener does, and judges it.
func accepted(t *testing.T, in string, check func(*http.Request) *ws.Refusal) (string, *ws.Refusal) {
	t.Helper()
	var q ws.RequestReader
	r, n, refused := q.Next([]byte(in))
	if refused != nil {
		return "", refused
	}
	if r == nil || n != len(in) {
		t.Fatalf("got %v after %d of %d octets", r, n, len(in))
	}
	answer, refused := ws.Accept(r, check)
	return string(answer), refused
}

func TestAcceptAnswersAsInTheRFC(t *testing.T) {
	got, refused := accepted(t, offer(), anyPage)
	want := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: sip\r\n\r\n"
	if got != want || refused != nil {
		t.Errorf("got %q, %v, want %q", got, refused, want)
	}
}

// What else is a handshake for SIP.
func TestAcceptTakes(t *testing.T) {
	for name, in := range map[string]string{
		"a browser's lists":                     offer("Connection: keep-alive, Upgrade", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"),
		"words without case":                    offer("Upgrade: WebSocket", "Connection: UPGRADE"),
		"lists in several lines":                offer("Connection: keep-alive", "+Connection: \tupgrade\t", "Upgrade: h2c", "+Upgrade: websocket"),
		"sip behind others":                     offer("Sec-WebSocket-Protocol: msrp , sip"),
		"sip in the second line":                offer("Sec-WebSocket-Protocol: msrp", "+Sec-WebSocket-Protocol: xmpp,sip"),
		"names without case":                    strings.ReplaceAll(offer(), "Sec-WebSocket", "sec-websocket"),
		"an absolute target":                    offer("GET http://sip-ws.example.com/x HTTP/1.1"),
		"a path and a query":                    offer("GET /sip?token=1 HTTP/1.1"),
		"no Origin":                             offer("-Origin"),
		"a key with bits left over":             offer("Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEC=="), // RFC 6455, Section 4.1
		"blanks around the key":                 offer("Sec-WebSocket-Key:  dGhlIHNhbXBsZSBub25jZQ== "),
		"a body of no octets, in so many words": offer("Content-Length: 0"),
	} {
		if got, refused := accepted(t, in, anyPage); refused != nil || !strings.Contains(got, "\r\nSec-WebSocket-Protocol: sip\r\n") {
			t.Errorf("%s: got %q, %v", name, got, refused)
		}
	}
	// The subprotocol goes back as it was offered: the client looks for that.
	if got, refused := accepted(t, offer("Sec-WebSocket-Protocol: SIP"), anyPage); refused != nil || !strings.Contains(got, "\r\nSec-WebSocket-Protocol: SIP\r\n") {
		t.Errorf("SIP: got %q, %v", got, refused)
	}
}

// What is refused, and with which status (RFC 6455, Sections 4.2.1 and 4.2.2; RFC 7118, Section 4.1).
func TestAcceptRefuses(t *testing.T) {
	tests := []struct {
		name, in string
		status   int
		field    string // of the answer, with its value
	}{
		{"another method", offer("POST / HTTP/1.1"), 405, "Allow: GET"},
		{"HTTP/1.0", offer("GET / HTTP/1.0"), 505, ""},
		{"HTTP/2", offer("GET / HTTP/2.0"), 505, ""},
		{"HTTP/2.1", offer("GET / HTTP/2.1"), 505, ""},
		{"no Upgrade", offer("-Upgrade"), 426, "Upgrade: websocket"},
		{"an Upgrade to something else", offer("Upgrade: websockets"), 426, "Upgrade: websocket"},
		{"no Connection", offer("-Connection"), 426, "Upgrade: websocket"},
		{"a Connection that is kept", offer("Connection: keep-alive"), 426, "Upgrade: websocket"},
		{"no version", offer("-Sec-WebSocket-Version"), 426, "Sec-Websocket-Version: 13"},
		{"version 8", offer("Sec-WebSocket-Version: 8"), 426, "Sec-Websocket-Version: 13"},
		{"a list of versions", offer("Sec-WebSocket-Version: 13, 8"), 426, "Sec-Websocket-Version: 13"},
		{"two versions", offer("+Sec-WebSocket-Version: 13"), 426, "Sec-Websocket-Version: 13"},
		{"no key", offer("-Sec-WebSocket-Key"), 400, ""},
		{"two keys", offer("+Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="), 400, ""},
		{"an empty key", offer("Sec-WebSocket-Key: "), 400, ""},
		{"a key of 15 octets", offer("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j"), 400, ""},
		{"a key of 15 octets, padded", offer("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub2==nZZZ"), 400, ""},
		{"a key of 17 octets", offer("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZTE="), 400, ""},
		{"a key of 18 octets", offer("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZTEy"), 400, ""},
		{"a key of 300 octets", offer("Sec-WebSocket-Key: " + strings.Repeat("dGhl", 100)), 400, ""},
		{"a key that is not base64", offer("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZ!=="), 400, ""},
		{"no Host", offer("-Host"), 400, ""},
		{"a body", offer("Content-Length: 5"), 400, ""},
		{"a body in chunks", offer("Transfer-Encoding: chunked"), 400, ""},
		{"no subprotocol", offer("-Sec-WebSocket-Protocol"), 400, ""},
		{"other subprotocols", offer("Sec-WebSocket-Protocol: sips, sip2, x sip"), 400, ""},
		{"no subprotocol, in so many words", offer("Sec-WebSocket-Protocol: "), 400, ""},
		{"what check refuses", offer("Cookie: a=b"), 401, "Www-Authenticate: Basic"},
		{"no HTTP at all", "OPTIONS sip:b@h SIP/2.0\r\n\r\n", 400, ""},
		{"a line end without CR", strings.Replace(offer(), "\r\n", "\n", 1), 400, ""},
	}
	check := func(r *http.Request) *ws.Refusal {
		if r.Header.Get("Cookie") == "" {
			return nil
		}
		return &ws.Refusal{Status: 401, Header: http.Header{"Www-Authenticate": {"Basic"}}, Reason: "no"}
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, refused := accepted(t, tt.in, check)
			if refused == nil || refused.Status != tt.status || got != "" {
				t.Fatalf("got %q, %v, want %d", got, refused, tt.status)
			}
			if name, want, _ := strings.Cut(tt.field, ": "); refused.Header.Get(name) != want {
				t.Errorf("got %v, want %s", refused.Header, tt.field)
			}
			if refused.Reason == "" {
				t.Error("got no reason")
			}
		})
	}
}

// The zero check keeps pages of other hosts out (RFC 6455, Section 10.2).
func TestOrigins(t *testing.T) {
	list := []string{"https://example.com", "http://localhost:8080", "null"}
	origins := ws.Origins(list...)
	list[0] = "https://evil.example"
	tests := []struct {
		origin     string
		same, list bool
	}{
		{"-Origin", true, true},
		{"Origin: https://example.com", false, true},
		{"Origin: HTTPS://EXAMPLE.COM", false, true},
		{"Origin: http://example.com", false, false},
		{"Origin: https://example.com.evil.example", false, false},
		{"Origin: https://evil.example", false, false},
		{"Origin: http://localhost:8080", false, true},
		{"Origin: http://localhost", false, false},
		{"Origin: http://sip-ws.example.com", true, false},
		{"Origin: https://SIP-ws.example.com", true, false},
		{"Origin: https://sip-ws.example.com:8443", false, false},
		{"Origin: https://x@evil.example", false, false},
		{"Origin: null", false, true},
		{"Origin: ", false, false},
		{"Origin: sip-ws.example.com", false, false},
		{"Origin: http://[", false, false},
		{"+Origin: http://sip-ws.example.com", false, false},
	}
	for _, tt := range tests {
		for name, c := range map[string]struct {
			check func(*http.Request) *ws.Refusal
			want  bool
		}{"nil": {nil, tt.same}, "SameOrigin": {ws.SameOrigin, tt.same}, "Origins": {origins, tt.list}} {
			_, refused := accepted(t, offer(tt.origin), c.check)
			if (refused == nil) != c.want || refused != nil && refused.Status != http.StatusForbidden {
				t.Errorf("%s: %s: got %v, want accepted %v", name, tt.origin, refused, c.want)
			}
		}
	}
}

// A request that names no host is from no page of it.
func TestSameOriginNeedsAHost(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Host = ""
	r.Header.Set("Origin", "null")
	if refused := ws.SameOrigin(r); refused == nil || refused.Status != http.StatusForbidden {
		t.Errorf("got %v", refused)
	}
}

// A request is the same however it is cut into reads, and what follows it is left alone.
func TestRequestReader(t *testing.T) {
	in := offer("Cookie: " + strings.Repeat("x", 5000))
	stream := in + "\x81\x80....\r\n\r\n"
	var q ws.RequestReader
	for n := range len(in) {
		if r, k, refused := q.Next([]byte(stream[:n])); r != nil || k != 0 || refused != nil {
			t.Fatalf("after %d octets: got %v, %d, %v", n, r, k, refused)
		}
	}
	r, n, refused := q.Next([]byte(stream))
	if refused != nil || n != len(in) || len(r.Header.Get("Cookie")) != 5000 || r.Host != "sip-ws.example.com" || r.URL.Path != "/" {
		t.Errorf("got %v, %d of %d octets, %v", r, n, len(in), refused)
	}
}

// What never ends is refused at the limit, and what is no line at once.
func TestRequestReaderLimit(t *testing.T) {
	fits := offer("X: " + strings.Repeat("x", ws.MaxHead-len(offer("X: "))))
	if r, n, refused := new(ws.RequestReader).Next([]byte(fits)); r == nil || n != ws.MaxHead || refused != nil {
		t.Errorf("%d octets: got %d, %v", len(fits), n, refused)
	}
	for name, c := range map[string]struct {
		in     string
		status int
	}{
		"one octet more":        {offer("X: " + strings.Repeat("x", ws.MaxHead+1-len(offer("X: ")))), 431},
		"a line without end":    {strings.Repeat("x", ws.MaxHead), 431},
		"lines without end":     {"GET / HTTP/1.1\r\n" + strings.Repeat("X: y\r\n", ws.MaxHead/6), 431},
		"a first line feed":     {"\n", 400},
		"a blank line of LF":    {"GET / HTTP/1.1\r\nHost: h\r\n\n", 400},
		"a blank line at first": {"\r\n\r\n", 400},
	} {
		if r, n, refused := new(ws.RequestReader).Next([]byte(c.in)); r != nil || n != 0 || refused == nil || refused.Status != c.status {
			t.Errorf("%s: got %v, %d, %v, want %d", name, r, n, refused, c.status)
		}
	}
}

// A refusal is a whole response, on a socket and from net/http, and nothing in it begins another field.
func TestRefusal(t *testing.T) {
	refused := &ws.Refusal{Status: 401, Header: http.Header{"Www-Authenticate": {"Basic realm=\"a\r\nX-Evil: b\""}, "Content-Length": {"7"}}, Reason: "who are you"}
	var c ws.ClientHandshake
	_, err := c.Response(refused.AppendTo(nil))
	got, ok := err.(*ws.Refusal)
	if !ok || got.Status != 401 || got.Header.Get("Content-Length") != "12" ||
		got.Header.Get("X-Evil") != "" || got.Header.Get("Www-Authenticate") == "" {
		t.Errorf("got %v: %v", err, got.Header)
	}
	if b := refused.AppendTo([]byte("before")); !bytes.HasPrefix(b, []byte("beforeHTTP/1.1 401 Unauthorized\r\n")) || !bytes.HasSuffix(b, []byte("\r\n\r\nwho are you\n")) ||
		!bytes.Contains(b, []byte("\r\nConnection: close\r\n")) { // which net/http keeps to itself
		t.Errorf("got %q", b)
	}
	if b := (&ws.Refusal{Status: 404}).AppendTo(nil); !bytes.HasPrefix(b, []byte("HTTP/1.1 404 Not Found\r\n")) {
		t.Errorf("without fields: got %q", b)
	}
	w := httptest.NewRecorder()
	refused.Header.Del("Content-Length")
	refused.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if w.Code != 401 || w.Header().Get("Www-Authenticate") == "" || w.Body.String() != "who are you\n" {
		t.Errorf("got %d %v %q", w.Code, w.Header(), w.Body)
	}
	if len(refused.Header) != 1 {
		t.Errorf("the refusal was changed: %v", refused.Header)
	}
	for _, tt := range []struct {
		r    ws.Refusal
		want string
	}{
		{ws.Refusal{Status: 404, Reason: "Not Found"}, "handshake answered with 404 Not Found"},
		{ws.Refusal{Status: 599}, "handshake answered with 599"},
		{ws.Refusal{Status: 403, Reason: "no\x1b[2J"}, `handshake answered with 403 Forbidden: "no\x1b[2J"`},
	} {
		if got := tt.r.Error(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}
