package auth

import (
	"fmt"
	"testing"
)

// vector is a digest that an RFC prints, typed from it.
type vector struct {
	name                      string
	algorithm                 Algorithm
	username, realm, password string
	method, uri               string
	nonce, nc, cnonce         string
	qop                       qop
	body                      string
	ha1                       string
	response                  string
}

const (
	nonce7616  = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
	cnonce7616 = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
)

var vectors = []vector{
	{name: "RFC 7616, Section 3.9.1, MD5", algorithm: MD5,
		username: "Mufasa", realm: "http-auth@example.org", password: "Circle of Life", method: "GET", uri: "/dir/index.html",
		nonce: nonce7616, nc: "00000001", cnonce: cnonce7616, qop: qopAuth,
		response: "8ca523f5e9506fed4657c9700eebdbec"},
	{name: "RFC 7616, Section 3.9.1, SHA-256", algorithm: SHA256,
		username: "Mufasa", realm: "http-auth@example.org", password: "Circle of Life", method: "GET", uri: "/dir/index.html",
		nonce: nonce7616, nc: "00000001", cnonce: cnonce7616, qop: qopAuth,
		response: "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"},
	// The RFC prints ae66e67d...: it took half of SHA-512 for SHA-512/256. This is what its erratum 4897 says.
	{name: "RFC 7616, Section 3.9.2, SHA-512-256, erratum 4897", algorithm: SHA512256,
		username: "J\u00e4s\u00f8n Doe", realm: "api@example.org", password: "Secret, or not?", method: "GET", uri: "/doe.json",
		nonce: "5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", nc: "00000001", cnonce: "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v", qop: qopAuth,
		response: "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5"},
	{name: "RFC 2617, Section 3.5", algorithm: MD5,
		username: "Mufasa", realm: "testrealm@host.com", password: "Circle Of Life", method: "GET", uri: "/dir/index.html",
		nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093", nc: "00000001", cnonce: "0a4f113b", qop: qopAuth,
		ha1:      "939e7578ed9e3c518a452acee763bce9",
		response: "6629fae49393a05397450978507c4ef1"},
	// The other forms have no vector in an RFC. These were computed with Python's hashlib, from the formulas of RFC 7616, Section 3.4.
	{name: "no qop", algorithm: MD5,
		username: "bob", realm: "biloxi.com", password: "zanzibar", method: "INVITE", uri: "sip:bob@biloxi.com",
		nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093", qop: qopNone,
		response: "bf57e4e0d0bffc0fbaedce64d59add5e"},
	{name: "MD5-sess", algorithm: MD5Sess,
		username: "bob", realm: "biloxi.com", password: "zanzibar", method: "INVITE", uri: "sip:bob@biloxi.com",
		nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093", nc: "00000001", cnonce: "0a4f113b", qop: qopAuth,
		response: "e4e4ea61d186d07a92c9e1f6919902e9"},
	{name: "auth-int", algorithm: MD5,
		username: "bob", realm: "biloxi.com", password: "zanzibar", method: "INVITE", uri: "sip:bob@biloxi.com",
		nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093", nc: "00000001", cnonce: "0a4f113b", qop: qopAuthInt, body: "v=0\r\n",
		response: "77226bb823dc077c1ad3537415667bae"},
	{name: "auth-int without a body", algorithm: SHA256,
		username: "bob", realm: "biloxi.com", password: "zanzibar", method: "INVITE", uri: "sip:bob@biloxi.com",
		nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093", nc: "0000000a", cnonce: "0a4f113b", qop: qopAuthInt,
		ha1:      "e65db393e748c5228939a6b4b2879e9ea5625cd79fd5267868cb568d69f6b97e",
		response: "8e32aaaaf276f1cde6f970971e5c0557762afb1119429f3fc31906bc47f25b74"},
}

func (v *vector) digest() digest {
	return digest{
		algorithm: v.algorithm, qop: v.qop, ha1: []byte(v.algorithm.HA1(v.username, v.realm, v.password)),
		method: []byte(v.method), uri: []byte(v.uri), nonce: []byte(v.nonce), count: []byte(v.nc), cnonce: []byte(v.cnonce), body: []byte(v.body),
	}
}

