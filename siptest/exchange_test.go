package siptest

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// bench is a peer with rules, and a bare socket that speaks to it.
type bench struct {
	t    *testing.T
	n    *Network
	peer *peer
	raw  socket
	all  <-chan []got
}

// newBench makes a peer at addrB; the socket is at addrA.
func newBench(t *testing.T, rules ...string) *bench {
	t.Helper()
	n := NewNetwork(1, Conditions{})
	var parsed []rule
	for _, text := range rules {
		r, err := parseRule(strings.Fields(text))
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, r)
	}
	s := &station{host: n.Host(addrB), protocol: "udp"}
	b := &bench{t: t, n: n, peer: newPeer(s, "bob", parsed), raw: open(t, n.Host(addrA), 5060)}
	if err := s.open(); err != nil {
		t.Fatal(err)
	}
	b.all = collect(b.raw)
	return b
}

// send sends a message to the peer after d.
func (b *bench) send(d time.Duration, text string) {
	time.Sleep(d)
	if _, err := b.raw.WriteToUDPAddrPort([]byte(text), netip.AddrPortFrom(addrB, sipPort)); err != nil {
		b.t.Fatal(err)
	}
}

// end waits for d and returns what the socket got: seconds, and the start line.
func (b *bench) end(d time.Duration) []string {
	time.Sleep(d)
	b.peer.close()
	b.n.Close()
	var list []string
	for _, g := range <-b.all {
		line, _, _ := strings.Cut(g.text, "\r\n")
		line = strings.TrimSuffix(strings.TrimSuffix(line, " SIP/2.0"), " OK")
		list = append(list, fmt.Sprintf("%.1f %s", g.at.Seconds(), strings.TrimPrefix(line, "SIP/2.0 ")))
	}
	return list
}

// request returns a request from the socket; start is method and URI.
func request(start, branch, toTag string) string {
	method, _, _ := strings.Cut(start, " ")
	return start + " SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK" + branch + ";rport\r\nMax-Forwards: 70\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:b@h>" + toTag +
		"\r\nCall-ID: c1\r\nCSeq: 1 " + method + "\r\nContact: <sip:a@10.0.0.1>\r\nContent-Length: 0\r\n\r\n"
}

// expect compares what the socket got.
func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestPeerRepeatsRequests(t *testing.T) {
	for _, tt := range []struct {
		method string
		answer int // the status of the answer at 5 s, 0 for none
		want   []float64
	}{
		{"INVITE", 0, []float64{0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5}},
		{"INVITE", 100, []float64{0, 0.5, 1.5, 3.5}},
		{"OPTIONS", 0, []float64{0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5}},
		{"OPTIONS", 100, []float64{0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5}},
		{"OPTIONS", 200, []float64{0, 0.5, 1.5, 3.5}},
	} {
		t.Run(fmt.Sprint(tt.method, " ", tt.answer), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				if err := b.peer.step("sends", []string{tt.method, "to", "sip:a@10.0.0.1"}); err != nil {
					t.Fatal(err)
				}
				if tt.answer != 0 {
					time.Sleep(5 * time.Second)
					b.peer.mu.Lock()
					branch := b.peer.asked[0].m
					b.peer.mu.Unlock()
					b.send(0, response(branch, tt.answer))
				}
				var want []string
				for _, at := range tt.want {
					want = append(want, fmt.Sprintf("%.1f %s sip:a@10.0.0.1", at, tt.method))
				}
				expect(t, b.end(time.Minute), want...)
			})
		})
	}
}

// response returns a response to a request of the peer's.
func response(req *parser.Message, status int) string {
	var b parser.Builder
	b.Reset(nil)
	b.Response(req, parser.Status(status), "", "x")
	w, err := b.Wire()
	if err != nil {
		panic(err)
	}
	return string(w.AppendTo(nil))
}

