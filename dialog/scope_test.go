package dialog

import (
	"testing"

	"github.com/ringback-sip/ringback/parser"
)

// TestScopeOfNotify is Table 1 of RFC 5057, whose example is a NOTIFY; a 408 is the timeout of Section 5.2.
func TestScopeOfNotify(t *testing.T) {
	want := map[parser.Status]Scope{
		404: ScopeDialog, 410: ScopeDialog, 416: ScopeDialog, 482: ScopeDialog, 483: ScopeDialog, 484: ScopeDialog, 485: ScopeDialog,
		502: ScopeDialog, 604: ScopeDialog,
		405: ScopeUsage, 408: ScopeUsage, 480: ScopeUsage, 481: ScopeUsage, 489: ScopeUsage, 501: ScopeUsage,
	}
	for s := parser.Status(100); s < 700; s++ {
		if got := ScopeOf(parser.MethodNotify, s); got != want[s] {
			t.Errorf("%d: got %v, want %v", s, got, want[s])
		}
	}
}

func TestScopeOfOtherMethods(t *testing.T) {
	for _, tt := range []struct {
		method parser.Method
		status parser.Status
		want   Scope
	}{
		{parser.MethodInvite, 481, ScopeUsage},
		{parser.MethodInvite, 408, ScopeUsage},
		{parser.MethodInvite, 488, ScopeTransaction},
		{parser.MethodInvite, 491, ScopeTransaction},
		{parser.MethodInvite, 489, ScopeTransaction}, // as an unknown 4xx: note 12
		{parser.MethodInfo, 408, ScopeUsage},
		{parser.MethodInfo, 405, ScopeTransaction}, // not integral to the call: note 3
		{parser.MethodUpdate, 501, ScopeTransaction},
		{parser.MethodUpdate, 481, ScopeUsage},
		{parser.MethodRefer, 405, ScopeTransaction},
		{parser.MethodOptions, 408, ScopeTransaction}, // belongs to no usage: Section 5.3
		{parser.MethodOptions, 481, ScopeTransaction},
		{parser.MethodOptions, 404, ScopeDialog},
		{parser.MethodMessage, 480, ScopeTransaction},
		{parser.MethodUnknown, 501, ScopeTransaction},
		{parser.MethodCancel, 481, ScopeTransaction}, // note 8
	} {
		if got := ScopeOf(tt.method, tt.status); got != tt.want {
			t.Errorf("%v %d: got %v, want %v", tt.method, tt.status, got, tt.want)
		}
	}
	for s, want := range map[Scope]string{ScopeTransaction: "transaction", ScopeUsage: "usage", ScopeDialog: "dialog", 9: "?"} {
		if got := s.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
