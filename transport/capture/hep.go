package capture

import (
	"encoding/binary"
	"io"
	"sync"

	"github.com/ringback-sip/ringback/transport"
)

// The chunks of HEP3 that are written, all of the generic vendor 0.
const (
	chunkFamily   = 1 // 2 IPv4, 10 IPv6
	chunkProtocol = 2 // 17 UDP, 6 TCP
	chunkFrom4    = 3
	chunkTo4      = 4
	chunkFrom6    = 5
	chunkTo6      = 6
	chunkFromPort = 7
	chunkToPort   = 8
	chunkSeconds  = 9
	chunkMicros   = 10
	chunkType     = 11 // 1 SIP
	chunkAgent    = 12
	chunkKey      = 14
	chunkPayload  = 15
)

const (
	hepChunk = 6     // vendor, type, length
	maxHEP   = 65507 // what a datagram over IPv4 carries
)

// AppendHEP appends e as one HEP3 packet (the Homer Encapsulation Protocol, version 3). Of opts, which may be nil, it heeds
// all. A message that does not fit is cut.
func AppendHEP(dst []byte, e transport.Event, opts *Options) []byte {
	o := opts.orDefault()
	be := binary.BigEndian
	from, to := e.Local, e.Remote
	if e.Direction == transport.In {
		from, to = to, from
	}
	source, target := family(from.Addr(), to.Addr())
	ip, proto := byte(2), byte(protocolTCP)
	fromChunk, toChunk := chunkFrom4, chunkTo4
	if target.Is6() {
		ip, fromChunk, toChunk = 10, chunkFrom6, chunkTo6
	}
	if e.Protocol == transport.UDP {
		proto = protocolUDP
	}
	micros := e.Time.UnixMicro()
	at := len(dst)
	dst = append(dst, "HEP3\x00\x00"...)
	dst = append(appendChunk(dst, chunkFamily, 1), ip)
	dst = append(appendChunk(dst, chunkProtocol, 1), proto)
	dst = appendAddrs(appendChunk(dst, fromChunk, source.BitLen()/8), source)
	dst = appendAddrs(appendChunk(dst, toChunk, target.BitLen()/8), target)
	dst = be.AppendUint16(appendChunk(dst, chunkFromPort, 2), from.Port())
	dst = be.AppendUint16(appendChunk(dst, chunkToPort, 2), to.Port())
	dst = be.AppendUint32(appendChunk(dst, chunkSeconds, 4), uint32(micros/1e6)) // until 2106, as the format has it
	dst = be.AppendUint32(appendChunk(dst, chunkMicros, 4), uint32(micros%1e6))
	dst = append(appendChunk(dst, chunkType, 1), 1)
	dst = be.AppendUint32(appendChunk(dst, chunkAgent, 4), o.Agent)
	if o.Key != "" {
		key := o.Key[:min(len(o.Key), maxKey)]
		dst = append(appendChunk(dst, chunkKey, len(key)), key...)
	}
	payload := e.Bytes[:min(len(e.Bytes), maxHEP-(len(dst)-at)-hepChunk)]
	dst = appendChunk(dst, chunkPayload, len(payload))
	if o.Secrets {
		dst = append(dst, payload...)
	} else {
		dst = AppendRedacted(dst, payload)
	}
	be.PutUint16(dst[at+len("HEP3"):], uint16(len(dst)-at)) // at most maxHEP
	return dst
}

// maxKey bounds Options.Key, so that there is room for a message.
const maxKey = 255

// appendChunk appends the head of a chunk with n octets in it, n being small enough.
func appendChunk(dst []byte, kind, n int) []byte {
	dst = append(dst, 0, 0, 0, byte(kind))
	return binary.BigEndian.AppendUint16(dst, uint16(hepChunk+n))
}

// HEP sends messages to a collector as they pass. NewHEP makes one. Its methods are safe for concurrent use.
type HEP struct {
	opts Options

	mu   sync.Mutex // guards what follows
	w    io.Writer
	buf  []byte
	lost int
	err  error
}

// NewHEP returns a HEP that makes one Write of each packet to w: a connected UDP socket, which never waits for the
// collector. It does not close w.
func NewHEP(w io.Writer, opts *Options) *HEP { return &HEP{w: w, opts: opts.orDefault()} }

// Trace sends e. It is made to be Config.Trace of package transport and of package ua. What was to be sent and was not is
// left out.
func (h *HEP) Trace(e transport.Event) {
	if e.Direction == transport.Out && e.Dropped != "" {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.buf = AppendHEP(h.buf[:0], e, &h.opts)
	if _, err := h.w.Write(h.buf); err != nil {
		h.lost++
		if h.err == nil {
			h.err = err
		}
	}
}

// Lost returns how many packets could not be sent, and the first reason. A collector that is away now may be there for
// the next packet, so that nothing ends with an error.
func (h *HEP) Lost() (packets int, first error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.lost, h.err
}
