package transport

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// torment is one row of the torture messages' table, with the message.
type torment struct {
	name, verdict, gate, handling string
	b                             []byte
}

// torture reads the messages of RFC 4475 and RFC 5118 and what is expected of them.
func torture(t *testing.T) (all []torment) {
	t.Helper()
	dir := filepath.Join("..", "testdata", "torture")
	table, err := os.ReadFile(filepath.Join(dir, "EXPECT.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(table)) {
		col := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(col) < 5 || col[0] == "file" {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(col[0])))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, torment{col[0], col[2], col[3], col[4], b})
	}
	if len(all) != 66 {
		t.Fatalf("%d messages, want 66", len(all))
	}
	return all
}

// allows reports whether the table lets the answer to w have status: one of those that it names, 400 when it names none.
func (w torment) allows(status string) bool {
	named := false
	for _, s := range [...]string{"400", "501", "505"} {
		named = named || strings.Contains(w.handling, s)
	}
	return strings.Contains(w.handling, status) || !named && status == "400"
}

// What the table accepts passes, what it rejects is answered as it says and passes nothing, a response is never answered,
// and after each of them the layer goes on.
func TestTortureOverUDP(t *testing.T) {
	for _, w := range torture(t) {
		onSocket(t, Config{}, func(t *testing.T, s *station, pc *packetConn) {
			pc.in <- datagram{w.b, ap("192.0.2.9:6000")}
			synctest.Wait()
			check(t, s, w, func() string {
				if len(pc.out) == 0 {
					return ""
				}
				return string((<-pc.out).b)
			})
			pc.in <- datagram{options("UDP 192.0.2.9;branch=z9hG4bKafter"), ap("192.0.2.9:6000")}
			if a := <-s.arrivals; branch(t, a.m) != "z9hG4bKafter" {
				t.Errorf("%s: then %s", w.name, a.m.StartLine())
			}
		})
	}
}

func TestTortureOverTCP(t *testing.T) {
	for _, w := range torture(t) {
		onListener(t, Config{}, func(t *testing.T, s *station, a *acceptor, _ *dialler) {
			peer := a.from(t, "192.0.2.9:6000")
			go func() { _, _ = peer.Write(w.b) }()
			read := make(chan string, 1)
			go func() {
				b, _ := ends(t, peer)
				read <- string(b)
			}()
			time.Sleep(15 * time.Second)
			closed := len(read) > 0
			if closed == framed(w.b) {
				t.Errorf("%s: 15s later the connection is closed: %v", w.name, closed)
			}
			if !closed {
				_ = s.Shutdown(t.Context())
				check(t, s, w, func() string { return <-read })
				return
			}
			for len(s.arrivals) > 0 {
				<-s.arrivals
			}
			if reply := <-read; reply != "" && !strings.HasPrefix(reply, "SIP/2.0 4") && !strings.HasPrefix(reply, "SIP/2.0 5") {
				t.Errorf("%s: answered %q", w.name, reply)
			}
		})
	}
}

// framed reports whether b is nothing but messages, each with one Content-Length that says how many octets follow its blank line.
func framed(b []byte) bool {
	for len(b) > 0 {
		head, body, found := strings.Cut(string(b), "\r\n\r\n")
		if !found {
			return false
		}
		length := -1
		for _, line := range strings.Split(head, "\r\n") {
			name, value, _ := strings.Cut(line, ":")
			if name = strings.ToLower(strings.TrimSpace(name)); name != "l" && name != "content-length" {
				continue
			}
			n, err := strconv.Atoi(strings.TrimSpace(value))
			if err != nil || length >= 0 {
				return false
			}
			length = n
		}
		if length < 0 || length > len(body) {
			return false
		}
		b = []byte(body[length:])
	}
	return true
}

// check holds what arrived and what was answered against the table.
func check(t *testing.T, s *station, w torment, answered func() string) {
	t.Helper()
	passed := len(s.arrivals) > 0
	for len(s.arrivals) > 0 {
		<-s.arrivals
	}
	reply := answered()
	isResponse := strings.HasPrefix(string(w.b), "SIP/")
	switch {
	case isResponse && (passed || reply != ""):
		t.Errorf("%s: a response that is not ours passed (%v) or was answered %q", w.name, passed, reply)
	case isResponse:
	case w.gate == "accept" && (!passed || reply != ""):
		t.Errorf("%s: passed %v, answered %q, want it passed", w.name, passed, reply)
	case w.gate == "reject" && passed:
		t.Errorf("%s: passed, want it refused", w.name)
	case !passed:
		var m parser.Message
		if reply == "" && strings.Contains(w.handling, "drop") {
			return
		}
		if err := m.Parse([]byte(reply)); err != nil || !w.allows(string(m.StartLine()[8:11])) {
			t.Errorf("%s: answered %q, want %s", w.name, reply, w.handling)
		}
	}
}
