package siptest

import (
	"container/heap"
	"hash/fnv"
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"
)

// Network is a network in memory: hosts with addresses, datagrams and streams between them, and conditions under
// which these travel. It is made for [testing/synctest], where a minute of timers takes no time, and works with the real
// clock as well. All methods are safe for concurrent use.
//
// What happens to a packet is drawn from a generator for each pair of addresses, seeded with the seed of the network: one
// seed does the same to the same packets as long as each host sends in the same order.
type Network struct {
	mu      sync.Mutex // guards all of the network: hosts, sockets, queues and generators
	seed    uint64
	normal  Conditions
	links   map[pair]Conditions
	cuts    map[pair]bool
	chances map[pair]*rand.Rand
	public  realm
	pending events
	seq     uint64
	timer   *time.Timer
	streams map[*conn]bool
	done    chan struct{} // closed by Close
	record  bool
	packets []Packet
}

// pair is a way from one address to another; an invalid address stands for every one.
type pair struct{ from, to netip.Addr }

// realm is an address space: the public one, or what lies behind a NAT.
type realm struct {
	hosts map[netip.Addr]*Host
	nats  map[netip.Addr]*NAT // only in the public realm
	nat   *NAT                // the way out, nil in the public realm
}

// NewNetwork returns a network without hosts. c holds for every way that SetConditions does not name.
func NewNetwork(seed uint64, c Conditions) *Network {
	return &Network{
		seed:    seed,
		normal:  c,
		links:   map[pair]Conditions{},
		cuts:    map[pair]bool{},
		chances: map[pair]*rand.Rand{},
		public:  realm{hosts: map[netip.Addr]*Host{}, nats: map[netip.Addr]*NAT{}},
		streams: map[*conn]bool{},
		done:    make(chan struct{}),
	}
}

// Host adds a host. The first address of a family is the source of what it sends from a socket that is bound to none. It
// panics when there is no address or one is taken.
func (n *Network) Host(addrs ...netip.Addr) *Host {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.addHost(&n.public, addrs)
}

func (n *Network) addHost(r *realm, addrs []netip.Addr) *Host {
	if len(addrs) == 0 {
		panic("siptest: a host without an address")
	}
	h := &Host{n: n, realm: r, packets: map[netip.AddrPort]*packetConn{}, listeners: map[netip.AddrPort]*listener{}}
	for _, a := range addrs {
		a = a.Unmap()
		if !a.IsValid() || r.hosts[a] != nil || r.nats[a] != nil {
			panic("siptest: address " + a.String() + " is invalid or taken")
		}
		r.hosts[a] = h
		h.addrs = append(h.addrs, a)
	}
	return h
}

// SetConditions sets the conditions of the way from one address to another, from now on and for packets that are sent
// later. The zero Addr stands for every address; a pair of addresses goes before one address, and `from` before `to`.
// Hosts behind a NAT have the NAT's address outside of it.
func (n *Network) SetConditions(from, to netip.Addr, c Conditions) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.links[pair{from.Unmap(), to.Unmap()}] = c
}

// Partition cuts the ways between two addresses, both directions: datagrams are lost, streams stand still and go on after
// Heal, or end with a timeout as a real one does after some fifteen minutes. The zero Addr stands for every address.
func (n *Network) Partition(a, b netip.Addr) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.cuts[pair{a.Unmap(), b.Unmap()}] = true
}

// Heal undoes a Partition of the same two addresses.
func (n *Network) Heal(a, b netip.Addr) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.cuts, pair{a.Unmap(), b.Unmap()})
	delete(n.cuts, pair{b.Unmap(), a.Unmap()})
}

// Close closes every socket and forgets what is on its way. Nothing that the network started goes on after it.
func (n *Network) Close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	select {
	case <-n.done:
		return
	default:
	}
	close(n.done)
	realms := []*realm{&n.public}
	for _, nat := range n.public.nats {
		realms = append(realms, &nat.inside)
	}
	for _, r := range realms {
		for _, h := range r.hosts {
			h.crash()
		}
	}
	n.pending = nil
	if n.timer != nil {
		n.timer.Stop()
	}
}

// closed reports whether Close was called. The lock is held.
func (n *Network) closed() bool {
	select {
	case <-n.done:
		return true
	default:
		return false
	}
}

// conditions returns what holds from one address to another. A host reaches itself perfectly.
func (n *Network) conditions(from, to netip.Addr) *Conditions {
	if from == to {
		return &Conditions{}
	}
	for _, p := range [...]pair{{from, to}, {from: from}, {to: to}, {}} {
		if c, ok := n.links[p]; ok {
			return &c
		}
	}
	return &n.normal
}

// cut reports whether a partition lies between two addresses.
func (n *Network) cut(a, b netip.Addr) bool {
	if a == b {
		return false
	}
	for _, p := range [...]pair{{a, b}, {b, a}, {from: a}, {to: a}, {from: b}, {to: b}, {}} {
		if n.cuts[p] {
			return true
		}
	}
	return false
}

// chance returns the generator of a way.
func (n *Network) chance(from, to netip.Addr) *rand.Rand {
	p := pair{from, to}
	r := n.chances[p]
	if r == nil {
		h := fnv.New64a()
		a, b := from.As16(), to.As16()
		h.Write(a[:])
		h.Write(b[:])
		r = rand.New(rand.NewPCG(n.seed, h.Sum64()))
		n.chances[p] = r
	}
	return r
}

// event is something that happens later, with the lock held. Events of one instant happen in the order of after.
type event struct {
	at  time.Time
	seq uint64
	do  func()
}

// after has do happen when d has passed.
func (n *Network) after(d time.Duration, do func()) {
	if n.closed() {
		return
	}
	n.seq++
	heap.Push(&n.pending, event{time.Now().Add(max(d, 0)), n.seq, do})
	if n.pending[0].seq == n.seq {
		n.arm()
	}
}

// arm sets the timer to the first event.
func (n *Network) arm() {
	d := time.Until(n.pending[0].at)
	if n.timer == nil {
		n.timer = time.AfterFunc(d, n.run)
		return
	}
	n.timer.Reset(d)
}

// run lets happen what is due.
func (n *Network) run() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for now := time.Now(); len(n.pending) > 0 && !n.pending[0].at.After(now); {
		heap.Pop(&n.pending).(event).do()
	}
	if len(n.pending) > 0 {
		n.arm()
	}
}

// events is a heap.
type events []event

func (e events) Len() int      { return len(e) }
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e events) Less(i, j int) bool {
	if e[i].at.Equal(e[j].at) {
		return e[i].seq < e[j].seq
	}
	return e[i].at.Before(e[j].at)
}
func (e *events) Push(x any) { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	last := len(*e) - 1
	x := (*e)[last]
	(*e)[last] = event{}
	*e = (*e)[:last]
	return x
}
