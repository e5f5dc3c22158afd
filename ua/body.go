package ua

import (
	"fmt"
	"slices"

	"github.com/ringback-sip/ringback/parser"
)

// Body is a message body: opaque bytes and their media type. The zero Body is none. Data is shared, never
// written and must not change once given away.
type Body struct {
	Type string // "application/sdp"
	Data []byte
}

// IsZero reports whether there is no body.
func (b Body) IsZero() bool { return b.Type == "" && len(b.Data) == 0 }

// bodyOf returns a copy of m's body; of one with several parts, of the part that describes a session, the zero Body when none does.
func bodyOf(m *parser.Message) Body {
	if len(m.Body()) == 0 {
		return Body{}
	}
	if isMultipart(m) {
		p, ok := describing(m.Parts(), isAlternative(m.ContentType()))
		if !ok {
			return Body{}
		}
		return Body{Type: string(p.Lookup("Content-Type")), Data: append([]byte(nil), p.Body()...)}
	}
	return Body{Type: string(m.Raw(parser.HeaderContentType)), Data: append([]byte(nil), m.Body()...)}
}

// Field is a header field that an application adds to a message of its own. Those that the agent writes itself are refused: Via, the
// Contact of an INVITE, and all that stand in a message once.
type Field struct{ Name, Value string }

// checkFields refuses the application's fields of the given headers, which would come second. The Builder refuses the rest.
func checkFields(fields []Field, ours ...parser.Header) error {
	for _, f := range fields {
		if h := parser.ParseHeader(f.Name); h != parser.HeaderUnknown && slices.Contains(ours, h) {
			return fmt.Errorf("sip: header field %s: the agent writes it itself", f.Name)
		}
	}
	return nil
}

func writeFields(b *parser.Builder, fields []Field) {
	for _, f := range fields {
		b.Field(f.Name, f.Value)
	}
}
