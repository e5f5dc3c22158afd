package fuzz

import (
	"fmt"
	"net/netip"

	"github.com/ringback-sip/ringback/parser"
)

// Via holds ParseVia against the naive parser for every value that data may hold. A message with that Via and a recorded
// source is answered with the same Via, but for `received` and `rport` (RFC 3261, Section 18.2.1; RFC 3581, Section 4).
func Via(data []byte) (used bool, err error) {
	if len(data) > maxInput {
		return false, nil
	}
	for _, s := range pieces(data) {
		v, err := parser.ParseVia([]byte(s))
		want, ok := readVia(s)
		if (err == nil) != ok {
			return true, fmt.Errorf("%q: got error %v, want good: %v", s, err, ok)
		}
		if err != nil {
			continue
		}
		used = true
		var got, expected text
		got.via(v)
		expected.naiveVia(want)
		if err := differ("parser", got.String(), "naive", expected.String()); err != nil {
			return true, err
		}
		if err := checkAnswer(s, want); err != nil {
			return true, err
		}
	}
	return used, nil
}

// checkAnswer answers a request whose topmost Via is s.
func checkAnswer(s string, want via) error {
	source := netip.MustParseAddrPort("[2001:db8::2:1]:5062")
	var m parser.Message
	if len(want.params) == parser.MaxParams {
		return nil // received is one more
	}
	if err := m.Parse([]byte("OPTIONS sip:h SIP/2.0\r\nVia: " + s + "\r\nVia: SIP/2.0/UDP below\r\n\r\n")); err != nil {
		return nil // a line too long, or control octets that only the quoted string of a parameter may hold
	}
	m.SetReceived([]byte(source.Addr().String()), source.Port())
	var b parser.Builder
	b.Response(&m, parser.StatusOK, "", "")
	w, err := b.Wire()
	if err != nil {
		return fmt.Errorf("answering %q: %w", s, err)
	}
	var answer parser.Message
	if err := answer.Parse(w.Head); err != nil {
		return fmt.Errorf("reading %q: %w", w.Head, err)
	}
	v, err := answer.Via()
	if err != nil {
		return fmt.Errorf("reading the Via of %q: %w", w.Head, err)
	}
	port, has := v.RPort()
	_, asked := lookup(want.params, "rport")
	if string(v.Received()) != source.Addr().String() || has != asked || asked && port != int(source.Port()) {
		return fmt.Errorf("%q came back as %q", s, v.Raw())
	}
	var before, after text
	before.line(want.transport, want.host, fmt.Sprint(want.port))
	after.line(string(v.Transport()), string(v.Host()), fmt.Sprint(v.Port()))
	for _, p := range want.params {
		if name := lower(p.name); name != "received" && name != "rport" {
			before.line(p.name, p.value, fmt.Sprint(p.valued))
		}
	}
	for name, value := range v.Params() {
		if n := lower(string(name)); n != "received" && n != "rport" {
			after.line(string(name), string(value), fmt.Sprint(value != nil))
		}
	}
	return differ("request", before.String(), "response", after.String())
}
