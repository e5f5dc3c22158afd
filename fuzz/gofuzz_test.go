//go:build gofuzz

package fuzz_test

import (
	"testing"

	"github.com/ringback-sip/ringback/fuzz"
)

// The functions for go-fuzz take the corpus, and each finds something in it that is worth keeping.
func TestGoFuzz(t *testing.T) {
	functions := map[string]func(data []byte) int{
		"": fuzz.Fuzz, "Message": fuzz.FuzzMessage, "Identity": fuzz.FuzzIdentity, "Framer": fuzz.FuzzFramer, "URI": fuzz.FuzzURI,
		"Address": fuzz.FuzzAddress, "Via": fuzz.FuzzVia, "List": fuzz.FuzzList, "Text": fuzz.FuzzText, "Values": fuzz.FuzzValues,
		"Typed": fuzz.FuzzTyped, "Auth": fuzz.FuzzAuth, "Parts": fuzz.FuzzParts, "Clone": fuzz.FuzzClone,
		"Builder": fuzz.FuzzBuilder, "Response": fuzz.FuzzResponse, "WebSocket": fuzz.FuzzWebSocket,
		"DNS": fuzz.FuzzDNS, "Snapshot": fuzz.FuzzSnapshot, "Verify": fuzz.FuzzVerify,
	}
	for _, target := range fuzz.Targets() {
		if functions[target.Name] == nil {
			t.Errorf("there is no Fuzz%s", target.Name)
		}
	}
	all := corpus(t)
	for name, function := range functions {
		worth := 0
		for _, in := range all {
			worth += function(in)
		}
		if worth == 0 {
			t.Errorf("Fuzz%s keeps none of %d messages", name, len(all))
		}
	}
}
