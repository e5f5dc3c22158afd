package transport

import (
	"net"
	"net/netip"
	"syscall"
)

// setBuffers makes the receive and the send buffer of pc hold size octets: beyond the system's bound where this process may (CAP_NET_ADMIN).
// It returns what was granted to receive in, false where pc does not tell. Nothing is made smaller.
func setBuffers(pc net.PacketConn, size int) (granted int, known bool) {
	conn, ok := pc.(*net.UDPConn)
	if !ok {
		setBuffer(pc, size)
		return 0, false
	}
	err := control(conn, func(fd int) error {
		var err error
		granted, err = setOne(fd, size, syscall.SO_RCVBUF, syscall.SO_RCVBUFFORCE)
		if err == nil {
			_, err = setOne(fd, size, syscall.SO_SNDBUF, syscall.SO_SNDBUFFORCE)
		}
		return err
	})
	return granted, err == nil
}

// setOne sets one buffer. The kernel doubles what it is asked for, to have room for its own needs, and says that: socket(7).
func setOne(fd, size, option, force int) (granted int, err error) {
	now, err := syscall.GetsockoptInt(fd, syscall.SOL_SOCKET, option)
	if err != nil || now >= 2*size {
		return now / 2, err
	}
	if syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, force, size) != nil {
		err = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, option, size)
	}
	if err == nil {
		now, err = syscall.GetsockoptInt(fd, syscall.SOL_SOCKET, option)
	}
	return now / 2, err
}

// countOverruns makes the kernel say beside each datagram how many it has dropped; false where it does not know how.
func countOverruns(conn *net.UDPConn) bool {
	return control(conn, func(fd int) error {
		return syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_RXQ_OVFL, 1)
	}) == nil
}

// askEvery is how many datagrams are read before the kernel is asked again what it dropped: to ask is a dearer system call, and the answer
// holds all that was dropped before.
const askEvery = 16

// counted is direct that counts what the kernel dropped.
type counted struct {
	direct
	udp      *net.UDPConn
	overruns overruns
	reads    uint8
	in       []byte // of the one reader
}

// newCounted returns conn as datagrams that count into o; without, where the kernel does not tell.
func newCounted(conn *net.UDPConn, o overruns) datagrams {
	if !countOverruns(conn) {
		return direct{conn}
	}
	return &counted{direct: direct{conn}, udp: conn, overruns: o, in: make([]byte, 64)}
}

func (d *counted) read(b []byte) (int, netip.AddrPort, netip.Addr, error) {
	if d.reads++; d.reads%askEvery != 0 {
		return d.direct.read(b)
	}
	n, controls, _, from, err := d.udp.ReadMsgUDPAddrPort(b, d.in)
	_, all := readControls(d.in[:controls])
	d.overruns.told(all)
	return n, unmap(from), netip.Addr{}, err
}
