//go:build !linux

package transport

import "net"

// setBuffers asks for buffers of size octets. What is granted is not known on this system.
func setBuffers(pc net.PacketConn, size int) (granted int, known bool) {
	setBuffer(pc, size)
	return 0, false
}

// newCounted returns conn: on this system nobody tells what was dropped.
func newCounted(conn *net.UDPConn, _ overruns) datagrams { return direct{conn} }
