package transport

import (
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// flood sends one datagram from a source and then n answers back, and returns how many octets came and went.
func flood(t *testing.T, s *station, pc *packetConn, via string, source netip.AddrPort, n int) (in, out int, to map[netip.AddrPort]int) {
	t.Helper()
	b := options(via)
	pc.in <- datagram{b, source}
	synctest.Wait()
	got := next(t, s.arrivals, "request")
	w := answer(t, got.m)
	to = make(map[netip.AddrPort]int)
	for range n {
		if err := got.hop.Send(w); err != nil {
			t.Fatalf("a withheld answer is as lost as any datagram, got %v", err)
		}
		select {
		case d := <-pc.out:
			out += len(d.b)
			to[d.peer]++
		default:
		}
	}
	return len(b), out, to
}

const viaForged = "UDP 192.0.2.9:5070;rport;branch=z9hG4bK1"

// What goes to an address that only sent one request is bounded, whoever wants it repeated how often.
func TestAnswersStayWithinTheBudgetOfTheirSource(t *testing.T) {
	const base = 64 << 10
	onSocket(t, Config{}, func(t *testing.T, s *station, pc *packetConn) {
		from := ap("192.0.2.9:5070")
		in, out, _ := flood(t, s, pc, viaForged, from, 1000)
		if most := base + 10*in; out > most || out < most-1000 {
			t.Errorf("%d octets in, %d out, want little less than %d", in, out, most)
		}
		if st := s.Stats(); st.Withheld == 0 || st.Accounts != 1 {
			t.Errorf("got %+v, want answers withheld from one source", st)
		}
		// Another address of the source's network is another source.
		if _, out, _ := flood(t, s, pc, viaForged, ap("192.0.2.10:5070"), 10); out == 0 {
			t.Error("another source gets no answer")
		}
		// What comes earns ten times its size.
		in, out, _ = flood(t, s, pc, viaForged, from, 1000)
		if out > 10*in+1000 || out < 10*in-1000 {
			t.Errorf("spent, then %d octets in: %d out, want ten times as much", in, out)
		}
		// And all is as it was when two minutes have passed.
		time.Sleep(2 * time.Minute)
		in, out, _ = flood(t, s, pc, viaForged, from, 1000)
		if most := base + 10*in; out > most || out < most-1000 {
			t.Errorf("after two minutes %d octets in, %d out, want little less than %d", in, out, most)
		}
		time.Sleep(2 * time.Minute)
		if st := s.Stats(); st.Accounts != 0 {
			t.Errorf("%d accounts are left", st.Accounts)
		}
	})
}

// An answer that Via sends elsewhere counts against that address, to which nothing gave a budget beyond the base.
func TestAnswersToMaddrCountThere(t *testing.T) {
	onSocket(t, Config{Limits: Limits{Answers: 2000}}, func(t *testing.T, s *station, pc *packetConn) {
		victim, sent := ap("192.0.2.66:5070"), 0
		for i := range 40 {
			from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 51, 100, byte(i)}), 5070)
			_, out, to := flood(t, s, pc, "UDP 198.51.100.1:5070;maddr=192.0.2.66;branch=z9hG4bK1", from, 3)
			if len(to) > 1 || len(to) == 1 && to[victim] == 0 {
				t.Fatalf("answers went to %v", to)
			}
			sent += out
		}
		if sent == 0 || sent > 2000 {
			t.Errorf("%d octets went to the address in maddr, want 2000 at most", sent)
		}
	})
}

// Config.Trusted lifts the budget.
func TestTrustedSourcesHaveNoBudget(t *testing.T) {
	cfg := Config{Limits: Limits{Answers: 1}, Trusted: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}
	onSocket(t, cfg, func(t *testing.T, s *station, pc *packetConn) {
		if in, out, _ := flood(t, s, pc, viaForged, ap("192.0.2.9:5070"), 1000); out < 100*in {
			t.Errorf("%d octets in, %d out", in, out)
		}
		if st := s.Stats(); st.Accounts != 0 || st.Withheld != 0 {
			t.Errorf("got %+v, want no account", st)
		}
		got := arrival{}
		pc.in <- datagram{options(viaForged), ap("192.0.2.9:5070")}
		synctest.Wait()
		if got = next(t, s.arrivals, "request"); got.hop.Site().IsValid() {
			t.Errorf("Site of a trusted source: %v, want none", got.hop.Site())
		}
		pc.in <- datagram{options("UDP [2001:db8::9]:5070;branch=z9hG4bK1"), ap("[2001:db8::9]:5070")}
		synctest.Wait()
		if got = next(t, s.arrivals, "request"); got.hop.Site() != netip.MustParseAddr("2001:db8::") {
			t.Errorf("Site of 2001:db8::9: %v, want its /64", got.hop.Site())
		}
	})
}

