package fuzz

import (
	"crypto/md5"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"strings"
)

// naiveHash is H of a digest algorithm, by its name in lower case without its session; "" for one that is not known.
func naiveHash(algorithm, text string) string {
	switch algorithm {
	case "md5":
		return fmt.Sprintf("%x", md5.Sum([]byte(text)))
	case "sha-256":
		return fmt.Sprintf("%x", sha256.Sum256([]byte(text)))
	case "sha-512-256":
		return fmt.Sprintf("%x", sha512.Sum512_256([]byte(text)))
	}
	return ""
}

// naiveDigest writes down the formulas of RFC 7616, Section 3.4, in the order in which they stand there. p are the parameters of the credentials.
func naiveDigest(p map[string]string, password, method, body string) string {
	algorithm, named := p["algorithm"]
	if !named {
		algorithm = "md5"
	}
	algorithm, session := strings.CutSuffix(lower(algorithm), "-sess")
	h := func(text string) string { return naiveHash(algorithm, text) }
	kd := func(secret, data string) string { return h(secret + ":" + data) }
	a1 := p["username"] + ":" + p["realm"] + ":" + password
	if session {
		a1 = h(a1) + ":" + p["nonce"] + ":" + p["cnonce"]
	}
	a2 := method + ":" + p["uri"]
	switch qop := lower(p["qop"]); qop {
	case "auth":
		return kd(h(a1), p["nonce"]+":"+p["nc"]+":"+p["cnonce"]+":auth:"+h(a2))
	case "auth-int":
		return kd(h(a1), p["nonce"]+":"+p["nc"]+":"+p["cnonce"]+":auth-int:"+h(a2+":"+h(body)))
	case "":
		return kd(h(a1), p["nonce"]+":"+h(a2))
	}
	return ""
}

// naiveNonce reports whether nonce was made with key for realm at most age seconds before now, both in Unix seconds.
func naiveNonce(nonce, key, realm string, now, age int64) bool {
	b, err := base64.RawURLEncoding.DecodeString(nonce)
	if err != nil || len(b) != 33 {
		return false
	}
	said, proof := string(b[:17]), string(b[17:])
	stamp := int64(bigEndian(said, 0, 8))
	if stamp < (now-age)*1e9 || stamp > (now+age)*1e9 {
		return false
	}
	// HMAC as RFC 2104, Section 2, says it.
	block := key + strings.Repeat("\x00", 64-len(key))
	pad := func(with byte) (s string) {
		var t strings.Builder
		for _, c := range []byte(block) {
			t.WriteByte(c ^ with)
		}
		return t.String()
	}
	inner := sha256.Sum256([]byte(pad(0x36) + said + realm))
	outer := sha256.Sum256([]byte(pad(0x5c) + string(inner[:])))
	return string(outer[:16]) == proof
}

// unquoted returns what a value stands for.
func unquoted(s string) string {
	if !isQuoted(s) {
		return s
	}
	var t strings.Builder
	escape := false
	for _, c := range []byte(s[1 : len(s)-1]) {
		if c == '\\' && !escape {
			escape = true
			continue
		}
		escape = false
		t.WriteByte(c)
	}
	return t.String()
}
