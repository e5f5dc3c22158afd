package blackbox

import (
	"bufio"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/transport"
)

// frame returns one frame of a WebSocket client (RFC 6455, Section 5.2).
func frame(r *rand.Rand, fin bool, opcode byte, payload []byte) []byte {
	b := []byte{opcode}
	if fin {
		b[0] |= 0x80
	}
	switch n := len(payload); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	}
	var mask [4]byte
	binary.BigEndian.PutUint32(mask[:], r.Uint32())
	b = append(b, mask[:]...)
	for i, c := range payload {
		b = append(b, c^mask[i&3])
	}
	return b
}

// frames returns b as a message of one frame or several, which text or binary begins.
func frames(r *rand.Rand, b []byte) (out []byte) {
	opcode := byte(1 + r.IntN(2))
	for r.IntN(3) == 0 {
		n := r.IntN(len(b) + 1)
		out = append(out, frame(r, false, opcode, b[:n])...)
		b, opcode = b[n:], 0
		if r.IntN(4) == 0 {
			out = append(out, frame(r, true, 9, []byte("ping"))...) // between fragments it may stand
		}
	}
	return append(out, frame(r, true, opcode, b)...)
}

// upgraded opens a WebSocket connection from 127.0.0.n. What comes on it is thrown away.
func upgraded(t *testing.T, n int, agent map[transport.Protocol]string) net.Conn {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(n))}, Timeout: 10 * time.Second}
	conn, err := d.DialContext(t.Context(), "tcp", agent[transport.WS])
	if err != nil {
		t.Fatal(err)
	}
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	io.WriteString(conn, upgrade)
	in := bufio.NewReader(conn)
	if line, err := in.ReadString('\n'); !strings.HasPrefix(line, "HTTP/1.1 101 ") {
		t.Fatalf("the upgrade is answered %q: %v", line, err)
	}
	conn.SetDeadline(time.Time{})
	go io.Copy(io.Discard, in) // until either side closes
	return conn
}

// Damaged messages in sound frames, sound ones in fragments, and damaged frames: nothing panics, and after each hundred a good client
// is served.
func TestMutantsOverWebSocket(t *testing.T) {
	const seed = 6455
	all := corpus(t)
	cfg := echo()
	cfg.T1 = 5 * time.Millisecond // what nobody acknowledges is over soon
	agent, at := onLoopback(t, cfg, "udp:127.0.0.1:0", "ws:127.0.0.1:0")
	good := newClient(t, "good", 3, at[transport.UDP])
	r := rand.New(rand.NewPCG(seed, 0))
	to := map[transport.Protocol]string{transport.WS: at[transport.WS].String()}
	conn, dials := upgraded(t, 10, to), 1
	for n := range share(100_000, 3_000) {
		b := frames(r, mutant(r, all))
		bad := r.IntN(4) == 0
		if bad {
			for range 1 + r.IntN(3) {
				b[r.IntN(min(len(b), 40))] ^= 1 << r.IntN(8)
			}
		}
		conn.SetWriteDeadline(time.Now().Add(5 * time.Second))
		if _, err := conn.Write(b); err != nil || bad {
			conn.Close()
			conn = upgraded(t, 10+n%200, to)
			dials++
		}
		if n%100 == 99 {
			good.ask()
		}
	}
	conn.Close()
	t.Logf("%d connections", dials)
	gone(t, agent)
}
