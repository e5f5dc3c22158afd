package parser_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// parse makes a NOTIFY with the header fields, and the body behind them.
func parse(fields, body string) *parser.Message {
	head := "NOTIFY sip:a@h SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\nFrom: <sip:b@h>;tag=1\nTo: <sip:a@h>;tag=2\nCall-ID: 1@h\nCSeq: 1 NOTIFY\n"
	m := new(parser.Message)
	if err := m.Parse([]byte(strings.ReplaceAll(head+fields+"\n\n"+body, "\n", "\r\n"))); err != nil {
		fmt.Println(m.Fault())
	}
	return m
}

func ExampleMessage_Auths() {
	m := parse(`WWW-Authenticate: Digest realm="h", nonce="f84f", qop="auth", algorithm=SHA-256`, "")
	for challenge, err := range m.Auths(parser.HeaderWWWAuthenticate) {
		realm, _ := challenge.Param("realm")
		fmt.Println(challenge.IsDigest(), string(parser.Unquote(nil, realm)), err)
	}
	credentials := []byte("Digest ")
	credentials = parser.AppendAuthParam(credentials, parser.HeaderAuthorization, "username", []byte("bob"))
	credentials = append(credentials, ", "...)
	credentials = parser.AppendAuthParam(credentials, parser.HeaderAuthorization, "qop", []byte("auth"))
	fmt.Printf("%s\n", credentials)
	// Output:
	// true h <nil>
	// Digest username="bob", qop=auth
}

func ExampleMessage_AuthenticationInfo() {
	m := parse(`Authentication-Info: nextnonce="47364c23", nc=00000001`, "")
	info, err := m.AuthenticationInfo()
	fmt.Printf("%s %v\n", info.AppendTo(nil), err)
	// Output: nextnonce="47364c23", nc=00000001 <nil>
}

func ExampleMessage_Item() {
	m := parse("Accept-Contact: *;audio;require\nAccept-Language: en-gb;q=0.8, da", "")
	caps, err := m.Item(parser.HeaderAcceptContact)
	_, require := caps.Param("require")
	fmt.Printf("%s %v %v\n", caps.Text(), require, err)
	for language := range m.Items(parser.HeaderAcceptLanguage) {
		q, _ := language.Q()
		fmt.Printf("%s %d\n", language.Text(), q)
	}
	// Output:
	// * true <nil>
	// en-gb 800
	// da 1000
}

func ExampleMessage_Tokens() {
	m := parse("Allow-Events: conference, presence\nAllow: NOTIFY\nPriority: urgent\nMin-Expires: 60", "")
	for event := range m.Tokens(parser.HeaderAllowEvents) {
		fmt.Printf("%s\n", event)
	}
	priority, _ := m.Token(parser.HeaderPriority)
	least, _ := m.Number(parser.HeaderMinExpires)
	fmt.Printf("%s %d %v\n", priority, least, m.Allows(parser.MethodInvite))
	// Output:
	// conference
	// presence
	// urgent 60 false
}

func ExampleMessage_Address() {
	m := parse(`Refer-To: <sip:c@h?Replaces=1%40h%3Bto-tag%3D2%3Bfrom-tag%3D3>`+"\nPath: <sip:p1;lr>, <sip:p2;lr>", "")
	to, err := m.Address(parser.HeaderReferTo)
	fmt.Printf("%s %s %v\n", to.URI().User(), to.URI().Headers(), err)
	for hop := range m.Addresses(parser.HeaderPath) {
		fmt.Printf("%s\n", hop.AppendTo(nil))
	}
	// Output:
	// c Replaces=1%40h%3Bto-tag%3D2%3Bfrom-tag%3D3 <nil>
	// <sip:p1;lr>
	// <sip:p2;lr>
}

