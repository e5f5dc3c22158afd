package resolver

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// ask asks servers for the addresses of sip.example.com, with a try of 100 ms and what more options say.
func ask(t *testing.T, options string, servers ...netip.AddrPort) (*client, func() (Answer, error)) {
	t.Helper()
	with := parseConf(options)
	with.servers = servers
	if !strings.Contains(options, "timeout") {
		with.timeout = 100 * time.Millisecond
	}
	c := &client{conf: func() conf { return with }}
	return c, func() (Answer, error) {
		ctx, stop := context.WithTimeout(t.Context(), 5*time.Second)
		defer stop()
		return c.Query(ctx, "sip.example.com", TypeA)
	}
}

const host = "sip.example.com."

func good(q query) []byte { return q.respond(nil, recordA(host, "192.0.2.1")) }

// wantAddr fails the test unless the answer is the address of good.
func wantAddr(t *testing.T, a Answer, err error) {
	t.Helper()
	if err != nil || len(a.Addrs) != 1 || a.Addrs[0] != netip.MustParseAddr("192.0.2.1") {
		t.Errorf("got %+v, %v, want 192.0.2.1", a, err)
	}
}

func TestQuestionSaysWhatIsTaken(t *testing.T) {
	s := newServer(t, once(good))
	_, query := ask(t, "", s.addr)
	a, err := query()
	wantAddr(t, a, err)
	if a.TTL != 300*time.Second {
		t.Errorf("TTL %v, want 5m", a.TTL)
	}
	q := s.seen()[0]
	if q.network != "udp" || !q.RecursionDesired || q.Name.String() != host || q.payload != payload {
		t.Errorf("asked %+v, want recursion, %s and a payload of %d over udp", q, host, payload)
	}
}

// Neither the number nor the port of a question can be foreseen (RFC 5452, Section 9.2).
func TestQuestionsCannotBeForeseen(t *testing.T) {
	s := newServer(t, once(good))
	_, query := ask(t, "", s.addr)
	const n = 64
	ids, ports, next := map[uint16]bool{}, map[uint16]bool{}, 0
	for range n {
		a, err := query()
		wantAddr(t, a, err)
	}
	for i, q := range s.seen() {
		ids[q.ID], ports[q.port] = true, true
		if i > 0 && q.ID-s.seen()[i-1].ID == 1 {
			next++
		}
	}
	if len(ids) < n-4 || len(ports) < n/2 || next > 4 {
		t.Errorf("%d questions with %d numbers, %d of them one after another, from %d ports", n, len(ids), next, len(ports))
	}
}

// Answers that are none, or not to this question, are passed over: the right one comes behind them (RFC 5452, Section 9.1).
func TestForeignAnswersArePassedOver(t *testing.T) {
	forged := recordA(host, "198.51.100.66")
	tests := []struct {
		name string
		msg  func(q query) []byte
	}{
		{"another number", func(q query) []byte { return q.respond(func(m *dnsmessage.Message) { m.ID++ }, forged) }},
		{"another name", func(q query) []byte {
			return q.respond(func(m *dnsmessage.Message) { m.Questions[0].Name = dnsmessage.MustNewName("example.com.") }, forged)
		}},
		{"another type", func(q query) []byte {
			return q.respond(func(m *dnsmessage.Message) { m.Questions[0].Type = dnsmessage.TypeAAAA }, forged)
		}},
		{"another class", func(q query) []byte {
			return q.respond(func(m *dnsmessage.Message) { m.Questions[0].Class = dnsmessage.ClassCHAOS }, forged)
		}},
		{"no question", func(q query) []byte { return q.respond(func(m *dnsmessage.Message) { m.Questions = nil }, forged) }},
		{"two questions", func(q query) []byte {
			return q.respond(func(m *dnsmessage.Message) { m.Questions = append(m.Questions, m.Questions[0]) }, forged)
		}},
		{"a question", func(q query) []byte { return q.respond(func(m *dnsmessage.Message) { m.Response = false }, forged) }},
		{"another operation", func(q query) []byte { return q.respond(func(m *dnsmessage.Message) { m.OpCode = 5 }, forged) }},
		{"half a header", func(q query) []byte { return good(q)[:7] }},
		{"garbage", func(query) []byte { return []byte(strings.Repeat("\xff\xc0", 100)) }},
		{"nothing", func(query) []byte { return nil }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, func(q query) [][]byte { return [][]byte{tt.msg(q), good(q)} })
			_, query := ask(t, "", s.addr)
			a, err := query()
			wantAddr(t, a, err)
			if n := len(s.seen()); n != 1 {
				t.Errorf("asked %d times, want once", n)
			}
		})
	}
}

