package store

import (
	"context"
	"fmt"
	"time"
)

// Memory is a Store in the memory of this process, and ends with it. The zero Memory is empty and ready. It drops records
// within a second or so of their end, without a goroutine for any of them.
type Memory struct{ t table }

// Get returns the value of key; see Store.
func (m *Memory) Get(ctx context.Context, key string) (val []byte, rev uint64, err error) {
	if err := check(ctx, key); err != nil {
		return nil, 0, fmt.Errorf("get: %w", err)
	}
	val, rev = m.t.get(key, time.Now())
	return val, rev, nil
}

// Put stores a copy of val; see Store.
func (m *Memory) Put(ctx context.Context, key string, val []byte, rev uint64, until time.Time) (uint64, error) {
	if err := check(ctx, key); err != nil {
		return 0, fmt.Errorf("put: %w", err)
	}
	val = own(val)
	t := &m.t
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	if err := t.find(key, now).may(rev); err != nil {
		return 0, err
	}
	t.set(key, val, t.last+1, millis(until))
	t.rouse(now)
	return t.last, nil
}

// Delete removes key; see Store.
func (m *Memory) Delete(ctx context.Context, key string, rev uint64) error {
	if err := check(ctx, key); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	t := &m.t
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.find(key, time.Now())
	if r == nil {
		return nil
	}
	if err := r.may(rev); err != nil {
		return err
	}
	t.remove(key)
	return nil
}

// Range calls f for every record whose key begins with prefix; see Store.
func (m *Memory) Range(ctx context.Context, prefix string, f func(key string, val []byte, rev uint64, until time.Time) error) error {
	return rangeOver(ctx, &m.t, prefix, f)
}

// Len returns how many records there are, those that are over and were not dropped yet among them.
func (m *Memory) Len() int { return m.t.len() }

// rangeOver is Range over a table.
func rangeOver(ctx context.Context, t *table, prefix string, f func(key string, val []byte, rev uint64, until time.Time) error) error {
	return t.walk(prefix, func(r record) error {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("range: %w", err)
		}
		return f(r.key, r.val, r.rev, moment(r.until))
	})
}

// check returns why nothing can be done with key.
func check(ctx context.Context, key string) error {
	if key == "" {
		return errNoKey
	}
	return ctx.Err()
}
