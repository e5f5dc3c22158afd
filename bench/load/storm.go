package main

import (
	"fmt"
	"io"
	"sync"

	"github.com/emiago/sipgo/sip"

	"github.com/ringback-sip/ringback/registrar"
	"github.com/ringback-sip/ringback/ua"
)

// newRegistrar starts this stack as a registrar with its default configuration.
func newRegistrar() (string, func() map[string]int, error) {
	reg := registrar.New(nil)
	agent, err := ua.New(&ua.Config{Listen: []string{"udp:127.0.0.1:0"}, UserAgent: "ringback", Handlers: []ua.Handler{reg}})
	if err != nil {
		return "", nil, err
	}
	return agent.Addrs()[0].Addr.String(), func() map[string]int {
		return map[string]int{"transactions": agent.Stats().Transactions}
	}, nil
}

// registry remembers one contact of each user, as the register handler of sipgo's own example of a proxy does: no order of CSeq, no several
// contacts, no end of a binding.
type registry struct {
	mu       sync.Mutex // guards contacts
	contacts map[string]string
}

func (g *registry) register(req *sip.Request, tx sip.ServerTransaction) {
	contact, to := req.Contact(), req.To()
	if contact == nil || to == nil {
		told("register", tx.Respond(sip.NewResponseFromRequest(req, 400, "Bad Request", nil)))
		return
	}
	g.mu.Lock()
	if g.contacts == nil {
		g.contacts = make(map[string]string)
	}
	g.contacts[to.Address.User] = contact.Address.HostPort()
	g.mu.Unlock()
	res := sip.NewResponseFromRequest(req, 200, "OK", nil)
	res.AppendHeader(&sip.ContactHeader{Address: contact.Address})
	told("register", tx.Respond(res))
}

// newRefresh writes the REGISTER of phones that keep their Call-ID and contact, and number their REGISTERs by the run. The operation's number,
// divided by the window, is that of the phone.
func newRefresh(local, remote, run string, number, window int) script {
	t := newTemplate("REGISTER sip:" + remote + " SIP/2.0\n" +
		"Via: SIP/2.0/UDP " + local + ";rport;branch=z9hG4bKr{id}" + run + "\n" +
		"Max-Forwards: 70\n" +
		"From: <sip:phone{phone}@" + remote + ">;tag={id}" + run + "\n" +
		"To: <sip:phone{phone}@" + remote + ">\n" +
		"Call-ID: {phone}@192.0.2.7\n" +
		fmt.Sprintf("CSeq: %d REGISTER\n", number) +
		"Contact: <sip:phone{phone}@192.0.2.7:5060>\nExpires: 3600\nUser-Agent: load\nContent-Length: 0\n\n")
	for i := range t {
		t[i].window = uint32(window)
	}
	return script{first: t}
}

// runStorm has p.ops phones register, and all of them refresh in each round.
func runStorm(out io.Writer, p plan) error {
	var peers []*peer
	defer func() { stopAll(peers) }()
	for _, name := range []string{"floor", "ringback registrar", "sipgo registrar"} {
		s, err := startPeer(name)
		if err != nil {
			return err
		}
		peers = append(peers, s)
	}
	rows, err := compareServers(peers, refresh, p)
	if err != nil {
		return err
	}
	r := &report{out: out}
	r.head(p, nil)
	r.rows(fmt.Sprintf("Registrars, %d phones that all refresh at once", p.ops), refresh, rows)
	return r.err
}
