package transaction

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// hook is a Conn whose Send calls f.
type hook struct {
	reliable bool
	f        func(w parser.Wire) error
}

func (h *hook) Reliable() bool             { return h.reliable }
func (h *hook) Send(w parser.Wire) error   { return h.f(w) }
func (j *journal) conn(reliable bool) Conn { return &conn{j: j, reliable: reliable} }

// A response may come before Send has returned. It waits for its turn, and what it was read from may change meanwhile.
func TestResponseInsideSendWaitsForItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		l := New(nil, nil)
		defer l.Shutdown()
		req := request("INVITE", "z9hG4bKabc")
		var c *hook
		c = &hook{f: func(w parser.Wire) error {
			j.add("send %s", brief(string(w.Head)))
			if brief(string(w.Head)) == "INVITE" {
				b := []byte(response(req, 486, "b"))
				var m parser.Message
				if err := m.Parse(b); err != nil {
					t.Error(err)
				}
				l.Receive(c, &m)
				clear(b)
			}
			j.add("sent")
			return nil
		}}
		u := &user{j: j, response: func(_ *Client, m *parser.Message) {
			if to, err := m.To(); err != nil || string(to.Tag()) != "b" {
				t.Errorf("To tag: got %q, %v", to.Tag(), err)
			}
		}}
		if _, err := l.Request(c, wire(req), u); err != nil {
			t.Fatal(err)
		}
		j.want(t, `
			0s send INVITE
			0s sent
			0s send ACK
			0s sent
			0s tu 486`)
	})
}

func TestAckInsideSendWaitsForItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		k := &core{j: j}
		l := New(k, nil)
		defer l.Shutdown()
		req := request("INVITE", "z9hG4bKabc")
		c := &hook{f: func(w parser.Wire) error {
			b := []byte(changed(req, "INVITE", "ACK"))
			var m parser.Message
			if err := m.Parse(b); err != nil {
				t.Error(err)
			}
			l.Receive(j.conn(false), &m)
			clear(b)
			j.add("sent %s", brief(string(w.Head)))
			return nil
		}}
		l.Receive(c, parsed(t, req))
		k.last(t).Respond(wire(response(req, 200, "b")))
		j.want(t, "0s core INVITE\n0s sent 200\n0s tu ACK")
	})
}

// Callbacks may call anything.
func TestCallbacksCallBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		l := New(nil, nil)
		defer l.Shutdown()
		left := 3
		var again func(tx *Client, err error)
		again = func(tx *Client, err error) {
			l.Failed(tx.Conn(), err)
			tx.Abandon()
			l.Counts()
			if left--; left > 0 {
				c := &conn{j: j, err: errors.New("no way " + strconv.Itoa(left))}
				if _, err := l.Request(c, wire(request("OPTIONS", NewBranch())), &user{j: j, failed: again}); err != nil {
					t.Error(err)
				}
			}
			l.Shutdown()
		}
		c := &conn{j: j, err: errors.New("no way")}
		if _, err := l.Request(c, wire(request("OPTIONS", NewBranch())), &user{j: j, failed: again}); err != nil {
			t.Error(err)
		}
		j.want(t, `
			0s send OPTIONS
			0s tu no way
			0s send OPTIONS
			0s tu no way 2
			0s send OPTIONS
			0s tu no way 1`)
	})
}

// A timer that fires at the same instant as another event does not act on what has changed.
func TestTimerAndMessageAtTheSameInstant(t *testing.T) {
	client(t, "INVITE", false, nil, func(e *clientTest) {
		var wg sync.WaitGroup
		wg.Go(func() { e.receive(32*time.Second, 180, "b") })
		wg.Wait()
		e.j.until(33 * time.Second)
		synctest.Wait()
		e.j.mu.Lock()
		got := e.j.lines[7:]
		e.j.mu.Unlock()
		if len(got) != 1 || got[0] != "32s tu 180" && got[0] != "32s tu transaction timed out" {
			e.Errorf("got %q, want either a response or a timeout", got)
		}
	})
}

// serial fails the test when two callbacks of one transaction overlap.
type serial struct {
	t    *testing.T
	busy sync.Map
}

