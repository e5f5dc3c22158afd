package transaction

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// journal records what a test sees, with the time since its start.
type journal struct {
	start time.Time
	mu    sync.Mutex
	lines []string
}

func newJournal() *journal { return &journal{start: time.Now()} }

func (j *journal) add(format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, time.Since(j.start).String()+" "+fmt.Sprintf(format, args...))
}

// want fails the test when the journal does not hold the lines of text, and empties it.
func (j *journal) want(t *testing.T, text string) {
	t.Helper()
	synctest.Wait()
	j.mu.Lock()
	defer j.mu.Unlock()
	got := strings.Join(j.lines, "\n")
	var lines []string
	for _, l := range strings.Split(strings.TrimSpace(text), "\n") {
		lines = append(lines, strings.TrimSpace(l))
	}
	if want := strings.Join(lines, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	j.lines = nil
}

// until sleeps up to d after the start.
func (j *journal) until(d time.Duration) { time.Sleep(d - time.Since(j.start)) }

// conn is a Conn that writes to a journal.
type conn struct {
	j        *journal
	name     string // stands before what is sent
	reliable bool
	mu       sync.Mutex
	err      error // of every Send
	sent     []string
}

func (c *conn) Reliable() bool { return c.reliable }

func (c *conn) Send(w parser.Wire) error {
	text := string(w.AppendTo(nil))
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.j != nil {
		c.j.add("%ssend %s", c.name, brief(text))
	}
	c.sent = append(c.sent, text)
	return c.err
}

// fail makes every Send fail from now on.
func (c *conn) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = err
}

// last is the last message sent.
func (c *conn) last(t *testing.T) string {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.sent) == 0 {
		t.Fatal("nothing was sent")
	}
	return c.sent[len(c.sent)-1]
}

// brief is a request's method or a response's status.
func brief(text string) string {
	word := strings.Fields(text)
	if word[0] == "SIP/2.0" {
		return word[1]
	}
	return word[0]
}

// request writes a request by hand: no code is shared with what is under test. change holds pairs of old and new.
func request(method, branch string, change ...string) string {
	via := "SIP/2.0/UDP pc33.atlanta.example:5066"
	if branch != "" {
		via += ";branch=" + branch
	}
	text := method + " sip:bob@biloxi.example SIP/2.0\r\n" +
		"Via: " + via + "\r\n" +
		"Max-Forwards: 70\r\n" +
		"To: Bob <sip:bob@biloxi.example>\r\n" +
		"From: Alice <sip:alice@atlanta.example>;tag=1928301774\r\n" +
		"Call-ID: a84b4c76e66710@pc33.atlanta.example\r\n" +
		"CSeq: 314159 " + method + "\r\n" +
		"Contact: <sip:alice@pc33.atlanta.example>\r\n" +
		"Content-Length: 0\r\n\r\n"
	return changed(text, change...)
}

// changed replaces each old by its new, and panics when there is none: a test must not test less than it says.
func changed(text string, change ...string) string {
	for i := 0; i+1 < len(change); i += 2 {
		if !strings.Contains(text, change[i]) {
			panic(fmt.Sprintf("%q is not in %q", change[i], text))
		}
		text = strings.ReplaceAll(text, change[i], change[i+1])
	}
	return text
}

// response writes the response to a request by hand.
func response(req string, status int, toTag string, change ...string) string {
	text := fmt.Sprintf("SIP/2.0 %d Reason\r\n", status)
	for _, line := range strings.SplitAfter(req, "\r\n") {
		switch name, _, _ := strings.Cut(line, ":"); name {
		case "To":
			if toTag != "" && !strings.Contains(line, ";tag=") {
				line = strings.TrimSuffix(line, "\r\n") + ";tag=" + toTag + "\r\n"
			}
			text += line
		case "Via", "From", "Call-ID", "CSeq":
			text += line
		}
	}
	return changed(text+"Content-Length: 0\r\n\r\n", change...)
}

// wire is a finished message.
func wire(text string) parser.Wire { return parser.Wire{Head: []byte(text)} }

// parsed is a message as the transport hands it on.
func parsed(t testing.TB, text string) *parser.Message {
	t.Helper()
	m := new(parser.Message)
	if err := m.Parse([]byte(text)); err != nil {
		t.Fatalf("%v: %q", err, text)
	}
	if err := m.Check(); err != nil {
		t.Fatalf("%v: %q", err, text)
	}
	return m
}

// user is a ClientUser and a ServerUser that writes to a journal.
type user struct {
	j        *journal
	name     string
	response func(t *Client, m *parser.Message)
	failed   func(t *Client, err error)
}

func (u *user) Response(t *Client, m *parser.Message) {
	u.j.add("%stu %d", u.name, m.Status())
	if u.response != nil {
		u.response(t, m)
	}
}

func (u *user) Failed(t *Client, err error) {
	u.j.add("%stu %v", u.name, err)
	if u.failed != nil {
		u.failed(t, err)
	}
}

// serverUser is a ServerUser that writes to a journal.
type serverUser struct{ j *journal }

func (u serverUser) Ack(_ *Server, m *parser.Message)  { u.j.add("tu %s", m.MethodName()) }
func (u serverUser) Failed(_ *Server, err error)       { u.j.add("tu %v", err) }
func (u serverUser) Response(*Client, *parser.Message) {}

// core is a Core that writes to a journal and keeps what it gets.
type core struct {
	j       *journal
	request func(t *Server, m *parser.Message)
	cancel  func(t, target *Server)
	unbound bool // transactions get no user
	mu      sync.Mutex
	servers []*Server
}

func (c *core) keep(t *Server) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.servers = append(c.servers, t)
}

// last is the last transaction that was opened.
func (c *core) last(t *testing.T) *Server {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.servers) == 0 {
		t.Fatal("no server transaction")
	}
	return c.servers[len(c.servers)-1]
}

func (c *core) Request(t *Server, m *parser.Message) {
	merged := ""
	if t.Merged() {
		merged = " merged"
	}
	c.j.add("core %s%s", m.MethodName(), merged)
	c.keep(t)
	if !c.unbound {
		t.Bind(serverUser{c.j})
	}
	if c.request != nil {
		c.request(t, m)
	}
}

func (c *core) Cancel(t, target *Server, m *parser.Message) {
	of := "nothing"
	if target != nil {
		of = target.Method().String()
	}
	c.j.add("core CANCEL of %s", of)
	if c.cancel != nil {
		c.cancel(t, target)
	}
}

func (c *core) Ack(_ Conn, m *parser.Message) { c.j.add("core ACK") }

// counts fails the test when the layer does not hold so many transactions.
func counts(t *testing.T, l *Layer, clients, servers int) {
	t.Helper()
	synctest.Wait()
	if c, s := l.Counts(); c != clients || s != servers {
		t.Errorf("got %d client and %d server transactions, want %d and %d", c, s, clients, servers)
	}
}

// gone fails the test when not exactly one transaction of l lives until d after the start.
func gone(t *testing.T, j *journal, l *Layer, d time.Duration) {
	t.Helper()
	alive := func() int { c, s := l.Counts(); return c + s }
	j.until(d - 1)
	synctest.Wait()
	if n := alive(); n != 1 {
		t.Errorf("%v before its end: got %d transactions, want 1", d, n)
	}
	j.until(d)
	synctest.Wait()
	if n := alive(); n != 0 {
		t.Errorf("%v after the start: got %d transactions, want 0", d, n)
	}
}
