package main

import (
	"fmt"

	"github.com/ringback-sip/ringback/parser"
)

// program writes a message with a Builder as the code of a service does: call by call, with values at hand.
type program func(b *parser.Builder)

// newProgram returns the program for the message m. For the long and the odd one it goes through a list of their fields.
func newProgram(m message) (program, error) {
	d, err := newDraft(m.bytes)
	if err != nil {
		return nil, err
	}
	var source parser.Message
	if err := source.Parse(m.bytes); err != nil {
		return nil, err
	}
	body := source.Body()
	switch m.id {
	case "M1":
		return m1(), nil
	case "M2":
		return m2(body), nil
	case "M3":
		return m3(d.request, body), nil
	case "M4":
		return m4(), nil
	}
	return d.write, nil
}

func m1() program {
	carol, phone := mustURI("sip:carol@chicago.example.com"), mustURI("sip:alice@pc33.example.com")
	from := []byte("Alice <sip:alice@atlanta.example.com>;tag=1928301774")
	return func(b *parser.Builder) {
		b.Request(parser.MethodOptions, carol)
		b.Via("UDP", "pc33.example.com", "z9hG4bKhjhs8ass8")
		b.Int(parser.HeaderMaxForwards, 70)
		b.HeaderBytes(parser.HeaderFrom, from) // a name without quotes
		b.Address(parser.HeaderTo, "", carol, "")
		b.Header(parser.HeaderCallID, "a84b4c76e66710")
		b.CSeq(63104, parser.MethodOptions)
		b.Address(parser.HeaderContact, "", phone, "")
		b.Header(parser.HeaderAccept, "application/sdp")
	}
}

func m2(body []byte) program {
	target, bob := mustURI("sip:bob@biloxi.example.com;transport=udp"), mustURI("sip:bob@biloxi.example.com")
	alice, phone := mustURI("sip:alice@atlanta.example.com"), mustURI("sip:alice@client.atlanta.example.com;transport=udp")
	proxy, edge := mustURI("sip:ss1.atlanta.example.com;lr"), mustURI("sip:edge.atlanta.example.com;lr")
	via := []byte("SIP/2.0/UDP client.atlanta.example.com:5060;branch=z9hG4bK74bf9;received=192.0.2.101")
	return func(b *parser.Builder) {
		b.Request(parser.MethodInvite, target)
		b.Via("UDP", "ss1.atlanta.example.com:5060", "z9hG4bK2d4790.1")
		b.HeaderBytes(parser.HeaderVia, via)
		b.Address(parser.HeaderRecordRoute, "", proxy, "")
		b.Address(parser.HeaderRecordRoute, "", edge, "")
		b.Int(parser.HeaderMaxForwards, 69)
		b.Address(parser.HeaderFrom, "Alice", alice, "9fxced76sl")
		b.Address(parser.HeaderTo, "Bob", bob, "")
		b.Header(parser.HeaderCallID, "2xTb9vxSit55XU7p8@atlanta.example.com")
		b.CSeq(1, parser.MethodInvite)
		b.Address(parser.HeaderContact, "", phone, "")
		b.Header(parser.HeaderAllow, "INVITE, ACK, CANCEL, OPTIONS, BYE")
		b.Header(parser.HeaderSupported, "replaces, timer")
		b.Header(parser.HeaderUserAgent, "Phone 2.3")
		b.Int(parser.HeaderSessionExpires, 900)
		b.Header(parser.HeaderContentType, "application/sdp")
		b.Body("", body)
	}
}

func m3(request *parser.Message, body []byte) program {
	outer, inner := mustURI("sip:ss2.biloxi.example.com;lr"), mustURI("sip:ss1.atlanta.example.com;lr")
	phone := mustURI("sip:bob@client.biloxi.example.com:5070;transport=udp")
	return func(b *parser.Builder) {
		b.Response(request, parser.StatusOK, "", "314159")
		b.Address(parser.HeaderRecordRoute, "", outer, "")
		b.Address(parser.HeaderRecordRoute, "", inner, "")
		b.Address(parser.HeaderContact, "", phone, "")
		b.Header(parser.HeaderAllow, "INVITE, ACK, CANCEL, OPTIONS, BYE, UPDATE")
		b.Header(parser.HeaderSupported, "replaces")
		b.Header(parser.HeaderContentType, "application/sdp")
		b.Body("", body)
	}
}

func m4() program {
	registrar, bob := mustURI("sip:registrar.biloxi.example.com"), mustURI("sip:bob@biloxi.example.com")
	return func(b *parser.Builder) {
		b.Request(parser.MethodRegister, registrar)
		b.Via("TCP", "bobspc.biloxi.example.com:5060", "z9hG4bKnashds7")
		b.Int(parser.HeaderMaxForwards, 70)
		b.Address(parser.HeaderFrom, "Bob", bob, "456248")
		b.Address(parser.HeaderTo, "Bob", bob, "")
		b.Header(parser.HeaderCallID, "843817637684230@998sdasdh09")
		b.CSeq(1827, parser.MethodRegister)
		b.Header(parser.HeaderContact, `<sip:bob@192.0.2.4:5060;transport=tcp>;expires=600;+sip.instance="<urn:uuid:00000000-0000-1000-8000-000a95a0e128>"`)
		b.Header(parser.HeaderSupported, "path, outbound")
		b.Header(parser.HeaderAuthorization, `Digest username="bob", realm="biloxi.example.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", `+
			`uri="sip:registrar.biloxi.example.com", response="245f23415f11432b3434341c022ff4fa", algorithm=MD5, cnonce="0a4f113b", `+
			`qop=auth, nc=00000001, opaque="5ccc069c403ebaf9f0171e9517f40e41"`)
		b.Header(parser.HeaderUserAgent, "Softphone Beta1.5")
		b.Int(parser.HeaderExpires, 7200)
	}
}

// mustURI parses a URI of a message above.
func mustURI(s string) parser.URI {
	u, err := parser.ParseURI([]byte(s))
	if err != nil {
		panic(fmt.Sprintf("bench: %q: %v", s, err))
	}
	return u
}
