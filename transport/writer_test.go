package transport

import (
	"bytes"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// A peer that does not read is given up after the time of one write, and is not called back.
func TestSlowReaderIsGivenUp(t *testing.T) {
	onListener(t, Config{}, func(t *testing.T, s *station, a *acceptor, d *dialler) {
		peer := a.from(t, "192.0.2.9:6000")
		send(t, peer, options(viaTCP))
		got := <-s.arrivals
		start := time.Now()
		for range 3 {
			if err := got.hop.Send(answer(t, got.m)); err != nil {
				t.Fatal(err)
			}
		}
		for range 3 {
			if f := <-s.failures; f.hop != got.hop || !errors.Is(f.err, ErrSlow) {
				t.Errorf("failed with %v, want ErrSlow", f.err)
			}
		}
		if took := time.Since(start); took != 10*time.Second {
			t.Errorf("after %v, want 10s", took)
		}
		synctest.Wait()
		none(t, d.dials, "dial")
		if s.Connections() != 0 {
			t.Error("the connection is still there")
		}
	})
}

// A Hop that a queue names is not used again by the reader: its failure must find who sent.
func TestHopInAQueueIsNotReused(t *testing.T) {
	hops := make(chan *Hop, 10)
	cfg := Config{Receive: func(h *Hop, m *parser.Message) bool {
		if err := h.Send(wire(m.Clone().Bytes())); err != nil {
			t.Errorf("Send: %v", err)
		}
		hops <- h
		return false
	}}
	onListener(t, cfg, func(t *testing.T, s *station, a *acceptor, _ *dialler) {
		peer := a.from(t, "192.0.2.9:6000")
		send(t, peer, options(viaTCP))
		send(t, peer, options(viaTCP))
		one, two := <-hops, <-hops
		if one == two {
			t.Error("a Hop whose message waits was used again")
		}
		for _, want := range []*Hop{one, two} {
			if f := <-s.failures; f.hop != want {
				t.Error("another Hop failed")
			}
		}
	})
}

// stuck is a connection whose Write takes its time and succeeds, whatever else happens.
type stuck struct {
	pipe
	written chan struct{}
}

func (c stuck) Write(b []byte) (int, error) {
	<-c.written
	return len(b), nil
}

func (c stuck) SetWriteDeadline(time.Time) error { return nil }

// What is being written when the connection ends is judged by how that goes.
func TestEndWaitsForTheWriter(t *testing.T) {
	onListener(t, Config{}, func(t *testing.T, s *station, _ *acceptor, d *dialler) {
		h := s.hop(TCP, ap("192.0.2.9:5060"))
		if err := h.Send(numbered(1)); err != nil {
			t.Fatal(err)
		}
		attempt := <-d.dials
		ours, theirs := newPipe(ap("192.0.2.1:40000"), attempt.remote)
		conn := stuck{ours, make(chan struct{})}
		attempt.result <- conn
		synctest.Wait()
		if err := h.Send(numbered(2)); err != nil {
			t.Fatal(err)
		}
		f, _ := h.Flow()
		_ = theirs.Close()
		synctest.Wait()
		select {
		case <-f.Done():
			t.Error("ended while it was written to")
		default:
		}
		close(conn.written)
		<-f.Done()
		synctest.Wait()
		none(t, s.failures, "failure")
		if got := s.Stats().Sent; got != 2 {
			t.Errorf("%d sent, want 2", got)
		}
	})
}

// The same for a connection that is closed as idle.
func TestIdleEndWaitsForTheWriter(t *testing.T) {
	onListener(t, Config{Limits: Limits{Writing: time.Hour}}, func(t *testing.T, s *station, a *acceptor, _ *dialler) {
		ours, theirs := newPipe(a.addr, ap("192.0.2.9:6000"))
		conn := stuck{ours, make(chan struct{})}
		a.conns <- conn
		send(t, theirs, options(viaTCP))
		f, _ := (<-s.arrivals).hop.Flow()
		send(t, theirs, []byte("\r\n\r\n"))
		time.Sleep(181 * time.Second)
		select {
		case <-f.Done():
			t.Error("ended while it was written to")
		default:
		}
		close(conn.written)
		<-f.Done()
	})
}

// What was written does not count as waiting.
func TestQueueIsOfWhatWaits(t *testing.T) {
	onListener(t, Config{Limits: Limits{Queue: 2000}}, func(t *testing.T, s *station, a *acceptor, _ *dialler) {
		peer := a.from(t, "192.0.2.9:5060")
		synctest.Wait()
		h := s.hop(TCP, ap("192.0.2.9:5060"))
		for i := range 50 {
			for range 2 {
				if err := h.Send(numbered(i)); err != nil {
					t.Fatalf("message %d: %v", i, err)
				}
			}
			receive(t, peer)
			receive(t, peer)
			synctest.Wait()
		}
	})
}

// Nor is one called back that lets too much wait.
func TestFullQueueDoesNotDialBack(t *testing.T) {
	onListener(t, Config{Limits: Limits{Queue: 500}}, func(t *testing.T, s *station, a *acceptor, d *dialler) {
		peer := a.from(t, "192.0.2.9:6000")
		send(t, peer, options(viaTCP))
		got := <-s.arrivals
		for {
			err := got.hop.Send(answer(t, got.m))
			if errors.Is(err, ErrQueue) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if f := <-s.failures; f.hop != got.hop || !errors.Is(f.err, ErrQueue) {
			t.Errorf("failed with %v, want ErrQueue", f.err)
		}
		synctest.Wait()
		none(t, d.dials, "dial")
	})
}

// What waits to be written is bounded in octets; the connection goes, not the memory.
func TestQueueIsBounded(t *testing.T) {
	for _, connected := range []bool{true, false} {
		onListener(t, Config{Limits: Limits{Queue: 4000}}, func(t *testing.T, s *station, _ *acceptor, d *dialler) {
			h := s.hop(TCP, ap("192.0.2.9:5060"))
			large := wire(append(options(viaTCP), make([]byte, 10000)...))
			if err := h.Send(large); err != nil {
				t.Fatalf("one message may always wait: %v", err)
			}
			if connected {
				(<-d.dials).accept()
				synctest.Wait()
			}
			if err := h.Send(numbered(1)); !errors.Is(err, ErrQueue) {
				t.Errorf("connected %v: Send = %v, want ErrQueue", connected, err)
			}
			if f := <-s.failures; f.hop != h || !errors.Is(f.err, ErrQueue) {
				t.Errorf("connected %v: failed with %v, want ErrQueue", connected, f.err)
			}
			synctest.Wait()
			if s.Connections() != 0 {
				t.Errorf("connected %v: the connection is still there", connected)
			}
		})
	}
}

// TP-014: however many write, each message arrives whole. Connections are bounded by nobody's pace but the peer's.
func TestMessagesAreWrittenWhole(t *testing.T) {
	onListener(t, Config{}, func(t *testing.T, s *station, _ *acceptor, d *dialler) {
		const writers, each = 100, 20
		h := s.hop(TCP, ap("192.0.2.9:5060"))
		head := bytes.Replace(options(viaTCP), []byte("Length: 0"), []byte("Length: 9"), 1)
		var done sync.WaitGroup
		for range writers {
			done.Go(func() {
				for range each {
					if err := h.Send(parser.Wire{Head: head, Body: [3][]byte{[]byte("one"), []byte("two"), []byte("six")}}); err != nil {
						t.Errorf("Send: %v", err)
					}
				}
			})
		}
		done.Wait()
		peer := (<-d.dials).accept()
		var f parser.Framer
		var buf []byte
		read := make([]byte, 8000)
		for got := 0; got < writers*each; {
			n, err := peer.Read(read)
			if err != nil {
				t.Fatalf("after %d messages: %v", got, err)
			}
			buf = append(buf, read[:n]...)
			for {
				n, err := f.Next(buf)
				if err != nil {
					t.Fatalf("after %d messages: %v", got, err)
				}
				if n == 0 {
					break
				}
				var m parser.Message
				if err := m.Parse(buf[:n]); err != nil || string(m.Body()) != "onetwosix" {
					t.Fatalf("message %d: %v, body %q", got, err, m.Body())
				}
				buf = buf[n:]
				got++
			}
		}
		synctest.Wait()
		if got := s.Stats().Sent; got != writers*each {
			t.Errorf("%d sent, want %d", got, writers*each)
		}
	})
}

// Many messages in parts, written faster than the peer reads, over the system's own connection.
func TestRealStreamIsWrittenWhole(t *testing.T) {
	s := realStation(t, Config{})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	h := s.hop(TCP, addrPort(ln.Addr()))
	body := bytes.Repeat([]byte("0123456789"), 100)
	head := bytes.Replace(options(viaTCP), []byte("Length: 0"), []byte("Length: 3000"), 1)
	const messages = 300
	for range messages {
		if err := h.Send(parser.Wire{Head: head, Body: [3][]byte{body, body, body}}); err != nil {
			t.Fatal(err)
		}
	}
	conn, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, messages*(len(head)+3000))
	if _, err := io.ReadFull(conn, got); err != nil {
		t.Fatal(err)
	}
	if one := append(bytes.Clone(head), bytes.Repeat(body, 3)...); !bytes.Equal(got, bytes.Repeat(one, messages)) {
		t.Error("something else arrived")
	}
}
