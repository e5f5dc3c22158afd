package fuzz

import (
	"errors"
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/ringback-sip/ringback/transport/ws"
)

// WebSocket reads data as frames, of a client and of a server, at once, octet by octet and in pieces that a hash of data chooses. None of
// that makes a difference, and what comes out is what a naive reader of frames says. More is never held than the limit of a message and one control
// frame. Then data goes through the writer as a message, and as fragments with Pings between them, and comes out again.
func WebSocket(data []byte) (used bool, err error) {
	if len(data) > maxInput/2 {
		return false, nil
	}
	h := fnv.New64a()
	h.Write(data)
	seed := h.Sum64()
	limit := ws.MaxMessage
	if seed&3 == 0 {
		limit = int(seed>>3&255) + 1
	}
	for _, role := range []ws.Role{ws.Server, ws.Client} {
		want := framesNaively(string(data), role, limit)
		for _, size := range []func() int{whole(len(data)), single, random(&seed)} {
			got, err := readFrames(data, role, limit, size)
			if err != nil {
				return true, err
			}
			if err := differ("reader", got, "naive reader", want); err != nil {
				return true, fmt.Errorf("role %d, limit %d: %w", role, limit, err)
			}
		}
		used = used || strings.Contains(want, "\n")
	}
	return used, framesGoRound(data, seed)
}

// readFrames reads a stream as a connection does: what is left stands at the start of a buffer, and a read of some size
// goes behind it.
func readFrames(stream []byte, role ws.Role, limit int, size func() int) (string, error) {
	const oneControl = 130 // octets of a control frame that is not whole
	r := ws.Reader{Role: role, MaxMessage: limit}
	var out strings.Builder
	buf := make([]byte, 0, 256)
	for {
		n := min(size(), len(stream))
		buf = append(buf, stream[:n]...)
		stream = stream[n:]
		in := buf
		for {
			e, rest, err := r.Next(in)
			if err != nil {
				_, _, again := r.Next(nil)
				var fault ws.Error
				if !errors.As(err, &fault) || again != err {
					return "", fmt.Errorf("the error %v became %v", err, again)
				}
				fmt.Fprintf(&out, "fails with %d", fault.Code())
				return out.String(), nil
			}
			if len(rest) > len(in) {
				return "", fmt.Errorf("%d octets became %d", len(in), len(rest))
			}
			if in = rest; e.Op == 0 {
				break
			}
			fmt.Fprintf(&out, "%v %d %q\n", e.Op, e.Code, e.Data)
		}
		if len(in) > limit+oneControl || !r.Pending() && len(in) > oneControl {
			return "", fmt.Errorf("%d octets are held, the limit is %d", len(in), limit)
		}
		if buf = buf[:copy(buf, in)]; n == 0 {
			fmt.Fprintf(&out, "waits, pending %v", r.Pending())
			return out.String(), nil
		}
	}
}

// framesGoRound writes data and reads it again.
func framesGoRound(data []byte, seed uint64) error {
	for _, role := range []ws.Role{ws.Server, ws.Client} {
		var key *ws.Key
		if role == ws.Server { // which reads what clients send
			key = &ws.Key{byte(seed), byte(seed >> 8), byte(seed >> 16), byte(seed >> 24)}
		}
		op := ws.OpcodeFor(data)
		want := fmt.Sprintf("%v 0 %q\nwaits, pending false", op, data)
		at := int(seed>>33) % (len(data) + 1)
		got, err := readFrames(ws.AppendFrame(nil, key, op, data[:at], data[at:]), role, len(data), whole(len(data)+14))
		if err == nil {
			err = differ("what was read", got, "what was written", want)
		}
		if err != nil {
			return err
		}
		got, err = readFrames(fragments(data, key, op, &seed), role, len(data), random(&seed))
		if err == nil {
			err = differ("what was read", strings.ReplaceAll(got, "ping 0 \"between\"\n", ""), "what was written in fragments", want)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fragments returns the frames of data cut into pieces, with a Ping before each.
func fragments(data []byte, key *ws.Key, op ws.Opcode, seed *uint64) []byte {
	size := random(seed)
	var out []byte
	for first := true; first || len(data) > 0; first = false {
		n := min(size()-1, len(data)) // an empty one at times
		if len(data) > 4096 {
			n = size() * 64 % len(data)
		}
		out = ws.AppendFrame(out, key, ws.Ping, []byte("between"))
		at := len(out)
		out = ws.AppendFrame(out, key, op, data[:n])
		if !first {
			out[at] &^= 0x0F // a continuation
		}
		if data = data[n:]; len(data) > 0 {
			out[at] &^= 0x80 // not the last
		}
	}
	return out
}
