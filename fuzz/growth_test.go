package fuzz_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport/resolver"
	"github.com/ringback-sip/ringback/transport/ws"
)

// growing are messages of n parts, and what is done with them.
var growing = map[string]struct {
	n    int // at twice that, Parse and Check still accept
	make func(n int) string
	do   func(b []byte) error
}{
	"fields": {60, func(n int) string { return message("", strings.Repeat("X-Any: y\r\n", n)) }, readWhole},
	"fields of one list": {60, func(n int) string {
		return message("", strings.Repeat("Contact: <sip:a@h;x=y>;q=1\r\n", n))
	}, readWhole},
	"Vias in one row":     {64, func(n int) string { return message(strings.Repeat("SIP/2.0/UDP h;rport,", n-1), "") }, readWhole},
	"parameters":          {32, func(n int) string { return message(numbered(";p%d=x", n, "SIP/2.0/UDP h")+",", "") }, readWhole},
	"parameters of a URI": {32, func(n int) string { return message("", "Contact: <sip:h"+numbered(";p%d=x", n, "")+">\r\n") }, readWhole},
	"headers of a URI":    {32, func(n int) string { return message("", "Contact: <sip:h?a=b"+numbered("&p%d=x", n-1, "")+">\r\n") }, readWhole},
	"folds":               {1000, func(n int) string { return message("", "Subject: "+strings.Repeat("\r\n a", n)+"\r\n") }, readWhole},
	"quoted pairs":        {2000, func(n int) string { return message("", `Contact: "`+strings.Repeat(`\"`, n)+"\" <sip:h>\r\n") }, readWhole},
	"commas":              {3000, func(n int) string { return message("", "Supported: "+strings.Repeat(",", n)+"\r\n") }, readWhole},
	"comments": {2000, func(n int) string {
		return message("", "Supported: "+strings.Repeat("(", n)+strings.Repeat(")", n)+"\r\n")
	}, readWhole},
	"open quotes":          {3000, func(n int) string { return message("", "Supported: "+strings.Repeat(`"`, n)+"\r\n") }, readWhole},
	"open brackets":        {3000, func(n int) string { return message("", "Supported: "+strings.Repeat("<", n)+"\r\n") }, readWhole},
	"control octets":       {2000, func(n int) string { return message("", `Subject: "`+strings.Repeat("\\\x01", n)+"\"\r\n") }, readWhole},
	"an open escaped user": {300, func(n int) string { return message("", "Contact: <sip:"+strings.Repeat("%41", n)+"@h>\r\n") }, readWhole},
	"parts of a body": {64, func(n int) string {
		return message("", "Content-Type: multipart/mixed;boundary=b\r\n") + strings.Repeat("--b\r\n\r\nx\r\n", n) + "--b--"
	}, readWhole},
	"lines that are nearly delimiters": {2000, func(n int) string {
		return message("", "Content-Type: multipart/mixed;boundary=b\r\n") + strings.Repeat("--b-\r\n", n)
	}, readWhole},
	"a stream octet by octet": {2000, func(n int) string {
		return message("", "Subject: "+strings.Repeat("x ", n)+"\r\nContent-Length: 0\r\n")
	}, readStream},
	"fragments of one octet": {2000, func(n int) string { return "\x01\x01x" + strings.Repeat("\x00\x01x", n) }, readFrames},
	"fragments of none":      {2000, func(n int) string { return "\x02\x00" + strings.Repeat("\x00\x00", n) }, readFrames},
	"Pings inside a message": {2000, func(n int) string { return "\x02\x01x" + strings.Repeat("\x89\x01p", n) }, readFrames},
	"a message in characters of two octets": {2000, func(n int) string {
		return "\x81\x7e" + string([]byte{byte(n >> 7), byte(n << 1)}) + strings.Repeat("é", n)
	}, readFrames},
	"a handshake octet by octet": {500, func(n int) string {
		return "GET / HTTP/1.1\r\nHost: h\r\n" + strings.Repeat("X: y\r\n", n) + "\r\n"
	}, readHandshake},
	"records of a DNS answer": {200, func(n int) string {
		return dnsHead(n) + strings.Repeat("\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xc0\x00\x02\x01", n)
	}, readDNS},
	"aliases of a DNS answer": {200, func(n int) string {
		return dnsHead(n+1) + numbered("\x04%04d\x00\x00\x05\x00\x01\x00\x00\x00\x3c\x00\x02\xc0\x0c", n, "") + "\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xc0\x00\x02\x01"
	}, readDNS},
}

