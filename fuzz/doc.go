// Package fuzz holds package parser, the frames of package ws, the answers of package resolver, the snapshots of package dialog and the
// server of package auth against what they should have read.
//
// Each [Oracle] takes any octets and says what is wrong with what these made of them: it compares with a second,
// naive parser, with what was written, or with another way to the same result. The oracles run as native fuzz targets
// (go test -fuzz), as functions for go-fuzz and OSS-Fuzz (build tag gofuzz), and over the messages in corpus with every
// go test. README.md says how, and how other projects can use the corpus.
package fuzz

// An Oracle holds the code under test against data. used reports whether data got as far as what the oracle is about: a fuzzer
// does well to keep it. The error says what is wrong with that, never with data. It may be called concurrently,
// and does not keep or change data.
type Oracle func(data []byte) (used bool, err error)

// A Target is an Oracle and its name: the fuzz functions are called Fuzz and that name.
type Target struct {
	Name   string
	Oracle Oracle
}

// Targets returns all oracles.
func Targets() []Target {
	return []Target{
		{"Message", Message},
		{"Identity", Identity},
		{"Framer", Framer},
		{"URI", URI},
		{"Address", Address},
		{"Via", Via},
		{"List", List},
		{"Text", Text},
		{"Values", Values},
		{"Typed", Typed},
		{"Auth", Auth},
		{"Parts", Parts},
		{"Clone", Clone},
		{"Builder", Builder},
		{"Response", Response},
		{"WebSocket", WebSocket},
		{"DNS", DNS},
		{"Snapshot", Snapshot},
		{"Verify", Verify},
	}
}

// maxInput is the longest input that is worth its time: more than the longest header section.
const maxInput = 40 << 10
