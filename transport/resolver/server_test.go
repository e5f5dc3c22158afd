package resolver

import (
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// query is a question as it came to a dnsServer.
type query struct {
	dnsmessage.Header
	dnsmessage.Question
	network string // udp or tcp
	port    uint16 // of the client
	payload int    // of EDNS0, 0 without
	nth     int    // how many came before
}

// dnsServer is a DNS server on a loopback port, over UDP and TCP, that answers what a test makes of each question: any number of messages,
// none too.
type dnsServer struct {
	t      *testing.T
	addr   netip.AddrPort
	answer func(q query) [][]byte

	mu      sync.Mutex // guards what follows
	queries []query
}

func newServer(t *testing.T, answer func(q query) [][]byte) *dnsServer {
	t.Helper()
	s := &dnsServer{t: t, answer: answer}
	var pc net.PacketConn
	var ln net.Listener
	for range 20 { // the port has to be free for both
		var err error
		if pc, err = net.ListenPacket("udp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		if ln, err = net.Listen("tcp", pc.LocalAddr().String()); err == nil {
			break
		}
		pc.Close()
	}
	if ln == nil {
		t.Fatal("no port is free for UDP and TCP")
	}
	s.addr = netip.MustParseAddrPort(pc.LocalAddr().String())
	var running sync.WaitGroup
	running.Go(func() { s.datagrams(pc) })
	running.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			running.Go(func() { s.stream(conn) })
		}
	})
	t.Cleanup(func() {
		pc.Close()
		ln.Close()
		running.Wait()
	})
	return s
}

func (s *dnsServer) datagrams(pc net.PacketConn) {
	buf := make([]byte, 65536)
	for {
		n, from, err := pc.ReadFrom(buf)
		if err != nil {
			return
		}
		for _, msg := range s.take("udp", from, buf[:n]) {
			pc.WriteTo(msg, from)
		}
	}
}

func (s *dnsServer) stream(conn net.Conn) {
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	var size [2]byte
	for {
		if _, err := io.ReadFull(conn, size[:]); err != nil {
			return
		}
		buf := make([]byte, binary.BigEndian.Uint16(size[:]))
		if _, err := io.ReadFull(conn, buf); err != nil {
			return
		}
		for _, msg := range s.take("tcp", conn.RemoteAddr(), buf) {
			conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(msg))), msg...))
		}
	}
}

// take writes a question down and has it answered.
func (s *dnsServer) take(network string, from net.Addr, msg []byte) [][]byte {
	var m dnsmessage.Message
	if err := m.Unpack(msg); err != nil || len(m.Questions) != 1 {
		s.t.Errorf("asked %x: %v", msg, err)
		return nil
	}
	q := query{Header: m.Header, Question: m.Questions[0], network: network, port: netip.MustParseAddrPort(from.String()).Port()}
	for _, r := range m.Additionals {
		if r.Header.Type == dnsmessage.TypeOPT {
			q.payload = int(r.Header.Class)
		}
	}
	s.mu.Lock()
	q.nth = len(s.queries)
	s.queries = append(s.queries, q)
	s.mu.Unlock()
	return s.answer(q)
}

// seen returns the questions that came.
func (s *dnsServer) seen() []query {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]query(nil), s.queries...)
}

// respond writes an answer to q with records, after what change made of it.
func (q query) respond(change func(m *dnsmessage.Message), records ...dnsmessage.Resource) []byte {
	m := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: q.ID, Response: true, RecursionDesired: true, RecursionAvailable: true},
		Questions: []dnsmessage.Question{q.Question},
		Answers:   records,
	}
	if change != nil {
		change(&m)
	}
	b, err := m.Pack()
	if err != nil {
		panic(err)
	}
	return b
}

// code returns an answer without records.
func (q query) code(code dnsmessage.RCode) []byte {
	return q.respond(func(m *dnsmessage.Message) { m.RCode = code })
}

// once makes an answer function of one that answers with one message.
func once(f func(q query) []byte) func(q query) [][]byte {
	return func(q query) [][]byte { return [][]byte{f(q)} }
}

func header(name string, t dnsmessage.Type) dnsmessage.ResourceHeader {
	return dnsmessage.ResourceHeader{Name: dnsmessage.MustNewName(name), Type: t, Class: dnsmessage.ClassINET, TTL: 300}
}

func recordA(name, addr string) dnsmessage.Resource {
	return dnsmessage.Resource{Header: header(name, dnsmessage.TypeA), Body: &dnsmessage.AResource{A: netip.MustParseAddr(addr).As4()}}
}

func recordCNAME(name, to string) dnsmessage.Resource {
	return dnsmessage.Resource{Header: header(name, dnsmessage.TypeCNAME), Body: &dnsmessage.CNAMEResource{CNAME: dnsmessage.MustNewName(to)}}
}

func recordSOA(zone string, ttl, minimum uint32) dnsmessage.Resource {
	h := header(zone, dnsmessage.TypeSOA)
	h.TTL = ttl
	n := dnsmessage.MustNewName(zone)
	return dnsmessage.Resource{Header: h, Body: &dnsmessage.SOAResource{NS: n, MBox: n, MinTTL: minimum}}
}

// silence is an address where nobody answers: a socket that nobody reads.
func silence(t *testing.T) netip.AddrPort {
	t.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pc.Close() })
	return netip.MustParseAddrPort(pc.LocalAddr().String())
}

// nobody is an address where nobody listens.
func nobody(t *testing.T) netip.AddrPort {
	t.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer pc.Close()
	return netip.MustParseAddrPort(pc.LocalAddr().String())
}
