package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/ringback-sip/ringback/store"
)

// Two have read the same record: the second to write is told so.
func Example() {
	ctx, s := context.Background(), new(store.Memory)
	rev, err := s.Put(ctx, "lease", []byte("first"), 0, time.Now().Add(time.Minute))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = s.Put(ctx, "lease", []byte("second"), rev, time.Now().Add(time.Minute))
	fmt.Println(err)
	_, err = s.Put(ctx, "lease", []byte("third"), rev, time.Now().Add(time.Minute))
	fmt.Println(errors.Is(err, store.ErrConflict))
	// Output:
	// <nil>
	// true
}

func ExampleOpenFile() {
	dir, err := os.MkdirTemp("", "store")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	s, err := store.OpenFile(dir, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := s.Put(ctx, "sip:alice@example.com", []byte("at home"), 0, time.Time{}); err != nil {
		fmt.Println(err)
	}
	if err := s.Close(); err != nil {
		fmt.Println(err)
	}

	s, err = store.OpenFile(dir, nil) // the next process
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	val, _, err := s.Get(ctx, "sip:alice@example.com")
	fmt.Println(string(val), err)
	// Output: at home <nil>
}
