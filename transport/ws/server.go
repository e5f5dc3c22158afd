package ws

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// version is the one version of the protocol that there is (RFC 6455, Section 4.1).
const version = "13"

// Accept judges the request of an opening handshake (RFC 6455, Section 4.2.1; RFC 7118, Section 4.1). answer is the whole 101 response, to be written to
// the connection before the first frame. A request that is no handshake for SIP is refused instead.
//
// check decides on what the protocol leaves open: the Origin, a cookie, credentials, for which it may ask with a 401 (RFC 7118,
// Section 7). It is called once, for a request that is good otherwise, and returns nil to accept it. A nil check is [SameOrigin].
func Accept(r *http.Request, check func(r *http.Request) *Refusal) (answer []byte, refused *Refusal) {
	if refused = judge(r); refused != nil {
		return nil, refused
	}
	spoken, ok := findToken(r.Header[fieldProtocol], protocol)
	if !ok {
		return nil, refuse(http.StatusBadRequest, "the subprotocol sip is not offered")
	}
	if check == nil {
		check = SameOrigin
	}
	if refused = check(r); refused != nil {
		return nil, refused
	}
	key, _ := single(r.Header[fieldKey])
	// The subprotocol goes back as it was spelled: clients look for it among what they offered.
	return []byte("HTTP/1.1 101 Switching Protocols\r\n" +
		"Upgrade: websocket\r\n" +
		"Connection: Upgrade\r\n" +
		"Sec-WebSocket-Accept: " + acceptOf(key) + "\r\n" +
		"Sec-WebSocket-Protocol: " + spoken + "\r\n\r\n"), nil
}

// judge holds a request against RFC 6455, Section 4.2.1, the subprotocol excepted.
func judge(r *http.Request) *Refusal {
	if r.Method != http.MethodGet {
		refused := refuse(http.StatusMethodNotAllowed, "a WebSocket begins with GET")
		refused.Header = http.Header{"Allow": {http.MethodGet}}
		return refused
	}
	if r.ProtoMajor != 1 || r.ProtoMinor < 1 {
		return refuse(http.StatusHTTPVersionNotSupported, "a WebSocket begins with HTTP/1.1")
	}
	if _, ok := findToken(r.Header[fieldUpgrade], "websocket"); !ok {
		return upgradeRequired("this is a WebSocket for SIP")
	}
	if _, ok := findToken(r.Header[fieldConnection], "upgrade"); !ok {
		return upgradeRequired("Connection has no Upgrade")
	}
	if v, ok := single(r.Header[fieldVersion]); !ok || v != version {
		return upgradeRequired("Sec-WebSocket-Version is not 13")
	}
	if key, ok := single(r.Header[fieldKey]); !ok || !isKey(key) {
		return refuse(http.StatusBadRequest, "Sec-WebSocket-Key is not 16 octets in base64")
	}
	if r.Host == "" {
		return refuse(http.StatusBadRequest, "Host is missing")
	}
	if r.ContentLength != 0 { // -1 with chunks
		return refuse(http.StatusBadRequest, "a handshake has no body") // it would be read as frames
	}
	return nil
}

// SameOrigin accepts a request from a page of the host that it asks, and one that says of no page (RFC 6455, Section 10.2): programs
// other than browsers send no Origin. Others get 403.
func SameOrigin(r *http.Request) *Refusal {
	return checkOrigin(r, func(origin string) bool {
		u, err := url.Parse(origin)
		return err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host)
	})
}

// Origins returns a check for [Accept] that accepts pages of the origins allowed, such as "https://example.com", and requests that say of no page. Others
// get 403.
func Origins(allowed ...string) func(r *http.Request) *Refusal {
	allowed = slices.Clone(allowed)
	return func(r *http.Request) *Refusal {
		return checkOrigin(r, func(origin string) bool {
			return slices.ContainsFunc(allowed, func(a string) bool { return strings.EqualFold(a, origin) })
		})
	}
}

// checkOrigin refuses a request whose Origin is not as allowed wants it.
func checkOrigin(r *http.Request, allowed func(origin string) bool) *Refusal {
	lines := r.Header["Origin"]
	if len(lines) == 0 {
		return nil
	}
	if origin, ok := single(lines); !ok || !allowed(origin) {
		return refuse(http.StatusForbidden, "Origin is not allowed")
	}
	return nil
}

// isKey reports whether s is 16 octets in base64. The bits that are left over in its last digit may be anything: the example of RFC 6455,
// Section 4.1 has some.
func isKey(s string) bool {
	var key [18]byte
	if len(s) != 24 {
		return false
	}
	n, err := base64.StdEncoding.Decode(key[:], []byte(s))
	return err == nil && n == 16
}

func refuse(status int, reason string) *Refusal { return &Refusal{Status: status, Reason: reason} }

// upgradeRequired answers what asks for no WebSocket, or for another version of it (RFC 6455, Section 4.2.2).
func upgradeRequired(reason string) *Refusal {
	r := refuse(http.StatusUpgradeRequired, reason)
	r.Header = http.Header{fieldUpgrade: {"websocket"}, fieldVersion: {version}}
	return r
}

// RequestReader reads the request of a handshake from a connection's first octets, for listeners that net/http does not serve. The zero
// RequestReader is ready.
type RequestReader struct{ head head }

// Next returns the request at the start of buf, which n octets hold: what follows them are frames. r is nil when more octets are needed: buf has to
// be given again, with more at its end. What can be no request is refused. Nothing of buf is kept. RemoteAddr and TLS of r are
// left to the caller.
func (q *RequestReader) Next(buf []byte) (r *http.Request, n int, refused *Refusal) {
	n, err := q.head.next(buf)
	switch {
	case errors.Is(err, errHeadLarge):
		return nil, 0, refuse(http.StatusRequestHeaderFieldsTooLarge, err.Error())
	case err != nil:
		return nil, 0, refuse(http.StatusBadRequest, err.Error())
	case n == 0:
		return nil, 0, nil
	}
	r, err = http.ReadRequest(bufio.NewReader(bytes.NewReader(buf[:n])))
	if err != nil {
		return nil, 0, refuse(http.StatusBadRequest, "this is not HTTP")
	}
	return r, n, nil
}
