package ua

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestPoolReusesGoroutines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(10)
		for range 100 {
			done := make(chan struct{})
			if !p.run(func() { close(done) }) {
				t.Fatal("refused")
			}
			<-done
			synctest.Wait()
		}
		if n := p.size(); n != 1 {
			t.Errorf("%d goroutines after 100 jobs one after the other, want 1", n)
		}
		time.Sleep(idleWorker + time.Second)
		if n := p.size(); n != 0 {
			t.Errorf("%d goroutines after %v of silence, want 0", n, idleWorker)
		}
		p.close()
	})
}

func TestPoolRefusesBeyondItsSize(t *testing.T) {
	p := newPool(2)
	hold := make(chan struct{})
	for i := range 2 {
		if !p.run(func() { <-hold }) {
			t.Fatalf("job %d refused, want a place", i)
		}
	}
	if p.run(func() {}) {
		t.Error("a third job found a place among two")
	}
	close(hold)
	p.close()
	if err := p.wait(context.Background()); err != nil {
		t.Error(err)
	}
	if p.run(func() {}) {
		t.Error("a closed pool took a job")
	}
}

func TestPoolWaitEndsWithItsContext(t *testing.T) {
	p := newPool(1)
	hold := make(chan struct{})
	p.run(func() { <-hold })
	p.close()
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if err := p.wait(ctx); err != context.Canceled {
		t.Errorf("wait: %v, want %v", err, context.Canceled)
	}
	close(hold)
	if err := p.wait(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestPoolUnderLoad(t *testing.T) {
	p := newPool(8)
	var wg sync.WaitGroup
	var mu sync.Mutex
	ran, refused := 0, 0
	for range 16 {
		wg.Go(func() {
			for range 200 {
				ok := p.run(func() {
					mu.Lock()
					defer mu.Unlock()
					ran++
				})
				if !ok {
					mu.Lock()
					refused++
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	p.close()
	p.wait(context.Background())
	if ran+refused != 16*200 || ran == 0 {
		t.Errorf("ran %d, refused %d of %d", ran, refused, 16*200)
	}
	if n := p.size(); n != 0 {
		t.Errorf("%d goroutines left, want 0", n)
	}
}
