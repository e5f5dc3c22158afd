package storetest

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/store"
)

// mutant is a Store that breaks one promise.
type mutant struct {
	store.Memory
	ways

	mu   sync.Mutex // guards what follows
	lent []byte
	gone map[string]bool
}

// ways is how a mutant does things; nil is as Memory does.
type ways struct {
	get    func(m *mutant, ctx context.Context, key string) ([]byte, uint64, error)
	put    func(m *mutant, ctx context.Context, key string, val []byte, rev uint64, until time.Time) (uint64, error)
	delete func(m *mutant, ctx context.Context, key string, rev uint64) error
	walk   func(m *mutant, ctx context.Context, prefix string, f visit) error
}

type visit = func(key string, val []byte, rev uint64, until time.Time) error

func (m *mutant) Get(ctx context.Context, key string) ([]byte, uint64, error) {
	if m.get != nil {
		return m.get(m, ctx, key)
	}
	return m.Memory.Get(ctx, key)
}

func (m *mutant) Put(ctx context.Context, key string, val []byte, rev uint64, until time.Time) (uint64, error) {
	if m.put != nil {
		return m.put(m, ctx, key, val, rev, until)
	}
	return m.Memory.Put(ctx, key, val, rev, until)
}

func (m *mutant) Delete(ctx context.Context, key string, rev uint64) error {
	if m.delete != nil {
		return m.delete(m, ctx, key, rev)
	}
	return m.Memory.Delete(ctx, key, rev)
}

func (m *mutant) Range(ctx context.Context, prefix string, f visit) error {
	if m.walk != nil {
		return m.walk(m, ctx, prefix, f)
	}
	return m.Memory.Range(ctx, prefix, f)
}

