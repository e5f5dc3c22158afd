package dialog

import "github.com/ringback-sip/ringback/parser"

// ID identifies a dialog at one of its ends (RFC 3261, Section 12); at the other end the tags are swapped. It is
// comparable and so a map's key. Tags are tokens and compared without case (RFC 3261, Section 7.3.1): an ID holds
// them in lower case, while the dialog writes them as the peer spelled them. A null tag (RFC 2543) is "".
type ID struct{ CallID, LocalTag, RemoteTag string }

// RequestID returns the ID of the dialog that m, a request received, belongs to. It reports false
// when m has no To tag and so stands outside any dialog. It allocates one string and keeps nothing of m.
func RequestID(m *parser.Message) (ID, bool) {
	to, err := m.To()
	if err != nil || len(to.Tag()) == 0 {
		return ID{}, false
	}
	from, err := m.From()
	if err != nil {
		return ID{}, false
	}
	return newID(m.CallID(), to.Tag(), from.Tag()), true
}

// newID returns an ID whose strings share one allocation.
func newID(callID, localTag, remoteTag []byte) ID {
	var few [128]byte
	b := append(few[:0], callID...)
	b = appendLower(b, localTag)
	b = appendLower(b, remoteTag)
	s := string(b)
	i, j := len(callID), len(callID)+len(localTag)
	return ID{s[:i], s[i:j], s[j:]}
}

// appendLower appends b with its ASCII letters in lower case.
func appendLower(dst, b []byte) []byte {
	for _, c := range b {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}

// MakeID returns the ID of the dialog with these tags at this end, "" for a null one.
func MakeID(callID, localTag, remoteTag []byte) ID { return newID(callID, localTag, remoteTag) }

// Spelled returns the ID of d with the tags as those who made them spelled them: what a message that names the dialog says, to
// peers that compare octets. It is no map's key.
func (d *Dialog) Spelled() ID {
	return ID{CallID: d.id.CallID, LocalTag: d.localTag, RemoteTag: d.remoteTag}
}
