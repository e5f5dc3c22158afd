package parser

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// benchMessages are those that bench/ reads beside another parser: below testdata, by name.
var benchMessages = []struct{ name, file string }{
	{"options", "bench/m1-options.sip"},
	{"invite", "bench/m2-invite.sip"},
	{"ok", "bench/m3-ok.sip"},
	{"register", "bench/m4-register.sip"},
	{"wsinv", "torture/rfc4475/wsinv.dat"},
	{"trunk", "bench/m6-trunk.sip"},
}

// benchMessage returns the message in a file below testdata.
func benchMessage(file string) []byte {
	b, err := os.ReadFile(filepath.Join("../testdata", file))
	if err != nil {
		panic(err)
	}
	return b
}

// inviteBytes is what a phone behind two proxies sends: 936 octets, 16 header fields, a body of SDP.
func inviteBytes() []byte { return benchMessage("bench/m2-invite.sip") }

// benchEach runs f for each message.
func benchEach(b *testing.B, f func(b *testing.B, m *Message, in []byte)) {
	for _, row := range benchMessages {
		b.Run(row.name, func(b *testing.B) {
			in := benchMessage(row.file)
			var m Message
			if verdict(&m, in) != nil { // also makes room for fields
				b.Fatal(m.Fault())
			}
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			f(b, &m, in)
		})
	}
}

// BenchmarkSplit is the floor: it finds the lines and their colons and nothing else. Figures of a shared machine move
// by half; their ratios to this one do not.
func BenchmarkSplit(b *testing.B) {
	benchEach(b, func(b *testing.B, _ *Message, in []byte) {
		for b.Loop() {
			for rest := in; ; {
				i := bytes.IndexByte(rest, '\n')
				if i <= 1 {
					break
				}
				bytes.IndexByte(rest[:i], ':')
				rest = rest[i+1:]
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	benchEach(b, func(b *testing.B, m *Message, in []byte) {
		for b.Loop() {
			if err := m.Parse(in); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkParseCheck(b *testing.B) {
	benchEach(b, func(b *testing.B, m *Message, in []byte) {
		for b.Loop() {
			if m.Parse(in) != nil || m.Check() != nil {
				b.Fatal(m.Fault())
			}
		}
	})
}

// BenchmarkFull reads every value that a transaction, a dialog and a proxy ask for.
func BenchmarkFull(b *testing.B) {
	benchEach(b, func(b *testing.B, m *Message, in []byte) {
		sum := 0
		for b.Loop() {
			if err := m.Parse(in); err != nil {
				b.Fatal(err)
			}
			sum += readAll(m)
		}
		if sum == 0 {
			b.Fatal("read nothing")
		}
	})
}

// BenchmarkResponse writes the answer that every request gets.
func BenchmarkResponse(b *testing.B) {
	benchEach(b, func(b *testing.B, m *Message, in []byte) {
		var w Builder
		buf := make([]byte, 0, 8<<10)
		for b.Loop() {
			w.Reset(buf)
			w.Response(m, StatusOK, "", "314159")
			if _, err := w.Wire(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkWrite writes the INVITE of a phone, field by field.
func BenchmarkWrite(b *testing.B) {
	to, contact := mustURI(b, "sip:bob@biloxi.example.com;transport=udp"), mustURI(b, "sip:alice@client.atlanta.example.com;transport=udp")
	from := mustURI(b, "sip:alice@atlanta.example.com")
	body := bytes.Repeat([]byte("a=x\r\n"), 40)
	buf := make([]byte, 0, 4<<10)
	var w Builder
	b.ReportAllocs()
	for b.Loop() {
		w.Reset(buf)
		w.Request(MethodInvite, to)
		w.Via("UDP", "client.atlanta.example.com:5060", "z9hG4bK74bf9")
		w.Int(HeaderMaxForwards, 70)
		w.Address(HeaderFrom, "Alice", from, "9fxced76sl")
		w.Address(HeaderTo, "Bob", to, "")
		w.Header(HeaderCallID, "2xTb9vxSit55XU7p8@atlanta.example.com")
		w.CSeq(1, MethodInvite)
		w.Address(HeaderContact, "", contact, "")
		w.Header(HeaderAllow, "INVITE, ACK, CANCEL, OPTIONS, BYE")
		w.Header(HeaderSupported, "replaces, timer")
		w.Body("application/sdp", body)
		if _, err := w.Wire(); err != nil {
			b.Fatal(err)
		}
	}
}

// readAll asks m for all values with an accessor and returns how many octets there were.
func readAll(m *Message) int {
	n := int(m.Method()) + int(m.Status())
	if u, err := m.RequestURI(); err == nil {
		n += len(u.User()) + len(u.Host()) + u.Port()
	}
	for v, err := range m.Vias() {
		if err == nil {
			port, _ := v.RPort()
			n += len(v.Host()) + v.Port() + len(v.Branch()) + port
		}
	}
	if a, err := m.From(); err == nil {
		u := a.URI()
		n += len(u.Host()) + len(a.Tag())
	}
	if a, err := m.To(); err == nil {
		u := a.URI()
		n += len(u.Host()) + len(a.Tag())
	}
	n += len(m.CallID())
	if c, err := m.CSeq(); err == nil {
		n += int(c.Number)
	}
	if a, err := m.Contact(); err == nil {
		u := a.URI()
		n += len(u.Host())
	}
	for a, err := range m.Routes() {
		if err == nil {
			u := a.URI()
			n += len(u.Host())
		}
	}
	for a, err := range m.RecordRoutes() {
		if err == nil {
			u := a.URI()
			n += len(u.Host())
		}
	}
	if f, err := m.MaxForwards(); err == nil {
		n += f
	}
	if l, err := m.ContentLength(); err == nil {
		n += l
	}
	return n + len(m.Body())
}
