package parser

import (
	"strings"
	"testing"
)

// What Parse refuses for its size is not written, and what it takes is.
func TestBuilderLimits(t *testing.T) {
	u := mustURI(t, "sip:h")
	long := func(n int) string { return strings.Repeat("x", n) }
	for _, row := range []struct {
		name string
		do   func(b *Builder)
		want Error
	}{
		{"the longest line", func(b *Builder) { b.Header(HeaderSubject, long(MaxLine-len("Subject: "))) }, 0},
		{"a longer line", func(b *Builder) { b.Header(HeaderSubject, long(MaxLine-len("Subject: ")+1)) }, errLineLong},
		{"a longer line of octets", func(b *Builder) { b.HeaderBytes(HeaderSubject, []byte(long(MaxLine))) }, errLineLong},
		{"a longer line by name", func(b *Builder) { b.Field("X-Any", long(MaxLine-6)) }, errLineLong},
		{"a longer address", func(b *Builder) { b.Address(HeaderTo, long(MaxLine), u, "") }, errLineLong},
		{"a longer Via", func(b *Builder) { b.Via("UDP", "h", long(MaxLine)) }, errLineLong},
		{"255 fields", func(b *Builder) { fill(b, MaxFields-1) }, 0},
		{"256 fields and a length", func(b *Builder) { fill(b, MaxFields) }, errFieldsMany},
		{"much", func(b *Builder) {
			for range MaxHead / MaxLine {
				b.Field("X-Any", long(MaxLine-len("X-Any: ")))
			}
		}, errHeadLarge},
	} {
		var b Builder
		b.Reset([]byte("before"))
		b.Request(MethodOptions, u)
		row.do(&b)
		w, err := b.Wire()
		if err != row.want.orNil() {
			t.Errorf("%s: got %v, want %v", row.name, err, row.want.orNil())
		}
		if err == nil {
			mustParse(t, w.Head)
		}
	}
	var b Builder
	b.RequestNamed([]byte(long(MaxLine-len(" sip:h SIP/2.0")+1)), u)
	if b.Err() != errLineLong {
		t.Errorf("a long method: got %v, want %v", b.Err(), errLineLong)
	}
}

func fill(b *Builder, n int) {
	for range n {
		b.Field("X-Any", "")
	}
}
