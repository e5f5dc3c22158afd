package store

import (
	"context"
	"errors"
	"time"
)

// Store keeps bytes under keys. Its methods are safe for concurrent use, by several processes too where the engine is shared. Keys are not
// empty; they and the values are any bytes.
type Store interface {
	// Get returns the value of key and its revision: nil, 0 and no error when there is none. Nobody writes to the value, neither the caller nor
	// the Store.
	Get(ctx context.Context, key string) (val []byte, rev uint64, err error)
	// Put stores a copy of val and returns its revision, which key never had before, not even in a record that was deleted. rev is the revision that
	// it replaces, 0 when there must be none; anything else is ErrConflict, and nothing is changed. The record may be dropped after until, the zero
	// time being never. When Put returns, the record survives the end of the process, where the engine has any such promise. After another
	// error it is not known whether it was stored.
	Put(ctx context.Context, key string, val []byte, rev uint64, until time.Time) (uint64, error)
	// Delete removes key, whose revision is rev; another revision is ErrConflict. That there is no such record is no error.
	Delete(ctx context.Context, key string, rev uint64) error
	// Range calls f once for every record whose key begins with prefix and that is there from beginning to end, in any order, and perhaps for those
	// that come or go meanwhile. It ends with the first error of f. f may use the Store.
	Range(ctx context.Context, prefix string, f func(key string, val []byte, rev uint64, until time.Time) error) error
}

// ErrConflict: the record has another revision than the one that was to be replaced or deleted.
var ErrConflict = errors.New("store: somebody else changed the record meanwhile")

// errNoKey: the key is empty.
var errNoKey = errors.New("store: empty key")