// What the RFCs print is what comes out (RFC 7616, Section 3.9; RFC 2617, Section 3.5).
func TestDigestVectors(t *testing.T) {
	for _, v := range vectors {
		t.Run(v.name, func(t *testing.T) {
			if v.ha1 != "" {
				if got := v.algorithm.HA1(v.username, v.realm, v.password); got != v.ha1 {
					t.Errorf("HA1: got %s, want %s", got, v.ha1)
				}
			}
			d := v.digest()
			if got := string(d.append(nil)); got != v.response {
				t.Errorf("got %s, want %s", got, v.response)
			}
		})
	}
}

// The hash of no body is that of the empty string, with the algorithm chosen (RFC 8760, Section 2.6).
func TestHashOfNoBody(t *testing.T) {
	for a, want := range map[Algorithm]string{
		MD5:       "d41d8cd98f00b204e9800998ecf8427e",
		SHA256:    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		SHA512256: "c672b8d1ef56ed28ab87c3622c5114069bdd3ad7b8f9737498d0c01ecef0967a",
	} {
		if got := string(a.appendHash(nil, nil)); got != want {
			t.Errorf("%v: got %s, want %s", a, got, want)
		}
		if got := a.size(); got != len(want) {
			t.Errorf("%v: size: got %d, want %d", a, got, len(want))
		}
	}
}

// Each part of a digest counts: a change of any one gives another response.
func TestDigestDependsOnAll(t *testing.T) {
	base := digest{algorithm: SHA256Sess, qop: qopAuthInt, ha1: []byte("a"), method: []byte("INVITE"), uri: []byte("sip:b@h"),
		nonce: []byte("n"), count: []byte("00000001"), cnonce: []byte("c"), body: []byte("v=0")}
	seen := map[string]string{string(base.append(nil)): "base"}
	for name, change := range map[string]func(*digest){
		"algorithm": func(d *digest) { d.algorithm = SHA512256Sess },
		"session":   func(d *digest) { d.algorithm = SHA256 },
		"qop":       func(d *digest) { d.qop = qopAuth },
		"no qop":    func(d *digest) { d.qop = qopNone },
		"HA1":       func(d *digest) { d.ha1 = []byte("b") },
		"method":    func(d *digest) { d.method = []byte("BYE") },
		"uri":       func(d *digest) { d.uri = []byte("sip:c@h") },
		"nonce":     func(d *digest) { d.nonce = []byte("m") },
		"count":     func(d *digest) { d.count = []byte("00000002") },
		"cnonce":    func(d *digest) { d.cnonce = []byte("d") },
		"body":      func(d *digest) { d.body = nil },
	} {
		d := base
		change(&d)
		got := string(d.append(nil))
		if other, twice := seen[got]; twice {
			t.Errorf("%s: the same as %s", name, other)
		}
		seen[got] = name
	}
}

// A digest of usual length allocates nothing.
func TestDigestDoesNotAllocate(t *testing.T) {
	for _, v := range vectors {
		d := v.digest()
		dst := make([]byte, 0, maxHash)
		if n := testing.AllocsPerRun(100, func() { dst = d.append(dst[:0]) }); n != 0 {
			t.Errorf("%s: got %v allocations, want 0", v.name, n)
		}
	}
}

// Algorithms are compared without case, and have one name (RFC 8760, Section 2.7).
func TestAlgorithmNames(t *testing.T) {
	for a, want := range map[Algorithm]string{
		0: "", MD5: "MD5", MD5Sess: "MD5-sess", SHA256: "SHA-256", SHA256Sess: "SHA-256-sess", SHA512256: "SHA-512-256", SHA512256Sess: "SHA-512-256-sess", 7: "", 255: "",
	} {
		if got := a.String(); got != want {
			t.Errorf("%d: got %q, want %q", uint8(a), got, want)
		}
	}
	for name, want := range map[string]Algorithm{
		"md5": MD5, "MD5-SESS": MD5Sess, "sha-256": SHA256, "SHA-512-256-sess": SHA512256Sess, "SHA-512": 0, "": 0, "AKAv1-MD5": 0,
	} {
		if got := ParseAlgorithm([]byte(name)); got != want {
			t.Errorf("%q: got %v, want %v", name, got, want)
		}
	}
}

func ExampleAlgorithm_HA1() {
	fmt.Println(SHA256.HA1("bob", "biloxi.com", "zanzibar"))
	// Output: e65db393e748c5228939a6b4b2879e9ea5625cd79fd5267868cb568d69f6b97e
}
