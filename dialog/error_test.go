package dialog

import (
	"testing"

	"github.com/ringback-sip/ringback/parser"
)

func TestErrors(t *testing.T) {
	seen := map[string]bool{}
	for e, status := range map[Error]parser.Status{ErrContact: 400, ErrTooLarge: 513, ErrNoDialog: 0, ErrTooMany: 0, ErrSnapshot: 0, 99: 0} {
		if e.Status() != status {
			t.Errorf("%v: got %d, want %d", e, e.Status(), status)
		}
		if e.Error() == "" || seen[e.Error()] {
			t.Errorf("%d: %q is empty or said twice", uint8(e), e.Error())
		}
		seen[e.Error()] = true
	}
}
