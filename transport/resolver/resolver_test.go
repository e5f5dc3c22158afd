package resolver

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// querier is a Querier that is a function.
type querier func(ctx context.Context, name string, t Type) (Answer, error)

func (f querier) Query(ctx context.Context, name string, t Type) (Answer, error) {
	return f(ctx, name, t)
}

var someAddr = netip.MustParseAddr("192.0.2.1")

// An answer is kept for its TTL, with records or without; a look-up that failed is made again.
func TestAnswersAreCached(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ttls := map[Type]time.Duration{TypeA: 10 * time.Second, TypeAAAA: 20 * time.Second}
		z := &zone{t: t, records: make(map[asked]Answer), fails: make(map[asked]bool)}
		for ty, ttl := range ttls {
			z.records[asked{"example.com", ty}] = Answer{TTL: ttl}
		}
		k := asked{"example.com", TypeA}
		z.records[k] = Answer{Addrs: []netip.Addr{someAddr}, TTL: 10 * time.Second}
		r := newResolver(t, z, Config{})
		uri := mustURI(t, "sip:u@example.com:5060")
		step := func(want ...string) {
			t.Helper()
			if _, err := r.Locate(t.Context(), uri); err != nil {
				t.Error(err)
			}
			if got := z.questions(); !slices.Equal(got, want) {
				t.Errorf("asked %q, want %q", got, want)
			}
		}
		step("example.com A", "example.com AAAA")
		time.Sleep(10*time.Second - 1)
		step()
		time.Sleep(time.Nanosecond)
		step("example.com A")
		time.Sleep(10 * time.Second)
		z.fails[asked{"example.com", TypeAAAA}] = true
		step("example.com A", "example.com AAAA")
		step("example.com AAAA")
		z.fails[asked{"example.com", TypeAAAA}] = false
		step("example.com AAAA")
		step()
	})
}

// However many ask at the same time, DNS is asked once; who does not wait leaves alone.
func TestSameQuestionIsAskedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		asked := 0
		r := newResolver(t, querier(func(ctx context.Context, name string, ty Type) (Answer, error) {
			mu.Lock()
			asked++
			mu.Unlock()
			time.Sleep(time.Second)
			return Answer{Addrs: []netip.Addr{someAddr}, TTL: time.Minute}, ctx.Err()
		}), Config{})
		uri := mustURI(t, "sip:u@example.com:5060")
		ctx, leave := context.WithCancel(t.Context())
		left := make(chan error)
		go func() {
			_, err := r.Locate(ctx, uri)
			left <- err
		}()
		synctest.Wait()
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				if got, err := r.Locate(t.Context(), uri); err != nil || len(got) != 1 {
					t.Errorf("got %v, %v", got, err)
				}
			})
		}
		synctest.Wait()
		leave()
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Errorf("who left: %v, want context.Canceled", err)
		}
		all.Wait()
		if asked != 2 {
			t.Errorf("%d questions, want 2: A and AAAA", asked)
		}
	})
}

// A look-up ends in 5 s whatever happens, and what was found by then is used.
func TestLocateEnds(t *testing.T) {
	tests := []struct {
		name   string
		answer func(name string, t Type) bool // else there is silence
		uri    string
		bound  time.Duration // 0: the default
		want   []string      // nil: ErrLookup
		after  time.Duration
	}{
		{"silence", func(string, Type) bool { return false }, "sip:u@example.com", 0, nil, 5 * time.Second},
		{"silence, another bound", func(string, Type) bool { return false }, "sip:u@example.com", time.Second, nil, time.Second},
		{"silence about AAAA", func(_ string, t Type) bool { return t != TypeAAAA }, "sip:u@example.com:5060", 0, []string{"udp 192.0.2.1:5060"}, 5 * time.Second},
		{"silence about one host", func(n string, _ Type) bool { return n != "a.example.com" }, "sip:u@example.com;transport=udp", 0, []string{"udp 192.0.2.1:5060"}, 5 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				z := newZone(t, "_sip._udp.example.com SRV 0 0 5060 a.example.com.\n_sip._udp.example.com SRV 1 0 5060 b.example.com.\n"+
					"a.example.com A 192.0.2.9\nb.example.com A 192.0.2.1\nexample.com A 192.0.2.1")
				r := newResolver(t, querier(func(ctx context.Context, name string, ty Type) (Answer, error) {
					if !tt.answer(name, ty) {
						<-ctx.Done()
						return Answer{}, fmt.Errorf("%w: %w", ErrLookup, ctx.Err())
					}
					return z.Query(ctx, name, ty)
				}), Config{Timeout: tt.bound})
				began := time.Now()
				got, err := r.Locate(context.Background(), mustURI(t, tt.uri))
				if took := time.Since(began); took != tt.after {
					t.Errorf("took %v, want %v", took, tt.after)
				}
				if !slices.Equal(texts(got), tt.want) || errors.Is(err, ErrLookup) != (tt.want == nil) {
					t.Errorf("got %q, %v, want %q", texts(got), err, tt.want)
				}
			})
		})
	}
}

