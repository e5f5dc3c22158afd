package transaction

import (
	"bytes"
	"strings"
	"testing"
)

// Values of any length are told apart, wherever one ends and the next begins.
func TestDigestSeparatesValues(t *testing.T) {
	sums := map[[32]byte]string{}
	note := func(name string, f func(d *digest)) {
		var d digest
		f(&d)
		sum := d.sum()
		if other, twice := sums[sum]; twice {
			t.Errorf("%s and %s have the same digest", name, other)
		}
		sums[sum] = name
	}
	note("nothing", func(d *digest) {})
	note("empty value", func(d *digest) { d.write(nil) })
	note("number 0 twice", func(d *digest) { d.number(0); d.number(0) })
	note("ab", func(d *digest) { d.write([]byte("ab")) })
	note("a, b", func(d *digest) { d.write([]byte("a")); d.write([]byte("b")) })
	note("b, a", func(d *digest) { d.write([]byte("b")); d.write([]byte("a")) })
	for _, n := range []int{200, 251, 252, 253, 255, 256, 257, 300, 511, 512, 513, 5000} {
		long := bytes.Repeat([]byte("x"), n)
		note("long", func(d *digest) { d.write(long) })
		long[n-1] = 'y'
		note("long, its end differs", func(d *digest) { d.write(long) })
		long[0] = 'y'
		note("long, its start differs", func(d *digest) { d.write(long) })
	}
}

func TestDigestFoldsCase(t *testing.T) {
	sum := func(s string) [32]byte {
		var d digest
		d.fold([]byte(s))
		return d.sum()
	}
	for _, n := range []int{1, 100, 400} {
		if s := strings.Repeat("aZ[`{@", n); sum(s) != sum(strings.ToUpper(s)) || sum(s) == sum(strings.ReplaceAll(s, "[", "{")) {
			t.Errorf("%d octets: case is not folded as in US-ASCII", len(s))
		}
	}
}

func TestKeysDoNotAllocate(t *testing.T) {
	long := strings.Repeat("x", 3000)
	messages := map[string]string{
		"RFC 3261":       request("INVITE", "z9hG4bKabc"),
		"unknown method": request("FOO", "z9hG4bKabc"),
		"RFC 2543":       request("INVITE", ""),
		"long":           request("INVITE", "z9hG4bK"+long),
		"long, RFC 2543": request("INVITE", "", "a84b4c76e66710", long),
	}
	for name, text := range messages {
		m := parsed(t, text)
		resp := parsed(t, response(text, 200, "b"))
		n := testing.AllocsPerRun(100, func() {
			if _, _, ok := serverKey(m); !ok {
				t.Error("no server key")
			}
			if k, _ := newMergeKey(m); k == (mergeKey{}) {
				t.Error("no merge key")
			}
			clientKey(resp)
		})
		if n != 0 {
			t.Errorf("%s: got %v allocations, want 0", name, n)
		}
	}
}
