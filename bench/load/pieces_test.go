package main

import (
	"bytes"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// What the generator sends is good SIP: the parser has nothing against it.
func TestMessagesAreWellFormed(t *testing.T) {
	for _, w := range []workload{options, register, call} {
		s := newScript(w, "127.0.0.1:40000", "127.0.0.1:5060", "-1-2")
		for _, m := range []template{s.first, s.ack, s.bye} {
			if m == nil {
				continue
			}
			b := m.fill(nil, 0x01ab23cd, []byte("xyz"), []byte("sip:echo@127.0.0.1:5060"))
			var got parser.Message
			err := got.Parse(b)
			if err == nil {
				err = got.Check()
			}
			if err != nil {
				t.Errorf("%v in %q", got.Fault(), b)
				continue
			}
			if string(got.CallID()) != "01ab23cd-1-2@127.0.0.1" || bytes.ContainsAny(b, "{}") {
				t.Errorf("got %q", b)
			}
		}
	}
}

func TestTemplateRefusesUnknownPlaces(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("{nobody} is a place")
		}
	}()
	newTemplate("a {nobody} b")
}

func TestSerials(t *testing.T) {
	for _, id := range []uint32{0, 1, 255, 0x89abcdef, 1<<32 - 1} {
		if got, ok := readSerial(appendSerial(nil, id)); !ok || got != id {
			t.Errorf("%d: got %d, %t", id, got, ok)
		}
	}
	for _, b := range []string{"", "1234567", "1234567G"} {
		if _, ok := readSerial([]byte(b)); ok {
			t.Errorf("%q is a serial", b)
		}
	}
}

func TestRepliesAreRead(t *testing.T) {
	const whole = "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKi0000002a-1\r\nTo: <sip:a@h>;tag=x;y\r\nContact: A <sip:b@h>;z\r\n\r\n"
	r, ok := readReply([]byte(whole), true)
	if !ok || r.status != '2' || r.letter != 'i' || r.id != 42 || string(r.tag) != "x" || string(r.uri) != "sip:b@h" {
		t.Errorf("got %+v, %t", r, ok)
	}
	compact := strings.NewReplacer("To:", "t:", "Contact:", "m:").Replace(whole)
	if r, ok := readReply([]byte(compact), true); !ok || string(r.tag) != "x" || string(r.uri) != "sip:b@h" {
		t.Errorf("compact: got %+v, %t", r, ok)
	}
	for name, change := range map[string][2]string{
		"a request":       {"SIP/2.0 200", "INVITE sip:"},
		"no branch":       {"branch", "branck"},
		"a short branch":  {"i0000002a-1\r\nTo: <sip:a@h>;tag=x;y\r\nContact: A <sip:b@h>;z\r\n\r\n", "i0"},
		"another number":  {"0000002a", "000000zz"},
		"no tag":          {";tag=x", ""},
		"no Contact":      {"Contact", "Kontact"},
		"Contact in body": {"Contact", "\r\nContact"},
	} {
		if r, ok := readReply([]byte(strings.Replace(whole, change[0], change[1], 1)), true); ok {
			t.Errorf("%s: got %+v", name, r)
		}
	}
}

func TestFloorCopiesWhatItMust(t *testing.T) {
	f := &floor{plain: []byte("Content-Length: 0\r\n\r\n"), call: []byte("with a body")}
	s := newScript(call, "127.0.0.1:40000", "127.0.0.1:5060", "-1")
	if got := f.answer(nil, s.ack.fill(nil, 1, []byte("x"), []byte("sip:h"))); len(got) != 0 {
		t.Errorf("an ACK is answered: %q", got)
	}
	if got := f.answer(nil, s.first.fill(nil, 1, nil, nil)); !bytes.HasSuffix(got, f.call) || !bytes.Contains(got, []byte(";tag=floor\r\n")) {
		t.Errorf("INVITE: got %q", got)
	}
	got := f.answer(nil, s.bye.fill(nil, 1, []byte("x"), []byte("sip:h")))
	var m parser.Message
	if err := m.Parse(got); err != nil || m.Check() != nil || m.Status() != 200 || bytes.Contains(got, []byte("tag=floor")) {
		t.Errorf("BYE: %v in %q", m.Fault(), got)
	}
}

func TestProcessesAreWeighed(t *testing.T) {
	if _, err := os.Stat("/proc/self/schedstat"); err != nil {
		t.Fatalf("this needs Linux: %v", err)
	}
	child := exec.Command("sleep", "60")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer child.Wait()
	defer child.Process.Kill()
	if all := family(os.Getpid()); all[0] != os.Getpid() || !slices.Contains(all, child.Process.Pid) {
		t.Errorf("got %v, want %d and %d in it", all, os.Getpid(), child.Process.Pid)
	}
	before, err := cpuTime(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	own := ownTime()
	for ownTime()-own < 100*time.Millisecond {
	}
	after, err := cpuTime(os.Getpid())
	if err != nil || after-before < 50*time.Millisecond {
		t.Errorf("got %v of processor time for 100ms, %v", after-before, err)
	}
	if own, shared, err := residentSize(os.Getpid()); err != nil || own < 1<<20 || shared < 1<<16 {
		t.Errorf("got %d octets and %d shared, %v", own, shared, err)
	}
}

func TestPeerExplainsWhatItCannot(t *testing.T) {
	if err := servePeer("nobody", strings.NewReader(""), new(bytes.Buffer)); err == nil {
		t.Error("a peer that is not known was started")
	}
	var out bytes.Buffer
	if err := servePeer("floor", strings.NewReader("dance\nask 1 2 3\ncollect\n"), &out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	if len(lines) != 5 || !strings.Contains(lines[1], "no such command") || !strings.Contains(lines[2], "no such command") || !strings.Contains(lines[3], `"goroutines":`) {
		t.Errorf("got %q", lines)
	}
}

func TestMedian(t *testing.T) {
	if got := median([]float64{9, 1, 2}); got != 2 {
		t.Errorf("got %v, want 2", got)
	}
	if got := median([]time.Duration{4, 1, 9, 2}); got != 3 {
		t.Errorf("got %v, want 3", got)
	}
}
