package transaction

import (
	"bytes"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// The transactions of these benchmarks live 64 ms, so that as many end as begin: what ends them is counted too.
var brief64ms = &Config{T1: time.Millisecond, T4: 64 * time.Millisecond}

// An OPTIONS over UDP comes and is answered.
func BenchmarkServerTransaction(b *testing.B) {
	k := &quiet{wire: wire(response(request("OPTIONS", "z9hG4bKabc"), 200, "b"))}
	l := New(k, brief64ms)
	defer l.Shutdown()
	a := newTemplate(numbered("OPTIONS"))
	conns := make([]null, 1<<16)
	b.SetBytes(int64(len(a.b)))
	b.ReportAllocs()
	for b.Loop() {
		l.Receive(&conns[a.n%len(conns)], a.next(b))
	}
}

// An OPTIONS is sent over UDP and answered.
func BenchmarkClientTransaction(b *testing.B) {
	l := New(nil, brief64ms)
	defer l.Shutdown()
	req := newTemplate(numbered("OPTIONS"))
	resp := newTemplate(response(numbered("OPTIONS"), 200, "b"))
	conns := make([]null, 1<<16)
	b.SetBytes(int64(len(req.b)))
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		req.set(n)
		c := &conns[n%len(conns)]
		if _, err := l.Request(c, parser.Wire{Head: bytes.Clone(req.b)}, ignore{}); err != nil {
			b.Fatal(err)
		}
		resp.set(n)
		l.Receive(c, resp.parse(b))
	}
}

// A request comes again and is answered from the stored bytes.
func BenchmarkRetransmission(b *testing.B) {
	k := &quiet{wire: wire(response(request("OPTIONS", "z9hG4bKabc"), 200, "b"))}
	l := New(k, nil)
	defer l.Shutdown()
	m := parsed(b, request("OPTIONS", "z9hG4bKabc"))
	c := &null{}
	l.Receive(c, m)
	b.SetBytes(int64(len(m.Bytes())))
	b.ReportAllocs()
	for b.Loop() {
		l.Receive(c, m)
	}
	if c.n < b.N {
		b.Errorf("%d responses were sent to %d requests", c.n, b.N)
	}
}

// The keys of a request: of its transaction, and of its copies on other ways.
func BenchmarkKeys(b *testing.B) {
	m := parsed(b, request("INVITE", "z9hG4bK776asdhds"))
	h := newKeys()
	b.ReportAllocs()
	for b.Loop() {
		h.serverKey(m)
		h.mergeKey(m)
	}
}