// dnsHead returns the head of the answer about the addresses of a, with n records.
func dnsHead(n int) string {
	return "\x00\x01\x81\x80\x00\x01" + string([]byte{byte(n >> 8), byte(n)}) + "\x00\x00\x00\x00\x01a\x00\x00\x01\x00\x01"
}

func readDNS(b []byte) error {
	r, err := resolver.ReadReply(b, 1, "a", resolver.TypeA)
	if err == nil && r.Empty() {
		err = errors.New("no records")
	}
	return err
}

// message returns a good request with more before its Via, and more fields.
func message(vias, fields string) string {
	return "OPTIONS sip:h SIP/2.0\r\nVia: " + vias + "SIP/2.0/UDP h\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:b@h>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n" + fields + "\r\n"
}

// numbered returns s and n different words behind it.
func numbered(format string, n int, s string) string {
	for i := range n {
		s += fmt.Sprintf(format, i)
	}
	return s
}

// readWhole reads and answers a message, and walks its lists and parts.
func readWhole(b []byte) error {
	var m parser.Message
	if err := m.Parse(b); err != nil {
		return err
	}
	if err := m.Check(); err != nil {
		return err
	}
	for range m.Vias() {
	}
	for range m.Contacts() {
	}
	for range m.Values(parser.HeaderSupported) {
	}
	for range m.Parts() {
	}
	m.SetReceived([]byte("192.0.2.1"), 1)
	var w parser.Builder
	w.Response(&m, parser.StatusOK, "", "")
	_, err := w.Wire()
	return err
}

func readStream(b []byte) error {
	var f parser.Framer
	for i := range b {
		if n, err := f.Next(b[:i+1]); err != nil || n > 0 {
			return err
		}
	}
	return fmt.Errorf("no end in %d octets", len(b))
}

// readFrames reads frames octet by octet.
func readFrames(b []byte) error {
	r := ws.Reader{Role: ws.Client}
	var buf []byte
	for _, c := range b {
		in := append(buf, c)
		for {
			e, rest, err := r.Next(in)
			if err != nil {
				return err
			}
			if in = rest; e.Op == 0 {
				break
			}
		}
		buf = in
	}
	return nil
}

func readHandshake(b []byte) error {
	var q ws.RequestReader
	for i := range b {
		r, _, refused := q.Next(b[:i+1])
		if refused != nil {
			return refused
		}
		if r != nil {
			return nil
		}
	}
	return fmt.Errorf("no end in %d octets", len(b))
}

// The work for a message grows with its length and no faster: twice as much of anything takes at most 2.5 times the statements of
// packages parser, ws and resolver, as their coverage counts them. No clock is asked.
func TestWorkGrowsWithLength(t *testing.T) {
	if name, size, ok := strings.Cut(os.Getenv("GROWTH"), "/"); ok {
		work(t, name, size)
		return
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "growth.test")
	build := exec.Command("go", "test", "-c", "-cover", "-covermode=count", "-coverpkg=github.com/ringback-sip/ringback/parser,github.com/ringback-sip/ringback/transport/ws,github.com/ringback-sip/ringback/transport/resolver", "-o", program, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go test -c: %v\n%s", err, out)
	}
	for name, g := range growing {
		once, twice := statements(t, program, dir, name, g.n), statements(t, program, dir, name, 2*g.n)
		if once < 100 || 2*twice > 5*once {
			t.Errorf("%s: %d statements for %d, %d for %d: %.2f times as many", name, once, g.n, twice, 2*g.n, float64(twice)/float64(once))
		}
	}
}

// work is what the counted program does.
func work(t *testing.T, name, size string) {
	n, err := strconv.Atoi(size)
	if err != nil {
		t.Fatal(err)
	}
	g := growing[name]
	if err := g.do([]byte(g.make(n))); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// statements runs the program for one message and counts the statements it executes.
func statements(t *testing.T, program, dir, name string, n int) int {
	t.Helper()
	profile := filepath.Join(dir, "profile")
	cmd := exec.Command(program, "-test.run=^TestWorkGrowsWithLength$", "-test.coverprofile="+profile)
	cmd.Env = append(os.Environ(), fmt.Sprintf("GROWTH=%s/%d", name, n))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s, %d: %v\n%s", name, n, err, out)
	}
	f, err := os.Open(profile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sum := 0
	for s := bufio.NewScanner(f); s.Scan(); {
		// file.go:1.2,3.4 statements count
		if words := strings.Fields(s.Text()); len(words) == 3 {
			block, _ := strconv.Atoi(words[1])
			count, _ := strconv.Atoi(words[2])
			sum += block * count
		}
	}
	return sum
}