// Whoever guesses is not let try for long: the question goes over TCP.
func TestGuessesEndInTCP(t *testing.T) {
	s := newServer(t, func(q query) (all [][]byte) {
		if q.network == "tcp" {
			return [][]byte{good(q)}
		}
		for i := range uint16(2 * maxStrays) {
			all = append(all, q.respond(func(m *dnsmessage.Message) { m.ID += i + 1 }, recordA(host, "198.51.100.66")))
		}
		return append(all, q.respond(nil, recordA(host, "198.51.100.66"))) // the right one at last
	})
	_, query := ask(t, "timeout:2", s.addr)
	a, err := query()
	wantAddr(t, a, err)
}

// What does not fit into a datagram is fetched over TCP (RFC 7766, Section 5); what is in the datagram is not half used.
func TestTruncationLeadsToTCP(t *testing.T) {
	const n = 60
	s := newServer(t, once(func(q query) []byte {
		if q.network == "udp" {
			return q.respond(func(m *dnsmessage.Message) { m.Truncated = true }, recordA(host, "198.51.100.66"))
		}
		var all []dnsmessage.Resource
		for i := range n {
			all = append(all, recordA(host, fmt.Sprintf("192.0.2.%d", i)))
		}
		return q.respond(nil, all...)
	}))
	_, query := ask(t, "", s.addr)
	if a, err := query(); err != nil || len(a.Addrs) != n || a.Addrs[7] != netip.MustParseAddr("192.0.2.7") {
		t.Errorf("got %+v, %v, want %d addresses", a, err, n)
	}
}

func TestTruncationOverTCPIsRefused(t *testing.T) {
	s := newServer(t, once(func(q query) []byte { return q.respond(func(m *dnsmessage.Message) { m.Truncated = true }) }))
	_, query := ask(t, "", s.addr)
	if _, err := query(); !errors.Is(err, ErrLookup) || !errors.Is(err, errMalformed) {
		t.Errorf("got %v, want ErrLookup for what is malformed", err)
	}
}

func TestUseVC(t *testing.T) {
	s := newServer(t, once(good))
	_, query := ask(t, "options use-vc", s.addr)
	a, err := query()
	wantAddr(t, a, err)
	if q := s.seen(); len(q) != 1 || q[0].network != "tcp" {
		t.Errorf("asked %+v, want once over tcp", q)
	}
}

// Servers that cannot, or do not, are followed by the next one, each as soon as it is known.
func TestNextServer(t *testing.T) {
	ok := func(t *testing.T) netip.AddrPort { return newServer(t, once(good)).addr }
	says := func(code dnsmessage.RCode) func(t *testing.T) netip.AddrPort {
		return func(t *testing.T) netip.AddrPort {
			return newServer(t, once(func(q query) []byte { return q.code(code) })).addr
		}
	}
	tests := []struct {
		name   string
		first  func(t *testing.T) netip.AddrPort
		silent bool // it costs its time
	}{
		{"silence", silence, true},
		{"nobody listens", nobody, false},
		{"SERVFAIL", says(dnsmessage.RCodeServerFailure), false},
		{"REFUSED", says(dnsmessage.RCodeRefused), false},
		{"NOTIMP", says(dnsmessage.RCodeNotImplemented), false},
		{"FORMERR", says(dnsmessage.RCodeFormatError), false},
		{"a code that nobody knows", says(11), false},
		{"lame: it knows nothing and asks nobody", func(t *testing.T) netip.AddrPort {
			return newServer(t, once(func(q query) []byte {
				return q.respond(func(m *dnsmessage.Message) { m.RecursionAvailable = false })
			})).addr
		}, false},
		{"a malformed record", func(t *testing.T) netip.AddrPort {
			return newServer(t, once(func(q query) []byte {
				return q.respond(nil, dnsmessage.Resource{Header: header(host, dnsmessage.TypeA), Body: &dnsmessage.UnknownResource{Type: dnsmessage.TypeA, Data: []byte{1, 2, 3}}})
			})).addr
		}, false},
		{"a connection that breaks", func(t *testing.T) netip.AddrPort {
			return newServer(t, func(q query) [][]byte {
				if q.network == "tcp" {
					return [][]byte{make([]byte, 3)}
				}
				return [][]byte{q.respond(func(m *dnsmessage.Message) { m.Truncated = true })}
			}).addr
		}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, query := ask(t, "timeout:1", tt.first(t), ok(t))
			began := time.Now()
			a, err := query()
			wantAddr(t, a, err)
			if took := time.Since(began); tt.silent != (took > 500*time.Millisecond) {
				t.Errorf("took %v", took)
			}
			began = time.Now()
			a, err = query() // the server that answered is asked first
			wantAddr(t, a, err)
			if took := time.Since(began); took > 500*time.Millisecond {
				t.Errorf("took %v the second time", took)
			}
		})
	}
}

