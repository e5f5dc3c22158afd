package registrar_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/registrar"
	"github.com/ringback-sip/ringback/store"
	"github.com/ringback-sip/ringback/ua"
)

// faulty is a Store that fails when told to, and is slow.
type faulty struct {
	store.Memory
	getErr, putErr error
	delay          time.Duration
	rivals         atomic.Int32 // Puts before which somebody else changes the record
	puts           atomic.Int32
}

func (f *faulty) Get(ctx context.Context, key string) ([]byte, uint64, error) {
	if f.getErr != nil {
		return nil, 0, f.getErr
	}
	select {
	case <-time.After(f.delay):
	case <-ctx.Done():
		return nil, 0, ctx.Err()
	}
	return f.Memory.Get(ctx, key)
}

func (f *faulty) Put(ctx context.Context, key string, val []byte, rev uint64, until time.Time) (uint64, error) {
	if f.putErr != nil {
		return 0, f.putErr
	}
	f.puts.Add(1)
	if f.rivals.Add(-1) >= 0 {
		old, now, err := f.Memory.Get(ctx, key)
		if err != nil {
			return 0, err
		}
		if _, err := f.Memory.Put(ctx, key, old, now, until); err != nil {
			return 0, err
		}
	}
	return f.Memory.Put(ctx, key, val, rev, until)
}

// A store that fails costs the request and nothing else: 500, all of its changes undone, its connection let go; after that everything works again.
func TestStoreThatFails(t *testing.T) {
	s := new(faulty)
	bubble(t, &registrar.Config{Domain: exampleCom, Store: s}, func(r *rig) {
		l := r.tcp()
		l.want(200, "CSeq: 1 REGISTER", "Contact: <sip:a@h>")
		for i, set := range []func(error){func(err error) { s.getErr = err }, func(err error) { s.putErr = err }} {
			set(errors.New("disk full"))
			l.want(500, fmt.Sprintf("CSeq: %d REGISTER", 2+i), "Contact: <sip:b@h>, <sip:a@h>;expires=0, <sip:c@h>")
			set(nil)
			if got := values(l.want(200), "Contact"); !slices.Equal(got, []string{"<sip:a@h>;expires=3600"}) {
				t.Errorf("bindings are %q, want what was there before", got)
			}
			if n := r.reg.Connections(); n != 1 {
				t.Errorf("%d connections are held, want 1", n)
			}
		}
		s.getErr = errors.New("gone")
		if _, err := r.reg.Lookup(t.Context(), mustURI(t, "sip:alice@example.com")); err == nil {
			t.Error("Lookup is no error")
		}
		s.getErr = nil
		s.delay = time.Hour // one that says nothing is given up
		l.want(500, "CSeq: 9 REGISTER", "Contact: <sip:b@h>")
		s.delay = 0
		l.want(200, "CSeq: 9 REGISTER", "Contact: <sip:b@h>")
	})
}

// Who finds that another process was faster begins anew, and gives up when that never ends.
func TestAnotherProcessIsFaster(t *testing.T) {
	s := new(faulty)
	bubble(t, &registrar.Config{Domain: exampleCom, Store: s}, func(r *rig) {
		l := r.udp(phoneAddr)
		l.want(200, "CSeq: 1 REGISTER", "Contact: <sip:a@h>")
		s.rivals.Store(3)
		l.want(200, "CSeq: 2 REGISTER", "Contact: <sip:b@h>")
		if n := s.puts.Load(); n != 5 {
			t.Errorf("%d Puts, want 1, three in vain, and 1", n)
		}
		s.rivals.Store(1000)
		l.want(500, "CSeq: 3 REGISTER", "Contact: <sip:c@h>")
		s.rivals.Store(0)
		if got := values(l.want(200), "Contact"); len(got) != 2 {
			t.Errorf("bindings are %q, want two", got)
		}
	})
}

