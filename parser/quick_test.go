package parser

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// quickSeeds are values from which the tests of the quick readers make others.
var quickSeeds = []string{
	"SIP/2.0/UDP ss1.atlanta.example.com:5060;branch=z9hG4bK2d4790.1;rport",
	"SIP/2.0/TCP 192.0.2.4;branch=z9hG4bK-1---_~;received=192.0.2.101;rport=5062,SIP/2.0/UDP h",
	"SIP / 2.0 / UDP \r\n first.example.com: 4000;ttl=16 ;maddr = 224.2.0.1 ;branch=z9hG4bKa7c6a8dlze.1",
	"SIP/2.0/TLS [2001:db8::9]:5061;received=[2001:db8::1];branch=z9;alias;keep;a;b;c;d;e;f;g",
	`"Alice" <sip:alice@atlanta.example.com>;tag=9fxced76sl`,
	`"J Rosenberg \\\""       <sip:jdrosen@example.com>` + "\r\n  ;\r\n  tag = 98asjd8",
	"Alice von Wunder <sip:+1555;ext=2@h.example:5060;transport=udp;lr;user=phone>;q=0.7;expires=3600,<sip:b@h>",
	"Alice<sip:a%20b:pass@3com.example.>;x=\"a;b,c<\";+sip.instance=\"<urn:uuid:1>\"",
	"sip:bob@192.0.2.4;tag=x",
	"sip:h.example.com ; tag = 1 , sip:x",
	"sips:bob@h;transport=tcp?subject=x",
	"<tel:+1-201-555-0123;phone-context=x>;tag=1",
	"<sip:[::1]:5060;lr>, <sip:a@h;maddr=[::2]>",
	"*",
}

// quickValue returns a value like those that a peer may send, right or wrong, with other octets behind its end.
func quickValue(r *rand.Rand) []byte {
	b := []byte(quickSeeds[r.IntN(len(quickSeeds))])
	const odd = "<>\"\\;,=:@?&%+_*()[]/ \t\r\n.-0a5A~!$'#\x00\x1f\x7f\x80\xc3"
	for range r.IntN(4) {
		i := r.IntN(len(b) + 1)
		switch piece := quickSeeds[r.IntN(len(quickSeeds))]; r.IntN(5) {
		case 0:
			b = append(b[:i:i], b[min(len(b), i+1+r.IntN(3)):]...)
		case 1:
			b = append(b[:i:i], append([]byte{odd[r.IntN(len(odd))]}, b[i:]...)...)
		case 2:
			if i < len(b) {
				b[i] = odd[r.IntN(len(odd))]
			}
		case 3:
			from := r.IntN(len(piece))
			b = append(b[:i:i], append([]byte(piece[from:from+r.IntN(len(piece)-from)]), b[i:]...)...)
		case 4:
			b = append(b[:i:i], append([]byte(strings.Repeat(string(odd[r.IntN(len(odd))]), r.IntN(80))), b[i:]...)...)
		}
	}
	n := len(b)
	b = append(b, quickSeeds[r.IntN(len(quickSeeds))]...)
	return b[: n : n+r.IntN(len(b)-n)]
}

// What a quick reader takes, the thorough one reads the same.
func TestQuickVia(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 1))
	took := 0
	for range 300000 {
		b := quickValue(r)
		var v, want Via
		n, ok := v.quick(b)
		if !ok {
			continue
		}
		took++
		if wantN, err := want.read(b); err != 0 || n != wantN || !reflect.DeepEqual(v, want) {
			t.Fatalf("%q: took %d octets as %+v, want %d as %+v: %v", b, n, v, wantN, want, err)
		}
	}
	if took < 10000 {
		t.Errorf("took %d values, want more to compare", took)
	}
}

func TestQuickNameAddr(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 2))
	took := 0
	for range 300000 {
		b := quickValue(r)
		h := []Header{HeaderFrom, HeaderContact, HeaderRoute, HeaderAlertInfo, HeaderUnknown}[r.IntN(5)]
		var a, want NameAddr
		n, ok := a.quick(b, h)
		if !ok {
			continue
		}
		took++
		if wantN, err := want.read(b, h); err != 0 || n != wantN || !reflect.DeepEqual(a, want) {
			t.Fatalf("%v %q: took %d octets as %+v, want %d as %+v: %v", h, b, n, a, wantN, want, err)
		}
	}
	if took < 10000 {
		t.Errorf("took %d values, want more to compare", took)
	}
}

func TestQuickURI(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 3))
	took := 0
	for range 600000 {
		b := quickValue(r)
		if i := strings.Index(string(b), "sip:"); i > 0 {
			b = b[i:]
			if end := strings.IndexAny(string(b), "> "); end > 0 {
				b = b[:end]
			}
		}
		var u URI
		if !u.quickAll(b) {
			continue
		}
		took++
		var want URI
		w := window{b: b}
		n, err := want.read(&w, 0)
		if want.raw = b; err != 0 || n != len(b) || !reflect.DeepEqual(u, want) {
			t.Fatalf("%q: took it as %+v, want %+v: %v at %d", b, u, want, err, n)
		}
	}
	if took < 10000 {
		t.Errorf("took %d values, want more to compare", took)
	}
}

// A Call-ID is right by the marks when it is right octet by octet.
func TestQuickCallID(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 4))
	for range 100000 {
		b := randomText(r, "abcdefgh-.@:(")
		if r.IntN(4) == 0 {
			b = append(b, randomText(r, "abcdefgh@")...)
		}
		i := run(b, 0, word)
		want := i > 0 && i == len(b) || i > 0 && b[i] == '@' && i+1 < len(b) && run(b, i+1, word) == len(b)
		if _, err := checkCallID(b); (err == 0) != want {
			t.Fatalf("%q: got %v, want %v", b, err, want)
		}
	}
}
