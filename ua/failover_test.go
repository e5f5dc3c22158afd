package ua_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/siptest"
	"github.com/ringback-sip/ringback/transaction"
	"github.com/ringback-sip/ringback/transport"
	"github.com/ringback-sip/ringback/ua"
)

// farm is a domain with several servers in a fake network, and an agent that knows them in their order.
type farm struct {
	t       *testing.T
	network *siptest.Network
	agent   *ua.Agent
	servers []*station
	start   time.Time

	mu      sync.Mutex // guards what follows
	located int
	targets []transport.Target
	heard   []heard
}

// heard is a request that came to a server, repetitions left out.
type heard struct {
	server int // from 1
	text   string
	msg    *parser.Message
}

// station is one server: what it says to each new request, nothing by default.
type station struct {
	addr   netip.AddrPort
	host   *siptest.Host
	answer func(m *parser.Message) []string
}

// withFarm runs f in a bubble with an agent and n servers, and fails when the agent holds anything after all deadlines.
func withFarm(t *testing.T, n int, f func(m *farm)) {
	t.Helper()
	withFarmOf(t, n, &ua.Config{}, f)
}

// withFarmOf is withFarm with a Config, but for its Locate.
func withFarmOf(t *testing.T, n int, cfg *ua.Config, f func(m *farm)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		network := siptest.NewNetwork(1, siptest.Conditions{})
		defer network.Close()
		m := &farm{t: t, network: network, start: time.Now()}
		with := *cfg
		with.Locate = m.locate
		m.agent = agentAt(t, network.Host(agentAddr.Addr()), agentAddr, &with)
		var running sync.WaitGroup
		var sockets []net.PacketConn
		defer func() {
			for _, pc := range sockets {
				pc.Close()
			}
			running.Wait()
		}()
		for i := range n {
			s := &station{addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 1, byte(i + 1)}), 5060)}
			s.host = network.Host(s.addr.Addr())
			pc, err := s.host.ListenPacket(s.addr)
			if err != nil {
				t.Fatal(err)
			}
			sockets = append(sockets, pc)
			m.servers = append(m.servers, s)
			m.targets = append(m.targets, transport.Target{Protocol: transport.UDP, Addr: s.addr})
			repeated := make(map[string]bool)
			running.Go(func() {
				for buf := make([]byte, 65536); ; {
					n, from, err := pc.ReadFrom(buf)
					if err != nil {
						return
					}
					if repeated[string(buf[:n])] {
						continue
					}
					repeated[string(buf[:n])] = true
					for _, msg := range m.take(i+1, s, slices.Clone(buf[:n])) {
						pc.WriteTo(onWire(msg), from)
					}
				}
			})
		}
		f(m)
		time.Sleep(128*500*time.Millisecond + 5*time.Second)
		if s := m.agent.Stats(); s.Calls+s.Dialogs+s.Transactions != 0 {
			t.Errorf("left after all deadlines: %+v", s)
		}
		m.agent.Shutdown(context.Background())
	})
}