// Close ends who waits, and what is under way.
func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := 0
		r := newResolver(t, querier(func(ctx context.Context, _ string, _ Type) (Answer, error) {
			<-ctx.Done()
			ended++
			return Answer{}, fmt.Errorf("%w: %w", ErrLookup, ctx.Err())
		}), Config{})
		out := make(chan error)
		locate := func() {
			_, err := r.Locate(context.Background(), mustURI(t, "sip:u@example.com"))
			out <- err
		}
		go locate()
		synctest.Wait()
		began := time.Now()
		r.Close()
		if ended != 1 {
			t.Errorf("%d questions ended, want 1", ended)
		}
		if err := <-out; !errors.Is(err, ErrLookup) {
			t.Errorf("who waited: %v, want ErrLookup", err)
		}
		go locate()
		if err := <-out; !errors.Is(err, errClosed) {
			t.Errorf("who came later: %v, want errClosed", err)
		}
		r.Close()
		if d := time.Since(began); d != 0 {
			t.Errorf("took %v", d)
		}
	})
}

func TestQuerierThatPanics(t *testing.T) {
	r := newResolver(t, querier(func(context.Context, string, Type) (Answer, error) { panic("no") }), Config{})
	if _, err := r.Locate(t.Context(), mustURI(t, "sip:u@example.com")); !errors.Is(err, ErrLookup) || !strings.Contains(err.Error(), "Config.DNS panicked") {
		t.Errorf("got %v, want an error that names Config.DNS", err)
	}
}

// A user's own Querier may write names as DNS does.
func TestNamesMayEndInADot(t *testing.T) {
	z := newZone(t, "sip.example.com A 192.0.2.1")
	r := newResolver(t, querier(func(ctx context.Context, name string, ty Type) (Answer, error) {
		switch {
		case name == "example.com" && ty == TypeNAPTR:
			return Answer{NAPTR: []NAPTR{{Flags: "s", Service: "SIP+D2U", Replacement: "."}, {Flags: "s", Service: "SIP+D2T", Replacement: "_SIP._tcp.example.com."}}}, nil
		case name == "_sip._tcp.example.com":
			return Answer{SRV: []SRV{{Port: 5060, Target: "."}, {Port: 5070, Target: "SIP.example.com."}}}, nil
		}
		return z.Query(ctx, name, ty)
	}), Config{})
	if got, err := r.Locate(t.Context(), mustURI(t, "sip:u@example.com")); err != nil || !slices.Equal(texts(got), []string{"tcp 192.0.2.1:5070"}) {
		t.Errorf("got %q, %v", texts(got), err)
	}
}

// One name cannot lead to more than a few tries and look-ups.
func TestTargetsAreBounded(t *testing.T) {
	var mu sync.Mutex
	asked := 0
	r := newResolver(t, querier(func(_ context.Context, name string, ty Type) (a Answer, _ error) {
		mu.Lock()
		asked++
		mu.Unlock()
		for i := range 100 {
			switch ty {
			case TypeSRV:
				a.SRV = append(a.SRV, SRV{Port: 5060, Target: fmt.Sprintf("h%d.example.com", i)})
			case TypeA:
				a.Addrs = append(a.Addrs, netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}))
			case TypeAAAA:
				a.Addrs = append(a.Addrs, netip.AddrFrom16([16]byte{0x20, 1, 15: byte(i)}))
			}
		}
		return a, nil
	}), Config{})
	got, err := r.Locate(t.Context(), mustURI(t, "sip:u@example.com;transport=udp"))
	if err != nil || len(got) != maxAddrs { // all hosts have the same ones
		t.Errorf("%d targets, %v, want %d", len(got), err, maxAddrs)
	}
	if want := 1 + 2*maxHosts; asked != want {
		t.Errorf("%d questions, want %d", asked, want)
	}
}

// The servers, and the order in which a domain is tried, come from where Config says.
func TestConfigNamesServers(t *testing.T) {
	s := newServer(t, once(func(q query) []byte {
		if q.Name.String() == "pbx.corp.example." && Type(q.Type) == TypeA {
			return q.respond(nil, recordA(q.Name.String(), "192.0.2.1"))
		}
		return q.code(3)
	}))
	dir := t.TempDir()
	conf := filepath.Join(dir, "resolv.conf")
	if err := os.WriteFile(conf, []byte("nameserver 192.0.2.53\nsearch corp.example\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	r := New(&Config{Servers: []netip.AddrPort{s.addr}, ResolvConf: conf, Hosts: filepath.Join(dir, "hosts")})
	defer r.Close()
	if got, err := r.Locate(t.Context(), mustURI(t, "sip:u@pbx;transport=tcp")); err != nil || !slices.Equal(texts(got), []string{"tcp 192.0.2.1:5060"}) {
		t.Errorf("got %q, %v", texts(got), err)
	}
}

// The answers to a name without a dot: the search list is for addresses alone.
func TestSearchListIsForAddressesAlone(t *testing.T) {
	conf := filepath.Join(t.TempDir(), "resolv.conf")
	if err := os.WriteFile(conf, []byte("search corp.example\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	z := newZone(t, "pbx A 192.0.2.2\n_sip._udp.pbx.corp.example SRV 0 0 5060 evil.example.")
	r := newResolver(t, z, Config{ResolvConf: conf})
	if got, err := r.Locate(t.Context(), mustURI(t, "sip:u@pbx;transport=udp")); err != nil || !slices.Equal(texts(got), []string{"udp 192.0.2.2:5060"}) {
		t.Errorf("got %q, %v", texts(got), err)
	}
	want := []string{"_sip._udp.pbx SRV", "pbx A", "pbx AAAA", "pbx.corp.example A", "pbx.corp.example AAAA"}
	if got := z.questions(); !slices.Equal(got, want) {
		t.Errorf("asked %q, want %q", got, want)
	}
}
