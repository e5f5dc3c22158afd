package capture

import (
	"bytes"
	"strings"
	"testing"
)

const register = "REGISTER sip:example.com SIP/2.0\r\n" +
	"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport\r\n" +
	"From: <sip:alice@example.com>;tag=x\r\n" +
	"To: <sip:alice@example.com>\r\n" +
	"Call-ID: 1@h\r\n" +
	"CSeq: 2 REGISTER\r\n" +
	"Authorization: Digest username=\"alice\", realm=\"example.com\", nonce=\"abc\", uri=\"sip:example.com\", response=\"6629fae49393a05397450978507c4ef1\", algorithm=MD5\r\n" +
	"Content-Length: 0\r\n\r\n"

func TestSecretsAreHidden(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"no secrets", "OPTIONS sip:bob@h SIP/2.0\r\nCall-ID:a@h\r\ni:b@h\r\nTo:sip:b@h\r\nf:sips:b@h\r\n\r\n", "OPTIONS sip:bob@h SIP/2.0\r\nCall-ID:a@h\r\ni:b@h\r\nTo:sip:b@h\r\nf:sips:b@h\r\n\r\n"},
		{"a response", `Authorization: Digest username="a", response="0123", uri="sip:h"`, `Authorization: Digest username="a", response="****", uri="sip:h"`},
		{"the proxy's", "Proxy-Authorization:Digest response=\"0123\"\r\n", "Proxy-Authorization:Digest response=\"****\"\r\n"},
		{"in any case, with blanks", "AUTHORIZATION  :\tdIGEST nc=1 ,RESPONSE = \"0123\" , a=b\r\n", "AUTHORIZATION  :\tdIGEST nc=1 ,RESPONSE = \"****\" , a=b\r\n"},
		{"folded", "Authorization: Digest\r\n username=\"a\",\r\n\tresponse\r\n =\r\n \"0123\"\r\nTo: x", "Authorization: Digest\r\n username=\"a\",\r\n\tresponse\r\n =\r\n \"****\"\r\nTo: x"},
		{"folded after the name", "Authorization:\r\n Digest response=\"0123\"\r\n", "Authorization:\r\n Digest response=\"****\"\r\n"},
		{"a response as a token", "Authorization: Digest response=0123,a=b", "Authorization: Digest response=****,a=b"},
		{"a name that ends like it", `Authorization: Digest xresponse="0123"`, `Authorization: Digest xresponse="0123"`},
		{"a name in a string", `Authorization: Digest username="response=\"x\"", response="0123"`, `Authorization: Digest username="response=\"x\"", response="****"`},
		{"two of them", `Authorization: Digest response="0", response="1"`, `Authorization: Digest response="*", response="*"`},
		{"bare line feeds", "Authorization: Digest response=\"0123\"\nTo: x\n", "Authorization: Digest response=\"****\"\nTo: x\n"},
		{"another scheme", "Authorization: Basic YTpi==\r\nTo: x", "Authorization: Basic ******\r\nTo: x"},
		{"a scheme that begins like it", "Authorization: DigestX response=\"0123\"", "Authorization: DigestX ***************"},
		{"a scheme alone", "Authorization: Digest\r\n", "Authorization: Digest\r\n"},
		{"another scheme with parameters", "Authorization: Bearer\r\n\ttoken=\"abc\"\r\nTo: x", "Authorization: Bearer\r\n\t***********\r\nTo: x"},
		{"no end of a string", "Authorization: Digest a=b, response=\"0123, uri=x\r\nTo: x", "Authorization: Digest a=b, response=****** *****\r\nTo: x"},
		{"no equals sign", "Authorization: Digest a=b, response 0123\r\n", "Authorization: Digest a=b, ******** ****\r\n"},
		{"no comma", "Authorization: Digest a=b response=0123\r\n", "Authorization: Digest a=* *************\r\n"},
		{"no name", "Authorization: Digest =, response=0123\r\n", "Authorization: Digest ** *************\r\n"},
		{"the server's proof", `Authentication-Info: nextnonce="1", rspauth="0123"`, `Authentication-Info: nextnonce="1", rspauth="****"`},
		{"a challenge", `WWW-Authenticate: Digest realm="response=x", nonce="0123"`, `WWW-Authenticate: Digest realm="response=x", nonce="0123"`},
		{"a header that begins like it", "Authorization-X: Basic 0123", "Authorization-X: Basic 0123"},

		{"a password", "INVITE sip:alice:secret@h SIP/2.0\r\nContact: <sips:a;b?c/d:%20-_.!~*'()&=+$,@h>", "INVITE sip:alice:******@h SIP/2.0\r\nContact: <sips:a;b?c/d:*****************@h>"},
		{"a user named like the scheme", "To:sip:sip:secret@h", "To:sip:sip:******@h"},
		{"a password without a user", "To: <sip::secret@h>", "To: <sip::******@h>"},
		{"a port and the next URI", "Contact: <sip:h:5060>,<sip:b@h>", "Contact: <sip:h:5060>,<sip:b@h>"},
		{"a Call-ID like a password", "Call-ID: a:b@h", "Call-ID: a:b@h"},
		{"a header in a URI", "Contact: <sip:h?Subject=x&Authorization=Digest%20response%3d%22x%22&a=b>", "Contact: <sip:h?Subject=x&Authorization=***************************&a=b>"},
		{"the proxy's header in a URI", "Contact: <sip:h?proxy-authorization=Basic>", "Contact: <sip:h?proxy-authorization=*****>"},

		{"a crypto line", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNf|2^20|1:4 FEC_ORDER=FEC_SRTP\r\na=x", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 ******************** ******************\r\na=x"},
		{"a crypto line without keys", "a=crypto:1", "a=crypto:1"},
		{"a key management line", "a=key-mgmt:mikey AQAFgM0X\na=x", "a=key-mgmt:mikey ********\na=x"},
		{"a key line", "k=base64:AAAA\r\nk=prompt\r\n", "k=***********\r\nk=******\r\n"},
		{"Supported in compact form", "k: 100rel\r\nk:timer\r\n", "k: 100rel\r\nk:timer\r\n"},
		{"a fingerprint", "a=fingerprint:sha-256 AB:CD\r\n", "a=fingerprint:sha-256 AB:CD\r\n"},
		{"half a message", "Authorization: Dig", "Authorization: Dig"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := []byte(tt.in)
			got := AppendRedacted([]byte("before "), in)
			if string(got) != "before "+tt.want {
				t.Errorf("got  %q\nwant %q", got[len("before "):], tt.want)
			}
			if string(in) != tt.in {
				t.Errorf("the message itself became %q", in)
			}
		})
	}
}

