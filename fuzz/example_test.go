package fuzz_test

import (
	"fmt"

	"github.com/ringback-sip/ringback/fuzz"
)

// An oracle takes any octets. Here is a request that gets as far as a comparison, and one that is refused, rightly.
func ExampleMessage() {
	in := "OPTIONS sip:b@h SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:b@h>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n"
	fmt.Println(fuzz.Message([]byte(in)))
	fmt.Println(fuzz.Message([]byte(in[1:])))
	// Output:
	// true <nil>
	// false <nil>
}

func ExampleTargets() {
	for _, t := range fuzz.Targets()[:3] {
		fmt.Println(t.Name)
	}
	// Output:
	// Message
	// Identity
	// Framer
}
