package transport

import (
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/ringback-sip/ringback/parser"
)

// recorder is a socket that notes what is sent.
type recorder struct {
	packetConn
	sent []datagram
}

func (r *recorder) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	r.sent = append(r.sent, datagram{append([]byte(nil), b...), to})
	return len(b), nil
}

// Whatever a datagram says, at most one answer leaves for it: to one host, at most half as large again, well formed, never to
// a response or an ACK; and what passes up has a way back to one host.
func FuzzDatagram(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("..", "testdata", "torture", "*", "*.dat"))
	if err != nil || len(files) == 0 {
		f.Fatalf("no torture messages: %v", err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add(options("UDP 10.0.0.1;maddr=224.0.1.75;rport;branch=z9hG4bK1"))
	f.Add(options("UDP 10.0.0.1;maddr=255.255.255.255;received=0.0.0.0"))
	source := ap("192.0.2.9:6000")
	f.Fuzz(func(t *testing.T, b []byte) {
		passed := 0
		l := New(&Config{
			Trusted: []netip.Prefix{netip.PrefixFrom(source.Addr(), 32)}, // no rate: each input is judged alone
			Receive: func(h *Hop, m *parser.Message) bool {
				passed++
				if !unicast(h.Remote().Addr()) || h.Remote().Port() == 0 {
					t.Errorf("the way back is to %v", h.Remote())
				}
				if via, err := m.Via(); m.IsRequest() && (err != nil || !sameHost(via.Host(), []byte("192.0.2.9")) && string(via.Received()) != "192.0.2.9") {
					t.Errorf("Via %q, %v: does not say where it came from", via.Raw(), err)
				}
				return false
			},
		})
		sock := &recorder{}
		k := newSocket(l, sock, ap("192.0.2.1:5060"), false)
		newInbox(l).take(k.flow(source, netip.Addr{}), b)
		if len(sock.sent)+passed > 1 {
			t.Fatalf("passed %d times and answered %d times", passed, len(sock.sent))
		}
		for _, d := range sock.sent {
			var m parser.Message
			if err := m.Parse(d.b); err != nil || m.IsRequest() || !m.Status().Final() {
				t.Errorf("answered %q: %v", d.b, err)
			}
			if !unicast(d.peer.Addr()) || d.peer.Port() == 0 || len(d.b)*2 > len(b)*3 {
				t.Errorf("answered %d octets to %d, to %v", len(d.b), len(b), d.peer)
			}
			if len(b) >= 4 && (string(b[:4]) == "SIP/" || string(b[:4]) == "ACK ") {
				t.Errorf("answered %q", b)
			}
		}
	})
}