// FuzzRedact holds what is redacted against the promises that need no reading: nothing moves, nothing but an asterisk is new, and
// no response and no key that stand as the RFCs write them are left.
func FuzzRedact(f *testing.F) {
	f.Add([]byte(register))
	f.Add([]byte("SIP/2.0 200 OK\r\nTo: <sip:a:b@h>\r\n\r\nv=0\r\nk=clear:x\r\na=crypto:1 X inline:k\r\n"))
	f.Add([]byte("Authorization:\n Digest a=\"\\\",response=x"))
	f.Fuzz(func(t *testing.T, in []byte) {
		got := AppendRedacted(nil, in)
		if len(got) != len(in) {
			t.Fatalf("%q: got %d octets, want %d", in, len(got), len(in))
		}
		for i := range got {
			if got[i] != in[i] && got[i] != '*' {
				t.Fatalf("%q became %q at %d", in, got, i)
			}
		}
		if again := AppendRedacted(nil, got); !bytes.Equal(again, got) {
			t.Fatalf("%q, redacted again, is %q", got, again)
		}
		const plain = "\r\nAuthorization: Digest response=\"0123\"\r\nk=0123\r\na=crypto:1 X inline:0123\r\n"
		if tail := string(AppendRedacted(nil, append(bytes.Clone(in), plain...))); strings.Contains(tail[len(in):], "0123") {
			t.Fatalf("%q hides the end of the message from the redactor: %q", in, tail)
		}
	})
}
