package fuzz

import (
	"fmt"
	"strings"

	"github.com/ringback-sip/ringback/parser"
)

// Address holds ParseNameAddr against the naive parser for every value that data may hold, writes what was read with
// Builder.Address, and reads that again.
func Address(data []byte) (used bool, err error) {
	if len(data) > maxInput {
		return false, nil
	}
	for _, s := range pieces(data) {
		a, err := parser.ParseNameAddr([]byte(s))
		want, ok := readAddress("", s)
		if strings.Trim(s, blanks) == "*" {
			want, ok = address{raw: "*", wildcard: true}, true
		}
		if (err == nil) != ok {
			return true, fmt.Errorf("%q: got error %v, want good: %v", s, err, ok)
		}
		if err != nil {
			continue
		}
		used = true
		var got, expected text
		got.address("", a)
		expected.naiveAddress("", want)
		if err := differ("parser", got.String(), "naive", expected.String()); err != nil {
			return true, err
		}
		if err := checkAddressWritten(a); err != nil {
			return true, err
		}
	}
	return used, nil
}

// checkAddressWritten writes the parts of a and reads them again.
func checkAddressWritten(a parser.NameAddr) error {
	display := string(parser.Unquote(nil, a.Display()))
	if a.IsWildcard() || hasControl(display) {
		return nil
	}
	var b parser.Builder
	b.Request(parser.MethodOptions, a.URI())
	b.Address(parser.HeaderTo, display, a.URI(), string(a.Tag()))
	w, err := b.Wire()
	if err != nil {
		return fmt.Errorf("writing %q: %w", a.Raw(), err)
	}
	var m parser.Message
	if err := m.Parse(w.Head); err != nil {
		return fmt.Errorf("reading %q: %w", w.Head, err)
	}
	again, err := m.To()
	if err != nil || string(parser.Unquote(nil, again.Display())) != display || string(again.Tag()) != string(a.Tag()) ||
		string(again.URI().Raw()) != string(a.URI().Raw()) {
		return fmt.Errorf("%q was written as %q: %v", a.Raw(), again.Raw(), err)
	}
	return nil
}
