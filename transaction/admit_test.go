package transaction

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

func TestTooManyServersAreRefusedWithoutState(t *testing.T) {
	layer(t, &Config{MaxServers: 4}, func(e *layerTest) {
		invite := func(n int) string {
			return request("INVITE", "z9hG4bK"+strconv.Itoa(n), "a84b4c76e66710", strconv.Itoa(n))
		}
		inside := func(n int) string {
			return changed(invite(n), "INVITE", "BYE", "Bob <sip:bob@biloxi.example>", "Bob <sip:bob@biloxi.example>;tag=t")
		}
		for n := range 4 {
			e.receive(invite(n))
		}
		e.j.want(e.T, strings.Repeat("0s core INVITE\n", 4))
		c, kept := e.receive(invite(4))
		if kept {
			e.Error("the Conn of a refused request was kept")
		}
		first := c.last(e.T)
		seconds, err := parsed(e, first).RetryAfter()
		if err != nil || seconds.Seconds < 5 || seconds.Seconds > 15 {
			e.Errorf("Retry-After: got %+v, %v", seconds, err)
		}
		if !strings.Contains(first, "biloxi.example>;tag=") {
			e.Errorf("no To tag in\n%s", first)
		}
		if c, _ := e.receive(invite(4)); c.last(e.T) != first {
			e.Errorf("repeated: got\n%s\nwant\n%s", c.last(e.T), first)
		}
		e.receive(invite(0)) // a repetition needs no room
		counts(e.T, e.l, 0, 4)
		e.receive(inside(5)) // the reserve: one more
		e.receive(inside(6))
		e.j.want(e.T, "0s send 503\n0s send 503\n0s core BYE\n0s send 500")
		e.core.last(e.T).Respond(wire(response(inside(5), 200, "")))
		e.receive(changed(invite(9), "INVITE", "CANCEL"))
		e.receive(changed(invite(1), "INVITE", "CANCEL"))
		e.j.want(e.T, "0s send 200\n0s send 503\n0s core CANCEL of INVITE")
		for i, s := range e.core.servers[:4] { // there is room again
			s.Respond(wire(response(invite(i), 486, "b")))
		}
		if _, kept := e.receive(invite(4)); !kept {
			e.Error("refused with room")
		}
		e.j.until(2 * time.Hour)
		counts(e.T, e.l, 0, 0)
		if n := e.l.unanswered.Load(); n != 0 {
			e.Errorf("%d unanswered transactions, but none lives", n)
		}
	})
}

func TestRetryAfterIsSpread(t *testing.T) {
	layer(t, &Config{MaxServers: 1}, func(e *layerTest) {
		e.receive(request("INVITE", "z9hG4bKfirst"))
		seen := map[int]bool{}
		for n := range 200 {
			c, _ := e.receive(request("INVITE", "z9hG4bK"+strconv.Itoa(n)))
			after, _ := parsed(e, c.last(e.T)).RetryAfter()
			seen[after.Seconds] = true
		}
		if len(seen) < 8 {
			e.Errorf("only %d different values of Retry-After", len(seen))
		}
	})
}

// from is a Conn of a source.
type from struct {
	conn
	addr netip.Addr
}

// answer is what was last sent, "" for nothing.
func (c *from) answer() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.sent) == 0 {
		return ""
	}
	return c.sent[len(c.sent)-1]
}

// sourceOf is a Config.Source for which 192.0.2.99 has no limit.
func sourceOf(c Conn) netip.Addr {
	if a := c.(*from).addr; a != netip.MustParseAddr("192.0.2.99") {
		return a
	}
	return netip.Addr{}
}

