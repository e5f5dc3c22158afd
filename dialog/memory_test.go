package dialog

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/parser"
)

func TestDialogOwnsItsMemory(t *testing.T) {
	overwrite := func(m *parser.Message) {
		b := m.Bytes()
		for i := range b {
			b[i] = 'X'
		}
	}
	rr := []string{"Record-Route: <sip:p2.domain.com;lr>", "Record-Route: <sip:p1.example.com>"}
	inv := invite(t, rr...)
	s, err := NewServer(inv, "8321234356")
	if err != nil {
		t.Fatal(err)
	}
	want := bye(t, s)
	overwrite(inv)
	if got := bye(t, s); got != want {
		t.Errorf("callee: got\n%s\nwant\n%s", got, want)
	}

	inv, resp := invite(t), response(t, 180, "8321234356", rr...)
	c, err := NewClient(inv, resp)
	if err != nil {
		t.Fatal(err)
	}
	want = bye(t, c)
	overwrite(inv)
	overwrite(resp)
	if got := bye(t, c); got != want {
		t.Errorf("caller: got\n%s\nwant\n%s", got, want)
	}
	resp = response(t, 200, "8321234356", append(rr, "Contact: <sip:bob@u2.domain.com>")...)
	if err := c.Confirm(resp); err != nil {
		t.Fatal(err)
	}
	want = bye(t, c)
	overwrite(resp)
	if got := bye(t, c); got != want {
		t.Errorf("confirmed: got\n%s\nwant\n%s", got, want)
	}
}

func TestDialogRefusesToRememberTooMuch(t *testing.T) {
	for _, tt := range []struct {
		name  string
		extra []string
	}{
		{"few long Record-Routes", longRoutes(6)},
		{"many short Record-Routes", []string{"Record-Route: <sip:h>" + strings.Repeat(",<sip:h>", 900)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := NewServer(invite(t, tt.extra...), "x"); err != ErrTooLarge {
				t.Errorf("callee: got %v, want %v", err, ErrTooLarge)
			}
			if _, err := NewClient(invite(t), response(t, 200, "x", tt.extra...)); err != ErrTooLarge {
				t.Errorf("caller: got %v, want %v", err, ErrTooLarge)
			}
		})
	}
	contact := "Contact: <sip:" + strings.Repeat("x", 1900) + "@u1.example.com>"
	if _, err := NewServer(request(t, "INVITE", 1, append(longRoutes(4), contact)...), "x"); err != ErrTooLarge {
		t.Errorf("Contact: got %v, want %v", err, ErrTooLarge)
	}
	if _, err := NewServer(request(t, "INVITE", 1, append(longRoutes(3), contact)...), "x"); err != nil {
		t.Errorf("less than 6 KiB: %v", err)
	}
	if s := ErrTooLarge.Status(); s != 513 {
		t.Errorf("answered with %d, want 513", s)
	}
}

// heapPerDialog returns the octets of heap that one dialog costs.
func heapPerDialog(t testing.TB, text string) uint64 {
	const n = 2000
	held := make([]*Dialog, n)
	live := func() uint64 {
		runtime.GC()
		runtime.GC()
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		return s.HeapAlloc
	}
	before := live()
	for i := range held {
		m := new(parser.Message)
		if err := m.Parse([]byte(text)); err != nil {
			t.Fatal(err)
		}
		d, err := NewServer(m, "8321234356")
		if err != nil {
			t.Fatal(err)
		}
		held[i] = d
	}
	after := live()
	runtime.KeepAlive(held)
	return (after - before) / n
}

func TestDialogIsSmall(t *testing.T) {
	rr := []string{"Record-Route: <sip:p2.domain.com;lr>", "Record-Route: <sip:p1.example.com;lr>"}
	withBody := func(extra ...string) string {
		head := string(invite(t, append(rr, extra...)...).Bytes())
		body := strings.Repeat("b", 60_000-len(head))
		return strings.Replace(head, "Content-Length: 0", fmt.Sprint("Content-Length: ", len(body)), 1) + body
	}
	var routes []string
	for i := range 60 {
		routes = append(routes, fmt.Sprintf("Record-Route: <sip:%s.p%02d.example;lr;ftag=9fxced76sl>", strings.Repeat("r", 50), i))
	}
	for _, tt := range []struct {
		name, text string
		limit      uint64
	}{
		{"typical", string(invite(t, rr...).Bytes()), 2 << 10},
		{"60 kB", withBody("Subject: "+strings.Repeat("x", 8000), "User-Agent: "+strings.Repeat("y", 8000)), 2 << 10},
		{"60 kB through 62 proxies", withBody(routes...), 8 << 10},
	} {
		got := heapPerDialog(t, tt.text)
		t.Logf("%s: INVITE of %d octets, %d octets of heap for each dialog", tt.name, len(tt.text), got)
		if got > tt.limit {
			t.Errorf("%s: %d octets of heap for each dialog, want at most %d", tt.name, got, tt.limit)
		}
	}
}

func BenchmarkNewServer(b *testing.B) {
	m := invite(b, "Record-Route: <sip:p2.domain.com;lr>", "Record-Route: <sip:p1.example.com;lr>")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := NewServer(m, "8321234356"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNewClient(b *testing.B) {
	inv := invite(b)
	resp := response(b, 200, "8321234356", "Contact: <sip:bob@u2.domain.com>",
		"Record-Route: <sip:p2.domain.com;lr>", "Record-Route: <sip:p1.example.com;lr>")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := NewClient(inv, resp); err != nil {
			b.Fatal(err)
		}
	}
}
