package transaction

import "sync"

// acks finds the INVITE server transactions of RFC 2543 clients by the key of the ACK that they wait for. There are few.
type acks struct {
	mu sync.Mutex // guards m; nothing else is locked while it is held
	m  map[key]*transaction
}

// find returns the transaction that waits for the ACK with key k, nil when there is none.
func (a *acks) find(k key) *transaction {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.m[k]
}

// add adds x under k and reports whether that was free.
func (a *acks) add(k key, x *transaction) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.m[k] != nil {
		return false
	}
	if a.m == nil {
		a.m = make(map[key]*transaction)
	}
	a.m[k] = x
	return true
}

func (a *acks) remove(k key) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.m, k)
}

// len returns the number of transactions.
func (a *acks) len() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.m)
}
