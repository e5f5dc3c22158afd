package ua

import "github.com/ringback-sip/ringback/parser"

// Body is a message body: opaque bytes and their media type. The zero Body is none. Data is shared, never
// written and must not change once given away.
type Body struct {
	Type string // "application/sdp"
	Data []byte
}

// IsZero reports whether there is no body.
func (b Body) IsZero() bool { return b.Type == "" && len(b.Data) == 0 }

// bodyOf returns a copy of m's body.
func bodyOf(m *parser.Message) Body {
	if len(m.Body()) == 0 {
		return Body{}
	}
	return Body{Type: string(m.Raw(parser.HeaderContentType)), Data: append([]byte(nil), m.Body()...)}
}

// Field is a header field that an application adds to a message of its own.
type Field struct{ Name, Value string }
