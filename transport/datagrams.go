package transport

import (
	"net"
	"net/netip"
)

// datagrams is what a socket reads from and writes to. hit is the local address that the datagram was sent to, source the one
// that it is to leave from; the zero Addr is "not known" and "any". Reading is for one goroutine, writing for many.
type datagrams interface {
	read(b []byte) (n int, from netip.AddrPort, hit netip.Addr, err error)
	write(b []byte, to netip.AddrPort, source netip.Addr) error
}

// newDatagrams returns the best that pc can do. wild says that it is bound to a wildcard address; o counts what the kernel drops.
func newDatagrams(pc net.PacketConn, wild bool, o overruns) datagrams {
	if conn, ok := pc.(*net.UDPConn); ok {
		muffle(conn)
		if d := informed(conn, o); wild && d != nil {
			return d
		}
		return newCounted(conn, o)
	}
	if conn, ok := pc.(addrPortConn); ok {
		return direct{conn}
	}
	return plain{pc}
}

// addrPortConn is what *net.UDPConn offers beside net.PacketConn: addresses without allocation.
type addrPortConn interface {
	ReadFromUDPAddrPort(b []byte) (n int, addr netip.AddrPort, err error)
	WriteToUDPAddrPort(b []byte, addr netip.AddrPort) (int, error)
}

// direct allocates nothing.
type direct struct{ conn addrPortConn }

func (d direct) read(b []byte) (int, netip.AddrPort, netip.Addr, error) {
	n, from, err := d.conn.ReadFromUDPAddrPort(b)
	return n, unmap(from), netip.Addr{}, err
}

func (d direct) write(b []byte, to netip.AddrPort, _ netip.Addr) error {
	_, err := d.conn.WriteToUDPAddrPort(b, to)
	return err
}

// plain is for a net.PacketConn that can no more than that.
type plain struct{ conn net.PacketConn }

func (d plain) read(b []byte) (int, netip.AddrPort, netip.Addr, error) {
	n, from, err := d.conn.ReadFrom(b)
	return n, addrPort(from), netip.Addr{}, err
}

func (d plain) write(b []byte, to netip.AddrPort, _ netip.Addr) error {
	_, err := d.conn.WriteTo(b, net.UDPAddrFromAddrPort(to))
	return err
}
