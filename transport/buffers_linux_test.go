package transport

import (
	"bytes"
	"log/slog"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"
)

// loopback returns a socket whose receive buffer holds octets, or what the kernel has at least.
func loopback(t *testing.T, network string, octets int) *net.UDPConn {
	t.Helper()
	var at *net.UDPAddr // every address
	if network == "udp4" {
		at = &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}
	}
	conn, err := net.ListenUDP(network, at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetReadBuffer(octets); err != nil {
		t.Fatal(err)
	}
	return conn
}

// What the kernel had to drop is counted, on an address and on a wildcard.
func TestDatagramsThatTheKernelDroppedAreCounted(t *testing.T) {
	for _, wild := range []bool{false, true} {
		network := "udp4"
		if wild {
			network = "udp"
		}
		l := New(nil)
		pc := loopback(t, network, 4096)
		k := newSocket(l, pc, addrPort(pc.LocalAddr()), wild)
		peer, err := net.DialUDP("udp4", nil, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: int(k.addr.Port())})
		if err != nil {
			t.Fatal(err)
		}
		defer peer.Close()
		const sent = 200
		for range sent {
			send(t, peer, options("UDP 127.0.0.1;rport;branch=z9hG4bK1"))
		}
		in, buf := newInbox(l), make([]byte, maxDatagram)
		pc.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		for k.next(in, buf) == nil {
		}
		arrived := l.Stats().Received
		if arrived == sent {
			t.Fatalf("all %d datagrams found room", sent)
		}
		pc.SetReadDeadline(time.Time{})
		for range askEvery { // the next one that asks
			send(t, peer, options("UDP 127.0.0.1;rport;branch=z9hG4bK1"))
			if err := k.next(in, buf); err != nil {
				t.Fatal(err)
			}
		}
		if got := l.Stats().Overrun; got != sent-arrived {
			t.Errorf("wildcard %t: %d counted, want %d", wild, got, sent-arrived)
		}
	}
}

// The kernel counts in 32 bits, and is asked again and again.
func TestOverrunsAreCountedOnce(t *testing.T) {
	var c counts
	o := overruns{total: &c.overrun}
	for _, all := range []uint32{0, 3, 3, 0, 1<<32 - 1, 4} {
		o.told(all)
	}
	if got, want := c.overrun.Load(), uint64(1<<32+4); got != want {
		t.Errorf("got %d, want %d", got, want)
	}
}

func TestLargeBuffersAreAskedFor(t *testing.T) {
	var log bytes.Buffer
	l := New(&Config{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	t.Cleanup(func() { l.Shutdown(t.Context()) })
	var granted [2]int
	for i := range granted {
		pc := loopback(t, "udp4", 4096)
		if err := l.ServePacket(pc); err != nil {
			t.Fatal(err)
		}
		if err := control(pc, func(fd int) (err error) {
			granted[i], err = syscall.GetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_RCVBUF)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	if granted[0] < 2*4096*8 || granted[1] != granted[0] {
		t.Errorf("granted %d, of %d octets", granted, socketBuffer)
	}
	// Whether the kernel grants all is the machine's business: it is told once if not.
	want := 0
	if granted[0] < 2*socketBuffer {
		want = 1
	}
	if got := strings.Count(log.String(), "net.core.rmem_max"); got != want {
		t.Errorf("told %d times, want %d:\n%s", got, want, log.String())
	}
}

// A kernel that grants too little is told of once, and not by a socket that no server has.
func TestSmallBufferIsToldOnce(t *testing.T) {
	var log bytes.Buffer
	l := New(&Config{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	pc := loopback(t, "udp4", 4096)
	l.grants(pc, 4096, slog.LevelDebug)
	if log.Len() > 0 {
		t.Errorf("of a client's socket: %s", log.String())
	}
	for range 2 {
		l.grants(pc, 4096, slog.LevelWarn)
	}
	l.grants(pc, socketBuffer, slog.LevelWarn)
	if got := strings.Count(log.String(), "sysctl=net.core.rmem_max"); got != 1 || !strings.Contains(log.String(), "octets=4096") {
		t.Errorf("told %d times, want 1: %s", got, log.String())
	}
}

// A buffer that its owner made larger stays that large.
func TestBufferIsNotMadeSmaller(t *testing.T) {
	pc := loopback(t, "udp4", 64<<10)
	before, known := setBuffers(pc, 1)
	after, _ := setBuffers(pc, 4096)
	if !known || before < 64<<10 || after != before {
		t.Errorf("%d octets, then %d, known %t", before, after, known)
	}
}