func (m *farm) locate(ctx context.Context, uri parser.URI) ([]transport.Target, error) {
	if _, literal := transport.Literal(uri.Host()); literal {
		return transport.LocateLiteral(ctx, uri)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.located++
	return m.targets, nil
}

// take writes down what came to a server, and returns what it says.
func (m *farm) take(i int, s *station, msg []byte) []string {
	p := new(parser.Message)
	if err := p.Parse(msg); err != nil {
		m.t.Errorf("server %d got %q: %v", i, msg, err)
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.heard = append(m.heard, heard{i, fmt.Sprintf("%v %d %s", time.Since(m.start).Round(time.Second), i, p.Method()), p})
	if s.answer == nil {
		return nil
	}
	return s.answer(p)
}

// want fails the test unless this is what the servers heard since the last time, one server after the other, and returns it.
func (m *farm) want(log ...string) []*parser.Message {
	m.t.Helper()
	synctest.Wait()
	m.mu.Lock()
	defer m.mu.Unlock()
	slices.SortStableFunc(m.heard, func(a, b heard) int { return a.server - b.server })
	var got []string
	var all []*parser.Message
	for _, h := range m.heard {
		got, all = append(got, h.text), append(all, h.msg)
	}
	m.heard = nil
	if !slices.Equal(got, log) {
		m.t.Fatalf("the servers heard %q, want %q", got, log)
	}
	return all
}

// says makes a server answer every request with a status, but ACK.
func (s *station) says(status string, more ...string) {
	s.answer = func(m *parser.Message) []string {
		if m.Method() == parser.MethodAck {
			return nil
		}
		return []string{replyTo(m, status, "one", append([]string{"Contact: <sip:bob@" + s.addr.String() + ">"}, more...)...)}
	}
}

func (m *farm) options() error {
	_, err := m.agent.Options(context.Background(), "sip:bob@example.com", nil)
	return err
}

func (m *farm) call(ctx context.Context, opts *ua.CallOptions) (*ua.Call, error) {
	return m.agent.Call(ctx, "sip:bob@example.com", sdpBody("offer"), opts)
}

// A 503 sends the request to the next target: the same, but for a branch of its own (RFC 3263, Section 4.3).
func TestServiceUnavailableTriesTheNextTarget(t *testing.T) {
	withFarm(t, 3, func(m *farm) {
		m.servers[0].says("503 Service Unavailable")
		m.servers[1].says("503 Service Unavailable")
		m.servers[2].says("200 OK", "\nanswer")
		c, err := m.call(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		seen := m.want("0s 1 INVITE", "0s 1 ACK", "0s 2 INVITE", "0s 2 ACK", "0s 3 INVITE", "0s 3 ACK")
		first, second, third, ack := seen[0], seen[2], seen[4], seen[5]
		for _, next := range []*parser.Message{second, third} {
			for _, h := range []parser.Header{parser.HeaderFrom, parser.HeaderTo, parser.HeaderCallID, parser.HeaderCSeq, parser.HeaderContact} {
				if got, want := string(next.Raw(h)), string(first.Raw(h)); got != want {
					t.Errorf("%v of the next try: %q, want %q", h, got, want)
				}
			}
			if got, want := string(next.StartLine()), "INVITE sip:bob@example.com SIP/2.0"; got != want {
				t.Errorf("start line %q, want %q: what is located is not written", got, want)
			}
		}
		branches := map[string]bool{}
		for _, invite := range []*parser.Message{first, second, third} {
			via, err := invite.Via()
			if err != nil {
				t.Fatal(err)
			}
			branches[string(via.Branch())] = true
		}
		if len(branches) != 3 {
			t.Errorf("%d branches for three tries", len(branches))
		}
		if got := string(ack.StartLine()); got != "ACK sip:bob@10.0.1.3:5060 SIP/2.0" {
			t.Errorf("ACK %q, want it for the Contact of the third server", got)
		}
		c.Hangup(context.Background())
		m.want("0s 3 BYE")
	})
}

// Any other final response is the answer.
func TestOtherRefusalsAreFinal(t *testing.T) {
	for _, status := range []string{"486 Busy Here", "500 Server Internal Error", "504 Server Time-out", "603 Decline"} {
		withFarm(t, 2, func(m *farm) {
			m.servers[0].says(status)
			var refused *ua.ResponseError
			if _, err := m.call(context.Background(), nil); !errors.As(err, &refused) || !strings.HasPrefix(status, fmt.Sprint(int(refused.Status))) {
				t.Errorf("got %v, want %s", err, status)
			}
			m.want("0s 1 INVITE", "0s 1 ACK")
		})
	}
}

// The last 503 is the answer when there is no other target.
func TestLastServiceUnavailableIsTheAnswer(t *testing.T) {
	withFarm(t, 2, func(m *farm) {
		m.servers[0].says("503 Service Unavailable")
		m.servers[1].says("503 Service Unavailable")
		var refused *ua.ResponseError
		if err := m.options(); !errors.As(err, &refused) || refused.Status != parser.StatusServiceUnavailable {
			t.Errorf("got %v, want 503", err)
		}
		m.want("0s 1 OPTIONS", "0s 2 OPTIONS")
	})
}

// Silence counts as a failure when timer B or F fires, and the target stands back for some time (RFC 3263, Section 4.3).
func TestSilenceTriesTheNextTarget(t *testing.T) {
	withFarm(t, 2, func(m *farm) {
		m.servers[1].says("200 OK", "\nanswer")
		states := make(chan dialog.State, 10)
		c, err := m.call(context.Background(), &ua.CallOptions{OnState: func(s dialog.State) { states <- s }})
		if err != nil {
			t.Fatal(err)
		}
		m.want("0s 1 INVITE", "32s 2 INVITE", "32s 2 ACK")
		c.Hangup(context.Background())
		m.want("32s 2 BYE")
		if err := m.options(); err != nil {
			t.Error(err)
		}
		m.want("32s 2 OPTIONS")
		m.servers[0].says("200 OK")
		time.Sleep(time.Minute)
		if err := m.options(); err != nil {
			t.Error(err)
		}
		m.want("1m32s 1 OPTIONS")
	})
}

// A target that said anything has not failed because it says no more.
func TestSilenceAfterAResponseIsFinal(t *testing.T) {
	withFarm(t, 2, func(m *farm) {
		m.servers[0].says("100 Trying")
		if err := m.options(); !errors.Is(err, transaction.ErrTimeout) {
			t.Errorf("got %v, want ErrTimeout", err)
		}
		m.want("0s 1 OPTIONS")
	})
}

// However many targets there are, silence ends: no try begins later than 128*T1 + T4 after the first.
func TestTriesAreBounded(t *testing.T) {
	withFarm(t, 6, func(m *farm) {
		if err := m.options(); !errors.Is(err, transaction.ErrTimeout) {
			t.Errorf("got %v, want ErrTimeout", err)
		}
		m.want("0s 1 OPTIONS", "32s 2 OPTIONS", "1m4s 3 OPTIONS")
		m.start = time.Now()
		if _, err := m.call(context.Background(), nil); !errors.Is(err, transaction.ErrTimeout) {
			t.Errorf("got %v, want ErrTimeout", err)
		}
		m.want("0s 1 INVITE", "32s 4 INVITE", "1m4s 5 INVITE") // the first one's time is over, those of the next two are not
	})
}

// A connection that is refused counts as a failure at once.
func TestRefusedConnectionTriesTheNextTarget(t *testing.T) {
	withFarm(t, 2, func(m *farm) {
		m.targets[0].Protocol = transport.TCP // where nobody listens
		m.servers[1].says("200 OK")
		for range 2 {
			if err := m.options(); err != nil {
				t.Error(err)
			}
			m.want("0s 2 OPTIONS")
		}
	})
}

// A server that says when to come again is left alone until then, one that does not is asked the next time (RFC 3261, Section 21.5.4).
func TestRetryAfterIsHonoured(t *testing.T) {
	withFarm(t, 2, func(m *farm) {
		m.servers[0].says("503 Service Unavailable", "Retry-After: 20 (overloaded)")
		m.servers[1].says("200 OK")
		ask := func(want ...string) {
			t.Helper()
			if err := m.options(); err != nil {
				t.Error(err)
			}
			m.want(want...)
		}
		ask("0s 1 OPTIONS", "0s 2 OPTIONS")
		ask("0s 2 OPTIONS")
		time.Sleep(19 * time.Second)
		ask("19s 2 OPTIONS")
		time.Sleep(time.Second)
		ask("20s 1 OPTIONS", "20s 2 OPTIONS")
		time.Sleep(20 * time.Second)
		m.servers[0].says("503 Service Unavailable")
		ask("40s 1 OPTIONS", "40s 2 OPTIONS")
		ask("40s 1 OPTIONS", "40s 2 OPTIONS")
	})
}

// A phone that rings is not left for another server; a call that is given up is not placed again.
func TestCallsThatStay(t *testing.T) {
	t.Run("ringing", func(t *testing.T) {
		withFarm(t, 2, func(m *farm) {
			m.servers[0].answer = func(r *parser.Message) []string {
				if r.Method() != parser.MethodInvite {
					return nil
				}
				return []string{replyTo(r, "180 Ringing", "one", "Contact: <sip:bob@10.0.1.1>"), replyTo(r, "503 Service Unavailable", "one")}
			}
			var refused *ua.ResponseError
			if _, err := m.call(context.Background(), nil); !errors.As(err, &refused) || refused.Status != parser.StatusServiceUnavailable {
				t.Errorf("got %v, want 503", err)
			}
			m.want("0s 1 INVITE", "0s 1 ACK")
		})
	})
	t.Run("given up", func(t *testing.T) {
		withFarm(t, 2, func(m *farm) {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			if _, err := m.call(ctx, nil); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want ctx's error", err)
			}
			time.Sleep(time.Minute)
			m.want("0s 1 INVITE")
		})
	})
	t.Run("cancelled", func(t *testing.T) {
		withFarm(t, 2, func(m *farm) {
			m.servers[0].answer = func(r *parser.Message) []string {
				switch r.Method() {
				case parser.MethodInvite:
					return []string{replyTo(r, "100 Trying", "")}
				case parser.MethodCancel:
					invite := strings.ReplaceAll(replyTo(r, "503 Service Unavailable", "one"), "CANCEL", "INVITE")
					return []string{replyTo(r, "200 OK", "one"), invite}
				}
				return nil
			}
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			if _, err := m.call(ctx, nil); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want ctx's error", err)
			}
			time.Sleep(time.Minute)
			m.want("0s 1 INVITE", "10s 1 CANCEL", "10s 1 ACK")
		})
	})
}

// After 100 and 503 the next try is a call like any other: it rings, and its CANCEL waits for a response of its own (RFC 3261, Section 9.1).
func TestNextTryHasASessionOfItsOwn(t *testing.T) {
	withFarm(t, 2, func(m *farm) {
		m.servers[0].answer = func(r *parser.Message) []string {
			if r.Method() != parser.MethodInvite {
				return nil
			}
			return []string{replyTo(r, "100 Trying", ""), replyTo(r, "503 Service Unavailable", "one")}
		}
		var states []dialog.State
		var mu sync.Mutex
		ctx, cancel := context.WithCancel(context.Background())
		out := make(chan error)
		go func() {
			_, err := m.call(ctx, &ua.CallOptions{OnState: func(s dialog.State) {
				mu.Lock()
				defer mu.Unlock()
				states = append(states, s)
			}})
			out <- err
		}()
		m.want("0s 1 INVITE", "0s 1 ACK", "0s 2 INVITE")
		time.Sleep(10 * time.Second)
		cancel()
		if err := <-out; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want ctx's error", err)
		}
		m.want() // no CANCEL yet
		mu.Lock()
		if want := []dialog.State{dialog.Proceeding, dialog.Calling, dialog.CancelPending}; !slices.Equal(states, want) {
			t.Errorf("states %v, want %v", states, want)
		}
		mu.Unlock()
	})
}

