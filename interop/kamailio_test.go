package interop

import (
	"context"
	"fmt"
	"maps"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/auth"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// kamailio starts Kamailio with testdata/kamailio.cfg and returns where it listens, over UDP and TCP. Defines are those of the file.
func kamailio(t *testing.T, defines ...string) string {
	t.Helper()
	path := need(t, "kamailio", "kamailio")
	file, err := filepath.Abs(filepath.Join("testdata", "kamailio.cfg"))
	if err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	addr := net.JoinHostPort("127.0.0.1", port)
	dir := t.TempDir()
	args := []string{"-DD", "-E", "-f", file, "-l", "udp:" + addr, "-l", "tcp:" + addr, "-Y", dir, "-w", dir, "-m", "16", "-M", "4"}
	for _, d := range defines {
		args = append(args, "-A", d)
	}
	p := start(t, path, args...)
	t.Cleanup(func() { // its children end when it is asked to end, not when it is killed
		p.signal(t, syscall.SIGTERM)
		p.wait(t, 10*time.Second)
	})
	until(t, 10*time.Second, "kamailio listens", func() bool { return taken(t, "udp", port) && taken(t, "tcp", port) })
	return addr
}

// scene is something that two users do, and what they are told meanwhile.
type scene struct {
	name string
	play func(t *testing.T, alice, bob *party, to string)
	want string // what Alice was told, then what Bob was
}

// answered brings up a call that rang, and returns both ends.
func answered(t *testing.T, alice, bob *party, to string) (caller, callee *ua.Call) {
	t.Helper()
	came := make(chan *ua.Call, 1)
	go func() { came <- alice.call(t.Context(), to, ua.CallOptions{}) }()
	callee = bob.next(t)
	must(t, callee.Ring())
	// Over UDP nothing keeps a 180 in front of the 200 that follows it.
	until(t, 5*time.Second, "it rings", func() bool { return strings.Contains(alice.told(), "180") })
	must(t, callee.Answer(session("answer")))
	if caller = <-came; caller == nil {
		t.Fatal(alice.told())
	}
	until(t, 5*time.Second, "the ACK came", func() bool { return callee.Invite() == nil })
	return caller, callee
}

// scenes are played over every path.
var scenes = []scene{
	{"the caller hangs up", func(t *testing.T, alice, bob *party, to string) {
		caller, callee := answered(t, alice, bob, to)
		must(t, caller.Hangup(t.Context()))
		alice.over(t, caller)
		bob.over(t, callee)
	}, `
alice: progress 180 ""
alice: answered "answer"
alice: ended by this side: <nil>
bob: call of alice, "offer"
bob: ended by the peer: <nil>`},

	{"the callee hangs up", func(t *testing.T, alice, bob *party, to string) {
		caller, callee := answered(t, alice, bob, to)
		must(t, callee.Hangup(t.Context()))
		bob.over(t, callee)
		alice.over(t, caller)
	}, `
alice: progress 180 ""
alice: answered "answer"
alice: ended by the peer: <nil>
bob: call of alice, "offer"
bob: ended by this side: <nil>`},

	{"the caller gives up", func(t *testing.T, alice, bob *party, to string) {
		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan *ua.Call, 1)
		go func() { gone <- alice.call(ctx, to, ua.CallOptions{}) }()
		callee := bob.next(t)
		must(t, callee.Ring())
		until(t, 5*time.Second, "it rings", func() bool { return strings.Contains(alice.told(), "180") })
		cancel()
		<-gone
		bob.over(t, callee)
	}, `
alice: progress 180 ""
alice: no call: context canceled
bob: call of alice, "offer"
bob: ended by the peer: sip: call was cancelled before it was answered`},

	{"the callee is busy", func(t *testing.T, alice, bob *party, to string) {
		gone := make(chan *ua.Call, 1)
		go func() { gone <- alice.call(t.Context(), to, ua.CallOptions{}) }()
		callee := bob.next(t)
		must(t, callee.Reject(parser.StatusBusyHere))
		<-gone
		bob.over(t, callee)
	}, `
alice: no call: sip: 486 Busy Here
bob: call of alice, "offer"
bob: ended by this side: sip: call was not answered here`},

	{"the callee has moved", func(t *testing.T, alice, bob *party, to string) {
		gone := make(chan *ua.Call, 1)
		go func() { gone <- alice.call(t.Context(), to, ua.CallOptions{}) }()
		callee := bob.next(t)
		must(t, callee.Redirect("sip:bob@example.net"))
		<-gone
		bob.over(t, callee)
	}, `
alice: no call: sip: 302 Moved Temporarily
bob: call of alice, "offer"
bob: ended by this side: sip: call was not answered here`},

	{"early media, and the offer comes with the answer", func(t *testing.T, alice, bob *party, to string) {
		came := make(chan *ua.Call, 1)
		go func() {
			c, err := alice.Call(t.Context(), to, ua.Body{}, &ua.CallOptions{
				OnProgress: func(m *parser.Message) {
					if m.Status() != parser.StatusTrying {
						alice.hear("progress %d %q", m.Status(), m.Body())
					}
				},
				Answer: func(offer ua.Body) ua.Body {
					alice.hear("offered %q", offer.Data)
					return session("late answer")
				},
			})
			if err != nil {
				t.Error(err)
			}
			came <- c
		}()
		callee := bob.next(t)
		must(t, callee.Progress(parser.StatusSessionProgress, ua.Body{}))
		until(t, 5*time.Second, "there is progress", func() bool { return strings.Contains(alice.told(), "183") })
		must(t, callee.Answer(session("late offer")))
		caller := <-came
		until(t, 5*time.Second, "the ACK came", func() bool { return callee.Invite() == nil })
		bob.hear("the ACK had %q", callee.Answered().Data)
		must(t, caller.Hangup(t.Context()))
		alice.over(t, caller)
		bob.over(t, callee)
	}, `
alice: progress 183 ""
alice: offered "late offer"
alice: ended by this side: <nil>
bob: call of alice, ""
bob: the ACK had "late answer"
bob: ended by the peer: <nil>`},

	{"early media that is sure to arrive", func(t *testing.T, alice, bob *party, to string) {
		came := make(chan *ua.Call, 1)
		go func() { came <- alice.call(t.Context(), to, ua.CallOptions{}) }()
		callee := bob.next(t)
		must(t, callee.Progress(parser.StatusSessionProgress, session("early answer")))
		must(t, callee.Acknowledged(t.Context())) // by PRACK (RFC 3262)
		must(t, callee.Answer(session("early answer")))
		caller := <-came
		if caller == nil {
			return
		}
		must(t, caller.Hangup(t.Context()))
		alice.over(t, caller)
		bob.over(t, callee)
	}, `
alice: progress 183 "early answer"
alice: answered "early answer"
alice: ended by this side: <nil>
bob: call of alice, "offer"
bob: ended by the peer: <nil>`},

	{"both hold and resume", func(t *testing.T, alice, bob *party, to string) {
		caller, callee := answered(t, alice, bob, to)
		alice.change(t, caller.Reinvite, "hold")
		bob.change(t, callee.Reinvite, "hold too")
		bob.change(t, callee.Update, "resume")
		alice.change(t, caller.Update, "resume too")
		must(t, caller.Hangup(t.Context()))
		alice.over(t, caller)
		bob.over(t, callee)
	}, `
alice: progress 180 ""
alice: answered "answer"
alice: hold: "yes to hold"
alice: offered "hold too"
alice: offered "resume"
alice: resume too: "yes to resume too"
alice: ended by this side: <nil>
bob: call of alice, "offer"
bob: offered "hold"
bob: hold too: "yes to hold too"
bob: resume: "yes to resume"
bob: offered "resume too"
bob: ended by the peer: <nil>`},

	{"a message and a question", func(t *testing.T, alice, bob *party, to string) {
		if _, err := alice.Message(t.Context(), to, ua.Body{Type: "text/plain", Data: []byte("hello")}, nil); err != nil {
			t.Fatal(err)
		}
		bob.hear("message %q", <-bob.messages)
		m, err := alice.Options(t.Context(), to, nil)
		if err != nil {
			t.Fatal(err)
		}
		alice.hear("answer %d", m.Status())
	}, `
alice: answer 200
bob: message "hello"`},
}