// The requests of one address of record are answered in the order in which they came, though the store is slow; those of others do not wait
// for them.
func TestArrivalOrderOfOneAddressOfRecord(t *testing.T) {
	s := &faulty{delay: 50 * time.Millisecond}
	bubble(t, &registrar.Config{Domain: exampleCom, Store: s}, func(r *rig) {
		l := r.udp(phoneAddr)
		const n = 50
		for i := range n {
			l.send(l.register(fmt.Sprintf("CSeq: %d REGISTER", i+1), "Contact: <sip:a@h>"))
		}
		l.send(l.register("To: <sip:bob@example.com>", "Call-ID: bob", "CSeq: 1 REGISTER", "Contact: <sip:b@h>"))
		began, order := time.Now(), []string{}
		for range n + 1 {
			m := l.hear(time.Minute)
			if m == nil || m.Status() != 200 {
				t.Fatalf("answer %d: %v", len(order), m)
			}
			if string(m.CallID()) == "bob" {
				if took := time.Since(began); took > 100*time.Millisecond {
					t.Errorf("bob waited %v for alice", took)
				}
				continue
			}
			order = append(order, string(m.Raw(parser.HeaderCSeq)))
		}
		for i, got := range order {
			if want := fmt.Sprintf("%d REGISTER", i+1); got != want {
				t.Fatalf("answer %d is to %s, want %s", i, got, want)
			}
		}
		// More than may wait are told to come again.
		for i := range n + 40 {
			l.send(l.register(fmt.Sprintf("CSeq: %d REGISTER", n+i+1), "Contact: <sip:a@h>"))
		}
		busy := 0
		for range n + 40 {
			m := l.hear(time.Minute)
			if m.Status() == 503 {
				if _, err := m.RetryAfter(); err != nil {
					t.Error("503 without Retry-After")
				}
				busy++
			}
		}
		if busy != n+40-65 {
			t.Errorf("%d were told to come again, want all but the one that is served and 64 that wait", busy)
		}
	})
}

// A hook that panics costs its request, and nobody who waits for it.
func TestAuthorizeThatPanics(t *testing.T) {
	calls := 0
	cfg := &registrar.Config{Domain: exampleCom, Authorize: func(*ua.Request, registrar.AOR) parser.Status {
		if calls++; calls == 1 {
			time.Sleep(time.Second)
			panic("hook")
		}
		return 0
	}}
	bubble(t, cfg, func(r *rig) {
		l := r.udp(phoneAddr)
		l.send(l.register("CSeq: 1 REGISTER"))
		l.send(l.register("CSeq: 2 REGISTER"))
		got := make(map[uint32]parser.Status) // the 500 is written when the next is served already
		for range 2 {
			m := l.hear(time.Minute)
			if m == nil {
				t.Fatalf("no answer; got %v", got)
			}
			seq, err := m.CSeq()
			if err != nil {
				t.Fatal(err)
			}
			got[seq.Number] = m.Status()
		}
		if got[1] != 500 || got[2] != 200 {
			t.Errorf("got %v, want 500 and 200", got)
		}
	})
}

// A record that cannot be read is no reason to keep its user away for good.
func TestRecordThatCannotBeRead(t *testing.T) {
	s := new(store.Memory)
	if _, err := s.Put(context.Background(), "aor/alice@example.com", []byte("\x01garbage"), 0, time.Time{}); err != nil {
		t.Fatal(err)
	}
	bubble(t, &registrar.Config{Domain: exampleCom, Store: s}, func(r *rig) {
		l := r.udp(phoneAddr)
		if n, err := r.reg.Bindings(t.Context()); n != 0 || err != nil {
			t.Errorf("%d bindings, %v, want none", n, err)
		}
		l.want(200, "Contact: <sip:a@h>")
		if got := r.lookup("sip:alice@example.com"); len(got) != 1 {
			t.Errorf("bindings are %+v, want one", got)
		}
	})
}

// The number of users, and the octets of each, are bounded.
func TestRegistrarIsBounded(t *testing.T) {
	bubble(t, &registrar.Config{Domain: exampleCom, MaxAORs: 2}, func(r *rig) {
		l := r.tcp()
		for i, want := range []parser.Status{200, 200, 503} {
			l.want(want, fmt.Sprintf("To: <sip:user%d@example.com>", i), "Contact: <sip:a@h>")
		}
		l.want(200, "To: <sip:user0@example.com>", "CSeq: 3 REGISTER", "Contact: <sip:b@h>")
		large := "h;x=" + strings.Repeat("y", 1980)
		for i := range 17 {
			want := parser.StatusOK
			if i == 16 {
				want = parser.StatusRequestEntityTooLarge
			}
			l.want(want, "To: <sip:user1@example.com>", fmt.Sprintf("CSeq: %d REGISTER", 3+i), fmt.Sprintf("Contact: <sip:%d@%s>", i, large))
		}
	})
}
