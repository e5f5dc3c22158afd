package parser

import (
	"iter"
	"testing"
	"time"
)

// drain walks to the end.
func drain[T any](walk iter.Seq2[T, error]) {
	for v, err := range walk {
		_, _ = v, err
	}
}

// The typed values of the header fields allocate nothing, whether they are well formed, malformed or absent, and what
// they write neither while there is room.
func TestHeaderAllocations(t *testing.T) {
	const long = "a.long-value-that-fits-in-no-small-buffer-of-the-run-time"
	good := mustParse(t, append(request(
		`WWW-Authenticate: Digest realm="a, b", nonce="c", qop=auth, algorithm="MD5"`, `Authorization: Digest username="a", response="0f", qop="auth", nc=00000001`,
		"Authentication-Info: nextnonce=1", "Date: Sat, 13 Nov 2010 23:29:00 GMT", `Warning: 399 h "a, b", 301 h "c"`, "Event: "+long+";id=1",
		"Subscription-State: active;expires=60;reason=x", "Replaces: a@b;to-tag=1;from-tag=2;early-only", "Join: a@b;to-tag=1;from-tag=2",
		"Target-Dialog: a@b;local-tag=1;remote-tag=2", "Session-Expires: 90;refresher=uac", "Min-SE: 90", `Reason: SIP;cause=200;text="x", Q.850;cause=16`,
		"RAck: 1 2 INVITE", "RSeq: 1", "Max-Breadth: 60", "Timestamp: 1.5 2", "Identity: abc;info=<http://h/>;alg=ES256", "Accept: application/sdp;q=0.5;x, text/*",
		"Accept-Encoding: gzip;q=0.5", "Content-Disposition: session;handling=optional", "User-Agent: a/1 (b (c)) d", "Priority: normal", "Supported: 100rel, timer",
		"Allow: INVITE", "Privacy: id;header", "In-Reply-To: a@b, c", `Refer-To: "B" <sip:b@h>;x=y`, "Path: <sip:p;lr>, <sip:q;lr>", "Call-Info: <http://h/>;purpose=icon",
		`Contact: <sip:a@h>;expires=60;q=0.5;reg-id=1;+sip.instance="<urn:uuid:1>"`,
		`Content-Type: multipart/mixed;boundary="a \"b"`),
		"--a \"b\r\nContent-Type: application/sdp\r\nContent-ID: <1@h>\r\n\r\nv=0\r\n--a \"b--\r\n"...))
	bad := mustParse(t, append(request(
		"WWW-Authenticate: Digest realm", "Authorization: Digest a=b,a=b", "Authentication-Info: x", "Date: now", "Warning: 1 x, 399 h y", "Event: a..b",
		"Subscription-State: active;expires=x", "Replaces: a@b;to-tag=1", "Join: a@b", "Target-Dialog: ;", "Session-Expires: 90;refresher=x", "Min-SE: x", "Reason: SIP;cause=x, ;",
		"RAck: 1 x", "RSeq: 0", "Max-Breadth: 0", "Timestamp: x", "Identity: abc", "Accept: text, x", "Accept-Encoding: @, gzip;q=7", "Content-Disposition: ;x",
		"User-Agent: a (b", "Priority: a b", "Supported: a b, c@", "Allow: a b", "Privacy: a b;@", "In-Reply-To: a@b@c", "Refer-To: x", "Path: sip:p", "Call-Info: x",
		`Contact: <sip:a@h>;expires=x;q=2;reg-id=0;+sip.instance="x"`,
		"Content-Type: multipart/mixed;boundary=b"),
		"--b\r\n\r\nx\r\n--b\r\nno field\r\n--b--"...))
	absent := mustParse(t, request())
	whole := mustParse(t, append(request("Content-Type: application/sdp"), "v=0\r\n"...))
	var room [1024]byte
	dst := room[:0]
	date := time.Date(2010, 11, 13, 23, 29, 0, 0, time.UTC)
	value := []byte(`a"b`)

	for _, row := range []struct {
		name string
		f    func(m *Message)
	}{
		{"Auths", func(m *Message) { drain(m.Auths(HeaderWWWAuthenticate)); drain(m.Auths(HeaderAuthorization)) }},
		{"Auth", func(m *Message) {
			for a := range m.Auths(HeaderWWWAuthenticate) {
				a.Param("algorithm")
				a.AppendTo(dst)
				for n, v := range a.Params() {
					_, _ = n, v
				}
			}
		}},
		{"AuthenticationInfo", func(m *Message) { a, _ := m.AuthenticationInfo(); a.AppendTo(dst) }},
		{"AppendAuthParam", func(*Message) { AppendAuthParam(dst, HeaderAuthorization, "username", value) }},
		{"Date", func(m *Message) { _, _ = m.Date() }},
		{"AppendDate", func(*Message) { AppendDate(dst, date) }},
		{"Warnings", func(m *Message) {
			for w := range m.Warnings() {
				w.AppendTo(dst)
			}
		}},
		{"Event", func(m *Message) { e, _ := m.Event(); e.AppendTo(dst); e.Equal(e) }},
		{"SubscriptionState", func(m *Message) { s, _ := m.SubscriptionState(); s.AppendTo(dst) }},
		{"Replaces", func(m *Message) { r, _ := m.Replaces(); r.AppendTo(dst) }},
		{"Join", func(m *Message) { j, _ := m.Join(); j.AppendTo(dst) }},
		{"TargetDialog", func(m *Message) { d, _ := m.TargetDialog(); d.AppendTo(dst) }},
		{"SessionExpires", func(m *Message) { s, _ := m.SessionExpires(); s.AppendTo(dst) }},
		{"MinSE", func(m *Message) { _, _ = m.MinSE() }},
		{"Reasons", func(m *Message) {
			for r := range m.Reasons() {
				r.AppendTo(dst)
			}
		}},
		{"ReasonFor", func(m *Message) { _, _ = m.ReasonFor("SIP") }},
		{"RAck", func(m *Message) { r, _ := m.RAck(); r.AppendTo(dst) }},
		{"RSeq", func(m *Message) { _, _ = m.RSeq() }},
		{"MaxBreadth", func(m *Message) { _, _ = m.MaxBreadth() }},
		{"Timestamp", func(m *Message) { s, _ := m.Timestamp(); s.AppendTo(dst) }},
		{"Identities", func(m *Message) {
			for d := range m.Identities() {
				d.AppendTo(dst)
			}
		}},
		{"AcceptRanges", func(m *Message) {
			for r := range m.AcceptRanges() {
				r.Q()
				r.AppendTo(dst)
			}
		}},
		{"Accepts", func(m *Message) { _, _ = m.Accepts("application/sdp") }},
		{"Item", func(m *Message) { i, _ := m.Item(HeaderEvent); i.Param("id"); i.Text(); i.AppendTo(dst) }},
		{"Items", func(m *Message) {
			for i := range m.Items(HeaderAcceptEncoding) {
				i.Q()
				for n, v := range i.Params() {
					_, _ = n, v
				}
			}
		}},
		{"ContentDisposition", func(m *Message) { d, _ := m.ContentDisposition(); d.AppendTo(dst) }},
		{"Products", func(m *Message) {
			for p := range m.Products(HeaderUserAgent) {
				p.AppendTo(dst)
			}
		}},
		{"Token", func(m *Message) { _, _ = m.Token(HeaderPriority) }},
		{"Tokens", func(m *Message) {
			drain(m.Tokens(HeaderSupported))
			drain(m.Tokens(HeaderPrivacy))
			drain(m.Tokens(HeaderInReplyTo))
		}},
		{"Allows", func(m *Message) { m.Allows(MethodInvite) }},
		{"HasTag", func(m *Message) { m.HasTag(HeaderPrivacy, "id") }},
		{"Address", func(m *Message) { a, _ := m.Address(HeaderReferTo); a.AppendTo(dst) }},
		{"Addresses", func(m *Message) { drain(m.Addresses(HeaderPath)); drain(m.Addresses(HeaderCallInfo)) }},
		{"Contact", func(m *Message) { a, _ := m.Contact(); a.Q(); a.Expires(); a.RegID(); a.Instance() }},
		{"Parts", func(m *Message) {
			for p := range m.Parts() {
				p.Body()
				p.ContentType()
				p.ContentDisposition()
				p.Lookup("Content-ID")
				drain(p.Parts())
				for f := range p.Fields() {
					_ = f
				}
			}
		}},
	} {
		for name, m := range map[string]*Message{"well formed": good, "malformed": bad, "absent": absent, "one body": whole} {
			if n := testing.AllocsPerRun(100, func() { row.f(m) }); n != 0 {
				t.Errorf("%s, %s: got %v allocations, want 0", row.name, name, n)
			}
		}
	}
}