// A datagram that is lost is sent again; one that seems to be lost for its EDNS0 option goes without in the end.
func TestLostDatagramsAreSentAgain(t *testing.T) {
	s := newServer(t, func(q query) [][]byte {
		if q.nth < 2 {
			return nil
		}
		return [][]byte{good(q)}
	})
	_, query := ask(t, "", s.addr)
	a, err := query()
	wantAddr(t, a, err)
	seen := s.seen()
	if len(seen) != 3 || seen[0].payload == 0 || seen[2].payload != 0 || seen[0].ID == seen[1].ID && seen[1].ID == seen[2].ID {
		t.Errorf("asked %+v, want three questions with numbers of their own, the last one without EDNS0", seen)
	}
}

func TestServerWithoutEDNS0(t *testing.T) {
	s := newServer(t, once(func(q query) []byte {
		if q.payload > 0 {
			return q.respond(func(m *dnsmessage.Message) { m.RCode, m.Questions = dnsmessage.RCodeFormatError, nil })
		}
		return good(q)
	}))
	_, query := ask(t, "", s.addr)
	a, err := query()
	wantAddr(t, a, err)
}

// Silence of all servers ends within the time that there is, however many they are, and says what was tried.
func TestSilenceEnds(t *testing.T) {
	servers := []netip.AddrPort{silence(t), silence(t), silence(t)}
	c, _ := ask(t, "options timeout:30 attempts:5", servers...)
	ctx, stop := context.WithTimeout(t.Context(), time.Second)
	defer stop()
	began := time.Now()
	_, err := c.Query(ctx, "sip.example.com", TypeA)
	if !errors.Is(err, ErrLookup) || !strings.Contains(err.Error(), "sip.example.com A") || !strings.Contains(err.Error(), "no answer") {
		t.Errorf("got %v, want ErrLookup that names the question", err)
	}
	if took := time.Since(began); took < 900*time.Millisecond || took > 20*time.Second {
		t.Errorf("took %v, want a second", took)
	}
}

// With rotate, questions are spread over the servers.
func TestRotate(t *testing.T) {
	a, b := newServer(t, once(good)), newServer(t, once(good))
	_, query := ask(t, "options rotate", a.addr, b.addr)
	for range 10 {
		got, err := query()
		wantAddr(t, got, err)
	}
	if len(a.seen()) != 5 || len(b.seen()) != 5 {
		t.Errorf("%d and %d questions, want 5 each", len(a.seen()), len(b.seen()))
	}
}

