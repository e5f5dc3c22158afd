package fuzz

import (
	"fmt"
	"strings"

	"github.com/ringback-sip/ringback/parser"
)

// Response answers data, which may be refused in any way: the answer can be read, has what could be read of the request, no
// other fields, and is not much longer (a spoofed source must not be able to multiply what it sends). A good INVITE can
// also be cancelled, and its answer acknowledged.
func Response(data []byte) (used bool, err error) {
	if len(data) > maxInput {
		return false, nil
	}
	var m parser.Message
	m.Parse(data)
	m.Check()
	const tag = "answer"
	for _, minimal := range []bool{false, true} {
		var b parser.Builder
		b.Reset(nil)
		if minimal {
			b.MinimalResponse(&m, parser.StatusBadRequest, tag)
		} else {
			b.Response(&m, parser.StatusBadRequest, "", tag)
		}
		w, err := b.Wire()
		if err != nil && len(data) > parser.MaxLine/2 {
			return false, nil // long names may take it beyond what Parse takes
		}
		if err != nil {
			return true, fmt.Errorf("no answer: %w", err)
		}
		if err := checkResponse(&m, w.Head, minimal); err != nil {
			return true, err
		}
		if m.Fault() == (parser.Fault{}) && m.IsRequest() {
			used = true
			if err := checkFollowers(&m, w.Head); err != nil {
				return true, err
			}
		}
	}
	return used || m.FaultStatus() > 0, nil
}

// checkResponse holds an answer against the request.
func checkResponse(req *parser.Message, answer []byte, minimal bool) error {
	var m parser.Message
	if err := m.Parse(answer); err != nil {
		return fmt.Errorf("the answer %q is refused: %v", answer, m.Fault())
	}
	if m.Status() != parser.StatusBadRequest || len(m.Body()) > 0 {
		return fmt.Errorf("the answer %q has status %v", answer, m.Status())
	}
	// The long names, a blank behind each colon, and what is new: status line, tag, Content-Length.
	rows := 0
	for range req.Fields() {
		rows++
	}
	longest := len(req.Bytes()) + 128
	if minimal {
		longest = len(req.Bytes()) + 64 + rows
	} else {
		longest += rows * len("Call-ID: ")
	}
	if len(answer) > longest {
		return fmt.Errorf("%d octets answer %d", len(answer), len(req.Bytes()))
	}
	for _, h := range []parser.Header{parser.HeaderVia, parser.HeaderFrom, parser.HeaderTo, parser.HeaderCallID, parser.HeaderCSeq} {
		var asked, answered text
		for v := range req.Lookup(h.String()) {
			asked.line(visible(v))
			if h != parser.HeaderVia {
				break
			}
		}
		for v := range m.Lookup(h.String()) {
			s := visible(v)
			if to, err := req.To(); h == parser.HeaderTo && err == nil && to.Tag() == nil {
				s = strings.TrimRight(strings.TrimSuffix(s, ";tag=answer"), blanks)
			}
			answered.line(s)
		}
		if err := differ("request", asked.String(), "answer", answered.String()); err != nil {
			return fmt.Errorf("%v: %w", h, err)
		}
	}
	if to, err := req.To(); err == nil && to.Tag() == nil {
		if got, err := m.To(); err != nil || string(got.Tag()) != "answer" {
			return fmt.Errorf("answer has To: %q, %v", got.Raw(), err)
		}
	}
	return nil
}

// visible returns a value with its folds, and whatever else is no text, as single spaces.
func visible(value []byte) string {
	return strings.Join(strings.FieldsFunc(string(value), func(c rune) bool { return c <= ' ' || c == 0x7f }), " ")
}

// checkFollowers writes CANCEL and ACK for a good request and its answer.
func checkFollowers(req *parser.Message, answer []byte) error {
	var resp parser.Message
	if resp.Parse(answer) != nil {
		return nil
	}
	writers := map[parser.Method]func(b *parser.Builder){
		parser.MethodCancel: func(b *parser.Builder) { b.Cancel(req) },
		parser.MethodAck:    func(b *parser.Builder) { b.Ack(req, &resp) },
	}
	for method, write := range writers {
		var b parser.Builder
		b.Reset(nil)
		write(&b)
		w, err := b.Wire()
		if cseq, _ := req.CSeq(); cseq.Number >= 1<<31 {
			continue // never ours
		}
		if err != nil {
			return fmt.Errorf("no %v: %w", method, err)
		}
		var m parser.Message
		if m.Parse(w.Head) != nil || m.Check() != nil {
			return fmt.Errorf("the %v %q is refused: %v", method, w.Head, m.Fault())
		}
		theirs, _ := req.Via()
		ours, _ := m.Via()
		cseq, _ := req.CSeq()
		same, _ := m.CSeq()
		if m.Method() != method || unfolded(ours.Branch()) != unfolded(theirs.Branch()) || same.Number != cseq.Number || string(m.CallID()) != string(req.CallID()) {
			return fmt.Errorf("the %v %q does not match its request", method, w.Head)
		}
	}
	return nil
}
