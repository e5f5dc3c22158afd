package transport

import (
	"encoding/binary"
	"net"
	"net/netip"
	"sync"
	"syscall"
)

// muffle takes from conn the right to send to broadcast addresses, which package net gives to every socket. An address
// that a peer chose can be the broadcast address of a subnet, and only the kernel knows those.
func muffle(conn *net.UDPConn) {
	_ = control(conn, func(fd int) error {
		return syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_BROADCAST, 0)
	})
}

// informed returns conn as datagrams that know which local address was hit, and can be told which to leave from:
// IP_PKTINFO, IPV6_RECVPKTINFO (RFC 3542, Section 6). Nil when the kernel refuses.
func informed(conn *net.UDPConn, o overruns) datagrams {
	four := addrPort(conn.LocalAddr()).Addr().Is4()
	err := control(conn, func(fd int) error {
		if four {
			return syscall.SetsockoptInt(fd, syscall.IPPROTO_IP, syscall.IP_PKTINFO, 1)
		}
		return syscall.SetsockoptInt(fd, syscall.IPPROTO_IPV6, syscall.IPV6_RECVPKTINFO, 1)
	})
	if err != nil {
		return nil
	}
	countOverruns(conn)
	return &pktinfo{conn: conn, four: four, overruns: o, in: make([]byte, 128)}
}

func control(conn *net.UDPConn, set func(fd int) error) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) { failed = set(int(fd)) })
	if err == nil {
		err = failed
	}
	return err
}

// pktinfo reads and writes control messages beside the datagrams. It allocates nothing.
type pktinfo struct {
	conn *net.UDPConn
	four bool   // an AF_INET socket
	in   []byte // of the one reader

	overruns overruns

	mu  sync.Mutex // guards out, and is held while it is written: the kernel takes one datagram at a time anyway
	out [64]byte
}

func (d *pktinfo) read(b []byte) (int, netip.AddrPort, netip.Addr, error) {
	n, controls, _, from, err := d.conn.ReadMsgUDPAddrPort(b, d.in)
	hit, all := readControls(d.in[:controls])
	d.overruns.told(all)
	return n, unmap(from), hit, err
}

func (d *pktinfo) write(b []byte, to netip.AddrPort, source netip.Addr) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, _, err := d.conn.WriteMsgUDPAddrPort(b, appendSource(d.out[:0], d.four, source), to)
	return err
}

// The layout of struct cmsghdr: the length as size_t, level and type as int, and at once the data.
var (
	controlHeader = syscall.CmsgLen(0)
	controlLength = controlHeader - 8
)

// readControls returns what the control messages b say: the local address that was hit, the zero Addr when they do not, and how many datagrams
// the kernel has dropped since the socket was made, 0 when none or when they do not.
func readControls(b []byte) (hit netip.Addr, dropped uint32) {
	for len(b) >= controlHeader {
		n := controlLen(b)
		if n < controlHeader || n > len(b) {
			break
		}
		level := int(binary.NativeEndian.Uint32(b[controlLength:]))
		kind := int(binary.NativeEndian.Uint32(b[controlLength+4:]))
		data := b[controlHeader:n]
		switch {
		case level == syscall.IPPROTO_IP && kind == syscall.IP_PKTINFO && len(data) >= 12:
			// struct in_pktinfo: interface, local address, destination of the header.
			hit = netip.AddrFrom4([4]byte(data[4:8]))
		case level == syscall.IPPROTO_IPV6 && kind == syscall.IPV6_PKTINFO && len(data) >= 20:
			// struct in6_pktinfo: destination of the header, interface.
			hit = netip.AddrFrom16([16]byte(data[:16])).Unmap()
		case level == syscall.SOL_SOCKET && kind == syscall.SO_RXQ_OVFL && len(data) >= 4:
			dropped = binary.NativeEndian.Uint32(data)
		}
		b = b[min(syscall.CmsgSpace(n-controlHeader), len(b)):]
	}
	return hit, dropped
}

func controlLen(b []byte) int {
	if controlLength == 8 {
		return int(binary.NativeEndian.Uint64(b))
	}
	return int(binary.NativeEndian.Uint32(b))
}

// appendSource appends the control message that makes a datagram leave from source, nothing for the zero Addr.
func appendSource(dst []byte, four bool, source netip.Addr) []byte {
	switch {
	case !source.IsValid() || four && !source.Is4():
		return dst
	case four:
		dst = appendControl(dst, syscall.IPPROTO_IP, syscall.IP_PKTINFO, syscall.SizeofInet4Pktinfo)
		addr := source.As4()
		dst = append(dst, 0, 0, 0, 0) // any interface
		dst = append(dst, addr[:]...)
		dst = append(dst, 0, 0, 0, 0)
	default:
		dst = appendControl(dst, syscall.IPPROTO_IPV6, syscall.IPV6_PKTINFO, syscall.SizeofInet6Pktinfo)
		addr := source.As16()
		dst = append(dst, addr[:]...)
		dst = append(dst, 0, 0, 0, 0)
	}
	for len(dst)%controlLength != 0 {
		dst = append(dst, 0)
	}
	return dst
}

func appendControl(dst []byte, level, kind uint32, size int) []byte {
	n := syscall.CmsgLen(size)
	if controlLength == 8 {
		dst = binary.NativeEndian.AppendUint64(dst, uint64(n))
	} else {
		dst = binary.NativeEndian.AppendUint32(dst, uint32(n))
	}
	dst = binary.NativeEndian.AppendUint32(dst, level)
	return binary.NativeEndian.AppendUint32(dst, kind)
}
