package main

import (
	"encoding/json"
	"testing"
	"time"
)

// jsonStrings are the cases in which a JSON encoder has something to decide.
var jsonStrings = []string{
	"", "plain", `quote " backslash \ slash /`, "\x00\x01\x1f\x7f", "\b\f\n\r\t", "<a href='x'>&amp;</a>",
	"Grüße, 日本, \U0001F4DE", "\xff", "a\xc3", "\xc3(", "\xe2\x82", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc0\xaf", "\u2028\u2029\u202a",
	"\ufffd", "\xef\xbf\xbd\xef\xbf", "<\xff>\u2028<",
}

func TestJSONStringsAreThoseOfEncodingJSON(t *testing.T) {
	for _, s := range jsonStrings {
		compareJSON(t, s)
	}
	for c := rune(0); c <= 0x10FFFF; c++ {
		compareJSON(t, "a"+string(c)+"b")
		if c > 0xFFFF {
			c += 256
		}
	}
	for c := range 0x10000 {
		compareJSON(t, string([]byte{'a', byte(c >> 8), byte(c), 'b'}))
	}
}

func FuzzJSONString(f *testing.F) {
	for _, s := range jsonStrings {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { compareJSON(t, s) })
}

func compareJSON(t *testing.T, s string) {
	t.Helper()
	want, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if got := appendJSON(nil, s); string(got) != string(want) {
		t.Errorf("%q: got %s, want %s", s, got, want)
	}
	if got := appendJSON(nil, []byte(s)); string(got) != string(want) {
		t.Errorf("bytes %q: got %s, want %s", s, got, want)
	}
}

func TestObject(t *testing.T) {
	o := begin([]byte("before "))
	o.str("s", "a\"b")
	o.bytes("b", nil)
	o.int("i", -5)
	o.bool("t", true)
	o.ms("ms", 1500*time.Microsecond)
	const want = `before {"s":"a\"b","b":"","i":-5,"t":true,"ms":1.500}`
	if got := string(o.end()); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	empty := begin(nil)
	if got := string(empty.end()); got != "{}" {
		t.Errorf("empty: got %s, want {}", got)
	}
}

func TestJSONDoesNotAllocate(t *testing.T) {
	buf := make([]byte, 0, 1024)
	in := []byte("quote \" and Grüße \xff")
	if n := testing.AllocsPerRun(100, func() { buf = appendJSON(buf[:0], in) }); n != 0 {
		t.Errorf("got %v allocations, want 0", n)
	}
}
