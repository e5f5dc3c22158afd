package siptest

import (
	"net/netip"
	"time"
)

// NAT is a network address translator with one public address. What a host behind it sends leaves with the NAT's address and a
// port that is the same for all destinations; what comes back passes only from an address and port that were sent to
// (RFC 4787: endpoint-independent mapping, address and port-dependent filtering). Streams cannot be opened from outside.
type NAT struct {
	n      *Network
	addr   netip.Addr
	expiry time.Duration
	inside realm
	port   uint16
	out    map[natKey]*mapping
	in     map[natPort]*mapping
}

type natKey struct {
	protocol string
	inside   netip.AddrPort
}

type natPort struct {
	protocol string
	port     uint16
}

// mapping is what a NAT remembers of one inside address and port.
type mapping struct {
	nat   *NAT
	key   natKey
	port  uint16
	last  time.Time                    // of the last packet out
	peers map[netip.AddrPort]time.Time // when each was last sent to
}

// NAT adds a NAT. A mapping that nothing was sent through from inside for longer than expiry (zero: 2 minutes, RFC 4787, REQ-5) is
// forgotten: later packets get a new port, and a stream through it is dead without either end being told.
func (n *Network) NAT(addr netip.Addr, expiry time.Duration) *NAT {
	n.mu.Lock()
	defer n.mu.Unlock()
	addr = addr.Unmap()
	if !addr.IsValid() || n.public.hosts[addr] != nil || n.public.nats[addr] != nil {
		panic("siptest: address " + addr.String() + " is invalid or taken")
	}
	if expiry == 0 {
		expiry = 2 * time.Minute
	}
	nat := &NAT{n: n, addr: addr, expiry: expiry, port: ephemeralFirst, out: map[natKey]*mapping{}, in: map[natPort]*mapping{}}
	nat.inside = realm{hosts: map[netip.Addr]*Host{}, nat: nat}
	n.public.nats[addr] = nat
	return nat
}

// Host adds a host behind the NAT. Its addresses need to be free only there. Hosts behind one NAT reach each other directly.
func (t *NAT) Host(addrs ...netip.Addr) *Host {
	t.n.mu.Lock()
	defer t.n.mu.Unlock()
	return t.n.addHost(&t.inside, addrs)
}

// Forget drops every mapping, as a restart of the NAT does.
func (t *NAT) Forget() {
	t.n.mu.Lock()
	defer t.n.mu.Unlock()
	clear(t.out)
	clear(t.in)
}

// outbound returns the mapping for a packet from inside, made anew when there is none that lives, and opens it for dst.
func (t *NAT) outbound(protocol string, inside, dst netip.AddrPort) *mapping {
	now := time.Now()
	key := natKey{protocol, inside}
	m := t.out[key]
	if m == nil || !m.alive(now) {
		if m != nil {
			t.drop(m)
		}
		m = &mapping{nat: t, key: key, port: t.free(protocol), peers: map[netip.AddrPort]time.Time{}}
		t.out[key] = m
		t.in[natPort{protocol, m.port}] = m
	}
	m.last = now
	m.peers[dst] = now
	return m
}

// inbound returns who inside gets the datagram that src sends to port.
func (t *NAT) inbound(src netip.AddrPort, port uint16) (netip.AddrPort, bool) {
	m := t.in[natPort{"udp", port}]
	now := time.Now()
	if m == nil || !m.alive(now) {
		return netip.AddrPort{}, false
	}
	last, ok := m.peers[src]
	return m.key.inside, ok && now.Sub(last) <= t.expiry
}

// free returns a port that no mapping has. When all are taken the one that was silent longest is dropped.
func (t *NAT) free(protocol string) uint16 {
	for range ephemeralLast - ephemeralFirst + 1 {
		t.port++
		if t.port > ephemeralLast {
			t.port = ephemeralFirst
		}
		if t.in[natPort{protocol, t.port}] == nil {
			return t.port
		}
	}
	var oldest *mapping
	for _, m := range t.in {
		if m.key.protocol == protocol && (oldest == nil || m.last.Before(oldest.last)) {
			oldest = m
		}
	}
	t.drop(oldest)
	return oldest.port
}

// drop forgets m.
func (t *NAT) drop(m *mapping) {
	delete(t.in, natPort{m.key.protocol, m.port})
	delete(t.out, m.key)
}

// alive reports whether the NAT still knows m.
func (m *mapping) alive(now time.Time) bool {
	return m.nat.out[m.key] == m && now.Sub(m.last) <= m.nat.expiry
}
