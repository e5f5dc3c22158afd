package interop

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// forked is a call of Alice's that rings at two of Bob's phones.
type forked struct {
	alice  *party
	bobs   [2]*party
	phones [2]*ua.Call
	caller chan *ua.Call // Alice's end, or nil, when there is an answer
	giveUp context.CancelFunc
}

// fork lets Kamailio ring two phones that are bound to one address of record.
func fork(t *testing.T, proxy, user string) *forked {
	t.Helper()
	f := &forked{alice: newParty(t, "alice", ua.Config{}), caller: make(chan *ua.Call, 1)}
	f.bobs = [2]*party{newParty(t, "desk", ua.Config{}), newParty(t, "mobile", ua.Config{})}
	f.bobs[0].register(t, proxy, user, "udp")
	f.bobs[1].register(t, proxy, user, "tcp")
	ctx, cancel := context.WithCancel(t.Context())
	f.giveUp = cancel
	go func() { f.caller <- f.alice.call(ctx, "sip:"+user+"@"+proxy, ua.CallOptions{}) }()
	for i, bob := range f.bobs {
		f.phones[i] = bob.next(t)
		must(t, f.phones[i].Ring())
	}
	until(t, 5*time.Second, "both ring", func() bool { return strings.Count(f.alice.told(), "180") == 2 })
	return f
}

// A proxy that forks rings both phones (RFC 3261, Section 16.6). One answers, and the other is told that nobody needs it.
func TestKamailioForks(t *testing.T) {
	t.Parallel()
	need(t, "kamailio", "kamailio")
	proxy := kamailio(t)
	const rang = "alice: progress 180 \"\"\nalice: progress 180 \"\"\n"

	for i, name := range []string{"desk", "mobile"} {
		t.Run("one answers: "+name, func(t *testing.T) {
			t.Parallel()
			f := fork(t, proxy, name)
			must(t, f.phones[i].Answer(session(name)))
			caller := <-f.caller
			if caller == nil {
				t.Fatal(f.alice.told())
			}
			other := 1 - i
			f.bobs[other].over(t, f.phones[other])
			must(t, caller.Hangup(t.Context()))
			f.alice.over(t, caller)
			f.bobs[i].over(t, f.phones[i])
			if got, want := f.alice.told(), rang+"alice: answered \""+name+"\"\nalice: ended by this side: <nil>"; got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if got, want := f.bobs[i].told(), name+": call of alice, \"offer\"\n"+name+": ended by the peer: <nil>"; got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			// Kamailio says why (RFC 3326).
			if got, want := f.bobs[other].told(), "ended by the peer: sip: call was cancelled before it was answered: SIP 200 Call completed elsewhere"; !strings.HasSuffix(got, want) {
				t.Errorf("got\n%s\nwant at its end\n%s", got, want)
			}
		})
	}

	// Both 2xx come through: the second is acknowledged and ended at once (RFC 3261, Section 13.2.2.4). Or the proxy's CANCEL
	// came first: luck decides.
	t.Run("both answer", func(t *testing.T) {
		t.Parallel()
		f := fork(t, proxy, "both")
		for i, phone := range f.phones {
			if err := phone.Answer(session(f.bobs[i].user)); err != nil {
				t.Logf("the %s was cancelled: %v", f.bobs[i].user, err)
			}
		}
		caller := <-f.caller
		if caller == nil {
			t.Fatal(f.alice.told())
		}
		winner, other := 0, 1
		if string(caller.Answered().Data) == f.bobs[1].user {
			winner, other = 1, 0
		}
		f.bobs[other].over(t, f.phones[other])
		if !f.phones[other].EndedByPeer() {
			t.Errorf("the phone that lost: %s", f.bobs[other].told())
		}
		if err := f.phones[winner].Err(); err != nil {
			t.Errorf("the phone that won: %v", err)
		}
		must(t, f.phones[winner].Hangup(t.Context()))
		f.bobs[winner].over(t, f.phones[winner])
		f.alice.over(t, caller)
	})

	t.Run("nobody answers", func(t *testing.T) {
		t.Parallel()
		f := fork(t, proxy, "nobody")
		must(t, f.phones[0].Reject(parser.StatusBusyHere))
		must(t, f.phones[1].Reject(parser.StatusDecline))
		<-f.caller
		if got, want := f.alice.told(), rang+"alice: no call: sip: 603 Decline"; got != want { // a 6xx is final for all (Section 16.7)
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})

	t.Run("the caller gives up", func(t *testing.T) {
		t.Parallel()
		f := fork(t, proxy, "patience")
		f.giveUp()
		<-f.caller
		for i, bob := range f.bobs {
			bob.over(t, f.phones[i])
			if got, want := bob.told(), "ended by the peer: sip: call was cancelled before it was answered"; !strings.HasSuffix(got, want) {
				t.Errorf("got\n%s\nwant at its end\n%s", got, want)
			}
		}
	})
}
