package fuzz_test

import (
	"os"
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/fuzz"
)

// Every message of the corpus goes through every oracle, whole, cut off in places, and with a part of another one behind it.
func TestCorpus(t *testing.T) {
	all := corpus(t)
	for _, target := range fuzz.Targets() {
		t.Run(target.Name, func(t *testing.T) {
			used := 0
			for name, in := range all {
				for _, data := range [][]byte{in, in[:len(in)/2], in[len(in)/3:]} {
					ok, err := target.Oracle(data)
					if err != nil {
						t.Errorf("%s: %v", name, err)
						break
					}
					if ok {
						used++
					}
				}
			}
			if used == 0 {
				t.Error("no input got as far as what the target is about")
			}
		})
	}
}

// Each target has a native fuzz function.
func TestTargetsAreFuzzed(t *testing.T) {
	source, err := os.ReadFile("fuzz_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range fuzz.Targets() {
		if !strings.Contains(string(source), "func Fuzz"+target.Name+"(f *testing.F)") {
			t.Errorf("there is no Fuzz%s", target.Name)
		}
	}
}
