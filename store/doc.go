// Package store keeps what has to outlive a request, and may have to outlive the process: the bindings of a registrar, the subscriptions of
// a notifier, the leases of a conference. What is kept is bytes under a key; whoever puts them there knows what they mean.
//
// A [Store] is small enough to be written for any database in an afternoon: package store/storetest says whether it was written well. There are
// two here, [Memory] and [File].
//
// # Compare and swap
//
// Each record has a revision. A Put names the one that it replaces, and is refused with [ErrConflict] when somebody was faster; then one reads
// again, decides again and tries again:
//
//	for {
//		val, rev, err := s.Get(ctx, key)
//		...
//		_, err = s.Put(ctx, key, change(val), rev, until)
//		if !errors.Is(err, store.ErrConflict) {
//			return err
//		}
//	}
//
// # Time
//
// The time until which a record is of use stands inside its value, and whoever reads it checks that. What is given to Put is for the engine, which
// may drop the record at any time after it.
package store
