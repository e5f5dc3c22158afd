package parser

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// mutate changes b in one to three places, as line noise, a bad peer or an attacker would.
func mutate(r *rand.Rand, b []byte, others [][]byte) []byte {
	pieces := []string{"\r", "\n", "\r\n", "\r\n ", "\r\n\r\n", " ", "\t", ",", ";", ";;", "=", ":", "\"", "\\", "<", ">", "(", ")", "@", "%", "%00", "%41", "*", "[", "]",
		"::", "\x00", "\x7f", "\xff", "\u4e2d", "0", "-1", "4294967296", "65536", "tag=", ";tag=a", ";rport", ";received=1", ", <sip:x>", "sip:", "sips:", "tel:", "SIP/2.0",
		"Via: SIP/2.0/UDP h\r\n", "l: 5\r\n", "t: <sip:x>\r\n", "m: *\r\n", "X: y\r\n z\r\n", "?a=b", "INVITE "}
	b = bytes.Clone(b)
	for range 1 + r.IntN(3) {
		i := r.IntN(len(b) + 1)
		j := min(len(b), i+1<<r.IntN(5))
		switch r.IntN(6) {
		case 0: // cut out
			b = append(b[:i], b[j:]...)
		case 1: // cut off
			b = b[:i]
		case 2: // double
			b = append(b[:j:j], b[i:]...)
		case 3: // another octet
			if i < len(b) {
				b[i] = byte(r.IntN(256))
			}
		case 4: // a piece of another message
			o := others[r.IntN(len(others))]
			k := r.IntN(len(o) + 1)
			b = append(b[:i:i], append(bytes.Clone(o[k:min(len(o), k+1<<r.IntN(7))]), b[i:]...)...)
		default:
			b = append(b[:i:i], append([]byte(pieces[r.IntN(len(pieces))]), b[i:]...)...)
		}
	}
	return b
}

// Whatever comes, nothing panics; what Check accepts can be read, and written, and read again as the same; what it
// refuses has a fault inside the message, and its answer is a message.
func TestMutants(t *testing.T) {
	var seeds [][]byte
	for _, row := range torture(t) {
		seeds = append(seeds, row.data)
	}
	seeds = append(seeds, inviteBytes(), request("Contact: *", "Expires: 0"), start("SIP/2.0 200 OK"))
	r := rand.New(rand.NewPCG(5, 6))
	var m Message
	accepted := 0
	const rounds = 30000
	for i := range rounds {
		in := mutate(r, seeds[i%len(seeds)], seeds)
		before := bytes.Clone(in)
		err := verdict(&m, in)
		if i%2 == 0 {
			m.SetReceived([]byte("2001:db8::1"), uint16(i))
		}
		readAll(&m)
		if err == nil {
			accepted++
			checkAccepted(t, &m)
		} else if f := m.Fault(); f.Err != err || f.Offset < 0 || f.Offset > len(in) {
			t.Fatalf("got fault %v at %d for %v of\n%q", f, f.Offset, err, in)
		}
		checkAnswer(t, &m, err == nil)
		checkFramer(t, in)
		if !bytes.Equal(in, before) {
			t.Fatalf("reading changed\n%q", before)
		}
		if t.Failed() {
			t.Fatalf("on\n%q", in)
		}
	}
	if accepted < rounds/20 || accepted > rounds*9/10 {
		t.Errorf("%d of %d mutants were accepted: they show too little", accepted, rounds)
	}
}

// checkAccepted asks m, which Check accepted, for everything that Check looked at.
func checkAccepted(t *testing.T, m *Message) {
	t.Helper()
	fail := func(what string, err error) {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if m.IsRequest() {
		fail("Request-URI", second(m.RequestURI()))
	}
	fail("topmost Via", second(m.Via()))
	for v, err := range m.Vias() {
		fail("Via", err)
		if len(v.Host()) == 0 || len(v.Transport()) == 0 {
			t.Errorf("Via without host or transport: %q", v.Raw())
		}
	}
	fail("From", second(m.From()))
	fail("To", second(m.To()))
	c, err := m.CSeq()
	fail("CSeq", err)
	if !bytes.Equal(c.Name, m.MethodName()) {
		t.Errorf("CSeq method %q of %q", c.Name, m.MethodName())
	}
	if len(m.CallID()) == 0 {
		t.Error("no Call-ID")
	}
	for _, err := range m.Contacts() {
		fail("Contact", err)
	}
	for name, err := range map[string]error{"Max-Forwards": second(m.MaxForwards()), "Expires": second(m.Expires()),
		"Content-Length": second(m.ContentLength())} {
		if err != ErrAbsent {
			fail(name, err)
		}
	}
	if n, err := m.ContentLength(); err == nil && n != len(m.Body()) {
		t.Errorf("Content-Length %d, body of %d octets", n, len(m.Body()))
	}
}

// checkAnswer answers m and reads the answer.
func checkAnswer(t *testing.T, m *Message, accepted bool) {
	t.Helper()
	var b Builder
	b.Reset(nil)
	b.Response(m, 400, "", "t")
	w, err := b.Wire()
	if err != nil {
		t.Errorf("answer: %v", err)
		return
	}
	var answer Message
	err = answer.Parse(w.Head)
	if err == nil {
		err = answer.Check()
	}
	if accepted && err != nil {
		t.Errorf("the answer is malformed: %v\n%s", answer.Fault(), w.Head)
	}
	if f := answer.Fault(); f.Err == errFieldName || f.Err == errNoBlankLine || f.Err == errLength || f.Err == errLengthBeyond {
		t.Errorf("the answer has no frame: %v\n%q", f, w.Head)
	}
}

// checkFramer frames in as a stream, whole and in two, and holds it against Parse.
func checkFramer(t *testing.T, in []byte) {
	t.Helper()
	var f, g Framer
	n, err := f.Next(in)
	half, halfErr := g.Next(in[:len(in)/2])
	if half == 0 && halfErr == nil {
		half, halfErr = g.Next(in)
	}
	if half != n && in[0] != '\r' || halfErr != err {
		t.Errorf("framed in one piece: %d %v, in two: %d %v", n, err, half, halfErr)
	}
	if n == 0 || in[0] == '\r' {
		return
	}
	var m Message
	if m.Parse(in) == nil && len(m.Bytes()) != n {
		t.Errorf("the Framer has %d octets, Parse %d", n, len(m.Bytes()))
	}
}
