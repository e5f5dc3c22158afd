package transport

import (
	"net/netip"
	"sync"
	"time"
)

// Whoever forges a source address chooses who gets our answers. So what goes to an address over datagrams is bounded by what came
// from there: answerFactor times that of this minute and the last, and Limits.Answers besides. A peer that really sent its
// requests never gets near: a request is answered with less than ten times its size, and repeating it earns as much again.
const (
	answerFactor = 10
	// maxAccounts bounds the table against forged sources: at about 150 octets each it stays below 5 MiB. Sources that find
	// it full share one account.
	maxAccounts = 32768
)

// account is what came from a source over datagrams, and what was sent there in return. A nil account has no limit.
type account struct {
	mu      sync.Mutex // guards what follows
	minute  int64      // the last one in which something came
	in, out [2]int64   // octets of that minute, and of the one before
}

// earn adds n octets that came in minute.
func (a *account) earn(n int, minute int64) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	switch minute - a.minute {
	case 0:
	case 1:
		a.in, a.out = [2]int64{0, a.in[0]}, [2]int64{0, a.out[0]}
	default:
		a.in, a.out = [2]int64{}, [2]int64{}
	}
	a.minute = minute
	a.in[0] += int64(n)
}

// spend takes n octets from what may be sent, and reports whether there was so much. It needs no clock: until something comes
// again, nothing is forgotten.
func (a *account) spend(n int, base int64) bool {
	if a == nil {
		return true
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.out[0]+a.out[1]+int64(n) > base+answerFactor*(a.in[0]+a.in[1]) {
		return false
	}
	a.out[0] += int64(n)
	return true
}

// old reports whether nothing came for so long that a new account is as good.
func (a *account) old(minute int64) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return minute-a.minute > 1
}

// budgets holds the account of each source. It is safe for concurrent use.
type budgets struct {
	start time.Time // minutes count from here

	mu    sync.Mutex // guards what follows
	m     map[netip.Addr]*account
	swept int64   // the last minute in which the old ones were forgotten
	rest  account // of all that found no place
}

// minute returns the number of the present minute, 1 at first.
func (b *budgets) minute() int64 { return 1 + int64(time.Since(b.start)/time.Minute) }

// of returns the account of source, a new one when it has none.
func (b *budgets) of(source netip.Addr, minute int64) *account {
	source = site(source)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.swept != minute {
		b.sweep(minute)
	}
	if a := b.m[source]; a != nil {
		return a
	}
	if len(b.m) >= maxAccounts {
		return &b.rest
	}
	if b.m == nil {
		b.m = make(map[netip.Addr]*account)
	}
	a := &account{minute: minute}
	b.m[source] = a
	return a
}

// known returns the account of source, nil when it has none.
func (b *budgets) known(source netip.Addr) *account {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.m[site(source)]
}

// sweep forgets the old accounts. b.mu is held.
func (b *budgets) sweep(minute int64) {
	b.swept = minute
	for source, a := range b.m {
		if a.old(minute) {
			delete(b.m, source)
		}
	}
}

// len returns the number of accounts in use.
func (b *budgets) len() int {
	minute := b.minute()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sweep(minute)
	return len(b.m)
}

// purse finds the accounts of the datagrams of one reader, most often that of the datagram before.
type purse struct {
	source netip.Addr
	minute int64
	*account
}

// credit counts a datagram of n octets that came on f, and makes answers on h count against the address that they go to: the
// source, or what a Via chose instead.
func (in *inbox) credit(h *Hop, f Flow, n int) {
	h.account = nil
	if f.socket == nil {
		return
	}
	b, source := &in.l.budgets, f.remote.Addr()
	if minute := b.minute(); minute != in.purse.minute || source != in.purse.source {
		in.purse = purse{source: source, minute: minute}
		if !in.l.trusted(source) {
			in.purse.account = b.of(source, minute)
		}
	}
	in.purse.earn(n, in.purse.minute)
	if to := h.to.Addr(); to == source || !to.IsValid() {
		h.account = in.purse.account
	} else if !in.l.trusted(to) {
		h.account = b.of(to, in.purse.minute)
	}
}

// Site returns what the limits of one source count: the IPv4 address that the message came from, or the /64 of an IPv6
// address. It is the zero Addr when Config.Trusted lifts these limits.
func (h *Hop) Site() netip.Addr {
	a := h.flow.remote.Addr()
	if h.l.trusted(a) {
		return netip.Addr{}
	}
	return site(a)
}
