//go:build !linux

package transport

import "net"

// muffle does nothing: unicast refuses the addresses that are broadcast everywhere.
func muffle(*net.UDPConn) {}

// informed returns nil: on this system a wildcard socket answers from the address that the route to the peer has.
func informed(*net.UDPConn, overruns) datagrams { return nil }
