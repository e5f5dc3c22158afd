package registrar_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/registrar"
	"github.com/ringback-sip/ringback/siptest"
	"github.com/ringback-sip/ringback/transport"
	"github.com/ringback-sip/ringback/ua"
)

// Where the registrar and a phone are in the tests' network.
var (
	serverAddr = netip.MustParseAddrPort("10.0.0.1:5060")
	phoneAddr  = netip.MustParseAddrPort("10.0.0.2:5060")
)

// rig is a registrar in an agent, in a network in memory.
type rig struct {
	t     *testing.T
	net   *siptest.Network
	reg   *registrar.Registrar
	agent *ua.Agent
	hosts map[netip.Addr]*siptest.Host
}

// host returns the machine at addr.
func (r *rig) host(addr netip.Addr) *siptest.Host {
	if r.hosts[addr] == nil {
		r.hosts[addr] = r.net.Host(addr)
	}
	return r.hosts[addr]
}

// bubble runs f in fake time with a registrar of example.com, and fails when the agent holds anything after all deadlines.
func bubble(t *testing.T, cfg *registrar.Config, f func(r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := siptest.NewNetwork(1, siptest.Conditions{Delay: time.Millisecond})
		defer n.Close()
		r := &rig{t: t, net: n, hosts: make(map[netip.Addr]*siptest.Host)}
		if cfg == nil {
			cfg = &registrar.Config{Domain: exampleCom}
		}
		r.reg = registrar.New(cfg)
		r.agent = agentAt(t, n.Host(serverAddr.Addr()), serverAddr, &ua.Config{Handlers: []ua.Handler{r.reg}})
		f(r)
		time.Sleep(time.Minute + 10*time.Second)
		if s := r.agent.Stats(); s.Calls+s.Dialogs+s.Transactions != 0 {
			t.Errorf("left after all deadlines: %+v", s)
		}
		if err := r.agent.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		time.Sleep(25 * time.Hour) // the last binding
		if n := r.reg.Connections(); n != 0 {
			t.Errorf("%d connections are held for bindings that are over", n)
		}
		if n, err := r.reg.Bindings(context.Background()); n != 0 || err != nil {
			t.Errorf("%d bindings, %v, after all are over", n, err)
		}
	})
}

// exampleCom is a Config.Domain: example.com and its server's address are one.
func exampleCom(uri parser.URI) string {
	host := strings.ToLower(string(uri.Host()))
	if port := uri.Port(); host == "example.com" || host == "10.0.0.1" && (port == 0 || port == 5060) {
		return "example.com"
	}
	return ""
}

// agentAt makes an agent with a UDP socket and a listener at addr.
func agentAt(t *testing.T, h *siptest.Host, addr netip.AddrPort, cfg *ua.Config) *ua.Agent {
	t.Helper()
	pc, err := h.ListenPacket(addr)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := h.Listen(addr)
	if err != nil {
		t.Fatal(err)
	}
	cfg.PacketConns, cfg.Listeners, cfg.Dial, cfg.Locate = []net.PacketConn{pc}, []net.Listener{ln}, h.Dial, transport.LocateLiteral
	a, err := ua.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// line is the phone's end of something that carries messages: a UDP socket or a connection.
type line struct {
	t    *testing.T
	conn net.Conn
	via  string // what it writes into Via
	buf  []byte
}

// packets is a net.Conn over a UDP socket.
type packets struct {
	net.PacketConn
	to net.Addr
}

func (p packets) Read(b []byte) (int, error) {
	n, _, err := p.ReadFrom(b)
	return n, err
}
func (p packets) Write(b []byte) (int, error) { return p.WriteTo(b, p.to) }
func (p packets) RemoteAddr() net.Addr        { return p.to }

// udp returns a phone at addr.
func (r *rig) udp(addr netip.AddrPort) *line {
	r.t.Helper()
	return udpOf(r.t, r.host(addr.Addr()), addr)
}

func udpOf(t *testing.T, h *siptest.Host, addr netip.AddrPort) *line {
	t.Helper()
	pc, err := h.ListenPacket(addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pc.Close() })
	return &line{t: t, conn: packets{pc, net.UDPAddrFromAddrPort(serverAddr)}, via: "UDP " + addr.String()}
}