// A source with many unfinished transactions is refused with 500, and only it.
func TestOneSourceIsRefusedAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &core{j: newJournal()}
		l := New(k, &Config{MaxPerSource: 4, Source: sourceOf})
		branch := 0
		send := func(source, method string, change ...string) (string, bool) {
			branch++
			c := &from{addr: netip.MustParseAddr(source)}
			name := "z9hG4bK" + strconv.Itoa(branch)
			kept := l.Receive(c, parsed(t, request(method, name, append([]string{"a84b4c76e66710", name}, change...)...)))
			return c.answer(), kept
		}
		for range 4 {
			if got, kept := send("192.0.2.1", "INVITE"); !kept {
				t.Fatalf("refused within the limit: %s", got)
			}
		}
		got, kept := send("192.0.2.1", "INVITE")
		if kept || brief(got) != "500" || !strings.Contains(got, "Retry-After: ") {
			t.Errorf("one too many: kept %v, answered %q, want 500 with Retry-After", kept, got)
		}
		tagged := []string{"Bob <sip:bob@biloxi.example>", "Bob <sip:bob@biloxi.example>;tag=t"}
		if got, kept := send("192.0.2.1", "BYE", tagged...); !kept {
			t.Errorf("a BYE found none of the reserve: %q", got)
		}
		if got, kept := send("192.0.2.1", "BYE", tagged...); kept || brief(got) != "500" {
			t.Errorf("beyond the reserve: kept %v, answered %q, want 500", kept, got)
		}
		if got, kept := send("192.0.2.2", "INVITE"); !kept {
			t.Errorf("another source: %q", got)
		}
		for range 20 {
			if got, kept := send("192.0.2.99", "INVITE"); !kept {
				t.Fatalf("a source without limit: %q", got)
			}
		}
		if s := l.Stats(); s.Sources != 2 || s.Unanswered != 26 || s.Refused != 2 {
			t.Errorf("got %+v, want 2 sources, 26 unanswered, 2 refused", s)
		}
		// An answer makes room, for the same source too.
		k.servers[0].Respond(wire(response(string(k.servers[0].Request().Bytes()), 486, "b")))
		k.servers[1].Respond(wire(response(string(k.servers[1].Request().Bytes()), 486, "b")))
		if got, kept := send("192.0.2.1", "INVITE"); !kept {
			t.Errorf("refused with room: %q", got)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if s := l.Stats(); s.Servers+s.Sources+s.Unanswered+int(s.Held) != 0 {
			t.Errorf("left after all deadlines: %+v", s)
		}
	})
}

// Requests that are answered at once cost no source its place, however many there are.
func TestAnsweredRequestsDoNotCountAgainstTheirSource(t *testing.T) {
	l := New(&quiet{wire: wire(response(request("OPTIONS", "z9hG4bKabc"), 200, "b"))}, &Config{MaxPerSource: 1, Source: sourceOf})
	defer l.Shutdown()
	a := newTemplate(numbered("OPTIONS"))
	for range 100 {
		if c := (&from{addr: netip.MustParseAddr("192.0.2.1")}); !l.Receive(c, a.next(t)) {
			t.Fatal("refused")
		}
	}
	if s := l.Stats(); s.Sources != 0 || s.Unanswered != 0 || s.Servers != 100 {
		t.Errorf("got %+v, want 100 servers and nothing else", s)
	}
}

// A stateless refusal is never larger than one and a half times the request over datagrams; it is shortened, then left out.
func TestRefusalIsNotMuchLargerThanItsRequest(t *testing.T) {
	for _, reliable := range []bool{false, true} {
		full, short, none := 0, 0, 0
		for pad := range 400 {
			// What has to be copied is most of the request, and less of it as the padding grows.
			text := "INVITE sip:b SIP/2.0\r\nv:SIP/2.0/UDP h;branch=z9hG4bK" + strconv.Itoa(1000+pad) + "\r\nf:<sip:a>;tag=1\r\nt:<sip:b>\r\ni:1\r\nCSeq:1 INVITE\r\n" +
				"X:" + strings.Repeat("x", pad) + "\r\n\r\n"
			l := New(&core{j: newJournal()}, &Config{MaxServers: 1})
			l.Receive(&null{}, parsed(t, request("INVITE", "z9hG4bKfirst")))
			c := &from{conn: conn{reliable: reliable}}
			l.Receive(c, parsed(t, text))
			l.Shutdown()
			got := c.answer()
			switch {
			case got == "":
				none++
			case len(got)*2 > len(text)*3 && !reliable:
				t.Fatalf("a request of %d octets was answered with %d", len(text), len(got))
			case strings.Contains(got, "Via:"):
				full++
			default:
				short++
			}
			if got != "" && !strings.Contains(got, "Retry-After:") {
				t.Fatalf("no Retry-After in %q", got)
			}
		}
		if reliable && (full != 400) || !reliable && (full == 0 || short == 0) {
			t.Errorf("reliable %v: %d full, %d short, %d no answers", reliable, full, short, none)
		}
	}
}