func ExampleNameAddr_Expires() {
	contact, err := parser.ParseNameAddr([]byte(`<sip:a@h>;expires=60;q=0.7;reg-id=1;+sip.instance="<urn:uuid:f81d4fae>"`))
	seconds, _ := contact.Expires()
	q, _ := contact.Q()
	reg, _ := contact.RegID()
	instance, _ := contact.Instance()
	fmt.Printf("%d %d %d %s %v\n", seconds, q, reg, instance, err)
	// Output: 60 700 1 urn:uuid:f81d4fae <nil>
}

func ExampleMessage_SubscriptionState() {
	m := parse("Event: conference\nSubscription-State: active;expires=3600", "")
	event, _ := m.Event()
	state, err := m.SubscriptionState()
	fmt.Printf("%s %s %d %v\n", event.Type, state.State, state.Expires, err)
	over := parser.SubscriptionState{State: []byte("terminated"), Reason: []byte("probation"), RetryAfter: 30, HasRetryAfter: true}
	fmt.Printf("%s\n", over.AppendTo(nil))
	// Output:
	// conference active 3600 <nil>
	// terminated;reason=probation;retry-after=30
}

func ExampleMessage_Replaces() {
	m := parse("Replaces: 1@h;to-tag=2;from-tag=3;early-only\nJoin: 1@h;to-tag=2;from-tag=3\nTarget-Dialog: 1@h;local-tag=2;remote-tag=3", "")
	replaces, err := m.Replaces()
	fmt.Printf("%s %s %s %v %v\n", replaces.CallID, replaces.ToTag, replaces.FromTag, replaces.EarlyOnly, err)
	join, _ := m.Join()
	target, _ := m.TargetDialog()
	fmt.Printf("%s\n%s\n", join.AppendTo(nil), target.AppendTo(nil))
	// Output:
	// 1@h 2 3 true <nil>
	// 1@h;to-tag=2;from-tag=3
	// 1@h;local-tag=2;remote-tag=3
}

func ExampleMessage_SessionExpires() {
	m := parse("Session-Expires: 1800;refresher=uas\nMin-SE: 90", "")
	session, err := m.SessionExpires()
	least, _ := m.MinSE()
	fmt.Println(session.Seconds, session.Refresher, least, err)
	// Output: 1800 uas 90 <nil>
}

func ExampleMessage_RAck() {
	m := parse("RAck: 776656 1 INVITE\nRSeq: 776657\nMax-Breadth: 60\nTimestamp: 54.5 0.2", "")
	ack, err := m.RAck()
	rseq, _ := m.RSeq()
	breadth, _ := m.MaxBreadth()
	stamp, _ := m.Timestamp()
	fmt.Printf("%s %d %d %s %v\n", ack.AppendTo(nil), rseq, breadth, stamp.Delay, err)
	// Output: 776656 1 INVITE 776657 60 0.2 <nil>
}

func ExampleMessage_ReasonFor() {
	m := parse(`Reason: Q.850;cause=16, SIP;cause=200;text="Call completed elsewhere"`+"\n"+`Warning: 399 h "for people"`, "")
	reason, err := m.ReasonFor("SIP")
	fmt.Printf("%d %s %v\n", reason.Cause, parser.Unquote(nil, reason.Text), err)
	for reason := range m.Reasons() {
		fmt.Printf("%s\n", reason.AppendTo(nil))
	}
	for warning := range m.Warnings() {
		fmt.Printf("%d %s\n", warning.Code, warning.Text)
	}
	// Output:
	// 200 Call completed elsewhere <nil>
	// Q.850;cause=16
	// SIP;cause=200;text="Call completed elsewhere"
	// 399 "for people"
}

func ExampleMessage_Date() {
	m := parse("Date: Sat, 13 Nov 2010 23:29:00 GMT", "")
	date, err := m.Date()
	fmt.Printf("%v %s %v\n", date, parser.AppendDate(nil, date.Add(time.Hour)), err)
	// Output: 2010-11-13 23:29:00 +0000 UTC Sun, 14 Nov 2010 00:29:00 GMT <nil>
}