func (s *serial) enter(x any) (leave func()) {
	v, _ := s.busy.LoadOrStore(x, new(atomic.Int32))
	n := v.(*atomic.Int32)
	if n.Add(1) != 1 {
		s.t.Errorf("two callbacks of %T at the same time", x)
	}
	return func() { n.Add(-1) }
}

// lossy is a Conn to another layer: what is sent may get lost, doubled or overtaken, and may fail.
type lossy struct {
	n    *network
	to   *Layer
	back *lossy
}

// network carries messages between two layers, each on a goroutine of its own.
type network struct {
	t        *testing.T
	reliable bool
	serial   serial
	started  atomic.Int64 // client transactions
	ended    atomic.Int64 // of them, those whose user heard the end
}

func (c *lossy) Reliable() bool { return c.n.reliable }

func (c *lossy) Send(w parser.Wire) error {
	copies := 1
	if !c.n.reliable {
		copies = rand.IntN(3)
	}
	if rand.IntN(50) == 0 {
		return errors.New("no way")
	}
	for range copies {
		go func() {
			if rand.IntN(2) == 0 {
				time.Sleep(time.Duration(rand.IntN(int(time.Second))))
			}
			if rand.IntN(50) == 0 {
				c.back.to.Failed(c, errors.New("lost"))
			}
			b := w.AppendTo(nil)
			m := parsed(c.n.t, string(b))
			c.to.Receive(c.back, m)
		}()
	}
	return nil
}

// Request, Cancel, Ack make the network a Core that answers, from inside and from outside of the callback.
func (n *network) Request(t *Server, m *parser.Message) {
	defer n.serial.enter(t)()
	t.Bind(stressUser{n})
	answer := func() {
		for _, status := range []int{100, 180, 200 + 286*rand.IntN(2), 200} {
			t.Respond(wire(response(string(m.Bytes()), status, "b")))
		}
	}
	switch rand.IntN(4) {
	case 0:
		answer()
	case 1:
		t.Abandon()
	default:
		for range 2 {
			go answer()
		}
	}
}

func (n *network) Cancel(t, target *Server, m *parser.Message) {
	defer n.serial.enter(t)()
	t.Respond(wire(response(string(m.Bytes()), 200, "b")))
	if target != nil {
		target.Respond(wire(response(string(m.Bytes()), 487, "b", "CANCEL", "INVITE")))
	}
}

func (n *network) Ack(Conn, *parser.Message) {}

// stressUser is the user of both ends.
type stressUser struct{ n *network }

func (u stressUser) Ack(t *Server, _ *parser.Message) { defer u.n.serial.enter(t)() }

func (u stressUser) Failed(t *Server, _ error) {
	defer u.n.serial.enter(t)()
	if m := t.Request(); m != nil {
		t.Respond(wire(response(string(m.Bytes()), 500, "b")))
	}
}

// stressClient is the user of one client transaction.
type stressClient struct {
	n     *network
	ended *atomic.Bool
}

func (n *network) client() stressClient { return stressClient{n, new(atomic.Bool)} }

func (u stressClient) end() {
	if !u.ended.Swap(true) {
		u.n.ended.Add(1)
	}
}

func (u stressClient) Response(t *Client, m *parser.Message) {
	defer u.n.serial.enter(t)()
	switch {
	case m.Status().Final():
		u.end()
	case m.Status() == 180 && rand.IntN(2) == 0:
		if t.Cancel(u.n.client()) == nil {
			u.n.started.Add(1)
		}
	}
}

func (u stressClient) Failed(t *Client, _ error) {
	defer u.n.serial.enter(t)()
	u.end()
}

func TestStress(t *testing.T) {
	for _, reliable := range []bool{false, true} {
		t.Run("reliable "+strconv.FormatBool(reliable), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := &network{t: t, reliable: reliable}
				n.serial.t = t
				client, server := New(nil, nil), New(n, nil)
				for i := range 1000 {
					go func() {
						there, back := &lossy{n: n, to: server}, &lossy{n: n, to: client}
						there.back, back.back = back, there
						method := []string{"INVITE", "OPTIONS"}[i%2]
						_, err := client.Request(there, wire(request(method, NewBranch(), "314159", strconv.Itoa(i))), n.client())
						if err != nil {
							t.Error(err)
						}
						n.started.Add(1)
					}()
				}
				time.Sleep(time.Hour)
				synctest.Wait()
				if started, ended := n.started.Load(), n.ended.Load(); started < 1000 || started != ended {
					t.Errorf("%d transactions were started, the users of %d heard how they ended", started, ended)
				}
				counts(t, client, 0, 0)
				counts(t, server, 0, 0)
				empty(t, client)
				empty(t, server)
			})
		})
	}
}

