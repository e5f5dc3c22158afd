package dialog

import "github.com/ringback-sip/ringback/parser"

// ReliableClient takes the reliable provisional responses of one early dialog in order (RFC 3262, Section 4): every dialog that an
// INVITE makes has a space of numbers of its own, and so has every INVITE inside a dialog. The zero ReliableClient has taken
// none. Not safe for concurrent use.
type ReliableClient struct{ last uint32 }

// Take reports whether the response with the number rseq is the one whose turn it is: it is acknowledged by PRACK and processed. One that came before, and
// one after a gap, is neither: the callee repeats what is missing. The first may have any number. A PRACK is not sent again for a
// repeated response: it has a transaction of its own.
func (r *ReliableClient) Take(rseq uint32) bool {
	if r.last != 0 && rseq != r.last+1 || rseq == 0 {
		return false
	}
	r.last = rseq
	return true
}

// Reliable reports whether resp is a reliable provisional response, 101 to 199, and returns its number. One whose RSeq
// is absent or malformed cannot be acknowledged, and is not.
func Reliable(resp *parser.Message) (rseq uint32, ok bool) {
	if !reliable(resp) {
		return 0, false
	}
	rseq, err := resp.RSeq()
	return rseq, err == nil
}

// RAck returns what a PRACK to resp, a reliable provisional response to an INVITE with the number rseq, acknowledges.
func RAck(resp *parser.Message, rseq uint32) (parser.RAck, error) {
	seq, err := resp.CSeq()
	return parser.RAck{RSeq: rseq, CSeq: seq.Number, Method: seq.Method}, err
}
