package ua

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/ringback-sip/ringback/parser"
)

// maxServerAllocs is what a MESSAGE may cost from the parsed datagram to the finished answer, the empty handler on
// its goroutine included, with 10,000 transactions live.
const maxServerAllocs = 9

// fakeConn is a way back that says when something was sent.
type fakeConn struct{ sent chan struct{} }

func (c *fakeConn) Send(parser.Wire) error { c.sent <- struct{}{}; return nil }
func (c *fakeConn) Reliable() bool         { return false }

// messages sends n MESSAGE requests through an agent with an empty handler and returns the allocations of each.
func messages(tb testing.TB, n int) float64 {
	a, err := New(&Config{Listen: []string{"udp:127.0.0.1:0"}, OnMessage: func(*Request) {}})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { a.transactions.Shutdown(); a.Shutdown(tb.Context()) })
	sent := make(chan struct{}, 1)
	conns := make([]fakeConn, n)
	raw := make([][]byte, n)
	for i := range raw {
		conns[i].sent = sent
		raw[i] = fmt.Appendf(nil, "MESSAGE sip:bob@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bKalloc%d\r\n"+
			"Max-Forwards: 70\r\nFrom: <sip:alice@127.0.0.1>;tag=a%d\r\nTo: <sip:bob@127.0.0.1>\r\nCall-ID: alloc%d\r\nCSeq: 1 MESSAGE\r\n"+
			"Content-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello", i, i, i)
	}
	var m parser.Message
	one := func(i int) {
		if err := m.Parse(raw[i]); err != nil {
			tb.Fatal(err)
		}
		a.transactions.Receive(&conns[i], &m)
		<-sent
	}
	half := n / 2
	for i := range half { // live already
		one(i)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := half; i < n; i++ {
		one(i)
	}
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / float64(n-half)
}

func TestServerTransactionAllocations(t *testing.T) {
	got := messages(t, 20_000)
	t.Logf("%.1f allocations for each MESSAGE", got)
	if got > maxServerAllocs {
		t.Errorf("%.1f allocations for each MESSAGE, want at most %d", got, maxServerAllocs)
	}
}

func BenchmarkServerTransaction(b *testing.B) {
	b.ReportMetric(messages(b, max(2*b.N, 2)), "allocs/message")
}
