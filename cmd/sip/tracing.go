package main

import (
	"flag"
	"fmt"
	"io"
	"net"
	"os"

	"github.com/ringback-sip/ringback/transport"
	"github.com/ringback-sip/ringback/transport/capture"
)

// tracing shows the messages as they pass, in the ways that the flags of every command that talks ask for. The zero value shows
// nothing.
type tracing struct {
	ladder, secrets bool
	file, collector string

	c      *console
	pcap   *capture.PCAP
	hep    *capture.HEP
	closes []io.Closer
}

// flags defines the flags.
func (t *tracing) flags(fs *flag.FlagSet) {
	fs.BoolVar(&t.ladder, "trace", false, "show the messages as they pass, on stderr")
	fs.StringVar(&t.file, "pcap", "", "write the messages into `FILE`, for Wireshark and sngrep; what was in it is lost")
	fs.StringVar(&t.collector, "hep", "", "send the messages to `HOST:PORT`, a HOMER collector (HEP3 over UDP)")
	fs.BoolVar(&t.secrets, "secrets", false, "leave credentials and keys in what -pcap and -hep tell; else they are asterisks")
}

// open opens what the flags name, and returns what is to be Config.Trace: nil when nothing is asked for. The error
// names the flag.
func (t *tracing) open(c *console) (func(transport.Event), error) {
	t.c = c
	opts := &capture.Options{Secrets: t.secrets}
	var all []func(transport.Event)
	if t.ladder {
		all = append(all, newLadder(c).trace)
	}
	if t.file != "" {
		// Whom somebody called, and what they wrote, is nobody else's business.
		f, err := os.OpenFile(t.file, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return nil, fmt.Errorf("-pcap: %w", err)
		}
		t.closes = append(t.closes, f)
		t.pcap = capture.NewPCAP(f, opts)
		all = append(all, t.pcap.Trace)
	}
	if t.collector != "" {
		conn, err := net.Dial("udp", t.collector) // asks for the route and sends nothing
		if err != nil {
			t.close()
			return nil, fmt.Errorf("-hep: %w", err)
		}
		t.closes = append(t.closes, conn)
		t.hep = capture.NewHEP(conn, opts)
		all = append(all, t.hep.Trace)
	}
	switch len(all) {
	case 0:
		return nil, nil
	case 1:
		return all[0], nil
	}
	return func(e transport.Event) {
		for _, f := range all {
			f(e)
		}
	}, nil
}

// close closes what open opened, after the last message, and says what is missing there.
func (t *tracing) close() {
	var err error
	if t.pcap != nil {
		err = t.pcap.Err()
	}
	for _, c := range t.closes {
		if e := c.Close(); err == nil {
			err = e
		}
	}
	t.closes = nil
	if err != nil {
		t.c.errf("%s: -pcap: not all messages are in the file: %v\n", t.c.name, err)
	}
	if t.hep == nil {
		return
	}
	if n, err := t.hep.Lost(); n > 0 {
		t.c.errf("%s: -hep: at least %d messages did not reach the collector: %v\n", t.c.name, n, err)
	}
}
