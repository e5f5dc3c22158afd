package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ringback-sip/ringback/store"
)

// never is the until of a record that does not end.
var never time.Time

// expect reads key and says when it is not val in revision rev.
func expect(ctx context.Context, s store.Store, key, val string, rev uint64) error {
	got, r, err := s.Get(ctx, key)
	if err != nil || string(got) != val || r != rev || got == nil {
		return fmt.Errorf("Get(%q) = %q, %d, %v, want %q, %d", key, got, r, err, val, rev)
	}
	return nil
}

// expectNone says when there is a record of key.
func expectNone(ctx context.Context, s store.Store, key string) error {
	if got, rev, err := s.Get(ctx, key); got != nil || rev != 0 || err != nil {
		return fmt.Errorf("Get(%q) = %q, %d, %v, want nil, 0, nil", key, got, rev, err)
	}
	return nil
}

// conflict says when err is not ErrConflict.
func conflict(what string, err error) error {
	if !errors.Is(err, store.ErrConflict) {
		return fmt.Errorf("%s = %v, want ErrConflict", what, err)
	}
	return nil
}

func absent(ctx context.Context, s store.Store) error {
	_, err := s.Put(ctx, "a", []byte("v"), 1, never)
	return errors.Join(
		expectNone(ctx, s, "a"),
		conflict("Put in the place of a revision that there is not", err),
		s.Delete(ctx, "a", 0),
		s.Delete(ctx, "a", 7),
		expectNone(ctx, s, "a"),
	)
}

func present(ctx context.Context, s store.Store) error {
	rev, err := s.Put(ctx, "a", []byte("v"), 0, never)
	if err != nil || rev == 0 {
		return fmt.Errorf("put = %d, %v, want a revision", rev, err)
	}
	return errors.Join(expect(ctx, s, "a", "v", rev), expectNone(ctx, s, "b"), expectNone(ctx, s, "a "), expectNone(ctx, s, "A"))
}

func swaps(ctx context.Context, s store.Store) error {
	rev := uint64(0)
	for i := range 5 {
		val := fmt.Sprint("value ", i)
		next, err := s.Put(ctx, "a", []byte(val), rev, never)
		if err != nil || next == rev {
			return fmt.Errorf("put = %d, %v, want another revision than %d", next, err, rev)
		}
		if err := expect(ctx, s, "a", val, next); err != nil {
			return err
		}
		rev = next
	}
	return nil
}

func conflicts(ctx context.Context, s store.Store) error {
	first, err := s.Put(ctx, "a", []byte("1"), 0, never)
	if err != nil {
		return err
	}
	second, err := s.Put(ctx, "a", []byte("2"), first, never)
	if err != nil {
		return err
	}
	for _, rev := range []uint64{0, first, second + 1, second + 1000} {
		_, err := s.Put(ctx, "a", []byte("3"), rev, never)
		if err := errors.Join(
			conflict(fmt.Sprintf("Put in the place of %d, not %d", rev, second), err),
			conflict(fmt.Sprintf("Delete of %d, not %d", rev, second), s.Delete(ctx, "a", rev)),
			expect(ctx, s, "a", "2", second),
		); err != nil {
			return err
		}
	}
	return nil
}

func deletes(ctx context.Context, s store.Store) error {
	rev, err := s.Put(ctx, "a", []byte("v"), 0, never)
	if err != nil {
		return err
	}
	other, err := s.Put(ctx, "ab", []byte("w"), 0, never)
	if err != nil {
		return err
	}
	return errors.Join(
		s.Delete(ctx, "a", rev), expectNone(ctx, s, "a"),
		s.Delete(ctx, "a", rev), expect(ctx, s, "ab", "w", other),
	)
}

// fresh: who holds the revision of a record that was deleted must not overwrite the one that came after it.
func fresh(ctx context.Context, s store.Store) error {
	seen := make(map[uint64]bool)
	for range 10 {
		rev, err := s.Put(ctx, "a", []byte("v"), 0, never)
		if err != nil {
			return err
		}
		if seen[rev] {
			return fmt.Errorf("revision %d was given to another record of the key before", rev)
		}
		seen[rev] = true
		if err := s.Delete(ctx, "a", rev); err != nil {
			return err
		}
	}
	return nil
}

func anyBytes(ctx context.Context, s store.Store) error {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	keys := []string{"a", "a/b", "a\x00b", "a\x00", "\xff\xfe", "sip:alice@example.com", " ", "..", "a\r\nb", strings.Repeat("k", 400)}
	values := [][]byte{{}, nil, {0}, all, bytes.Repeat([]byte("0123456789abcdef"), 4096)}
	for _, key := range keys {
		rev := uint64(0)
		for _, val := range values {
			var err error
			if rev, err = s.Put(ctx, key, val, rev, never); err != nil {
				return fmt.Errorf("Put(%q) of %d octets: %w", key, len(val), err)
			}
			if err := expect(ctx, s, key, string(val), rev); err != nil {
				return err
			}
		}
	}
	if _, err := s.Put(ctx, "", []byte("v"), 0, never); err == nil {
		return errors.New("put with an empty key is no error")
	}
	return nil
}

func owned(ctx context.Context, s store.Store) error {
	val := []byte("before")
	rev, err := s.Put(ctx, "a", val, 0, never)
	if err != nil {
		return err
	}
	copy(val, "CHANGE")
	got, _, err := s.Get(ctx, "a")
	if err != nil {
		return err
	}
	next, err := s.Put(ctx, "a", []byte("after!"), rev, never)
	if err != nil {
		return err
	}
	if string(got) != "before" {
		return fmt.Errorf("a value that was got became %q, want %q for good", got, "before")
	}
	return expect(ctx, s, "a", "after!", next)
}

func ends(ctx context.Context, s store.Store) error {
	until := time.Now().Add(time.Hour)
	rev, err := s.Put(ctx, "later", []byte("v"), 0, until)
	if err != nil {
		return err
	}
	if err := expect(ctx, s, "later", "v", rev); err != nil {
		return err
	}
	// One that is over may be there or not, but there are no two answers to that.
	if _, err = s.Put(ctx, "over", []byte("v"), 0, time.Now().Add(-time.Hour)); err != nil {
		return fmt.Errorf("put of what is over already: %w", err)
	}
	_, rev, err = s.Get(ctx, "over")
	if err != nil {
		return err
	}
	rev, err = s.Put(ctx, "over", []byte("w"), rev, never)
	if err != nil {
		return fmt.Errorf("put with the revision that Get named, of a record that is over: %w", err)
	}
	if err := expect(ctx, s, "over", "w", rev); err != nil {
		return err
	}
	return s.Range(ctx, "", func(key string, _ []byte, _ uint64, u time.Time) error {
		want := map[string]time.Time{"later": until, "over": never}[key]
		if d := u.Sub(want); d < -time.Second || d > time.Second {
			return fmt.Errorf("%q ends %v, want %v", key, u, want)
		}
		return nil
	})
}

func canceled(ctx context.Context, s store.Store) error {
	if _, err := s.Put(ctx, "a", []byte("v"), 0, never); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	_, _, getErr := s.Get(ctx, "a")
	_, putErr := s.Put(ctx, "b", []byte("v"), 0, never)
	rangeErr := s.Range(ctx, "", func(string, []byte, uint64, time.Time) error { return nil })
	for what, err := range map[string]error{"Get": getErr, "Put": putErr, "Delete": s.Delete(ctx, "a", 1), "Range": rangeErr} {
		if !errors.Is(err, context.Canceled) {
			return fmt.Errorf("%s = %v, want the context's error", what, err)
		}
	}
	return nil
}
