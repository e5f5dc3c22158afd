package parser

// Wire is a finished message, ready to be sent. Head is its own; Body holds up to three parts that
// may be shared between messages. Nobody writes to either once the Wire was made.
type Wire struct {
	Head []byte
	Body [3][]byte
}

// Len returns the number of octets that AppendTo appends.
func (w Wire) Len() int {
	return len(w.Head) + len(w.Body[0]) + len(w.Body[1]) + len(w.Body[2])
}

// AppendTo appends the message to dst.
func (w Wire) AppendTo(dst []byte) []byte {
	dst = append(dst, w.Head...)
	for _, p := range w.Body {
		dst = append(dst, p...)
	}
	return dst
}
