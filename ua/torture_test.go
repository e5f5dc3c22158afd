package ua_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/auth"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/registrar"
	"github.com/ringback-sip/ringback/siptest"
	"github.com/ringback-sip/ringback/ua"
)

const torture = "../testdata/torture"

// TestTortureAnswers sends every message of RFC 4475 and RFC 5118, and the variants, to a running agent over UDP and over TCP and
// compares what it answers with testdata/torture-answers.tsv, which was typed from the RFCs and EXPECT.tsv. Nothing but the
// bytes of the file goes to the agent.
func TestTortureAnswers(t *testing.T) { testTorture(t, false) }

// TestTortureAnswersOfARegistrar does the same with an agent that is a registrar: all 66, over UDP and over TCP.
func TestTortureAnswersOfARegistrar(t *testing.T) { testTorture(t, true) }

func testTorture(t *testing.T, registers bool) {
	want := answers(t)
	files, err := filepath.Glob(torture + "/*/*.dat")
	if err != nil || len(files) != 66 {
		t.Fatalf("%d torture messages (%v), want 66", len(files), err)
	}
	for _, file := range files {
		name, _ := filepath.Rel(torture, file)
		row, ok := want[name]
		if !ok {
			t.Errorf("%s: no row in torture-answers.tsv", name)
			continue
		}
		delete(want, name)
		for _, network := range []string{"udp", "tcp"} {
			t.Run(name+"/"+network, func(t *testing.T) {
				t.Parallel()
				data, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				synctest.Test(t, func(t *testing.T) {
					owed := row[network]
					if registers && row["registrar"] != "" {
						owed = strings.Replace(owed, "405", row["registrar"], 1)
					}
					if got := tortured(t, network, data, registers); !slices.Contains(strings.Split(owed, "|"), got) {
						t.Errorf("answered %q, want %q", got, owed)
					}
				})
			})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		t.Errorf("%s is in torture-answers.tsv but not in %s", name, torture)
	}
}

// answers reads the table: file, udp, tcp, registrar.
func answers(t *testing.T) map[string]map[string]string {
	data, err := os.ReadFile("testdata/torture-answers.tsv")
	if err != nil {
		t.Fatal(err)
	}
	rows := make(map[string]map[string]string)
	for line := range strings.Lines(string(data)) {
		line = strings.TrimRight(line, "\n")
		f := strings.Split(line, "\t")
		if strings.HasPrefix(line, "#") || f[0] == "file" {
			continue
		}
		if len(f) < 4 {
			t.Fatalf("torture-answers.tsv: %q: want file, udp, tcp, registrar", line)
		}
		rows[f[0]] = map[string]string{"udp": f[1], "tcp": f[2], "registrar": f[3]}
	}
	return rows
}

// tortured returns the final statuses that an agent answers data with, in order, and how the connection ended: "400 close". An
// answer of the agent to nothing else counts, wherever it is sent; an OPTIONS afterwards must be served.
func tortured(t *testing.T, network string, data []byte, registers bool) string {
	n := siptest.NewNetwork(1, siptest.Conditions{Delay: time.Millisecond})
	defer n.Close()
	at := netip.MustParseAddrPort("10.0.0.1:5060")
	agent := agentAt(t, n.Host(at.Addr()), at, &ua.Config{
		Handlers:  registrarOf(t, registers),
		OnCall:    func(c *ua.Call) { c.Answer(ua.Body{Type: "application/sdp", Data: siptest.SDP(at.Addr())}) },
		OnMessage: func(*ua.Request) {},
		Locate:    literal,
	})
	defer agent.Shutdown(context.Background())
	peer := n.Host(netip.MustParseAddr("10.0.0.2"))
	n.Record()
	closed := false
	if network == "udp" {
		overUDP(t, peer, at, data)
	} else {
		closed = overTCP(t, peer, at, data)
	}
	got := statuses(t, n.Packets(), at)
	if closed {
		got = append(got, "close")
	}

	ping := "OPTIONS sip:a@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bKping\r\nMax-Forwards: 70\r\n" +
		"From: <sip:p@10.0.0.2>;tag=ping\r\nTo: <sip:a@10.0.0.1>\r\nCall-ID: ping\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
	pc, err := peer.ListenPacket(netip.MustParseAddrPort("10.0.0.2:5060"))
	if err != nil {
		t.Fatal(err)
	}
	defer pc.Close()
	pc.WriteTo([]byte(ping), udpAddr(at))
	pc.SetReadDeadline(time.Now().Add(10 * time.Second))
	for buf := make([]byte, 65536); ; {
		k, _, err := pc.ReadFrom(buf)
		if err != nil {
			t.Errorf("an OPTIONS afterwards: %v", err)
			break
		}
		if bytes.Contains(buf[:k], []byte("Call-ID: ping\r\n")) {
			break
		}
	}
	return strings.Join(got, " ")
}

// registrarOf returns the Handlers of a registrar of every domain that asks those who show credentials for better ones, or none.
func registrarOf(t *testing.T, registers bool) []ua.Handler {
	if !registers {
		return nil
	}
	guard, err := auth.NewServer(&auth.ServerConfig{Realm: "example.com", Secret: func(string, string) (auth.Secret, bool) { return auth.Secret{}, false }})
	if err != nil {
		t.Fatal(err)
	}
	return []ua.Handler{suspicious{ua.Authenticate(guard)}, registrar.New(&registrar.Config{
		Domain: func(parser.URI) string { return "every.domain" },
		Own:    func(parser.URI) bool { return false },
	})}
}

// suspicious believes who says nothing.
type suspicious struct{ ua.Handler }

func (s suspicious) Handle(r *ua.Request) bool {
	return r.Message().Has(parser.HeaderAuthorization) && s.Handler.Handle(r)
}

// patience is longer than the deadline for a whole message.
const patience = 15 * time.Second

func overUDP(t *testing.T, peer *siptest.Host, to netip.AddrPort, data []byte) {
	pc, err := peer.ListenPacket(netip.AddrPortFrom(peer.Addr(), 4000))
	if err != nil {
		t.Fatal(err)
	}
	pc.WriteTo(data, udpAddr(to))
	time.Sleep(patience)
	pc.Close()
}

// overTCP reports whether the agent closed the connection.
func overTCP(t *testing.T, peer *siptest.Host, to netip.AddrPort, data []byte) bool {
	conn, err := peer.Dial(t.Context(), "tcp", netip.AddrPort{}, to)
	if err != nil {
		t.Fatal(err)
	}
	end := make(chan struct{})
	go func() { // until the agent or the test closes it
		defer close(end)
		io.Copy(io.Discard, conn)
	}()
	conn.Write(data)
	time.Sleep(patience)
	defer func() {
		conn.Close()
		<-end
	}()
	select {
	case <-end:
		return true
	default:
		return false
	}
}

// statuses returns the final status of each answer that left the agent, repetitions left out. One piece of a stream may
// hold several.
func statuses(t *testing.T, packets []siptest.Packet, from netip.AddrPort) (got []string) {
	seen := make(map[string]bool)
	for _, p := range packets {
		if p.From.Addr() != from.Addr() || p.Copy {
			continue
		}
		for data := p.Data; len(data) > 0; {
			var f parser.Framer
			n, err := f.Next(data)
			if err != nil || n == 0 {
				t.Errorf("the agent sent %q: %d, %v", data, n, err)
				break
			}
			one := data[:n]
			data = data[n:]
			if seen[string(one)] || !bytes.HasPrefix(one, []byte("SIP/2.0 ")) {
				continue
			}
			seen[string(one)] = true
			var m parser.Message
			if err := m.Parse(one); err != nil {
				t.Errorf("the agent sent %q: %v", one, err)
			} else if m.Status().Final() {
				got = append(got, fmt.Sprint(int(m.Status())))
			}
		}
	}
	return got
}