// A target that was silent, and works after all, is as good as before.
func TestTargetThatWorksAgain(t *testing.T) {
	withFarm(t, 2, func(m *farm) {
		m.servers[1].says("200 OK")
		ask := func(want ...string) {
			t.Helper()
			if err := m.options(); err != nil {
				t.Error(err)
			}
			m.want(want...)
		}
		ask("0s 1 OPTIONS", "32s 2 OPTIONS")
		m.servers[0].says("200 OK")
		ask("32s 2 OPTIONS")
		m.servers[1].says("503 Service Unavailable")
		ask("32s 1 OPTIONS", "32s 2 OPTIONS")
		m.servers[1].says("200 OK")
		ask("32s 1 OPTIONS")
	})
}

// A large request whose target takes it over TCP and says nothing goes to the next one, not once more to the same over UDP.
func TestLargeRequestLeavesASilentHost(t *testing.T) {
	withFarm(t, 2, func(m *farm) {
		ln, err := m.servers[0].host.Listen(m.servers[0].addr)
		if err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		m.servers[1].says("486 Busy Here")
		var refused *ua.ResponseError
		if _, err := m.agent.Call(context.Background(), "sip:bob@example.com", large, nil); !errors.As(err, &refused) {
			t.Errorf("got %v, want 486", err)
		}
		m.want("32s 2 INVITE", "32s 2 ACK")
	})
}