// tcp returns a phone on a connection from the machine of phoneAddr.
func (r *rig) tcp() *line {
	r.t.Helper()
	c, err := r.host(phoneAddr.Addr()).Dial(r.t.Context(), "tcp", netip.AddrPort{}, serverAddr)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { c.Close() })
	return &line{t: r.t, conn: c, via: "TCP " + c.LocalAddr().String()}
}

// serial tells requests apart.
var serial atomic.Int64

// register writes a REGISTER. fields replace those of the same name, and are added otherwise; a field without value is left out.
func (l *line) register(fields ...string) string {
	uri := "sip:example.com"
	lines := []string{
		fmt.Sprintf("Via: SIP/2.0/%s;rport;branch=z9hG4bK%d", l.via, serial.Add(1)),
		"Max-Forwards: 70",
		fmt.Sprintf("From: <sip:alice@example.com>;tag=%d", serial.Add(1)),
		"To: <sip:alice@example.com>",
		"Call-ID: c1",
		"CSeq: 2 REGISTER",
	}
	for _, f := range fields {
		name, value, _ := strings.Cut(f, ":")
		if name == "Request-URI" {
			uri = strings.TrimSpace(value)
			continue
		}
		if i := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, name+":") }); i >= 0 && name != "Contact" && name != "Via" && name != "Path" {
			lines[i] = f
			continue
		}
		lines = append(lines, f)
	}
	return "REGISTER " + uri + " SIP/2.0\r\n" + strings.Join(lines, "\r\n") + "\r\nContent-Length: 0\r\n\r\n"
}

func (l *line) send(msg string) {
	l.t.Helper()
	if _, err := l.conn.Write([]byte(msg)); err != nil {
		l.t.Fatal(err)
	}
}

// hear returns the next message but 100, nil when none comes within d.
func (l *line) hear(d time.Duration) *parser.Message {
	l.t.Helper()
	l.conn.SetReadDeadline(time.Now().Add(d))
	room := make([]byte, 65536)
	for {
		var f parser.Framer
		if n, err := f.Next(l.buf); err == nil && n > 0 {
			m := new(parser.Message)
			if err := m.Parse(append([]byte(nil), l.buf[:n]...)); err != nil {
				l.t.Fatalf("heard %q: %v", l.buf[:n], err)
			}
			l.buf = l.buf[n:]
			if m.Status() != parser.StatusTrying {
				return m
			}
			continue
		}
		n, err := l.conn.Read(room)
		if err != nil {
			return nil
		}
		l.buf = append(l.buf, room[:n]...)
	}
}

// ask sends a request and returns its final response.
func (l *line) ask(msg string) *parser.Message {
	l.t.Helper()
	l.send(msg)
	m := l.hear(time.Minute)
	if m == nil {
		l.t.Fatalf("no answer to %s", msg)
	}
	return m
}

// want registers and fails unless the status is the one that is wanted.
func (l *line) want(status parser.Status, fields ...string) *parser.Message {
	l.t.Helper()
	m := l.ask(l.register(fields...))
	if m.Status() != status {
		l.t.Fatalf("REGISTER with %.500q: got %q, want %d", fields, m.StartLine(), status)
	}
	return m
}

// values returns the values of a header.
func values(m *parser.Message, name string) (all []string) {
	for v := range m.Values(parser.ParseHeader(name)) {
		all = append(all, string(v))
	}
	return all
}

// lookup returns the bindings of a URI.
func (r *rig) lookup(uri string) []registrar.Binding {
	r.t.Helper()
	all, err := r.reg.Lookup(r.t.Context(), mustURI(r.t, uri))
	if err != nil {
		r.t.Fatalf("Lookup(%s): %v", uri, err)
	}
	return all
}

func mustURI(t testing.TB, s string) parser.URI {
	t.Helper()
	u, err := parser.ParseURI([]byte(s))
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return u
}