// The kit itself: it finds each broken promise.
func TestKitFindsWhatIsBroken(t *testing.T) {
	mutants := map[string]ways{
		"empty value for none": {get: func(m *mutant, ctx context.Context, key string) ([]byte, uint64, error) {
			val, rev, err := m.Memory.Get(ctx, key)
			return append([]byte{}, val...), rev, err
		}},
		"nil for an empty value": {get: func(m *mutant, ctx context.Context, key string) ([]byte, uint64, error) {
			val, rev, err := m.Memory.Get(ctx, key)
			return append([]byte(nil), val...), rev, err
		}},
		"overwrites": {put: func(m *mutant, ctx context.Context, key string, val []byte, _ uint64, until time.Time) (uint64, error) {
			_, rev, _ := m.Memory.Get(ctx, key)
			return m.Memory.Put(ctx, key, val, rev, until)
		}},
		"another error for a conflict": {put: func(m *mutant, ctx context.Context, key string, val []byte, rev uint64, until time.Time) (uint64, error) {
			rev, err := m.Memory.Put(ctx, key, val, rev, until)
			if errors.Is(err, store.ErrConflict) {
				err = errors.New("conflict")
			}
			return rev, err
		}},
		"the revision that was replaced": {put: func(m *mutant, ctx context.Context, key string, val []byte, rev uint64, until time.Time) (uint64, error) {
			_, err := m.Memory.Put(ctx, key, val, rev, until)
			return rev, err
		}},
		"keys in lower case": {get: func(m *mutant, ctx context.Context, key string) ([]byte, uint64, error) {
			return m.Memory.Get(ctx, strings.ToLower(key))
		}},
		"deletes whatever is there": {delete: func(m *mutant, ctx context.Context, key string, _ uint64) error {
			_, rev, _ := m.Memory.Get(ctx, key)
			return m.Memory.Delete(ctx, key, rev)
		}},
		"an error for what is not there": {delete: func(m *mutant, ctx context.Context, key string, rev uint64) error {
			if _, now, _ := m.Memory.Get(ctx, key); now == 0 {
				return store.ErrConflict
			}
			return m.Memory.Delete(ctx, key, rev)
		}},
		"keys end at a NUL": {
			put: func(m *mutant, ctx context.Context, key string, val []byte, rev uint64, until time.Time) (uint64, error) {
				key, _, _ = strings.Cut(key, "\x00")
				return m.Memory.Put(ctx, key, val, rev, until)
			},
			get: func(m *mutant, ctx context.Context, key string) ([]byte, uint64, error) {
				key, _, _ = strings.Cut(key, "\x00")
				return m.Memory.Get(ctx, key)
			},
		},
		"a value that changes": {get: func(m *mutant, ctx context.Context, key string) ([]byte, uint64, error) {
			val, rev, err := m.Memory.Get(ctx, key)
			m.mu.Lock()
			defer m.mu.Unlock()
			if val != nil {
				m.lent = append(m.lent[:0], val...)
				val = m.lent
			}
			return val, rev, err
		}},
		"no end": {walk: func(m *mutant, ctx context.Context, prefix string, f visit) error {
			return m.Memory.Range(ctx, prefix, func(key string, val []byte, rev uint64, _ time.Time) error { return f(key, val, rev, time.Time{}) })
		}},
		"every prefix": {walk: func(m *mutant, ctx context.Context, _ string, f visit) error { return m.Memory.Range(ctx, "", f) }},
		"no stop": {walk: func(m *mutant, ctx context.Context, prefix string, f visit) error {
			var last error
			m.Memory.Range(ctx, prefix, func(key string, val []byte, rev uint64, until time.Time) error {
				if err := f(key, val, rev, until); err != nil {
					last = err
				}
				return nil
			})
			return last
		}},
		"some twice": {walk: func(m *mutant, ctx context.Context, prefix string, f visit) error {
			return m.Memory.Range(ctx, prefix, func(key string, val []byte, rev uint64, until time.Time) error {
				if err := f(key, val, rev, until); err != nil {
					return err
				}
				return f(key, val, rev, until)
			})
		}},
		"no context": {get: func(m *mutant, _ context.Context, key string) ([]byte, uint64, error) {
			return m.Memory.Get(context.Background(), key)
		}},
		"revisions begin anew": {
			put: func(m *mutant, ctx context.Context, key string, val []byte, rev uint64, until time.Time) (uint64, error) {
				if rev > 0 {
					rev += 1000
				}
				real, err := m.Memory.Put(ctx, key, val, rev, until)
				m.mu.Lock()
				defer m.mu.Unlock()
				if m.gone[key] && err == nil {
					return 1, nil
				}
				return real, err
			},
			delete: func(m *mutant, ctx context.Context, key string, _ uint64) error {
				m.mu.Lock()
				m.gone[key] = true
				m.mu.Unlock()
				_, rev, _ := m.Memory.Get(ctx, key)
				return m.Memory.Delete(ctx, key, rev)
			},
		},
		"a lost change": {put: func(m *mutant, ctx context.Context, key string, val []byte, rev uint64, until time.Time) (uint64, error) {
			if n, err := strconv.Atoi(string(val)); err == nil && n == 100 {
				return 1000, nil
			}
			return m.Memory.Put(ctx, key, val, rev, until)
		}},
	}
	for name, ways := range mutants {
		t.Run(name, func(t *testing.T) {
			for _, c := range checks() {
				m := &mutant{ways: ways, gone: make(map[string]bool)}
				if err := c.holds(t.Context(), m); err != nil {
					t.Logf("%s: %v", c.name, err)
					return
				}
			}
			t.Error("the kit finds nothing")
		})
	}
}

// What forgets its revisions when it ends is no durable Store.
func TestKitFindsWhatIsForgotten(t *testing.T) {
	var s store.Memory
	before, err := fill(t.Context(), &s)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(same(t.Context(), &s, before), higher(t.Context(), &s, before)); err != nil {
		t.Errorf("a store that was not closed: %v", err)
	}
	if same(t.Context(), new(store.Memory), before) == nil {
		t.Error("an empty store has the same contents")
	}
	var again store.Memory
	if _, err := fill(t.Context(), &again); err != nil {
		t.Fatal(err)
	}
	one, rev, err := again.Get(t.Context(), "key 1")
	if err != nil || one == nil {
		t.Fatal(err)
	}
	if _, err := again.Put(t.Context(), "key 1", []byte("other"), rev, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if same(t.Context(), &again, before) == nil {
		t.Error("a store with another value has the same contents")
	}
}