// What transactions hold is bounded in octets: the oldest finished ones make room, and when there are none requests are refused.
func TestFinishedTransactionsMakeRoom(t *testing.T) {
	const (
		each, room = overhead + 4096, 800
		settled    = restOverhead + 4096
		most       = (room-1)*each/settled + 1 // beside them there is room for one that begins
	)
	k := &quiet{}
	l := New(k, &Config{MaxMemory: room * each})
	defer l.Shutdown()
	pad := strings.Repeat("x", 4096-len(numbered("MESSAGE"))-len("Subject: \r\n"))
	a := newTemplate(strings.Replace(numbered("MESSAGE"), "Contact:", "Subject: "+pad+"\r\nContact:", 1))
	k.wire = wire(fmt.Sprintf("SIP/2.0 200 OK\r\nX: %s\r\n\r\n", strings.Repeat("y", 4096-len("SIP/2.0 200 OK\r\nX: \r\n\r\n"))))
	for range 4 * room {
		if !l.Receive(&null{}, a.next(t)) {
			t.Fatal("refused although finished transactions could make room")
		}
		if s := l.Stats(); s.Held > room*each {
			t.Fatalf("%d octets held, want %d at most", s.Held, room*each)
		}
	}
	if s := l.Stats(); s.Servers != most || s.Freed != 4*room-most || s.Held != most*settled {
		t.Errorf("got %+v, want %d servers, %d freed", s, most, 4*room-most)
	}
	// Those that are left are the newest. The oldest is found in one part of them, so that some may be a little older.
	a.set(a.n - room/2)
	for range room / 2 {
		if l.Receive(&null{}, a.next(t)) {
			t.Fatal("one of the newest was freed")
		}
	}
	// Unfinished ones are not freed.
	k.wire = parser.Wire{}
	for l.Receive(&null{}, a.next(t)) {
	}
	if s := l.Stats(); s.Unanswered != room || s.Servers != room || s.Held > room*each {
		t.Errorf("got %+v, want %d unanswered", s, room)
	}
}

// The lists of finished transactions, settled or not, hold no ended one: what they hold is in the table.
func TestFinishedForgetsTheEnded(t *testing.T) {
	for _, tt := range []struct {
		method          string
		status          int
		settled, others int
	}{
		{"OPTIONS", 200, 31, 0},
		{"INVITE", 486, 0, 31},
		{"INVITE", 200, 0, 31},
	} {
		synctest.Test(t, func(t *testing.T) {
			l := New(&quiet{wire: wire(response(request(tt.method, "z9hG4bKabc"), tt.status, "b"))}, nil)
			a := newTemplate(numbered(tt.method))
			for range 100 {
				l.Receive(&null{}, a.next(t))
				time.Sleep(time.Second)
			}
			synctest.Wait()
			lists := func() (settled, others int) {
				for i := range l.finished {
					part := &l.finished[i]
					part.mu.Lock()
					for s := part.oldest; s != nil; s = s.newer {
						others++
					}
					part.mu.Unlock()
					s := &l.servers.shards[i]
					s.mu.Lock()
					for w := range s.settled {
						for p := s.settled[w].first; p != nil; p = p.later {
							settled++
						}
					}
					s.mu.Unlock()
				}
				return settled, others
			}
			settled, others := lists()
			if settled != tt.settled || others != tt.others || l.servers.len() != settled+others {
				t.Errorf("%s %d: %d settled, %d others, %d in the table; want %d and %d", tt.method, tt.status, settled, others, l.servers.len(), tt.settled, tt.others)
			}
			time.Sleep(time.Minute)
			synctest.Wait()
			if settled, others := lists(); settled+others != 0 || l.Stats().Held != 0 {
				t.Errorf("%s %d: %d and %d left, %d octets", tt.method, tt.status, settled, others, l.Stats().Held)
			}
		})
	}
}
