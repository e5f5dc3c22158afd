package blackbox

import (
	"bytes"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// pipeline is a message three times as one stream, with pings and filler between them. Each has a branch and a Call-ID of its own: over a
// stream a repetition is a new request or not as time will have it.
func pipeline(t *testing.T, b []byte) []byte {
	t.Helper()
	var m parser.Message
	if err := m.Parse(b); err != nil {
		t.Fatal(err)
	}
	via, err := m.Via()
	if err != nil {
		t.Fatal(err)
	}
	s := []byte("\r\n")
	for i, between := range []string{"\r\n", "\r\n\r\n", ""} {
		one := b
		for _, value := range [][]byte{via.Branch(), m.CallID()} {
			if len(value) > 0 {
				one = bytes.Replace(one, value, fmt.Appendf(nil, "%s%d", value, i), 1)
			}
		}
		s = append(append(s, one...), between...)
	}
	return s
}

// outline is what was answered, but for what differs from one connection to the next: status lines and CSeq, sorted, since what a
// handler answers may come in any order.
func outline(answers []string) string {
	var all []string
	for _, a := range answers {
		first, _, _ := strings.Cut(a, "\r\n")
		cseq := ""
		for line := range strings.SplitSeq(a, "\r\n") {
			if strings.HasPrefix(line, "CSeq:") {
				cseq = line
			}
		}
		all = append(all, first+" "+cseq)
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// split writes b in two pieces, with a pause between them, and returns the outline of the answers and whether the connection was closed.
func (l *lab) split(b []byte, at int) (string, bool) {
	l.Helper()
	conn := l.dial()
	defer conn.Close()
	conn.Write(b[:at])
	time.Sleep(5 * time.Millisecond)
	conn.Write(b[at:])
	answers, closed, _ := heard(l.T, conn, time.Now(), 100*time.Millisecond)
	return outline(answers), closed
}

// Wherever a stream is cut, the messages in it are the same: each valid message, three times, cut at every octet.
func TestStreamsCutAnywhere(t *testing.T) {
	inner := request("INVITE", "sip:a@10.0.0.1", netip.AddrPortFrom(evilAddr, 5060), "inner")
	messages := map[string][]byte{
		"a body that holds an INVITE": []byte(strings.Replace(request("MESSAGE", "sip:a@10.0.0.1", netip.AddrPortFrom(evilAddr, 5060), "outer",
			"\n\r\n\r\n"+inner+"\r\n\r\n"), "Call-ID: outer", "Call-ID: around-it", 1)),
	}
	files, err := filepath.Glob("../testdata/*/*.sip")
	more, err2 := filepath.Glob("../testdata/torture/*/*.dat")
	if err != nil || err2 != nil || len(more) != 66 {
		t.Fatalf("%d files, %v, %v", len(more), err, err2)
	}
	for _, file := range append(files, more...) {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var f parser.Framer
		var m parser.Message
		if n, err := f.Next(b); err != nil || n != len(b) || m.Parse(b) != nil || m.Check() != nil {
			continue // no message for a stream
		}
		messages[filepath.Base(file)] = b
	}
	if len(messages) < 20 {
		t.Fatalf("only %d valid messages", len(messages))
	}
	step := 67
	if *long {
		step = 1
	}
	for name, b := range messages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inLab(t, echo(), func(l *lab) {
				s := pipeline(t, b)
				want, wantClosed := l.split(s, len(s))
				for at := 1; at < len(s); at += step {
					time.Sleep(33 * time.Second) // the transactions of the last round have ended, and its Call-ID is free
					if got, closed := l.split(s, at); got != want || closed != wantClosed {
						l.Fatalf("cut at %d of %d: answered\n%s\nclosed %v, want\n%s\nclosed %v", at, len(s), got, closed, want, wantClosed)
					}
				}
				if strings.Contains(want, "INVITE") && strings.Contains(name, "body") {
					l.Errorf("the body was taken for a request: %s", want)
				}
			})
		})
	}
}
