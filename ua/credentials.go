package ua

import (
	"github.com/ringback-sip/ringback/auth"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport"
)

// credentials returns who answers the challenges of a request: the agent's client, or a new one for a function of the request's own.
func (a *Agent) credentials(own func(realm string) (auth.Credentials, bool)) *auth.Client {
	if own == nil {
		return a.auth
	}
	return auth.NewClient(&auth.ClientConfig{Credentials: own})
}

// judge takes a final response, nil when there was none, to a request that x wrote credentials for. again: it goes once more, with the next CSeq
// number; otherwise why says what was wrong with a challenge. It may ask the application for credentials.
func (a *Agent) judge(x *auth.Exchange, m *parser.Message) (again bool, why error) {
	switch {
	case m == nil:
		return false, nil
	case challenges(m.Status()):
		why = auth.ErrNoCredentials
		a.guarded(func() { why = x.Challenge(m) })
		return why == nil, why
	}
	a.accepted(x, m)
	return false, nil
}

// challenges reports whether a response of that status is one that credentials answer.
func challenges(status parser.Status) bool {
	return status == parser.StatusUnauthorized || status == parser.StatusProxyAuthenticationRequired
}

// accepted takes a final response that is no challenge.
func (a *Agent) accepted(x *auth.Exchange, m *parser.Message) {
	if err := x.Answered(m); err != nil {
		a.log.Warn("response by a server that does not know the password", "call_id", string(m.CallID()), "err", err)
	}
}

// challenged makes a ResponseError of a response. why is what was wrong with its challenge.
func challenged(m *parser.Message, why error) *ResponseError {
	e := newResponseError(m)
	e.Err = why
	return e
}

// again makes a request of the same kind: to whom the last try went first, because a nonce is the server's that made it, and then to those that it
// did not come to.
func (o *outgoing) again() *outgoing {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := &outgoing{agent: o.agent, build: o.build, user: o.user}
	if o.at != (transport.Target{}) {
		n.targets = append(n.targets, target{Target: o.at, large: o.large})
	}
	n.targets = append(n.targets, o.targets...)
	return n
}