// What one target said does not speak for the next: silence there is silence.
func TestSilenceAfterARefusalTriesTheNextTarget(t *testing.T) {
	withFarm(t, 3, func(m *farm) {
		m.servers[0].answer = func(r *parser.Message) []string {
			if r.Method() != parser.MethodInvite {
				return nil
			}
			return []string{replyTo(r, "100 Trying", ""), replyTo(r, "503 Service Unavailable", "one")}
		}
		m.servers[2].says("486 Busy Here")
		var refused *ua.ResponseError
		if _, err := m.call(context.Background(), nil); !errors.As(err, &refused) || refused.Status != parser.StatusBusyHere {
			t.Errorf("got %v, want 486", err)
		}
		m.want("0s 1 INVITE", "0s 1 ACK", "0s 2 INVITE", "32s 3 INVITE", "32s 3 ACK")
	})
}

// Where a request goes is decided once: what belongs to its transaction follows it, whatever DNS says meanwhile (RFC 3263, Section 4).
func TestTransactionStaysWithItsTarget(t *testing.T) {
	withFarm(t, 2, func(m *farm) {
		m.servers[0].answer = func(r *parser.Message) []string {
			switch r.Method() {
			case parser.MethodInvite:
				return []string{replyTo(r, "180 Ringing", "one", "Contact: <sip:bob@example.com>")}
			case parser.MethodCancel:
				return []string{replyTo(r, "200 OK", "one"), strings.ReplaceAll(replyTo(r, "487 Request Terminated", "one"), "CANCEL", "INVITE")}
			}
			return nil
		}
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		out := make(chan error)
		go func() {
			_, err := m.call(ctx, nil)
			out <- err
		}()
		m.want("0s 1 INVITE")
		m.mu.Lock()
		m.targets = []transport.Target{m.targets[1], m.targets[0]}
		m.mu.Unlock()
		<-out
		m.want("10s 1 CANCEL", "10s 1 ACK")
		if m.located != 1 {
			t.Errorf("located %d times, want once", m.located)
		}
	})
}

