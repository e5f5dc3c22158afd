package main

import (
	"errors"
	"flag"
	"fmt"

	"github.com/ringback-sip/ringback/auth"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// identity is as whom the commands that send requests speak, and by way of whom.
type identity struct {
	from, user, password, proxy string
}

func (i *identity) flags(fs *flag.FlagSet) {
	fs.StringVar(&i.from, "from", "", "the `URI` in From (default that of -user in the peer's domain, else sip:ringback@ and\n              the own address)")
	fs.StringVar(&i.user, "user", "", "the `NAME` to answer a challenge with")
	fs.StringVar(&i.password, "password", "", "the `PASSWORD` of -user, which others on this machine may see")
	fs.StringVar(&i.proxy, "proxy", "", "send by way of the outbound proxy `URI`")
}

// check checks the flags.
func (i *identity) check() error {
	if i.from != "" {
		if _, err := sipURI(i.from); err != nil {
			return fmt.Errorf("-from: %w", err)
		}
	}
	if i.proxy != "" {
		if _, err := sipURI(i.proxy); err != nil {
			return fmt.Errorf("-proxy: %w", err)
		}
	}
	if i.password != "" && i.user == "" {
		return errors.New("-password without -user: whose is it?")
	}
	return nil
}

// hop returns the URI of the server to which a request for to is sent.
func (i *identity) hop(to parser.URI) parser.URI {
	if i.proxy == "" {
		return to
	}
	uri, err := sipURI(i.proxy)
	if err != nil {
		return to // it was checked
	}
	return uri
}

// speak has the agent speak as this identity to somebody.
func (i *identity) speak(cfg *ua.Config, to parser.URI) {
	cfg.From, cfg.OutboundProxy = i.from, i.proxy
	if i.user == "" {
		return
	}
	cfg.Credentials = auth.User(i.user, i.password)
	if i.from == "" {
		cfg.From = i.record(to)
	}
}

// record returns the address of record of -user in the domain of to.
func (i *identity) record(to parser.URI) string {
	b := append(append([]byte(nil), to.Scheme()...), ':')
	b = append(parser.AppendUser(b, []byte(i.user)), '@')
	return string(append(b, to.Host()...))
}

// advice returns what to do about a refusal, "" when there is nothing that would help.
func advice(e *ua.ResponseError) string {
	switch {
	case e.Err == nil:
	case errors.Is(e.Err, auth.ErrRejected):
		return "the password was not taken: are -user and -password right?"
	case errors.Is(e.Err, auth.ErrUnsupported):
		return "the peer asks for a proof that this program cannot give"
	}
	switch e.Status {
	case parser.StatusUnauthorized, parser.StatusProxyAuthenticationRequired:
		return "the peer asks for a password: -user and -password have it"
	case parser.StatusNotFound, parser.StatusDoesNotExistAnywhere:
		return "the peer has no such user: is the part before the @ right, and the domain its own?"
	case parser.StatusMethodNotAllowed, parser.StatusNotImplemented:
		return "the peer does not know this kind of request: \"sip options\" shows what it allows"
	case parser.StatusTemporarilyUnavailable:
		return "the user is known but not there: try later"
	case parser.StatusServiceUnavailable:
		return "the peer is overloaded or shutting down: try later"
	}
	if e.Status/100 == 3 {
		return "the peer names another address: call that"
	}
	return ""
}
