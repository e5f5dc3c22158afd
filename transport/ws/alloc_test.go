package ws

import (
	"bytes"
	"strings"
	"testing"
)

// Everything that promises not to allocate, one line for each, failures among them.
func TestAllocations(t *testing.T) {
	message := strings.Repeat("é", 500)
	in := raw(Server, fin|1, message) + raw(Server, 1, message[:7]) + raw(Server, fin|9, "ping") + raw(Server, fin, message[7:]) + raw(Server, fin|8, "\x03\xe8bye")
	bad := raw(Server, fin|1, "zo\xeb")
	head, body := []byte("INVITE sip:b@h SIP/2.0\r\n\r\n"), []byte(message)
	var scratch [4096]byte
	var dst [4096]byte
	key := Key{1, 2, 3, 4}
	for _, row := range []struct {
		name string
		f    func()
	}{
		{"Next, at once", func() { readAll(append(scratch[:0], in...), len(in)) }},
		{"Next, octet by octet", func() { readAll(append(scratch[:0], in...), 1) }},
		{"Next, a fault", func() { readAll(append(scratch[:0], bad...), len(bad)) }},
		{"AppendFrame", func() { AppendFrame(dst[:0], nil, Text, head, body) }},
		{"AppendFrame, masked", func() { AppendFrame(dst[:0], &key, Text, head, body) }},
		{"AppendHeader", func() { AppendHeader(dst[:0], Binary, 70000) }},
		{"AppendClose", func() { AppendClose(dst[:0], &key, CodeGoingAway, "bye") }},
		{"OpcodeFor", func() { OpcodeFor(head, body) }},
		{"Error", func() { _ = errUTF8.Error(); _ = errUTF8.Code() }},
	} {
		if got := testing.AllocsPerRun(100, row.f); got != 0 {
			t.Errorf("%s: got %v allocations, want 0", row.name, got)
		}
	}
}

// readAll reads stream in reads of n octets, and returns how many events it has.
func readAll(stream []byte, n int) (events int, err error) {
	var r Reader
	from, to := 0, 0
	for {
		e, rest, err := r.Next(stream[from:to])
		switch {
		case err != nil:
			return events, err
		case e.Op != 0:
			events++
			from = to - len(rest)
		case to == len(stream):
			return events, nil
		default:
			// What is left stands before what comes next, as in a connection's buffer.
			from = to - copy(stream[to-len(rest):to], rest)
			to = min(to+n, len(stream))
		}
	}
}

func BenchmarkReader(b *testing.B) {
	message := strings.Repeat("Via: SIP/2.0/WSS h;branch=z9hG4bK1\r\n", 28) // about 1 KB
	for name, in := range map[string]string{
		"message":   raw(Server, fin|1, message),
		"unmasked":  raw(Client, fin|1, message),
		"fragments": raw(Server, 1, message[:300]) + raw(Server, 0, message[300:600]) + raw(Server, fin, message[600:]),
		"64 KiB":    raw(Server, fin|2, strings.Repeat("x", 64<<10)),
	} {
		b.Run(name, func(b *testing.B) {
			r := Reader{}
			if name == "unmasked" {
				r.Role = Client
			}
			stream := []byte(in)
			buf := make([]byte, len(stream))
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			for b.Loop() {
				copy(buf, stream) // the key stays what it is, the payload does not
				if e, _, err := r.Next(buf); err != nil || e.Op == 0 {
					b.Fatal(e.Op, err)
				}
			}
		})
	}
}

func BenchmarkAppendFrame(b *testing.B) {
	head, body := bytes.Repeat([]byte("Via: SIP/2.0/WSS h;branch=z9hG4bK1\r\n"), 20), bytes.Repeat([]byte("a=x\r\n"), 60)
	for name, key := range map[string]*Key{"server": nil, "client": {1, 2, 3, 4}} {
		b.Run(name, func(b *testing.B) {
			dst := make([]byte, 0, 2048)
			b.SetBytes(int64(len(head) + len(body)))
			b.ReportAllocs()
			for b.Loop() {
				dst = AppendFrame(dst[:0], key, OpcodeFor(head, body), head, body)
			}
		})
	}
}