// Kamailio in the middle changes nothing for the user: whatever two of our agents do with each other, both are told the same when one registers with it
// and the other calls through it, and every request of a call takes the route that it records (RFC 3261, Section 16.12). Where the transports differ there
// are two routes. Who asks for a password is answered, and nobody notices.
func TestKamailioInTheMiddle(t *testing.T) {
	t.Parallel()
	need(t, "kamailio", "kamailio")
	open, md5, sha256 := kamailio(t), kamailio(t, "WITH_AUTH"), kamailio(t, "WITH_AUTH", "WITH_SHA256")
	paths := []struct {
		name, from, to, proxy string
		outbound              bool // the parties know it only as their outbound proxy
	}{
		{"udp", "udp", "udp", open, false},
		{"tcp", "tcp", "tcp", open, false},
		{"udp to tcp", "udp", "tcp", open, false},
		{"tcp to udp", "tcp", "udp", open, false},
		{"udp, MD5", "udp", "udp", md5, false},
		{"tcp, SHA-256", "tcp", "tcp", sha256, false},
		{"udp, outbound proxy", "udp", "udp", open, true},
		{"tcp, outbound proxy with SHA-256", "tcp", "tcp", sha256, true},
	}
	for i, path := range paths {
		for j, s := range scenes {
			t.Run(path.name+": "+s.name, func(t *testing.T) {
				t.Parallel()
				cfg := ua.Config{Credentials: auth.User("somebody", "secret")}
				domain := path.proxy
				if path.outbound {
					cfg.OutboundProxy, domain = "sip:"+path.proxy+";lr;transport="+path.from, "example.net"
				}
				alice, bob := newParty(t, "alice", cfg), newParty(t, "bob", cfg)
				user := fmt.Sprintf("bob-%d-%d", i, j) // all have the same Kamailio
				bob.register(t, domain, user, path.to)
				s.play(t, alice, bob, "sip:"+user+"@"+domain+";transport="+path.from)
				if got := "\n" + alice.told() + "\n" + bob.told(); got != s.want {
					t.Errorf("the users were told%s\nwant%s", got, s.want)
				}
				for _, p := range []*party{alice, bob} {
					hops := p.requests(t)
					for _, method := range slices.Sorted(maps.Keys(hops)) {
						if hops[method] != 2 {
							t.Errorf("%s got %s past the proxy", p.user, method)
						}
					}
				}
			})
		}
	}
}

// What the scenes say is what happens without anybody in the middle.
func TestNobodyInTheMiddle(t *testing.T) {
	t.Parallel()
	for _, s := range scenes {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			alice, bob := newParty(t, "alice", ua.Config{}), newParty(t, "bob", ua.Config{})
			s.play(t, alice, bob, bob.uri("udp"))
			if got := "\n" + alice.told() + "\n" + bob.told(); got != s.want {
				t.Errorf("the users were told%s\nwant%s", got, s.want)
			}
		})
	}
}
