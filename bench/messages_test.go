package main

import (
	"bytes"
	"testing"

	"github.com/ringback-sip/ringback/parser"
)

func loaded(t *testing.T) []message {
	t.Helper()
	all, err := load("../testdata")
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// What the documentation says of the messages.
func TestMessagesAreAsDescribed(t *testing.T) {
	tests := map[string]struct {
		octets, head, fields int
		count                map[parser.Header]int
	}{
		"M1": {octets: 358, head: 358, fields: 9},
		"M2": {octets: 936, head: 737, fields: 16, count: map[parser.Header]int{parser.HeaderVia: 2, parser.HeaderRecordRoute: 2,
			parser.HeaderContact: 1, parser.HeaderSupported: 1, parser.HeaderAllow: 1}},
		"M3": {octets: 961, head: 764, fields: 14, count: map[parser.Header]int{parser.HeaderVia: 3}},
		"M4": {octets: 812, head: 812, fields: 12, count: map[parser.Header]int{parser.HeaderAuthorization: 1}},
		"M5": {octets: 1001, head: 851, fields: 14, count: map[parser.Header]int{parser.HeaderVia: 2}},
		"M6": {octets: 4096, head: 3897, fields: 60, count: map[parser.Header]int{parser.HeaderVia: 5}},
	}
	for _, m := range loaded(t) {
		t.Run(m.id, func(t *testing.T) {
			want, ok := tests[m.id]
			if !ok {
				t.Fatal("nothing is said about this message")
			}
			var p parser.Message
			if err := p.Parse(m.bytes); err != nil {
				t.Fatal(p.Fault())
			}
			if err := p.Check(); err != nil {
				t.Fatal(p.Fault())
			}
			if len(m.bytes) != want.octets {
				t.Errorf("octets: got %d, want %d", len(m.bytes), want.octets)
			}
			if got := len(m.bytes) - len(p.Body()); got != want.head {
				t.Errorf("octets of the header section: got %d, want %d", got, want.head)
			}
			fields, count := 0, map[parser.Header]int{}
			for f := range p.Fields() {
				fields++
				count[f.Header]++
			}
			if fields != want.fields {
				t.Errorf("fields: got %d, want %d", fields, want.fields)
			}
			for h, n := range want.count {
				if count[h] != n {
					t.Errorf("%s: got %d, want %d", h, count[h], n)
				}
			}
		})
	}
}

// Each malformed message is another one, and Ringback refuses all of them.
func TestMalformedAreRefused(t *testing.T) {
	bad, err := loadMalformed("../testdata")
	if err != nil {
		t.Fatal(err)
	}
	var r ringback
	for i, in := range bad {
		if err := r.checked(in); err == nil {
			t.Errorf("%s: accepted", malformed[i])
		}
		for k := range i {
			if bytes.Equal(bad[k], in) {
				t.Errorf("%s and %s are the same", malformed[k], malformed[i])
			}
		}
	}
}
