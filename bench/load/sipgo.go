package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
)

// newSipgo starts sipgo as a server, for calls with its dialogs or without, and returns its address. registers answers REGISTER; nil keeps
// nothing.
func newSipgo(dialogs bool, registers func(*sip.Request, sip.ServerTransaction)) (string, error) {
	sip.SetDefaultLogger(slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelError})))
	agent, err := sipgo.NewUA(sipgo.WithUserAgent("sipgo"))
	if err != nil {
		return "", err
	}
	server, err := sipgo.NewServer(agent)
	if err != nil {
		return "", err
	}
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return "", err
	}
	if err := widen(conn); err != nil {
		return "", err
	}
	addr := conn.LocalAddr().(*net.UDPAddr)
	contact := sip.ContactHeader{Address: sip.Uri{User: "echo", Host: "127.0.0.1", Port: addr.Port}}
	ok := func(req *sip.Request, tx sip.ServerTransaction) {
		told("answer", tx.Respond(sip.NewResponseFromRequest(req, 200, "OK", nil)))
	}
	server.OnOptions(ok)
	if registers == nil {
		registers = ok
	}
	server.OnRegister(registers)
	if dialogs {
		client, err := sipgo.NewClient(agent)
		if err != nil {
			return "", err
		}
		serveDialogs(server, sipgo.NewDialogServerCache(client, contact))
	} else {
		server.OnInvite(func(req *sip.Request, tx sip.ServerTransaction) {
			res := sip.NewSDPResponseFromRequest(req, []byte(offer))
			res.AppendHeader(&contact)
			told("answer", tx.Respond(res))
		})
		server.OnAck(func(*sip.Request, sip.ServerTransaction) {})
		server.OnBye(ok)
	}
	go func() { told("serve", server.ServeUDP(conn)) }()
	return addr.String(), nil
}

// serveDialogs answers calls as sipgo's own examples do.
func serveDialogs(server *sipgo.Server, cache *sipgo.DialogServerCache) {
	server.OnInvite(func(req *sip.Request, tx sip.ServerTransaction) {
		dialog, err := cache.ReadInvite(req, tx)
		if err != nil {
			told("invite", err)
			return
		}
		defer dialog.Close()
		if err := dialog.RespondSDP([]byte(offer)); err != nil {
			return // it ended before its ACK was seen
		}
		<-dialog.Context().Done()
	})
	server.OnAck(func(req *sip.Request, tx sip.ServerTransaction) {
		_ = cache.ReadAck(req, tx) // of a dialog that its BYE has ended already
	})
	server.OnBye(func(req *sip.Request, tx sip.ServerTransaction) {
		if err := cache.ReadBye(req, tx); err != nil {
			told("bye", err)
		}
	})
}

// told reports an error that nobody waits for.
func told(what string, err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "load: %s: %v\n", what, err)
	}
}

// sipgoClient sends OPTIONS with sipgo.
type sipgoClient struct{ client *sipgo.Client }

func newSipgoClient() (asker, error) {
	sip.SetDefaultLogger(slog.New(slog.DiscardHandler))
	agent, err := sipgo.NewUA(sipgo.WithUserAgent("sipgo"))
	if err != nil {
		return nil, err
	}
	client, err := sipgo.NewClient(agent, sipgo.WithClientHostname("127.0.0.1"))
	if err != nil {
		return nil, err
	}
	return sipgoClient{client}, nil
}

func (c sipgoClient) ask(to string) error {
	var uri sip.Uri
	if err := sip.ParseUri("sip:echo@"+to, &uri); err != nil {
		return err
	}
	res, err := c.client.Do(context.Background(), sip.NewRequest(sip.OPTIONS, uri))
	if err == nil && !res.IsSuccess() {
		err = fmt.Errorf("status %d", res.StatusCode)
	}
	return err
}
