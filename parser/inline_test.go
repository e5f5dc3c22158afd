package parser

import (
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// What is asked of every message, and what every scanner calls for each octet or word, costs no call.
func TestInlining(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		return // how much the compiler takes in is not the same on every processor
	}
	if _, err := exec.LookPath("go"); err != nil {
		return // where only the test's binary runs there is nothing to ask
	}
	out, err := exec.Command("go", "build", "-gcflags=-m", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	got := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		if _, name, ok := strings.Cut(line, ": can inline "); ok {
			got[strings.Fields(name)[0]] = true
		}
	}
	for _, name := range []string{
		"(*Message).Body", "(*Message).Bytes", "(*Message).CallID", "(*Message).Fault", "(*Message).FaultStatus", "(*Message).Has",
		"(*Message).IsRequest", "(*Message).Reason", "(*Message).StartLine", "(*Message).Status",
		"(*Message).RequestURI", "(*Message).From", "(*Message).To", "(*Message).Contact", "(*Message).MaxForwards",
		"(*Message).ContentLength", "(*Message).Expires", "(*Message).Number",
		"(*Message).Vias", "(*Message).Contacts", "(*Message).Routes", "(*Message).RecordRoutes",
		"(*Message).Fields", "(*Message).Values", "(*Message).Lookup",
		"URI.IsZero", "URI.Raw", "URI.Scheme", "URI.IsSIP", "URI.IsSIPS", "URI.User", "URI.Password", "URI.Host", "URI.Port",
		"URI.Params", "URI.Headers",
		"Via.Raw", "Via.Transport", "Via.Host", "Via.Port", "Via.Branch", "Via.Received", "Via.RPort", "Via.MAddr", "Via.Params",
		"NameAddr.Raw", "NameAddr.URI", "NameAddr.Display", "NameAddr.Tag", "NameAddr.IsWildcard", "NameAddr.Params",
		"EqualFold", "ParseMethod", "Method.String", "Header.String", "Status.Final", "Wire.Len",
		"span.of", "span.end", "spanOf", "is", "run", "isBlank", "skipLWS", "digitsOf", "scanPort",
		"load8", "zeros", "controls", "gather", "commonHeader", "pop", "part", "quickPort", "(*quickKeys).add", "(*marks).from", "span.in",
		"(*Message).at", "(*Message).first", "(*Message).after", "(*Message).cursor", "(*Message).fail", "Error.orNil",
	} {
		if !got[name] {
			t.Errorf("%s is no longer inlined", name)
		}
	}
}
