package dialog

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/parser"
)

// message parses lines as a message without a body.
func message(t testing.TB, lines ...string) *parser.Message {
	t.Helper()
	m := new(parser.Message)
	b := []byte(strings.Join(lines, "\r\n") + "\r\nContent-Length: 0\r\n\r\n")
	if err := m.Parse(b); err != nil {
		t.Fatalf("%v in\n%s", err, b)
	}
	if err := m.Check(); err != nil {
		t.Fatalf("%v in\n%s", err, b)
	}
	return m
}

// request returns a request from Alice's phone to Bob, with further header fields.
func request(t testing.TB, method string, seq int, extra ...string) *parser.Message {
	t.Helper()
	return message(t, append([]string{
		method + " sip:bob@biloxi.example SIP/2.0",
		"Via: SIP/2.0/UDP u1.example.com;branch=z9hG4bK74bf9",
		"Max-Forwards: 70",
		"From: Alice <sip:alice@atlanta.example>;tag=9fxced76sl",
		"To: Bob <sip:bob@biloxi.example>",
		"Call-ID: 3848276298220188511@atlanta.example",
		fmt.Sprintf("CSeq: %d %s", seq, method),
	}, extra...)...)
}

// invite returns Alice's INVITE, CSeq 1.
func invite(t testing.TB, extra ...string) *parser.Message {
	t.Helper()
	return request(t, "INVITE", 1, append([]string{"Contact: <sip:alice@u1.example.com>"}, extra...)...)
}

// response returns a response to Alice's INVITE.
func response(t testing.TB, status int, toTag string, extra ...string) *parser.Message {
	t.Helper()
	return responseTo(t, "1 INVITE", status, toTag, extra...)
}

// responseTo returns a response to a request of Alice's.
func responseTo(t testing.TB, cseq string, status int, toTag string, extra ...string) *parser.Message {
	t.Helper()
	if toTag != "" {
		toTag = ";tag=" + toTag
	}
	return message(t, append([]string{
		fmt.Sprintf("SIP/2.0 %d %s", status, parser.Status(status).Reason()),
		"Via: SIP/2.0/UDP u1.example.com;branch=z9hG4bK74bf9",
		"From: Alice <sip:alice@atlanta.example>;tag=9fxced76sl",
		"To: Bob <sip:bob@biloxi.example>" + toTag,
		"Call-ID: 3848276298220188511@atlanta.example",
		"CSeq: " + cseq,
	}, extra...)...)
}

// inDialog returns a request of the peer of a dialog that Alice's INVITE made at Bob.
func inDialog(t testing.TB, method string, seq int, extra ...string) *parser.Message {
	t.Helper()
	return message(t, append([]string{
		method + " sip:bob@u2.domain.com SIP/2.0",
		"Via: SIP/2.0/UDP u1.example.com;branch=z9hG4bK74bf9",
		"Max-Forwards: 70",
		"From: Alice <sip:alice@atlanta.example>;tag=9fxced76sl",
		"To: Bob <sip:bob@biloxi.example>;tag=8321234356",
		"Call-ID: 3848276298220188511@atlanta.example",
		fmt.Sprintf("CSeq: %d %s", seq, method),
	}, extra...)...)
}

// server returns Bob's end of the dialog of Alice's INVITE.
func server(t testing.TB, extra ...string) *Dialog {
	t.Helper()
	d, err := NewServer(invite(t, extra...), "8321234356")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// client returns Alice's end, made by a response.
func client(t testing.TB, status int, extra ...string) *Dialog {
	t.Helper()
	d, err := NewClient(invite(t), response(t, status, "8321234356", extra...))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// written returns what write writes, after the message was read again without complaint.
func written(t testing.TB, write func(b *parser.Builder)) string {
	t.Helper()
	var b parser.Builder
	b.Reset(nil)
	write(&b)
	w, err := b.Wire()
	if err != nil {
		t.Fatal(err)
	}
	text := w.AppendTo(nil)
	m := new(parser.Message)
	if err := m.Parse(text); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if err := m.Check(); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return string(text)
}

var bobVia = Via{"UDP", "u2.domain.com", "z9hG4bKnashds7"}

// bye returns the BYE that d writes with the number 7.
func bye(t testing.TB, d *Dialog) string {
	t.Helper()
	return written(t, func(b *parser.Builder) { d.Write(b, parser.MethodBye, 7, bobVia) })
}

// fields returns the values of the header fields called name, in order.
func fields(text, name string) []string {
	var values []string
	for _, line := range strings.Split(text, "\r\n") {
		if v, ok := strings.CutPrefix(line, name+": "); ok {
			values = append(values, v)
		}
	}
	return values
}

// requestURIOf returns the Request-URI of a request.
func requestURIOf(text string) string { return strings.Fields(text)[1] }

// longRoutes returns n Record-Routes of more than 1 KiB each.
func longRoutes(n int) []string {
	var fields []string
	for i := range n {
		fields = append(fields, fmt.Sprintf("Record-Route: <sip:p%d.example.com;lr;%s>", i, strings.Repeat("x", 1024)))
	}
	return fields
}
