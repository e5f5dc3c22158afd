package transaction

import (
	"runtime"
	"strconv"
	"testing"

	"github.com/ringback-sip/ringback/parser"
)

// What arrives again is answered or absorbed without allocating.
func TestRepetitionsDoNotAllocate(t *testing.T) {
	check := func(name string, c *null, sends bool, f func()) {
		t.Helper()
		before := c.n
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s: got %v allocations, want 0", name, n)
		}
		if sent := c.n > before; sent != sends {
			t.Errorf("%s: sent: got %v, want %v", name, sent, sends)
		}
	}
	k := &quiet{}
	l := New(k, nil)
	defer l.Shutdown()
	for _, branch := range []string{"z9hG4bKabc", ""} {
		for _, tt := range []struct {
			method string
			status int
			sends  bool
		}{
			{"INVITE", 180, true},
			{"INVITE", 486, true},
			{"INVITE", 200, false},
			{"OPTIONS", 200, true},
			{"MESSAGE", 0, false},
		} {
			req := request(tt.method, branch, "a84b4c76e66710", tt.method+strconv.Itoa(tt.status))
			if branch != "" {
				req = changed(req, branch, branch+tt.method+strconv.Itoa(tt.status))
			}
			c := &null{}
			k.wire = parser.Wire{}
			if tt.status != 0 {
				k.wire = wire(response(req, tt.status, "b"))
			}
			m := parsed(t, req)
			l.Receive(c, m)
			check(tt.method+" answered "+strconv.Itoa(tt.status), c, tt.sends, func() { l.Receive(c, m) })
		}
	}
	req := request("INVITE", "z9hG4bKabc")
	c := &null{}
	if _, err := l.Request(c, wire(req), ignore{}); err != nil {
		t.Fatal(err)
	}
	for _, status := range []int{180, 486} {
		m := parsed(t, response(req, status, "b"))
		l.Receive(c, m)
		check("response "+strconv.Itoa(status)+" to INVITE", c, status == 486, func() { l.Receive(c, m) })
	}
	stray := parsed(t, response(req, 200, "b", "z9hG4bKabc", "z9hG4bKstray"))
	check("stray response", c, false, func() { l.Receive(c, stray) })
	ack := parsed(t, request("ACK", "z9hG4bKstray"))
	check("ACK to a 2xx", c, false, func() { l.Receive(c, ack) })
}

// mark stands in a template's text where its number goes.
const mark = "00000000"

// template makes messages that differ in a number, in one buffer and without allocating.
type template struct {
	b   []byte
	at  []int
	n   int
	msg parser.Message
}

func newTemplate(text string) *template {
	f := &template{b: []byte(text)}
	for i := range len(text) - len(mark) {
		if text[i:i+len(mark)] == mark {
			f.at = append(f.at, i)
		}
	}
	return f
}

// numbered is a request whose branch and Call-ID are those of a template.
func numbered(method string) string {
	return request(method, "z9hG4bK"+mark, "a84b4c76e66710", mark)
}

// set writes a number, of eight digits at most.
func (f *template) set(n int) {
	f.n = n
	for _, at := range f.at {
		for i, n := at+len(mark)-1, n; i >= at; i, n = i-1, n/10 {
			f.b[i] = byte('0' + n%10)
		}
	}
}

// parse parses the message.
func (f *template) parse(t testing.TB) *parser.Message {
	if err := f.msg.Parse(f.b); err != nil {
		t.Fatal(err)
	}
	return &f.msg
}

// next is the message with the next number.
func (f *template) next(t testing.TB) *parser.Message {
	f.set(f.n + 1)
	return f.parse(t)
}

// A non-INVITE server transaction that is answered at once may cost two allocations: itself and its entry in the table.
// Map growth is not counted, nor what the transport and the user allocate.
const serverBudget = 2

func TestServerTransactionKeepsItsBudget(t *testing.T) {
	const live, runs = 10_000, 2_000
	k := &quiet{wire: wire(response(request("OPTIONS", "z9hG4bKabc"), 200, "b"))}
	l := New(k, nil)
	defer l.Shutdown()
	a := newTemplate(numbered("OPTIONS"))
	conns := make([]null, live+runs+10)
	open := func() {
		c := &conns[a.n]
		if !l.Receive(c, a.next(t)) || c.n != 1 {
			t.Fatal("the request was not answered")
		}
	}
	for range live {
		open()
	}
	got := testing.AllocsPerRun(runs, open)
	if got > serverBudget {
		t.Errorf("got %v allocations, want at most %d", got, serverBudget)
	}
	if _, n := l.Counts(); n < live+runs {
		t.Errorf("%d transactions live, want %d", n, live+runs)
	}
}

// A client transaction costs itself and its entry in the table; that it is found by its Conn is counted too, the growth of maps is not. Its request is
// read, but kept as a Message only for who asks.
const clientBudget = 2

func TestClientTransactionKeepsItsBudget(t *testing.T) {
	const live, runs = 10_000, 2_000
	l := New(nil, nil)
	defer l.Shutdown()
	req := newTemplate(numbered("OPTIONS"))
	wires := make([]parser.Wire, live+runs+10)
	for i := range wires {
		req.set(i)
		wires[i] = wire(string(req.b))
	}
	conns := make([]null, len(wires))
	next := 0
	open := func() {
		if _, err := l.Request(&conns[next], wires[next], ignore{}); err != nil {
			t.Fatal(err)
		}
		next++
	}
	for range live {
		open()
	}
	if got := testing.AllocsPerRun(runs, open); got > clientBudget {
		t.Errorf("got %v allocations, want at most %d", got, clientBudget)
	}
}

// What a Completed server transaction holds for 64*T1, beside the bytes of its response and its Conn.
const completedBudget = 160

func TestCompletedServerTransactionIsSmall(t *testing.T) {
	const n = 20_000
	heap := func() int64 {
		runtime.GC()
		runtime.GC()
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		return int64(s.HeapAlloc)
	}
	k := &quiet{wire: wire(response(request("OPTIONS", "z9hG4bKabc"), 200, "b"))}
	l := New(k, nil)
	defer l.Shutdown()
	a := newTemplate(numbered("OPTIONS"))
	conns := make([]null, n+1)
	before := heap()
	for range n {
		l.Receive(&conns[a.n], a.next(t))
	}
	each := (heap() - before) / n
	if _, live := l.Counts(); live != n {
		t.Fatalf("%d transactions live, want %d", live, n)
	}
	runtime.KeepAlive(conns)
	t.Logf("%d octets for each", each)
	if each > completedBudget {
		t.Errorf("got %d octets for each, want at most %d", each, completedBudget)
	}
}
