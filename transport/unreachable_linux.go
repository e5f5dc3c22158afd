package transport

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"slices"
	"syscall"
)

// failures reads the errors that the kernel keeps for a socket (IP_RECVERR, IPV6_RECVERR). Nil has none. It is for the socket's one reader.
type failures struct {
	raw      syscall.RawConn
	quoted   []byte
	controls []byte
}

// newFailures asks the kernel to keep the errors of conn, nil when it does not. From then on it also returns each of them once, from
// whatever is called next: see pending.
func newFailures(conn net.PacketConn) *failures {
	udp, ok := conn.(*net.UDPConn)
	if !ok {
		return nil
	}
	err := control(udp, func(fd int) error {
		four := syscall.SetsockoptInt(fd, syscall.IPPROTO_IP, syscall.IP_RECVERR, 1)
		if addrPort(udp.LocalAddr()).Addr().Is4() {
			return four
		}
		return syscall.SetsockoptInt(fd, syscall.IPPROTO_IPV6, syscall.IPV6_RECVERR, 1)
	})
	if err != nil {
		return nil
	}
	raw, err := udp.SyscallConn()
	if err != nil {
		return nil
	}
	return &failures{raw, make([]byte, 1500), make([]byte, 512)}
}

// pending reports whether err is one that an earlier datagram may have caused.
func (f *failures) pending(err error) bool { return err != nil && f != nil && asynchronous(err) }

func asynchronous(err error) bool {
	var errno syscall.Errno
	return errors.As(err, &errno) && slices.Contains([]syscall.Errno{syscall.ECONNREFUSED, syscall.EHOSTUNREACH, syscall.ENETUNREACH,
		syscall.EHOSTDOWN, syscall.ENOPROTOOPT, syscall.EPROTO, syscall.EACCES, syscall.EOPNOTSUPP, syscall.EMSGSIZE}, errno)
}

// next returns the next error, false when there is none.
func (f *failures) next() (unreachable, bool) {
	if f == nil {
		return unreachable{}, false
	}
	for {
		var n, m int
		var to syscall.Sockaddr
		var failed error
		err := f.raw.Control(func(fd uintptr) {
			n, m, _, to, failed = syscall.Recvmsg(int(fd), f.quoted, f.controls, syscall.MSG_ERRQUEUE|syscall.MSG_DONTWAIT)
		})
		if err != nil || failed != nil {
			return unreachable{}, false
		}
		if errno := reported(f.controls[:m]); errno != 0 {
			return unreachable{sockAddrPort(to), f.quoted[:n], errno}, true
		}
	}
}

// The errors that count: the destination, or the protocol or port there, cannot be reached, or a header is wrong. That a datagram was too long under way, or
// that its time was exceeded, is ignored (RFC 3261, Section 18.4).
const (
	fromICMP, fromICMP6              = 2, 3 // sock_extended_err.ee_origin
	icmpUnreachable, icmpParameter   = 3, 12
	icmp6Unreachable, icmp6Parameter = 1, 4
	icmpTooBig                       = 4 // a code of icmpUnreachable
)

// reported returns the error in the control messages that came with it, 0 when it does not count.
func reported(controls []byte) syscall.Errno {
	messages, err := syscall.ParseSocketControlMessage(controls)
	if err != nil {
		return 0
	}
	for _, m := range messages {
		is4 := m.Header.Level == syscall.IPPROTO_IP && m.Header.Type == syscall.IP_RECVERR
		is6 := m.Header.Level == syscall.IPPROTO_IPV6 && m.Header.Type == syscall.IPV6_RECVERR
		if !is4 && !is6 || len(m.Data) < 7 {
			continue
		}
		errno, origin, kind, code := syscall.Errno(binary.NativeEndian.Uint32(m.Data)), m.Data[4], m.Data[5], m.Data[6]
		switch {
		case origin == fromICMP && (kind == icmpParameter || kind == icmpUnreachable && code != icmpTooBig):
			return errno
		case origin == fromICMP6 && (kind == icmp6Parameter || kind == icmp6Unreachable):
			return errno
		}
	}
	return 0
}

// sockAddrPort returns where the datagram was to go.
func sockAddrPort(a syscall.Sockaddr) netip.AddrPort {
	switch a := a.(type) {
	case *syscall.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port))
	case *syscall.SockaddrInet6:
		return unmap(netip.AddrPortFrom(netip.AddrFrom16(a.Addr), uint16(a.Port)))
	}
	return netip.AddrPort{}
}