// The ACK to a 2xx goes where its own target leads, which is looked for anew (RFC 3261, Section 13.2.2.4).
func TestAckIsLocatedAnew(t *testing.T) {
	withFarm(t, 2, func(m *farm) {
		m.servers[0].answer = func(r *parser.Message) []string {
			m.targets = m.targets[1:] // m.mu is held
			return []string{replyTo(r, "200 OK", "one", "Contact: <sip:bob@phone.example.com>", "\nanswer")}
		}
		m.servers[1].says("200 OK")
		c, err := m.call(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		c.Hangup(context.Background())
		m.want("0s 1 INVITE", "0s 2 ACK", "0s 2 BYE")
	})
}

// A BYE that nobody answers is not sent to others: the call is over by then.
func TestByeIsNotSentToOthersAfterSilence(t *testing.T) {
	withFarm(t, 3, func(m *farm) {
		m.servers[0].answer = func(r *parser.Message) []string {
			if r.Method() != parser.MethodInvite {
				return nil
			}
			return []string{replyTo(r, "200 OK", "one", "Contact: <sip:bob@example.com>", "\nanswer")}
		}
		c, err := m.call(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		c.Hangup(context.Background())
		time.Sleep(time.Minute)
		m.want("0s 1 INVITE", "0s 1 ACK", "0s 1 BYE")
	})
}