func ExampleMessage_Identities() {
	m := parse("Identity: abc..def;info=<https://h/cert>;alg=ES256", "")
	for identity, err := range m.Identities() {
		fmt.Printf("%s %s %v\n", identity.Info, identity.Alg, err)
	}
	// Output: https://h/cert ES256 <nil>
}

func ExampleMessage_Products() {
	m := parse("User-Agent: Softphone/1.5 (macOS (arm64)) lib", "")
	for product, err := range m.Products(parser.HeaderUserAgent) {
		fmt.Printf("%s %v\n", product.AppendTo(nil), err)
	}
	// Output:
	// Softphone/1.5 <nil>
	// (macOS (arm64)) <nil>
	// lib <nil>
}

func ExampleMessage_Accepts() {
	m := parse("Accept: application/*;q=0.5, application/sdp;q=0", "")
	for r, err := range m.AcceptRanges() {
		q, _ := r.Q()
		fmt.Printf("%s/%s %d %v\n", r.Type(), r.Subtype(), q, err)
	}
	sdp, _ := m.Accepts("application/sdp")
	conference, _ := m.Accepts("application/conference-info+xml")
	fmt.Println(sdp, conference)
	// Output:
	// application/* 500 <nil>
	// application/sdp 0 <nil>
	// false true
}

func ExampleMessage_Parts() {
	m := parse("Content-Type: multipart/mixed;boundary=b", "--b\nContent-Type: application/sdp\n\nv=0\n--b\nContent-Type: text/plain\nContent-ID: <1@h>\n"+
		"Content-Disposition: icon;handling=optional\n\nhello\n--b--\n")
	for part, err := range m.Parts() {
		t, _ := part.ContentType()
		d, _ := part.ContentDisposition()
		fmt.Printf("%s/%s %s %v %q %q %v\n", t.Type(), t.Subtype(), d.Type, d.Optional, part.Lookup("Content-ID"), part.Body(), err)
	}
	// Output:
	// application/sdp session false "" "v=0" <nil>
	// text/plain icon true "<1@h>" "hello" <nil>
}

func ExampleMessage_ContentDisposition() {
	m := parse("Content-Type: application/sdp", "v=0\n")
	d, err := m.ContentDisposition()
	fmt.Printf("%s %v %v\n", d.AppendTo(nil), d.Optional, err)
	// Output: session false <nil>
}

// A proxy passes on what it does not change: fields that it does not know among it.
func ExampleBuilder_Copy() {
	var m parser.Message
	if err := m.Parse([]byte("MESSAGE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nMax-Forwards: 70\r\n" +
		"f: <sip:alice@example.com>;tag=1\r\nTo: <sip:bob@example.com>\r\nCall-ID: 1@h\r\nCSeq: 1 MESSAGE\r\nX-Room: 12\r\nl: 0\r\n\r\n")); err != nil {
		fmt.Println(err)
		return
	}
	target, _ := parser.ParseURI([]byte("sip:bob@192.0.2.4"))
	var b parser.Builder
	b.Reset(nil)
	b.Request(m.Method(), target)
	for f := range m.Fields() {
		if f.Header == parser.HeaderMaxForwards {
			b.Int(parser.HeaderMaxForwards, 69)
		} else {
			b.Copy(f)
		}
	}
	w, err := b.Wire()
	fmt.Println(strings.ReplaceAll(string(w.Head), "\r\n", "\n")+"error:", err)
	// Output:
	// MESSAGE sip:bob@192.0.2.4 SIP/2.0
	// Via: SIP/2.0/UDP h;branch=z9hG4bK1
	// Max-Forwards: 69
	// From: <sip:alice@example.com>;tag=1
	// To: <sip:bob@example.com>
	// Call-ID: 1@h
	// CSeq: 1 MESSAGE
	// X-Room: 12
	// Content-Length: 0
	//
	// error: <nil>
}
