package storetest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ringback-sip/ringback/store"
)

// contents is what a Store had.
type contents struct {
	val map[string]string
	rev map[string]uint64
	top uint64 // the highest revision that was given
}

// fill puts, replaces and deletes records and returns what is to be there after that.
func fill(ctx context.Context, s store.Store) (contents, error) {
	c := contents{make(map[string]string), make(map[string]uint64), 0}
	until := time.Now().Add(time.Hour)
	put := func(key, val string) error {
		rev, err := s.Put(ctx, key, []byte(val), c.rev[key], until)
		c.val[key], c.rev[key], c.top = val, rev, max(c.top, rev)
		return err
	}
	for round := range 3 {
		for i := range 200 {
			if err := put("key "+strconv.Itoa(i), strings.Repeat(strconv.Itoa(round), i)); err != nil {
				return c, err
			}
		}
	}
	for i := 0; i < 200; i += 3 {
		key := "key " + strconv.Itoa(i)
		if err := s.Delete(ctx, key, c.rev[key]); err != nil {
			return c, err
		}
		delete(c.val, key)
	}
	return c, nil
}

// same says how s differs from c.
func same(ctx context.Context, s store.Store, c contents) error {
	n := 0
	err := s.Range(ctx, "", func(key string, val []byte, rev uint64, until time.Time) error {
		n++
		if want, ok := c.val[key]; !ok || string(val) != want || rev != c.rev[key] {
			return fmt.Errorf("%q is %q in revision %d, want %q in %d", key, val, rev, want, c.rev[key])
		}
		if d := time.Until(until); d < 55*time.Minute || d > time.Hour {
			return fmt.Errorf("%q ends in %v, want an hour", key, d)
		}
		return nil
	})
	if err == nil && n != len(c.val) {
		err = fmt.Errorf("%d records, want %d", n, len(c.val))
	}
	return err
}

// higher says when a revision that was given before c is given again, to a record that was deleted.
func higher(ctx context.Context, s store.Store, c contents) error {
	for key, old := range c.rev {
		if _, there := c.val[key]; there {
			continue
		}
		rev, err := s.Put(ctx, key, []byte("again"), 0, never)
		if err != nil {
			return err
		}
		if rev == old {
			return fmt.Errorf("%q has revision %d again", key, rev)
		}
	}
	return nil
}

func ranges(ctx context.Context, s store.Store) error {
	revs := make(map[string]uint64)
	for _, key := range []string{"a", "a/1", "a/2", "a/22", "ab", "b", "\xff", "A/1"} {
		rev, err := s.Put(ctx, key, []byte("of "+key), 0, never)
		if err != nil {
			return err
		}
		revs[key] = rev
	}
	for prefix, want := range map[string]int{"": 8, "a": 5, "a/": 3, "a/2": 2, "a/22": 1, "c": 0, "\xff": 1, "A": 1} {
		seen := make(map[string]bool)
		err := s.Range(ctx, prefix, func(key string, val []byte, rev uint64, until time.Time) error {
			if !strings.HasPrefix(key, prefix) || seen[key] || string(val) != "of "+key || rev != revs[key] || !until.IsZero() {
				return fmt.Errorf("Range(%q) has %q = %q in revision %d until %v", prefix, key, val, rev, until)
			}
			seen[key] = true
			_, _, err := s.Get(ctx, key) // it may
			return err
		})
		if err != nil {
			return err
		}
		if len(seen) != want {
			return fmt.Errorf("Range(%q) has %d records, want %d", prefix, len(seen), want)
		}
	}
	stop, calls := errors.New("stop"), 0
	err := s.Range(ctx, "", func(string, []byte, uint64, time.Time) error { calls++; return stop })
	if !errors.Is(err, stop) || calls != 1 {
		return fmt.Errorf("range with a function that fails = %v after %d calls, want its error after 1", err, calls)
	}
	return s.Range(ctx, "", func(key string, _ []byte, rev uint64, _ time.Time) error { return s.Delete(ctx, key, rev) })
}

func rangesAmongWriters(ctx context.Context, s store.Store) error {
	const stay = 300
	for i := range stay {
		if _, err := s.Put(ctx, "stay "+strconv.Itoa(i), []byte("v"), 0, never); err != nil {
			return err
		}
	}
	var over atomic.Bool
	failed := make(chan error, 1)
	go func() {
		for i := 0; !over.Load(); i++ {
			key := "go " + strconv.Itoa(i%50)
			rev, err := s.Put(ctx, key, []byte("v"), 0, never)
			if err == nil {
				err = s.Delete(ctx, key, rev)
			}
			if err != nil {
				failed <- err
				return
			}
		}
		failed <- nil
	}()
	err := func() error {
		for range 20 {
			seen := make(map[string]int)
			err := s.Range(ctx, "", func(key string, _ []byte, _ uint64, _ time.Time) error { seen[key]++; return nil })
			if err != nil {
				return err
			}
			for i := range stay {
				if n := seen["stay "+strconv.Itoa(i)]; n != 1 {
					return fmt.Errorf("range has a record %d times that was there all the while, want once", n)
				}
			}
		}
		return nil
	}()
	over.Store(true)
	return errors.Join(err, <-failed)
}

// together runs f n times at once and returns what went wrong.
func together(n int, f func(i int) error) error {
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { errs[i] = f(i) })
	}
	all.Wait()
	return errors.Join(errs...)
}

func oneCreates(ctx context.Context, s store.Store) error {
	for round := range 20 {
		key := "lease " + strconv.Itoa(round)
		var won atomic.Int32
		err := together(8, func(i int) error {
			_, err := s.Put(ctx, key, []byte{byte(i)}, 0, never)
			if err == nil {
				won.Add(1)
				return nil
			}
			return conflict("Put of what another one created", err)
		})
		if err != nil {
			return err
		}
		if n := won.Load(); n != 1 {
			return fmt.Errorf("%d created the same record, want 1", n)
		}
	}
	return nil
}

func noneLost(ctx context.Context, s store.Store) error {
	const workers, each = 8, 25
	err := together(workers, func(int) error {
		for range each {
			if err := increment(ctx, s, "counter"); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	val, _, err := s.Get(ctx, "counter")
	if err != nil || string(val) != strconv.Itoa(workers*each) {
		return fmt.Errorf("the counter is %q, %v after %d increments", val, err, workers*each)
	}
	return nil
}

func increment(ctx context.Context, s store.Store, key string) error {
	for {
		val, rev, err := s.Get(ctx, key)
		if err != nil {
			return err
		}
		n, _ := strconv.Atoi(string(val)) // nothing is 0
		_, err = s.Put(ctx, key, strconv.AppendInt(nil, int64(n+1), 10), rev, never)
		if !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
}
