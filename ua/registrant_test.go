package ua_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/ringback-sip/ringback/transaction"
	"github.com/ringback-sip/ringback/ua"
)

// registrant is what an actor registers.
type registrant struct {
	begun chan struct{} // closed when it is known what became of the first REGISTER
	reg   *ua.Registration
}

// doRegister does what a step says about registrations; false: it says nothing about them.
func (a *actor) doRegister(verb string, args []string) (bool, error) {
	if verb != "unregisters" && len(args) == 0 {
		switch verb {
		case "registers", "asks", "clears":
			return true, fmt.Errorf("%s where?", verb)
		}
		return false, nil
	}
	switch verb {
	case "registers": // at a registrar, its own address and those of others
		opts := &ua.RegisterOptions{Registrar: args[0], Contacts: []ua.Contact{{}}}
		for _, uri := range args[1:] {
			opts.Contacts = append(opts.Contacts, ua.Contact{URI: uri})
		}
		r := &registrant{begun: make(chan struct{})}
		a.registrant = r
		a.running.Go(func() {
			var err error
			r.reg, err = a.agent.Register(context.Background(), opts)
			a.told("registered", err)
			close(r.begun)
			if err == nil {
				<-r.reg.Done()
				a.told("unregistered", r.reg.Err())
			}
		})
	case "unregisters":
		r := a.registrant
		if r == nil {
			return true, errors.New("nothing is registered")
		}
		a.running.Go(func() {
			<-r.begun
			if r.reg != nil {
				r.reg.Unregister(context.Background())
			}
		})
	case "asks":
		a.running.Go(func() {
			all, err := a.agent.Bindings(context.Background(), &ua.RegisterOptions{Registrar: args[0]})
			a.told(fmt.Sprintf("found %d", len(all)), err)
		})
	case "clears":
		a.running.Go(func() {
			_, err := a.agent.RemoveBindings(context.Background(), &ua.RegisterOptions{Registrar: args[0]})
			a.told("cleared", err)
		})
	default:
		return false, nil
	}
	return true, nil
}

// told records what became of something, in word unless it failed.
func (a *actor) told(word string, err error) {
	var refused *ua.ResponseError
	switch {
	case err == nil:
	case errors.As(err, &refused):
		word = fmt.Sprintf("failed %d", refused.Status)
	case errors.Is(err, transaction.ErrTimeout):
		word = "failed timeout"
	default:
		word = "failed transport"
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.outcomes = append(a.outcomes, word)
}
