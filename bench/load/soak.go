package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// pacer sends OPTIONS at a fixed rate, whatever comes back.
type pacer struct {
	conn     *net.UDPConn
	script   script
	sent     uint32
	answered atomic.Int64
}

// soaked is what a server came to at a fixed rate.
type soaked struct {
	name           string
	sent, answered int
	cpu            []time.Duration // in each interval
	rss            []int           // after each
}

// soak drives the floor and the stack at the same time, each at rate operations a second, and looks every interval.
func soak(rate int, length, interval time.Duration) ([]soaked, error) {
	var peers []*peer
	defer func() { stopAll(peers) }()
	var pacers []*pacer
	rows := []soaked{{name: "floor"}, {name: "ringback"}}
	for i := range rows {
		s, err := startPeer(rows[i].name)
		if err != nil {
			return nil, err
		}
		peers = append(peers, s)
		g, err := newGenerator(options, s.addr, 1)
		if err != nil {
			return nil, err
		}
		defer g.close()
		pacers = append(pacers, &pacer{conn: g.conn, script: g.script})
	}
	var running sync.WaitGroup
	failures := make(chan error, 2*len(pacers))
	stop := time.Now().Add(length)
	for _, p := range pacers {
		running.Go(func() { failures <- p.send(rate, stop) })
		running.Go(func() { failures <- p.receive(stop.Add(time.Second)) })
	}
	err := watch(rows, peers, length, interval)
	running.Wait()
	close(failures)
	for e := range failures {
		err = errors.Join(err, e)
	}
	for i, p := range pacers {
		rows[i].sent, rows[i].answered = int(p.sent), int(p.answered.Load())
	}
	return rows, err
}

// watch notes what each peer uses in each interval.
func watch(rows []soaked, peers []*peer, length, interval time.Duration) error {
	before := make([]time.Duration, len(peers))
	for i, s := range peers {
		var err error
		if before[i], err = s.cpu(); err != nil {
			return err
		}
	}
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for range int(length / interval) {
		<-tick.C
		for i, s := range peers {
			now, err := s.cpu()
			if err != nil {
				return err
			}
			size, err := s.rss()
			if err != nil {
				return err
			}
			rows[i].cpu = append(rows[i].cpu, now-before[i])
			rows[i].rss = append(rows[i].rss, size)
			before[i] = now
		}
	}
	return nil
}

// send sends rate messages a second until stop.
func (p *pacer) send(rate int, stop time.Time) error {
	begin := time.Now()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	var b []byte
	for now := begin; now.Before(stop); now = <-tick.C {
		due := uint32(now.Sub(begin).Seconds() * float64(rate))
		for ; p.sent < due; p.sent++ {
			b = p.script.first.fill(b[:0], p.sent, nil, nil)
			if _, err := p.conn.Write(b); err != nil {
				return fmt.Errorf("soak: %w", err)
			}
		}
	}
	return nil
}

// receive counts answers until stop.
func (p *pacer) receive(stop time.Time) error {
	if err := p.conn.SetReadDeadline(stop); err != nil {
		return err
	}
	b := make([]byte, 65536)
	for {
		n, err := p.conn.Read(b)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			return nil
		case err != nil:
			return err
		}
		if r, ok := readReply(b[:n], false); ok && r.status == '2' {
			p.answered.Add(1)
		}
	}
}
