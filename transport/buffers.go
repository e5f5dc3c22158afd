package transport

import (
	"context"
	"log/slog"
	"net"
	"sync/atomic"
)

// socketBuffer is how many octets of datagrams may wait in the kernel, in each direction. A burst that arrives while the reader is away for
// a moment must find room: what does not is lost, and comes again half a second later. It is a bound, and costs nothing while it is not used.
const socketBuffer = 4 << 20

// widen asks for large buffers for pc, and tells once, on the level given, where the kernel grants less than that.
func (l *Layer) widen(pc net.PacketConn, level slog.Level) {
	if granted, known := setBuffers(pc, socketBuffer); known {
		l.grants(pc, granted, level)
	}
}

// grants tells of a kernel that granted so many octets.
func (l *Layer) grants(pc net.PacketConn, octets int, level slog.Level) {
	if octets >= socketBuffer || level >= slog.LevelWarn && !l.narrow.CompareAndSwap(false, true) {
		return
	}
	l.cfg.Logger.Log(context.Background(), level, "receive buffer is small: datagrams of a burst will be lost",
		"addr", pc.LocalAddr(), "octets", octets, "wanted", socketBuffer, "sysctl", "net.core.rmem_max")
}

// setBuffer asks for buffers in the way of package net, which is not told what it gets.
func setBuffer(pc net.PacketConn, size int) {
	if conn, ok := pc.(interface{ SetReadBuffer(int) error }); ok {
		_ = conn.SetReadBuffer(size)
	}
	if conn, ok := pc.(interface{ SetWriteBuffer(int) error }); ok {
		_ = conn.SetWriteBuffer(size)
	}
}

// overruns counts what the kernel dropped because a socket's buffer was full. It is for the socket's one reader.
type overruns struct {
	last  uint32 // what the kernel said: all since the socket was made, modulo 1<<32
	total *atomic.Uint64
}

// told takes what the kernel says beside a datagram. It says nothing as long as it has dropped none.
func (o *overruns) told(all uint32) {
	if all != 0 && all != o.last {
		o.total.Add(uint64(all - o.last))
		o.last = all
	}
}
