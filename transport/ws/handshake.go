package ws

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"strings"
)

// MaxHead is the longest request or response of a handshake that is read, in octets.
const MaxHead = 16 << 10

// protocol is the subprotocol of SIP (RFC 7118, Section 4.1).
const protocol = "sip"

// The fields of the handshake, as net/http spells them.
const (
	fieldUpgrade    = "Upgrade"
	fieldConnection = "Connection"
	fieldKey        = "Sec-Websocket-Key"
	fieldAccept     = "Sec-Websocket-Accept"
	fieldVersion    = "Sec-Websocket-Version"
	fieldProtocol   = "Sec-Websocket-Protocol"
	fieldExtensions = "Sec-Websocket-Extensions"
)

var (
	errHeadLarge = errors.New("head of more than 16384 octets")
	errLineEnd   = errors.New("line that does not end with CRLF")
)

// head finds the end of the head of a request or response. It looks at each octet once.
type head struct{ scanned int }

// next returns how many octets of b the head has, 0 when more are needed. b is what it was before, with more at its end.
func (h *head) next(b []byte) (n int, err error) {
	for h.scanned < min(len(b), MaxHead) {
		k := bytes.IndexByte(b[h.scanned:min(len(b), MaxHead)], '\n')
		if k < 0 {
			h.scanned = min(len(b), MaxHead)
			break
		}
		end := h.scanned + k
		h.scanned = end + 1
		if end == 0 || b[end-1] != '\r' {
			return 0, errLineEnd // net/http would take it for the end of a line, and see another end of the head
		}
		if end >= 3 && b[end-2] == '\n' {
			n, h.scanned = h.scanned, 0
			return n, nil
		}
	}
	if h.scanned == MaxHead {
		return 0, errHeadLarge
	}
	return 0, nil
}

// acceptOf returns the proof that a server has read the key (RFC 6455, Section 4.2.2).
func acceptOf(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// findToken looks for a token, without case, in a list that may stand in several lines, and returns it as it stands there.
func findToken(lines []string, token string) (found string, ok bool) {
	for _, line := range lines {
		for item := range strings.SplitSeq(line, ",") {
			if item = trim(item); strings.EqualFold(item, token) {
				return item, true
			}
		}
	}
	return "", false
}

// single returns the value of a field that may stand once.
func single(lines []string) (value string, ok bool) {
	if len(lines) != 1 {
		return "", false
	}
	return trim(lines[0]), true
}

// trim removes the blanks that HTTP allows around a value.
func trim(s string) string { return strings.Trim(s, " \t") }
