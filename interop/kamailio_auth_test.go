package interop

import (
	"errors"
	"testing"

	"github.com/ringback-sip/ringback/auth"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// Who has no password is told what Kamailio asks for; who has a wrong one is told so, and tries it once.
func TestKamailioRefusesPasswords(t *testing.T) {
	t.Parallel()
	need(t, "kamailio", "kamailio")
	proxy := kamailio(t, "WITH_AUTH")
	for _, tt := range []struct {
		name, password string
		tries          int // of each request
	}{{"none", "", 1}, {"a wrong one", "guess", 2}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var cfg ua.Config
			if tt.password != "" {
				cfg.Credentials = auth.User("alice", tt.password)
			}
			alice := newParty(t, "alice", cfg)
			check := func(what string, err error, want parser.Status) {
				t.Helper()
				var refused *ua.ResponseError
				if !errors.As(err, &refused) || refused.Status != want {
					t.Errorf("%s: got %v, want %d", what, err, want)
				}
				if rejected := errors.Is(err, auth.ErrRejected); rejected != (tt.password != "") {
					t.Errorf("%s: the error is %v: it says of the password that it is rejected: %v", what, err, rejected)
				}
			}
			_, err := alice.Register(t.Context(), &ua.RegisterOptions{AOR: "sip:alice@" + proxy})
			check("register", err, parser.StatusUnauthorized)
			_, err = alice.Call(t.Context(), "sip:bob@"+proxy, session("offer"), nil)
			check("call", err, parser.StatusProxyAuthenticationRequired)
			_, err = alice.Options(t.Context(), "sip:bob@"+proxy, nil)
			check("options", err, parser.StatusProxyAuthenticationRequired)
			for _, method := range []string{"REGISTER", "INVITE", "OPTIONS"} {
				if got := alice.sent(method); got != tt.tries {
					t.Errorf("%s: sent %d times, want %d", method, got, tt.tries)
				}
			}
		})
	}
}
