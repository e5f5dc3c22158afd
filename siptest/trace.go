package siptest

import (
	"fmt"
	"net/netip"
	"slices"
	"time"
)

// Packet is what was sent at one moment: a datagram or a piece of a stream.
type Packet struct {
	Time     time.Time      // when it was sent
	Protocol string         // "udp" or "tcp"
	From, To netip.AddrPort // as the sender sees them
	Data     []byte
	Copy     bool // the network made it: a duplicate
	Fate     Fate
}

// Fate is what became of a packet.
type Fate uint8

// The fates.
const (
	Travelling  Fate = iota // has neither arrived nor been lost
	Delivered               // reached a socket
	Lost                    // by chance, a partition or a reset
	Unreachable             // nobody has the address, listens there, or a NAT refused it
	Overflow                // the receiver's queue was full
)

// String returns the fate in lower case.
func (f Fate) String() string {
	switch f {
	case Travelling:
		return "travelling"
	case Delivered:
		return "delivered"
	case Lost:
		return "lost"
	case Unreachable:
		return "unreachable"
	case Overflow:
		return "overflow"
	}
	return fmt.Sprintf("Fate(%d)", uint8(f))
}

// maxPackets bounds what Record keeps: a test that sends more looks at the sockets.
const maxPackets = 1 << 17

// Record has the network keep what is sent from now on, for Packets. The first 131,072 packets are kept.
func (n *Network) Record() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.record = true
}

// Packets returns what was recorded, in the order in which it was sent. Data is shared and must not be written.
func (n *Network) Packets() []Packet {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.packets)
}

// note records p and returns its number, which is -1 when it is not kept. The lock is held.
func (n *Network) note(p Packet) int {
	if !n.record || len(n.packets) == maxPackets {
		return -1
	}
	p.Time = time.Now()
	n.packets = append(n.packets, p)
	return len(n.packets) - 1
}

// became records the fate of packet number i.
func (n *Network) became(i int, f Fate) {
	if i >= 0 {
		n.packets[i].Fate = f
	}
}