// Each refusal of an INVITE is acknowledged, and the rules hear of one.
func TestPeerAcknowledgesEachRefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, "486 INVITE send OPTIONS to sip:a@10.0.0.1")
		b.peer.step("sends", []string{"INVITE", "to", "sip:a@10.0.0.1"})
		synctest.Wait()
		b.peer.mu.Lock()
		invite := b.peer.asked[0].m
		b.peer.mu.Unlock()
		b.send(0, response(invite, 486))
		b.send(time.Second/4, response(invite, 486))
		b.send(0, response(invite, 180)) // too late to matter
		expect(t, b.end(100*time.Millisecond), "0.0 INVITE sip:a@10.0.0.1", "0.0 ACK sip:a@10.0.0.1", "0.0 OPTIONS sip:a@10.0.0.1", "0.2 ACK sip:a@10.0.0.1")
	})
}

// A final response to an INVITE is repeated until its own ACK comes, or for 64*T1.
func TestPeerRepeatsFinalResponses(t *testing.T) {
	for _, tt := range []struct {
		name string
		rule string
		ack  string // sent at 5 s
		want []string
	}{
		{"2xx without an ACK", "INVITE reply 200 tag=x", "", seconds("200", 0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5)},
		{"refusal without an ACK", "INVITE reply 486 tag=x", "", seconds("486 Busy Here", 0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5)},
		{"2xx", "INVITE reply 200 tag=x", request("ACK sip:b@h", "2", ";tag=x"), seconds("200", 0, 0.5, 1.5, 3.5)},
		{"2xx with the ACK of another dialog", "INVITE reply 200 tag=x", request("ACK sip:b@h", "2", ";tag=y"),
			seconds("200", 0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5)},
		{"refusal", "INVITE reply 486 tag=x", request("ACK sip:b@h", "1", ";tag=x"), seconds("486 Busy Here", 0, 0.5, 1.5, 3.5)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, tt.rule)
				b.send(0, request("INVITE sip:b@10.0.0.2", "1", ""))
				if tt.ack != "" {
					b.send(5*time.Second, tt.ack)
				}
				expect(t, b.end(time.Minute), tt.want...)
			})
		})
	}
}

// seconds returns the same line at several times.
func seconds(line string, at ...float64) []string {
	var all []string
	for _, s := range at {
		all = append(all, fmt.Sprintf("%.1f %s", s, line))
	}
	return all
}

// What is repeated to a peer gets the same answer again, and its rules hear of it once.
func TestPeerAnswersRepeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, "INVITE #1 reply 180 tag=x, 183 tag=x", "OPTIONS reply 200, 500 after 1s", "INVITE #2 reply 600")
		b.send(0, request("INVITE sip:b@h", "1", ""))
		b.send(100*time.Millisecond, request("INVITE sip:b@h", "1", ""))
		b.send(100*time.Millisecond, request("OPTIONS sip:b@h", "2", ""))
		b.send(100*time.Millisecond, request("OPTIONS sip:b@h", "2", ""))
		b.send(100*time.Millisecond, request("MESSAGE sip:b@h", "3", "")) // no rule
		b.send(100*time.Millisecond, "no SIP")
		b.send(100*time.Millisecond, request("INVITE sip:b@h", "4", ""))
		b.send(100*time.Millisecond, request("ACK sip:b@h", "4", ";tag="+"t-bob-2"))
		expect(t, b.end(time.Second), "0.0 180 Ringing", "0.0 183 Session Progress", "0.1 183 Session Progress", "0.2 200", "0.3 200", "0.6 600 Busy Everywhere",
			"1.2 500 Server Internal Error")
	})
}

