package ua_test

import (
	"net"
	"net/netip"
	"testing"

	"github.com/ringback-sip/ringback/siptest"
	"github.com/ringback-sip/ringback/ua"
)

// agentAt starts an agent that listens on addr of a host in a fake network, over UDP and TCP.
func agentAt(t *testing.T, host *siptest.Host, addr netip.AddrPort, cfg *ua.Config) *ua.Agent {
	t.Helper()
	pc, err := host.ListenPacket(addr)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := host.Listen(addr)
	if err != nil {
		t.Fatal(err)
	}
	with := *cfg
	with.PacketConns, with.Listeners, with.Dial = []net.PacketConn{pc}, []net.Listener{ln}, host.Dial
	a, err := ua.New(&with)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func udpAddr(a netip.AddrPort) *net.UDPAddr { return net.UDPAddrFromAddrPort(a) }