// empty fails the test when anything is left in l.
func empty(t *testing.T, l *Layer) {
	t.Helper()
	left := l.clients.len() + l.servers.len() + l.acks.len() + int(l.unanswered.Load())
	left += l.conns.len() + l.merges.len()
	for _, lines := range l.lines {
		left += lines.Running()
	}
	for _, all := range []*table{&l.clients, &l.servers} {
		for i := range all.shards {
			for w := range waitCount {
				if n := &all.shards[i].settled[w]; n.running || n.first != nil || n.last != nil || n.timer != nil && n.timer.Stop() {
					left++
				}
			}
		}
	}
	if left != 0 {
		t.Errorf("%d entries or timers are left", left)
	}
}

// Every transaction ends within its bound, whatever the peer and the user do or leave.
func TestHundredThousandTransactionsLeaveNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		k := &quiet{}
		l := New(k, &Config{MaxProceeding: 3 * time.Minute})
		statuses := []int{0, 100, 180, 200, 408, 486}
		templates := map[string]*template{}
		wires := map[int]parser.Wire{0: {}}
		for _, method := range []string{"INVITE", "OPTIONS"} {
			templates[method] = newTemplate(numbered(method))
			for _, status := range statuses[1:] {
				text := response(numbered(method), status, "b")
				templates[method+strconv.Itoa(status)] = newTemplate(text)
				wires[status] = wire(text)
			}
		}
		const pairs = 50_000
		for n := range pairs {
			method := []string{"INVITE", "OPTIONS"}[n%2]
			reliable := n%8 > 1
			req := templates[method]
			req.set(n)
			c := &null{reliable: reliable}
			if _, err := l.Request(c, parser.Wire{Head: bytes.Clone(req.b)}, ignore{}); err != nil {
				t.Fatal(err)
			}
			if status := statuses[n%6]; status != 0 {
				resp := templates[method+strconv.Itoa(status)]
				resp.set(n)
				l.Receive(c, resp.parse(t))
			}
			k.wire = wires[statuses[n%7%6]]
			l.Receive(&null{reliable: reliable}, req.parse(t))
		}
		if c, s := l.Counts(); c < pairs/2 || s < pairs/2 {
			t.Errorf("only %d client and %d server transactions live", c, s)
		}
		armed(t, &l.clients)
		armed(t, &l.servers)
		if n := l.Unarmed(); n != 0 {
			t.Errorf("%d transactions are unarmed, want 0", n)
		}
		// The longest chain: an INVITE that its user forgot, then its 500 without ACK.
		j.until(3*time.Minute + 32*time.Second)
		counts(t, l, 0, 0)
		empty(t, l)
	})
}

// armed fails the test when a transaction lives without a timer that ends it.
func armed(t *testing.T, all *table) {
	t.Helper()
	if n := all.unarmed(); n != 0 {
		t.Errorf("%d settled transactions have no deadline", n)
	}
	for _, x := range all.live() {
		if x.unarmed() {
			t.Errorf("%v in %v has no deadline", x.machine, x.state)
		}
	}
}

// null is a Conn that drops everything.
type null struct {
	reliable bool
	n        int
}

func (c *null) Reliable() bool { return c.reliable }
func (c *null) Send(parser.Wire) error {
	c.n++
	return nil
}

// ignore is a ClientUser that does nothing.
type ignore struct{}

func (ignore) Response(*Client, *parser.Message) {}
func (ignore) Failed(*Client, error)             {}

// quiet is a Core that answers every request with the same bytes, or not at all.
type quiet struct{ wire parser.Wire }

func (k *quiet) Request(t *Server, _ *parser.Message) {
	if len(k.wire.Head) > 0 {
		t.Respond(k.wire)
	}
}

func (k *quiet) Cancel(t, _ *Server, m *parser.Message) { k.Request(t, m) }
func (k *quiet) Ack(Conn, *parser.Message)              {}
