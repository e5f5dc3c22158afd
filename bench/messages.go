package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// message is one of the messages that both sides read and write.
type message struct {
	id    string
	what  string
	file  string // below the repository's testdata
	bytes []byte
}

// messages are those that package parser's own benchmarks use.
var messages = []message{
	{id: "M1", what: "OPTIONS", file: "bench/m1-options.sip"},
	{id: "M2", what: "INVITE with SDP", file: "bench/m2-invite.sip"},
	{id: "M3", what: "200 with three Vias", file: "bench/m3-ok.sip"},
	{id: "M4", what: "REGISTER with digest", file: "bench/m4-register.sip"},
	{id: "M5", what: "RFC 4475 wsinv", file: "torture/rfc4475/wsinv.dat"},
	{id: "M6", what: "INVITE with 60 fields", file: "bench/m6-trunk.sip"},
}

// malformed are messages that no parser may let pass (RFC 4475; RFC 5118): each is refused for another reason.
var malformed = []string{
	"rfc4475/badinv01.dat",   // separators without anything between them
	"rfc4475/clerr.dat",      // Content-Length beyond the datagram
	"rfc4475/ncl.dat",        // negative Content-Length
	"rfc4475/scalar02.dat",   // numbers out of range
	"rfc4475/scalarlg.dat",   // the same in a response
	"rfc4475/quotbal.dat",    // unterminated quoted string
	"rfc4475/badvers.dat",    // unknown version
	"rfc4475/mismatch01.dat", // CSeq method is not the request's
	"rfc4475/mismatch02.dat", // the same with an unknown method
	"rfc4475/bigcode.dat",    // status code out of range
	"rfc4475/insuf.dat",      // mandatory fields missing
	"rfc4475/multi01.dat",    // single fields more than once
	"rfc4475/mcl01.dat",      // two Content-Lengths
	"rfc5118/ipv6-bad.dat",   // IPv6 address without brackets
}

// load returns the messages with their bytes. dir is the repository's testdata.
func load(dir string) ([]message, error) {
	out := make([]message, len(messages))
	for i, m := range messages {
		b, err := os.ReadFile(filepath.Join(dir, m.file))
		if err != nil {
			return nil, fmt.Errorf("%w (run in the folder bench of a checkout)", err)
		}
		out[i] = m
		out[i].bytes = b
	}
	return out, nil
}

// loadMalformed returns the malformed messages.
func loadMalformed(dir string) ([][]byte, error) {
	var out [][]byte
	for _, name := range malformed {
		b, err := os.ReadFile(filepath.Join(dir, "torture", name))
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}
