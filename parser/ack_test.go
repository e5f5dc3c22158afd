package parser

import "testing"

// sentInvite is an INVITE as a client sent it, with credentials and a route.
func sentInvite(t *testing.T) *Message {
	return mustParse(t, wire("INVITE sip:bob@biloxi.com;x SIP/2.0",
		"Via: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bKkjshdyff;rport",
		"Via: SIP/2.0/UDP behind.atlanta.com;branch=z9hG4bKx",
		"Route: <sip:p1;lr>, <sip:p2;lr>",
		"Route: <sip:p3;lr>",
		"Max-Forwards: 12",
		"From: Alice <sip:alice@atlanta.com>;tag=88sja8x",
		"To: Bob <sip:bob@biloxi.com>",
		"Call-ID: 987asjd97y7atg",
		"CSeq: 986759 INVITE",
		"Require: 100rel",
		"Proxy-Require: x",
		"Authorization: Digest a",
		"Proxy-Authorization: Digest b",
		"Proxy-Authorization: Digest c",
		"Contact: <sip:alice@pc33>",
		"Content-Length: 4", "", "bod"))
}

// The ACK of RFC 3261, Section 17.1.1.3.
func TestAck(t *testing.T) {
	invite := sentInvite(t)
	resp := mustParse(t, []byte(respond(t, invite, 404, "", "99sa0xk")))
	var b Builder
	b.Reset(nil)
	b.Ack(invite, resp)
	w, err := b.Wire()
	if err != nil {
		t.Fatal(err)
	}
	want := string(wire("ACK sip:bob@biloxi.com;x SIP/2.0",
		"Via: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bKkjshdyff;rport",
		"Route: <sip:p1;lr>, <sip:p2;lr>",
		"Route: <sip:p3;lr>",
		"Max-Forwards: 70",
		"From: Alice <sip:alice@atlanta.com>;tag=88sja8x",
		"To: Bob <sip:bob@biloxi.com>;tag=99sa0xk",
		"Call-ID: 987asjd97y7atg",
		"CSeq: 986759 ACK",
		"Authorization: Digest a",
		"Proxy-Authorization: Digest b",
		"Proxy-Authorization: Digest c",
		"Content-Length: 0", ""))
	if string(w.Head) != want {
		t.Errorf("got\n%s\nwant\n%s", w.Head, want)
	}
}

// The CANCEL of RFC 3261, Section 9.1: no Require, no credentials, the To of the INVITE.
func TestCancel(t *testing.T) {
	var b Builder
	b.Reset(nil)
	b.Cancel(sentInvite(t))
	w, err := b.Wire()
	if err != nil {
		t.Fatal(err)
	}
	want := string(wire("CANCEL sip:bob@biloxi.com;x SIP/2.0",
		"Via: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bKkjshdyff;rport",
		"Route: <sip:p1;lr>, <sip:p2;lr>",
		"Route: <sip:p3;lr>",
		"Max-Forwards: 70",
		"From: Alice <sip:alice@atlanta.com>;tag=88sja8x",
		"To: Bob <sip:bob@biloxi.com>",
		"Call-ID: 987asjd97y7atg",
		"CSeq: 986759 CANCEL",
		"Content-Length: 0", ""))
	if string(w.Head) != want {
		t.Errorf("got\n%s\nwant\n%s", w.Head, want)
	}
}

// What is no INVITE as it was sent gives an error and no message.
func TestAckRefuses(t *testing.T) {
	good := sentInvite(t)
	for name, m := range map[string]*Message{
		"nothing":      new(Message),
		"response":     mustParse(t, start("SIP/2.0 200 OK")),
		"no Via":       mustParse(t, replaced(request(), "Via")),
		"no CSeq":      mustParse(t, replaced(request(), "CSeq")),
		"malformed":    mustParse(t, replaced(request(), "Via", "Via: x")),
		"CSeq of 2^31": mustParse(t, replaced(request(), "CSeq", "CSeq: 2147483648 OPTIONS")),
	} {
		var b Builder
		b.Reset(nil)
		b.Ack(m, good)
		if w, err := b.Wire(); err == nil {
			t.Errorf("%s: got\n%s", name, w.Head)
		}
		b.Reset(nil)
		b.Cancel(m)
		if w, err := b.Wire(); err == nil {
			t.Errorf("%s: got\n%s", name, w.Head)
		}
	}
}