// A callee's answer goes back over the stream that the request came on, and when that is gone, to where Via says.
func TestPeerAnswersOverStreams(t *testing.T) {
	for _, gone := range []bool{false, true} {
		t.Run(fmt.Sprint("gone ", gone), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, "INVITE reply 180, 486 after 2s")
				a := b.n.public.hosts[addrA]
				ln := listen(t, a, sipPort)
				c := dial(t, a, netip.AddrPortFrom(addrB, sipPort))
				text := strings.Replace(request("INVITE sip:b@h", "1", ""), "/UDP", "/TCP", 1)
				c.Write([]byte("\r\n\r\n" + text[:50]))
				time.Sleep(time.Second)
				c.Write([]byte(text[50:]))
				buf := make([]byte, 1000)
				if k, err := c.Read(buf); err != nil || !strings.HasPrefix(string(buf[:k]), "SIP/2.0 180") {
					t.Errorf("got %q, %v", buf[:k], err)
				}
				if gone {
					c.Close()
					var err error
					if c, err = ln.Accept(); err != nil {
						t.Fatal(err)
					}
				}
				if k, err := c.Read(buf); err != nil || !strings.HasPrefix(string(buf[:k]), "SIP/2.0 486") {
					t.Errorf("got %q, %v", buf[:k], err)
				}
				expect(t, b.end(time.Second))
			})
		})
	}
}

// What a party is told of the responses to its requests, whatever is repeated or late.
func TestExchangesTellResponses(t *testing.T) {
	for _, tt := range []struct {
		method   string
		statuses []int
		want     []parser.Status
	}{
		{"INVITE", []int{100, 180, 180, 200, 200}, []parser.Status{100, 180, 180, 200, 200}},
		{"INVITE", []int{486, 486, 180}, []parser.Status{486}},
		{"INVITE", []int{200, 180}, []parser.Status{200}},
		{"OPTIONS", []int{100, 200, 200, 100}, []parser.Status{100, 200}},
		{"OPTIONS", []int{500, 200}, []parser.Status{500}},
	} {
		t.Run(fmt.Sprint(tt.method, tt.statuses), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				b.peer.step("sends", []string{tt.method, "to", "sip:a@10.0.0.1"})
				var got []parser.Status
				b.peer.mu.Lock()
				b.peer.response = func(_ *sent, m *parser.Message) { got = append(got, m.Status()) }
				req := b.peer.asked[0].m
				b.peer.mu.Unlock()
				for _, s := range tt.statuses {
					b.send(time.Millisecond, response(req, s))
				}
				b.end(time.Second)
				if !slices.Equal(got, tt.want) {
					t.Errorf("got %v, want %v", got, tt.want)
				}
			})
		})
	}
}

// A rule acts once on what is repeated: a provisional response as well.
func TestPeerFollowsRulesOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, "180 INVITE send OPTIONS to sip:a@10.0.0.1")
		b.peer.step("sends", []string{"INVITE", "to", "sip:a@10.0.0.1"})
		synctest.Wait()
		b.peer.mu.Lock()
		invite := b.peer.asked[0].m
		b.peer.mu.Unlock()
		for range 3 {
			b.send(time.Millisecond, response(invite, 180))
		}
		expect(t, b.end(100*time.Millisecond), "0.0 INVITE sip:a@10.0.0.1", "0.0 OPTIONS sip:a@10.0.0.1")
	})
}

// An ACK with another number is not the one that a 2xx waits for.
func TestPeerWaitsForItsAck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, "INVITE reply 200 tag=x", "ACK send OPTIONS")
		b.send(0, request("INVITE sip:b@h", "1", ""))
		b.send(time.Second, strings.Replace(request("ACK sip:b@h", "2", ";tag=x"), "CSeq: 1", "CSeq: 2", 1))
		b.send(time.Second, request("ACK sip:b@h", "3", ";tag=x"))
		expect(t, b.end(400*time.Millisecond), "0.0 200", "0.5 200", "1.5 200", "2.0 OPTIONS sip:a@10.0.0.1")
	})
}

// A dialog that the other side ended is none in which a step could send.
func TestPeerSendsNothingInEndedDialog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, "INVITE reply 200 tag=x", "BYE reply 200")
		b.send(0, request("INVITE sip:b@h", "1", ""))
		b.send(0, request("ACK sip:b@h", "2", ";tag=x"))
		b.send(time.Second, request("BYE sip:b@h", "3", ";tag=x"))
		synctest.Wait()
		b.peer.step("sends", []string{"BYE"})
		expect(t, b.end(time.Second), "0.0 200", "1.0 200")
	})
}
