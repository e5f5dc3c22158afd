package interop

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport"
	"github.com/ringback-sip/ringback/ua"
)

// party is somebody at an agent of ours, in the test's own process.
type party struct {
	*ua.Agent
	user     string
	calls    chan *ua.Call // that came in; the test answers them
	messages chan string   // the bodies of MESSAGEs that came in, answered 200

	mu    sync.Mutex // guards what follows
	heard []string   // what the user was told, in order
	wire  []string   // every message as it passed
}

// newParty starts an agent, on UDP and TCP unless cfg says otherwise. At the end of the test it has to wind up in time, and hold no call.
func newParty(t *testing.T, user string, cfg ua.Config) *party {
	t.Helper()
	p := &party{user: user, calls: make(chan *ua.Call, 4), messages: make(chan string, 1)}
	cfg.From = "sip:" + user + "@example.com"
	if cfg.Listen == nil {
		cfg.Listen = []string{"udp:127.0.0.1:0", "tcp:127.0.0.1:0"}
	}
	cfg.OnCall = func(c *ua.Call) {
		p.calls <- c
		<-c.Done()
	}
	cfg.OnOffer = func(_ *ua.Call, offer ua.Body) (ua.Body, error) {
		p.hear("offered %q", offer.Data)
		return session("yes to " + string(offer.Data)), nil
	}
	cfg.Redirect = func(_, _ parser.URI) bool { return false } // its user is told where to go
	cfg.OnMessage = func(r *ua.Request) { p.messages <- string(r.Message().Body()) }
	cfg.Trace = func(e transport.Event) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.wire = append(p.wire, fmt.Sprintf("%s %s %s %s %s\n%s", e.Time.Format("05.000"), e.Direction, e.Protocol, e.Remote, e.Dropped, e.Bytes))
	}
	agent, err := ua.New(&cfg)
	if err != nil {
		t.Fatal(err)
	}
	p.Agent = agent
	t.Cleanup(func() {
		until(t, 5*time.Second, user+" holds nothing of a call", func() bool { return p.Stats().Calls+p.Stats().Dialogs == 0 })
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := p.Shutdown(ctx); err != nil {
			t.Errorf("%s: %v; left: %+v", user, err, p.Stats())
		}
		if s := p.Stats(); s.Registrations != 0 {
			t.Errorf("%s has %d registrations after the end", user, s.Registrations)
		}
		if t.Failed() {
			p.mu.Lock()
			defer p.mu.Unlock()
			t.Logf("what passed %s:\n%s", user, strings.Join(p.wire, "\n"))
		}
	})
	return p
}

// addr is where the party listens for a transport, "" when it does not.
func (p *party) addr(network string) string {
	for _, l := range p.Addrs() {
		if l.Protocol.Network() == network {
			return l.Addr.String()
		}
	}
	return ""
}

// uri is how the party is called without a proxy.
func (p *party) uri(network string) string {
	return "sip:" + p.user + "@" + p.addr(network) + ";transport=" + network
}

// hear notes what the user is told.
func (p *party) hear(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard = append(p.heard, p.user+": "+fmt.Sprintf(format, args...))
}

// told returns what the user was told, one line each.
func (p *party) told() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.heard, "\n")
}

// call places a call with a body that says "offer", and notes what comes of it. It returns nil when there is no call.
func (p *party) call(ctx context.Context, to string, opts ua.CallOptions) *ua.Call {
	opts.OnProgress = func(m *parser.Message) {
		if m.Status() != parser.StatusTrying { // it is from hop to hop, and a matter of luck
			p.hear("progress %d %q", m.Status(), m.Body())
		}
	}
	c, err := p.Call(ctx, to, session("offer"), &opts)
	if err != nil {
		p.hear("no call: %v", err)
		return nil
	}
	p.hear("answered %q", c.Answered().Data)
	return c
}

// next waits for the next call that comes in, and notes what it brings.
func (p *party) next(t *testing.T) *ua.Call {
	t.Helper()
	select {
	case c := <-p.calls:
		from, err := c.Invite().From()
		if err != nil {
			t.Fatal(err)
		}
		p.hear("call of %s, %q", from.URI().User(), c.Offer().Data)
		return c
	case <-time.After(10 * time.Second):
		t.Fatalf("no call came in for %s", p.user)
		return nil
	}
}

// over waits for the end of a call, and notes how it came to it.
func (p *party) over(t *testing.T, c *ua.Call) {
	t.Helper()
	select {
	case <-c.Done():
		by := "this side"
		if c.EndedByPeer() {
			by = "the peer"
		}
		p.hear("ended by %s: %v", by, c.Err())
	case <-time.After(10 * time.Second):
		t.Fatalf("%s: the call is still %v", p.user, c.State())
	}
}

// change notes what the other side says to a change of the session, which do makes.
func (p *party) change(t *testing.T, do func(context.Context, ua.Body) (ua.Body, error), offer string) {
	t.Helper()
	answer, err := do(t.Context(), session(offer))
	must(t, err)
	p.hear("%s: %q", offer, answer.Data)
}

// session is a session body that says which one it is.
func session(s string) ua.Body { return ua.Body{Type: "application/sdp", Data: []byte(s)} }

// must fails the test when something that the user asked for could not be done.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// requests returns how many hops each request came over that p received, by its Via fields. Those that a proxy makes
// itself are left out: CANCEL, and the ACK of a refusal, which has the branch of its INVITE.
func (p *party) requests(t *testing.T) map[string]int {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	hops := make(map[string]int)
	branches := make(map[string]bool)
	for _, w := range p.wire {
		head, raw, _ := strings.Cut(w, "\n")
		var m parser.Message
		if !strings.Contains(head, " in ") || m.Parse([]byte(raw)) != nil || !m.IsRequest() {
			continue
		}
		via, err := m.Via()
		if err != nil {
			t.Fatal(err)
		}
		method, branch := m.Method().String(), string(via.Branch())
		if method == "CANCEL" || method == "ACK" && branches[branch] {
			continue
		}
		branches[branch] = method == "INVITE"
		n := 0
		for range m.Vias() {
			n++
		}
		hops[method] = n
	}
	return hops
}

// sent returns how many different requests of a method p has sent.
func (p *party) sent(method string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make(map[string]bool)
	for _, w := range p.wire {
		head, raw, _ := strings.Cut(w, "\n")
		if strings.Contains(head, " out ") && strings.HasPrefix(raw, method+" ") {
			all[raw] = true
		}
	}
	return len(all)
}

// register binds p's address for a transport to a user of a registrar, for as long as the test takes.
func (p *party) register(t *testing.T, registrar, user, network string) *ua.Registration {
	t.Helper()
	r, err := p.Register(t.Context(), &ua.RegisterOptions{
		AOR: "sip:" + user + "@" + registrar, Registrar: "sip:" + registrar + ";transport=" + network, Expires: time.Minute,
	})
	if err != nil {
		t.Fatalf("%s: %v", p.user, err)
	}
	return r
}
