package ua

import (
	"errors"
	"testing"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transaction"
)

// told is a user of a request that counts what it hears.
type told struct{ responses, failures int }

func (u *told) Response(*transaction.Client, *parser.Message) { u.responses++ }
func (u *told) Failed(*transaction.Client, error)             { u.failures++ }

// The ACK to a 503 may be lost while the request is elsewhere already: that is no failure of the new try.
func TestEarlierTriesFailUnheard(t *testing.T) {
	a, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Shutdown(t.Context())
	earlier, now := new(transaction.Client), new(transaction.Client)
	u := new(told)
	o := &outgoing{agent: a, user: u, over: []*transaction.Client{earlier}}
	o.Failed(earlier, errors.New("broken"))
	if u.failures != 0 {
		t.Error("the user heard of an earlier try")
	}
	o.Failed(now, errors.New("broken"))
	if u.failures != 1 {
		t.Errorf("the user heard %d times of the last one, want once", u.failures)
	}
}
