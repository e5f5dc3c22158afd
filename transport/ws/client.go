package ws

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// ClientHandshake is a client's side of the opening handshake (RFC 6455, Section 4.1; RFC 7118, Section 4.1). It is for one connection.
type ClientHandshake struct {
	Host   string      // host and, if it is not the default, port: the field of this name
	Target string      // path and query; "": "/"
	Key    [16]byte    // 16 octets that nobody can predict, for this connection only
	Header http.Header // what goes with it: Origin, Cookie, Authorization (RFC 7118, Section 7); may be nil

	head head
	seen int // octets of interim responses
}

// own are the fields that the handshake writes itself.
var own = []string{"Host", fieldUpgrade, fieldConnection, fieldKey, fieldVersion, fieldProtocol, fieldExtensions, "Content-Length", "Transfer-Encoding"}

// AppendRequest appends the request. It is an error if Host or Target are not fit for a request, or Header has a field that is the handshake's own, or what
// cannot stand in a field.
func (h *ClientHandshake) AppendRequest(dst []byte) ([]byte, error) {
	target := h.Target
	if target == "" {
		target = "/"
	}
	if h.Host == "" || !visible(h.Host) {
		return dst, fmt.Errorf("handshake: bad host %q", h.Host)
	}
	if !strings.HasPrefix(target, "/") || !visible(target) || strings.Contains(target, "#") { // RFC 6455, Section 3
		return dst, fmt.Errorf("handshake: bad target %q", target)
	}
	b := bytes.NewBuffer(dst)
	fmt.Fprintf(b, "GET %s HTTP/1.1\r\nHost: %s\r\n", target, h.Host)
	b.WriteString("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: " + version + "\r\n")
	b.WriteString("Sec-WebSocket-Key: " + h.key() + "\r\nSec-WebSocket-Protocol: " + protocol + "\r\n")
	for name, values := range h.Header {
		if slices.Contains(own, http.CanonicalHeaderKey(name)) || !isToken(name) {
			return dst, fmt.Errorf("handshake: field %q", name)
		}
		for _, v := range values {
			if strings.ContainsAny(v, "\r\n\x00") {
				return dst, fmt.Errorf("handshake: value of field %q", name)
			}
		}
	}
	_ = h.Header.Write(b) // sorted; a Buffer takes everything
	b.WriteString("\r\n")
	return b.Bytes(), nil
}

// What is wrong with a 101.
var (
	errHTTPVersion     = errors.New("handshake: not HTTP/1.1")
	errUpgradeField    = errors.New("handshake: Upgrade is not websocket")
	errConnectionField = errors.New("handshake: Connection has no Upgrade")
	errAcceptField     = errors.New("handshake: Sec-WebSocket-Accept does not fit the key")
	errExtensionField  = errors.New("handshake: an extension that was not offered")
	errProtocolField   = errors.New("handshake: the subprotocol is not sip")
)

// Response judges the response at the start of buf. n octets hold it when it accepts: what follows them are frames. n is 0, without an error, when more octets are
// needed: buf has to be given again, with more at its end. A final response other than 101 is a [*Refusal]; a redirection is not followed. Any other error means
// that the peer speaks no WebSocket, or none for SIP. Nothing of buf is kept.
func (h *ClientHandshake) Response(buf []byte) (n int, err error) {
	for {
		k, err := h.head.next(buf[h.seen:])
		if err != nil {
			return 0, fmt.Errorf("handshake: %w", err)
		}
		if k == 0 {
			return 0, nil
		}
		r, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(buf[h.seen:h.seen+k])), nil)
		if err != nil {
			return 0, fmt.Errorf("handshake: %w", err)
		}
		h.seen += k
		switch {
		case r.StatusCode == http.StatusSwitchingProtocols:
			if err := h.judge(r); err != nil {
				return 0, err
			}
			return h.seen, nil
		case h.seen > MaxHead:
			return 0, fmt.Errorf("handshake: %w", errHeadLarge)
		case r.StatusCode >= http.StatusOK:
			_, phrase, _ := strings.Cut(r.Status, " ")
			return 0, &Refusal{Status: r.StatusCode, Header: r.Header, Reason: phrase}
		}
	}
}

// judge holds a 101 against RFC 6455, Section 4.1. We offer no extension, and one subprotocol.
func (h *ClientHandshake) judge(r *http.Response) error {
	f := r.Header
	if r.ProtoMajor != 1 || r.ProtoMinor < 1 {
		return errHTTPVersion
	}
	if v, ok := single(f[fieldUpgrade]); !ok || !strings.EqualFold(v, "websocket") {
		return errUpgradeField
	}
	if _, ok := findToken(f[fieldConnection], "upgrade"); !ok {
		return errConnectionField
	}
	if v, ok := single(f[fieldAccept]); !ok || v != acceptOf(h.key()) {
		return errAcceptField
	}
	if len(f[fieldExtensions]) > 0 {
		return errExtensionField
	}
	if v, ok := single(f[fieldProtocol]); !ok || v != protocol {
		return errProtocolField
	}
	return nil
}

func (h *ClientHandshake) key() string { return base64.StdEncoding.EncodeToString(h.Key[:]) }

// visible reports whether s has neither blanks nor control octets, and is ASCII.
func visible(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' || c >= 0x7F })
}

// isToken reports whether s can be the name of a field.
func isToken(s string) bool {
	return s != "" && visible(s) && !strings.ContainsAny(s, `()<>@,;:\"/[]?={}`)
}
