package capture

import (
	"io"
	"net/netip"
	"sync"

	"github.com/ringback-sip/ringback/transport"
)

// Options says what a PCAP or a HEP shows. Nil is all defaults.
type Options struct {
	Secrets bool   // credentials and keys stay as they are
	Agent   uint32 // of HEP: the number by which the collector knows this program
	Key     string // of HEP: what the collector asks for; "" sends none
}

func (o *Options) orDefault() Options {
	if o == nil {
		return Options{}
	}
	return *o
}

// PCAP writes messages into a capture file as they pass. NewPCAP makes one. Its methods are safe for concurrent use.
//
// A stream's messages stand in segments with sequence numbers of their own counting. Messages that were to be sent and were
// not are left out: they never were on the network.
type PCAP struct {
	secrets bool

	mu      sync.Mutex // guards what follows
	w       io.Writer
	err     error
	buf     []byte
	message []byte
	streams map[ends]*octets
	order   []ends // of streams: which comes first
	begin   uint32 // the first sequence number of the next stream
}

// ends is a stream as its packets name it.
type ends struct{ local, remote netip.AddrPort }

// octets counts a stream's octets in each direction.
type octets struct{ in, out uint32 }

const (
	// maxStreams is how many streams are remembered. One that comes back after so many others begins anew.
	maxStreams = 1 << 16
	// maxSegment is how many octets of a stream stand in one packet.
	maxSegment = 1 << 15
	// apart keeps the sequence numbers of a stream that begins anew away from those it had.
	apart = 1 << 20
)

// NewPCAP returns a PCAP that writes to w, at once the header of the file and then, in one Write each, the packets. Of opts
// it heeds Secrets. It does not close w.
func NewPCAP(w io.Writer, opts *Options) *PCAP {
	p := &PCAP{w: w, secrets: opts.orDefault().Secrets, streams: make(map[ends]*octets), begin: 1}
	_, p.err = w.Write(AppendFileHeader(nil))
	return p
}

// Trace writes e. It is made to be Config.Trace of package transport and of package ua.
func (p *PCAP) Trace(e transport.Event) {
	if e.Direction == transport.Out && e.Dropped != "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return
	}
	payload := e.Bytes
	if !p.secrets {
		p.message = AppendRedacted(p.message[:0], payload)
		payload = p.message
	}
	p.buf = p.append(p.buf[:0], e, payload)
	_, p.err = p.w.Write(p.buf)
}

// append appends the packets of e.
func (p *PCAP) append(dst []byte, e transport.Event, payload []byte) []byte {
	packet := Packet{Time: e.Time, From: e.Local, To: e.Remote, Payload: payload}
	if e.Direction == transport.In {
		packet.From, packet.To = e.Remote, e.Local
	}
	if e.Protocol == transport.UDP {
		return packet.AppendTo(dst)
	}
	packet.Stream = true
	n := p.stream(ends{e.Local, e.Remote})
	sent, heard := &n.out, &n.in
	if e.Direction == transport.In {
		sent, heard = heard, sent
	}
	for len(payload) > 0 {
		packet.Payload = payload[:min(len(payload), maxSegment)]
		packet.Seq, packet.Ack = *sent, *heard
		dst = packet.AppendTo(dst)
		*sent += uint32(len(packet.Payload)) // modulo 2^32, as TCP counts
		payload = payload[len(packet.Payload):]
	}
	return dst
}

// stream returns the counts of the stream between two addresses. The oldest one makes room for a new one.
func (p *PCAP) stream(e ends) *octets {
	if n := p.streams[e]; n != nil {
		return n
	}
	if len(p.order) == maxStreams {
		delete(p.streams, p.order[0])
		p.order = p.order[1:]
	}
	n := &octets{in: p.begin, out: p.begin}
	p.begin += apart
	p.streams[e] = n
	p.order = append(p.order, e)
	return n
}

// Err returns the first error of the writer. After it nothing more was written.
func (p *PCAP) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}
