package siptest

import (
	"bytes"
	"context"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// sipPort is where every party of a script listens.
const sipPort = 5060

// station is the network side of a party that the script plays: a UDP socket, a listener, the streams, and timers. It
// shares no code with the layers that are tested.
type station struct {
	host     *Host
	protocol string // "udp" or "tcp": what it sends by unless a URI says otherwise

	mu      sync.Mutex // guards the rest, and the party that stands on the station
	packets net.PacketConn
	streams map[netip.AddrPort]*stream
	receive func(m *parser.Message, from way) // with mu held; m is the receiver's
	ctx     context.Context
	cancel  context.CancelFunc
	ended   sync.WaitGroup
}

// way is where a message came from, or goes to.
type way struct {
	protocol string
	addr     netip.AddrPort
}

// stream is a connection of a station. What is queued when it breaks is lost, as it would be in the buffers of a real one.
type stream struct {
	addr  netip.AddrPort
	queue chan []byte
}

// open binds the sockets and starts to receive.
func (s *station) open() error {
	at := netip.AddrPortFrom(s.host.Addr(), sipPort)
	pc, err := s.host.ListenPacket(at)
	if err != nil {
		return err
	}
	ln, err := s.host.Listen(at)
	if err != nil {
		return err
	}
	s.packets, s.streams = pc, map[netip.AddrPort]*stream{}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	context.AfterFunc(s.ctx, func() {
		pc.Close()
		ln.Close()
	})
	s.ended.Go(s.readPackets)
	s.ended.Go(func() { s.accept(ln) })
	return nil
}

// close ends everything that open began.
func (s *station) close() {
	s.cancel()
	s.ended.Wait()
}

func (s *station) readPackets() {
	buf := make([]byte, 65536)
	for {
		n, from, err := s.packets.ReadFrom(buf)
		if err != nil {
			return
		}
		s.take(buf[:n], way{"udp", from.(*net.UDPAddr).AddrPort()})
	}
}

// take hands a message over. What cannot be parsed is left to those who test that.
func (s *station) take(b []byte, from way) {
	m := new(parser.Message)
	if m.Parse(bytes.Clone(b)) != nil || m.Check() != nil {
		return
	}
	if m.IsRequest() {
		m.SetReceived(from.addr.Addr().AppendTo(nil), from.addr.Port())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() == nil {
		s.receive(m, from)
	}
}

func (s *station) accept(ln net.Listener) {
	for {
		c, err := ln.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		addr := c.RemoteAddr().(*net.TCPAddr).AddrPort()
		if s.streams[addr] == nil && s.ctx.Err() == nil {
			s.serve(addr, func() (net.Conn, error) { return c, nil })
		} else {
			c.Close()
		}
		s.mu.Unlock()
	}
}

// serve runs a stream to addr over what connect returns, and returns it. mu is held.
func (s *station) serve(addr netip.AddrPort, connect func() (net.Conn, error)) *stream {
	t := &stream{addr, make(chan []byte, 256)}
	s.streams[addr] = t
	s.ended.Go(func() {
		if c, err := connect(); err == nil {
			stop := context.AfterFunc(s.ctx, func() { c.Close() })
			s.ended.Go(func() { s.read(c, t) })
			t.write(s.ctx, c)
			stop()
			c.Close()
		}
		s.drop(t)
	})
	return t
}

// drop forgets t.
func (s *station) drop(t *stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.streams[t.addr] == t {
		delete(s.streams, t.addr)
		close(t.queue)
	}
}

// write writes what is queued until the connection or the station ends.
func (t *stream) write(ctx context.Context, c net.Conn) {
	for {
		select {
		case b, ok := <-t.queue:
			if !ok {
				return
			}
			if _, err := c.Write(b); err != nil {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// read takes messages from a stream until it ends.
func (s *station) read(c net.Conn, t *stream) {
	defer s.drop(t)
	var f parser.Framer
	buf := make([]byte, 0, 4096)
	for {
		if len(buf) == cap(buf) {
			buf = append(make([]byte, 0, 2*cap(buf)), buf...)
		}
		n, err := c.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		for len(buf) > 0 {
			k, bad := f.Next(buf)
			if bad != nil {
				return
			}
			if k == 0 {
				break
			}
			if buf[0] != '\r' {
				s.take(buf[:k], way{"tcp", t.addr})
			}
			buf = append(buf[:0], buf[k:]...)
		}
		if err != nil {
			return
		}
	}
}

// send sends b without waiting. mu is held.
func (s *station) send(b []byte, to way) {
	if s.ctx.Err() != nil {
		return
	}
	if to.protocol == "udp" {
		// An error is a datagram that is lost; who sent it repeats it.
		s.packets.WriteTo(b, net.UDPAddrFromAddrPort(to.addr))
		return
	}
	t := s.streams[to.addr]
	if t == nil {
		t = s.serve(to.addr, func() (net.Conn, error) {
			ctx, cancel := context.WithTimeout(s.ctx, 5*time.Second)
			defer cancel()
			return s.host.Dial(ctx, "tcp", netip.AddrPort{}, to.addr)
		})
	}
	select {
	case t.queue <- b:
	default: // a peer that does not read for 256 messages
	}
}

// back returns the way back to where m came from: over its stream while that is there, else to the address in its Via
// (RFC 3261, Section 18.2.2).
func (s *station) back(m *parser.Message, from way) way {
	if from.protocol == "udp" || s.streams[from.addr] != nil {
		return from
	}
	via, err := m.Via()
	if err != nil || via.Port() == 0 {
		return way{"tcp", netip.AddrPortFrom(from.addr.Addr(), sipPort)}
	}
	return way{"tcp", netip.AddrPortFrom(from.addr.Addr(), uint16(via.Port()))}
}

// wayTo returns the way to a URI whose host is an address.
func (s *station) wayTo(u parser.URI) (way, bool) {
	addr, err := netip.ParseAddr(string(bytes.Trim(u.Host(), "[]")))
	w := way{s.protocol, netip.AddrPortFrom(addr, sipPort)}
	if p := u.Port(); p != 0 {
		w.addr = netip.AddrPortFrom(addr, uint16(p))
	}
	if t, ok := u.Param("transport"); ok {
		w.protocol = string(bytes.ToLower(t))
	}
	return w, err == nil
}

// uri returns the party's own address as a URI.
func (s *station) uri(user string) string { return sipURI(user, s.host.Addr(), s.protocol) }

// sipURI returns the URI of user at a party's address.
func sipURI(user string, addr netip.Addr, protocol string) string {
	u := "sip:" + user + "@" + hostOf(addr)
	if user == "" {
		u = "sip:" + hostOf(addr)
	}
	if protocol == "tcp" {
		u += ";transport=tcp"
	}
	return u
}

// hostOf returns addr as it stands in a URI.
func hostOf(addr netip.Addr) string {
	if addr.Is6() {
		return "[" + addr.String() + "]"
	}
	return addr.String()
}

// sentBy returns what stands in Via.
func (s *station) sentBy() string { return hostOf(s.host.Addr()) + ":" + strconv.Itoa(sipPort) }

// after has f run with mu held when d has passed, unless the station was closed.
func (s *station) after(d time.Duration, f func()) {
	time.AfterFunc(d, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.ctx.Err() == nil {
			f()
		}
	})
}
