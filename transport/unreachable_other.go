//go:build !linux

package transport

import "net"

// failures has none: on this system a socket that is not connected does not hear what became of its datagrams.
type failures struct{}

func newFailures(net.PacketConn) *failures { return nil }

func (*failures) pending(error) bool { return false }

func (*failures) next() (unreachable, bool) { return unreachable{}, false }