// Aliases are followed within a message and from one to the next, up to a bound; a loop ends.
func TestAliases(t *testing.T) {
	chain := func(n int) (all []dnsmessage.Resource) {
		for i := range n {
			from := fmt.Sprintf("a%d.example.com.", i)
			if i == 0 {
				from = host
			}
			all = append(all, recordCNAME(from, fmt.Sprintf("A%d.example.com.", i+1)))
		}
		return append(all, recordA(fmt.Sprintf("a%d.example.com.", n), "192.0.2.1"))
	}
	tests := []struct {
		name   string
		answer func(q query) []byte
		want   error // nil: the address
		asked  int
	}{
		{"one", func(q query) []byte { return q.respond(nil, chain(1)...) }, nil, 1},
		{"as many as there may be", func(q query) []byte { return q.respond(nil, chain(maxAliases)...) }, nil, 1},
		{"one more", func(q query) []byte { return q.respond(nil, chain(maxAliases+1)...) }, errAliases, 1},
		{"out of order", func(q query) []byte { c := chain(2); return q.respond(nil, c[2], c[1], c[0]) }, nil, 1},
		{"a loop", func(q query) []byte {
			return q.respond(nil, recordCNAME(host, "b.example.com."), recordCNAME("b.example.com.", host))
		}, errAliases, 1},
		{"to itself", func(q query) []byte { return q.respond(nil, recordCNAME(host, host)) }, errAliases, 1},
		{"the end is asked for", func(q query) []byte {
			if q.Name.String() == host {
				return q.respond(func(m *dnsmessage.Message) { m.Authoritative, m.RecursionAvailable = true, false }, recordCNAME(host, "pbx.example.net."))
			}
			return q.respond(nil, recordA("pbx.example.net.", "192.0.2.1"))
		}, nil, 2},
		{"a loop over several questions", func(q query) []byte {
			to := host
			if q.Name.String() == host {
				to = "pbx.example.net."
			}
			return q.respond(nil, recordCNAME(q.Name.String(), to))
		}, errAliases, maxAliases},
		{"records of others are nobody's", func(q query) []byte {
			return q.respond(nil, recordA("evil.example.net.", "198.51.100.66"), recordA(host, "192.0.2.1"), recordCNAME("x.example.com.", host))
		}, nil, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, once(tt.answer))
			_, query := ask(t, "", s.addr)
			a, err := query()
			if tt.want == nil {
				wantAddr(t, a, err)
			} else if !errors.Is(err, tt.want) || !errors.Is(err, ErrLookup) {
				t.Errorf("got %+v, %v, want %v", a, err, tt.want)
			}
			if n := len(s.seen()); n != tt.asked {
				t.Errorf("asked %d times, want %d", n, tt.asked)
			}
		})
	}
}

// That something is not there is an answer, true for as long as the zone says (RFC 2308, Section 5).
func TestNegativeAnswers(t *testing.T) {
	soa := func(m *dnsmessage.Message) {
		m.Authorities = []dnsmessage.Resource{recordSOA("example.com.", 900, 60)}
	}
	tests := []struct {
		name string
		msg  func(q query) []byte
		want time.Duration
	}{
		{"no data", func(q query) []byte { return q.respond(soa) }, time.Minute},
		{"no such name", func(q query) []byte {
			return q.respond(func(m *dnsmessage.Message) { soa(m); m.RCode = dnsmessage.RCodeNameError })
		}, time.Minute},
		{"the record's own TTL is less", func(q query) []byte {
			return q.respond(func(m *dnsmessage.Message) {
				m.Authorities = []dnsmessage.Resource{recordSOA("com.", 30, 60)}
			})
		}, 30 * time.Second},
		{"behind an alias", func(q query) []byte { return q.respond(soa, recordCNAME(host, "x.example.com.")) }, time.Minute},
		{"the zone of others says nothing", func(q query) []byte {
			return q.respond(func(m *dnsmessage.Message) {
				m.Authorities = []dnsmessage.Resource{recordSOA("example.net.", 900, 60)}
			})
		}, 0},
		{"nobody says for how long", func(q query) []byte { return q.respond(nil) }, 0},
		{"nobody says for how long, no such name", func(q query) []byte { return q.code(dnsmessage.RCodeNameError) }, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, once(tt.msg))
			_, query := ask(t, "", s.addr)
			if a, err := query(); err != nil || !a.Empty() || a.TTL != tt.want {
				t.Errorf("got %+v, %v, want nothing for %v", a, err, tt.want)
			}
		})
	}
}

func TestNamesThatAreNone(t *testing.T) {
	c, _ := ask(t, "", nobody(t))
	for _, name := range []string{"", ".", "a..b", ".a", strings.Repeat("a", 64) + ".example", strings.Repeat("abcdefg.", 32) + "example"} {
		if _, err := c.Query(t.Context(), name, TypeA); !errors.Is(err, errName) {
			t.Errorf("%q: got %v, want errName", name, err)
		}
	}
}

func TestNoAAAA(t *testing.T) {
	c, _ := ask(t, "options no-aaaa", nobody(t))
	if a, err := c.Query(t.Context(), "example.com", TypeAAAA); err != nil || !a.Empty() {
		t.Errorf("got %+v, %v, want nothing", a, err)
	}
}
