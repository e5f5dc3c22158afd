package parser

import (
	"strings"
	"testing"
)

// Every error has a text of its own, in lower case but for names, and a status.
func TestErrors(t *testing.T) {
	seen := map[string]Error{}
	for e := ErrAbsent; e < errorCount; e++ {
		text := e.Error()
		if text == "" || text == "no error" || strings.HasSuffix(text, ".") {
			t.Errorf("%d: got text %q", e, text)
		}
		if other, ok := seen[text]; ok && !(e == errCSeqMethod && other == errMethod) {
			t.Errorf("%d and %d: both are %q", other, e, text)
		}
		seen[text] = e
		switch e.Status() {
		case 400, 413, 414, 501, 505, 513:
			if e >= errNoStartLine {
				t.Errorf("%q: got status %d for what only a Builder returns", text, e.Status())
			}
		case 500:
			if e < errNoStartLine {
				t.Errorf("%q: got status 500", text)
			}
		default:
			t.Errorf("%q: got status %d", text, e.Status())
		}
	}
	for _, e := range []Error{0, errorCount, 255} {
		if got := e.Error(); got != "no error" {
			t.Errorf("%d: got %q", e, got)
		}
	}
}

func TestErrorStatus(t *testing.T) {
	for e, want := range map[Error]Status{
		ErrAbsent: 400, errControl: 400, errVersion: 505, errCSeqOther: 400, errCSeqUnknown: 501, errRequestURILong: 414, errURILong: 400,
		errLengthLarge: 413, errLengthBeyond: 400, errHeadLarge: 513, errLineLong: 513, errFieldsMany: 513, errViasMany: 513, errParamsMany: 400,
		errFinished: 500,
	} {
		if got := e.Status(); got != want {
			t.Errorf("%v: got %d, want %d", e, got, want)
		}
	}
}

// The texts name the limits that are in force.
func TestErrorTextsNameLimits(t *testing.T) {
	for e, limit := range map[Error]string{
		errHeadLarge: "32768", errLineLong: "8192", errValueLong: "8192", errFieldsMany: "256", errViasMany: "128", errParamsMany: "64",
		errURILong: "2048", errRequestURILong: "2048",
	} {
		if !strings.Contains(e.Error(), limit) {
			t.Errorf("got %q, want %s in it", e, limit)
		}
	}
	if MaxHead != 32768 || MaxLine != 8192 || MaxFields != 256 || MaxVias != 128 || MaxParams != 64 || MaxURI != 2048 || maxValue != MaxLine {
		t.Error("a limit has changed: change the texts as well")
	}
}

func TestFaultString(t *testing.T) {
	for _, row := range []struct {
		f    Fault
		want string
	}{
		{Fault{Err: errQuote, Header: HeaderTo}, "To: unterminated quoted string"},
		{Fault{Err: ErrAbsent, Header: HeaderCallID}, "Call-ID: missing"},
		{Fault{Err: errVersion}, "SIP version is not 2.0"},
		{Fault{}, "no error"},
	} {
		if got := row.f.String(); got != row.want {
			t.Errorf("got %q, want %q", got, row.want)
		}
	}
}