// A flow that only came to us is answered, and asked, within its budget; a target of our own choice has none.
func TestFlowTargetsSpendTheBudgetOfTheirSource(t *testing.T) {
	onSocket(t, Config{Limits: Limits{Answers: 1000}}, func(t *testing.T, s *station, pc *packetConn) {
		pc.in <- datagram{options(viaForged), ap("192.0.2.9:5070")}
		synctest.Wait()
		f, ok := next(t, s.arrivals, "request").hop.Flow()
		if !ok {
			t.Fatal("no flow")
		}
		sent := func(to Target) (n int) {
			h, err := s.Hop(to)
			if err != nil {
				t.Fatal(err)
			}
			for range 40 {
				h.Send(wire(options("UDP 192.0.2.1:5060;branch=z9hG4bK2")))
				select {
				case d := <-pc.out:
					n += len(d.b)
				default:
				}
			}
			return n
		}
		size := len(options(viaForged))
		if n := sent(Target{Flow: f}); n == 0 || n > 1000+10*size {
			t.Errorf("on the flow: %d octets, want %d at most", n, 1000+10*size)
		}
		if n := sent(Target{Protocol: UDP, Addr: ap("192.0.2.9:5070")}); n < 40*200 {
			t.Errorf("to the target: %d octets", n)
		}
	})
}

// The table has an end: who finds it full shares an account with others, and old ones are forgotten.
func TestAccountsAreBounded(t *testing.T) {
	b := budgets{start: time.Now()}
	addr := func(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}) }
	for i := range maxAccounts {
		b.of(addr(i), 1)
	}
	one, two := b.of(addr(maxAccounts), 1), b.of(addr(maxAccounts+1), 1)
	if one != two || one != &b.rest || len(b.m) != maxAccounts {
		t.Errorf("%d accounts, and others beyond", len(b.m))
	}
	if b.of(addr(7), 1) == one {
		t.Error("a source lost its account")
	}
	b.of(addr(7), 2).earn(100, 2)
	if b.of(addr(maxAccounts), 3); len(b.m) != 2 {
		t.Errorf("%d accounts after two minutes, want that of the one that was heard again, and a new one", len(b.m))
	}
	if b.known(addr(9)) != nil || b.known(addr(7)) == nil {
		t.Error("known knows others than there are")
	}
}

// Minutes pass: what came in the last one still counts, what came before does not.
func TestAccountForgetsByMinutes(t *testing.T) {
	a := &account{minute: 1}
	a.earn(100, 1)
	if !a.spend(500, 0) || a.spend(501, 0) {
		t.Error("a hundred octets earn a thousand, and no more")
	}
	a.earn(10, 2)
	if !a.spend(600, 0) || a.spend(1, 0) {
		t.Error("what came and went in the last minute counts")
	}
	a.earn(1, 3) // what is left: 10 and 1 earned, 600 spent
	if a.spend(1, 0) {
		t.Error("what was spent in the last minute is forgotten")
	}
	a.earn(1, 4)
	if !a.spend(20, 0) || a.spend(1, 0) {
		t.Error("the minute before the last still counts")
	}
	a.earn(1, 9)
	if !a.spend(10, 0) || a.spend(1, 0) {
		t.Error("after silence one octet earns ten")
	}
	var none *account
	none.earn(1, 1)
	if !none.spend(1<<30, 0) {
		t.Error("no account is no limit")
	}
}

// Readers and those who answer use accounts at the same time.
func TestAccountsUnderLoad(t *testing.T) {
	b := budgets{start: time.Now()}
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 2000 {
				a := b.of(netip.AddrFrom4([4]byte{10, 0, 0, byte(i % 7)}), int64(1+i/500))
				a.earn(10, int64(1+i/500))
				a.spend(g, 1000)
				b.known(netip.AddrFrom4([4]byte{10, 0, 0, byte(i % 5)}))
			}
		})
	}
	wg.Wait()
	if n := b.len(); n > 7 {
		t.Errorf("%d accounts, want 7 at most", n)
	}
}
