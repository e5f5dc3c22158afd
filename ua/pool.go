package ua

import (
	"context"
	"sync"
	"time"
)

// idleWorker is how long a handler goroutine waits for more work before it ends.
const idleWorker = 10 * time.Second

// pool runs handlers on goroutines that stay for the next one.
type pool struct {
	max  int
	jobs chan func()
	quit chan struct{} // closed by close
	gone chan struct{} // closed when the last goroutine after that ended

	mu      sync.Mutex // guards what follows
	workers int
	closed  bool
}

func newPool(most int) *pool {
	return &pool{max: most, jobs: make(chan func()), quit: make(chan struct{}), gone: make(chan struct{})}
}

// run runs f on a goroutine of the pool, false when it is full or closed.
func (p *pool) run(f func()) bool {
	select {
	case p.jobs <- f: // somebody is waiting
		return true
	default:
	}
	p.mu.Lock()
	if p.closed || p.workers >= p.max {
		p.mu.Unlock()
		return false
	}
	p.workers++
	p.mu.Unlock()
	go p.work(f)
	return true
}

func (p *pool) work(f func()) {
	defer p.leave() // also when f ends its goroutine, as t.Fatal does
	idle := time.NewTimer(idleWorker)
	defer idle.Stop()
	for {
		f()
		idle.Reset(idleWorker)
		select {
		case f = <-p.jobs:
		case <-idle.C:
			return
		case <-p.quit:
			return
		}
	}
}

// leave ends a goroutine.
func (p *pool) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.workers--
	if p.closed && p.workers == 0 {
		close(p.gone)
	}
}

// size returns the number of goroutines.
func (p *pool) size() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.workers
}

// close refuses new work and lets idle goroutines end; wait waits for the busy ones, or for ctx.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	p.closed = true
	close(p.quit)
	if p.workers == 0 {
		close(p.gone)
	}
}

func (p *pool) wait(ctx context.Context) error {
	select {
	case <-p.gone:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
