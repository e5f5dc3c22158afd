package ua

import (
	"bytes"
	"errors"
	"sync/atomic"

	"github.com/ringback-sip/ringback/parser"
)

// headEnd is how the Builder ends the head of a message without a body.
const headEnd = "Content-Length: 0\r\n\r\n"

// tail is the end of a response that is the same in each: the fields that say who and what we are, and the end of the head.
type tail []byte

var errTail = errors.New("no room for what is prepared")

// newTail prepares the fields that write writes. What the Builder refuses is an empty tail, which ends nothing.
func newTail(write func(*parser.Builder)) tail {
	uri, err := parser.ParseURI([]byte("sip:localhost"))
	if err != nil {
		return nil
	}
	var b parser.Builder
	b.Request(parser.MethodOptions, uri)
	write(&b)
	w, err := b.Wire()
	if err != nil {
		return nil
	}
	_, fields, _ := bytes.Cut(w.Head, []byte("\r\n"))
	return fields
}

// end puts the tail at the end of w, a response that has none of its fields and no body. It may write to the array of w. A response
// copies no more fields than there may be Vias, so that their number needs no look.
func (t tail) end(w parser.Wire) (parser.Wire, error) {
	head, plain := bytes.CutSuffix(w.Head, []byte(headEnd))
	if !plain || len(t) == 0 || len(head)+len(t) > parser.MaxHead {
		return w, errTail
	}
	return parser.Wire{Head: append(head, t...)}, nil
}

// room is how much longer responses of one kind are than the heads of their requests, so that the buffer of the next one is neither too
// small nor kept half empty for as long as its transaction lives. Safe for concurrent use.
type room struct{ extra atomic.Int32 }

// firstRoom is the guess before the first response, maxRoom the largest buffer that is made on a guess.
const (
	firstRoom = 128
	maxRoom   = 2048
)

// size returns the size of the buffer for a response to m.
func (r *room) size(m *parser.Message) int {
	return max(0, min(len(m.Bytes())-len(m.Body())+int(r.extra.Load()), maxRoom))
}

// used learns that the response to m had n octets: at once when that was more, and slowly when it was less.
func (r *room) used(m *parser.Message, n int) {
	extra, known := int32(min(n, parser.MaxHead)-(len(m.Bytes())-len(m.Body()))), r.extra.Load()
	if extra < known {
		extra = known - (known-extra+15)/16
	}
	if extra != known {
		r.extra.Store(extra)
	}
}
