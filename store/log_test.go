package store

import (
	"bytes"
	"testing"
)

func TestEntry(t *testing.T) {
	for _, e := range []entry{
		{kind: kindPut, rev: 1, key: "a", val: []byte("v")},
		{kind: kindPut, rev: 1<<64 - 1, until: 1 << 62, key: string(make([]byte, 300)), val: bytes.Repeat([]byte{255}, 70000)},
		{kind: kindDelete, rev: 3, key: "a"},
		{kind: kindMark, rev: 3},
	} {
		b, err := e.appendTo([]byte("before"))
		if err != nil {
			t.Fatal(err)
		}
		b = b[len("before"):]
		got, size, err := readEntry(append(b, "behind"...))
		if err != nil || size != len(b) || got.kind != e.kind || got.rev != e.rev || got.until != e.until || got.key != e.key || !bytes.Equal(got.val, e.val) {
			t.Errorf("%+v became %+v, %d, %v", e, got, size, err)
		}
		for i := range min(len(b), 400) {
			b[i] ^= 0x10
			if _, _, err := readEntry(b); err == nil {
				t.Errorf("octet %d was changed and nobody saw it", i)
			}
			b[i] ^= 0x10
			if _, _, err := readEntry(b[:i]); err == nil {
				t.Errorf("the first %d octets are a whole record", i)
			}
		}
	}
}

// Whatever bytes are read, nothing breaks, and what is read is what would be written.
func FuzzReadEntry(f *testing.F) {
	for _, e := range []entry{{kind: kindPut, rev: 1, until: 2, key: "a", val: []byte("v")}, {kind: kindDelete, key: "b"}, {kind: kindMark, rev: 9}} {
		b, err := e.appendTo(nil)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		e, size, err := readEntry(b)
		if size < 0 || size > len(b) || err == nil && size < recordHead {
			t.Fatalf("a record of %d octets in %d", size, len(b))
		}
		if err != nil {
			// The same with lengths and a checksum that are right.
			if e = (entry{kind: kindPut, key: string(b[:len(b)/2]), val: b[len(b)/2:]}); len(b) > 1 {
				e.rev, e.until = uint64(b[0]), int64(b[1])
			}
		}
		again, err := e.appendTo(nil)
		if err != nil {
			t.Fatal(err)
		}
		got, n, err := readEntry(again)
		if err != nil || n != len(again) || got.kind != e.kind || got.rev != e.rev || got.until != e.until || got.key != e.key || !bytes.Equal(got.val, e.val) {
			t.Fatalf("%+v became %+v, %v", e, got, err)
		}
	})
}
