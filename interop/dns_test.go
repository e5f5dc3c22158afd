package interop

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// knot starts Knot DNS, which knows these zones and nothing else, and returns where it listens. A zone is its records in the
// form of zone files, without SOA and NS; indented as one likes.
func knot(t *testing.T, zones map[string]string) string {
	t.Helper()
	path := need(t, "knotd", "knot")
	dir := t.TempDir()
	port := freePort(t)
	conf := fmt.Sprintf("server:\n    listen: 127.0.0.1@%s\n    rundir: %q\ndatabase:\n    storage: %q\nlog:\n  - target: stdout\n    any: info\nzone:\n", port, dir, dir)
	write := func(name, text string) string {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	for zone, records := range zones {
		text := "$ORIGIN " + zone + ".\n$TTL 60\n@ SOA ns.invalid. john\\.doe.example.org. 1 3600 600 86400 30\n@ NS ns.invalid.\n"
		for line := range strings.Lines(records) {
			text += strings.TrimSpace(line) + "\n" // a name begins at the margin
		}
		conf += fmt.Sprintf("  - domain: %s\n    file: %q\n", zone, write(zone+".zone", text))
	}
	p := start(t, path, "-c", write("knot.conf", conf))
	until(t, 15*time.Second, "knotd serves its zones", func() bool {
		out := p.output()
		return strings.Contains(out, "server started") && strings.Count(out, "] loaded, serial") == len(zones)
	})
	return net.JoinHostPort("127.0.0.1", port)
}

func port(t *testing.T, addr string) string {
	t.Helper()
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// `sip options` finds a server by every kind of record, as a real DNS server writes them (RFC 3263, Section 4).
func TestKnotLeadsToTheServer(t *testing.T) {
	t.Parallel()
	need(t, "knotd", "knot")
	s := serve(t, "-echo", "*")
	udp, tcp := port(t, s.addr["udp"]), port(t, s.addr["tcp"])
	const nobody = "9" // the port of the discard protocol
	long := strings.Repeat("x", 60)
	var many strings.Builder // more than a datagram of 1,232 octets holds
	for i := range 40 {
		fmt.Fprintf(&many, "_sip._udp.many SRV 9 0 %s %d.%s\n", nobody, i, long)
	}
	dns := knot(t, map[string]string{
		"example.com": `
			@ NAPTR 50 50 "s" "SIPS+D2W" "" _sips._ws
			@ NAPTR 90 50 "s" "SIP+D2T" "" _sip._tcp
			@ NAPTR 100 50 "s" "SIP+D2U" "" _sip._udp
			_sip._tcp SRV 0 1 ` + tcp + ` host
			_sip._udp SRV 0 1 ` + nobody + ` host
			host A 127.0.0.1
			alias CNAME host
			away CNAME host.example.net.
			loop CNAME pool
			pool CNAME loop
			moved NAPTR 1 1 "s" "SIP+D2U" "" _sip._udp.school
			_sip._udp.school SRV 0 0 ` + udp + ` alias
			_sip._udp.plain SRV 5 0 ` + nobody + ` host
			_sip._udp.plain SRV 1 0 ` + udp + ` host
			_sip._tcp.stream SRV 0 0 ` + tcp + ` host
			_sip._udp.many SRV 0 0 ` + udp + ` host
			_sip._udp.closed SRV 0 0 0 .
			empty TXT "nothing for SIP"
			` + many.String(),
		"example.net": "host A 127.0.0.1\n",
	})
	tests := []struct {
		uri, want string // in the ladder, or on stderr
		code      int
	}{
		{"sip:example.com", "TCP  127.0.0.1:" + tcp, 0}, // by NAPTR; the server has no certificate, and _sips._ws no record
		{"sip:example.com;transport=tcp", "TCP  127.0.0.1:" + tcp, 0},
		{"sip:moved.example.com", "UDP  127.0.0.1:" + udp, 0},
		{"sip:plain.example.com", "UDP  127.0.0.1:" + udp, 0},
		{"sip:stream.example.com", "TCP  127.0.0.1:" + tcp, 0},
		{"sip:many.example.com;transport=udp", "UDP  127.0.0.1:" + udp, 0}, // over TCP from the DNS server
		{"sip:host.example.com:" + udp, "UDP  127.0.0.1:" + udp, 0},
		{"sip:alias.example.com:" + udp, "UDP  127.0.0.1:" + udp, 0},
		{"sip:away.example.com:" + tcp + ";transport=tcp", "TCP  127.0.0.1:" + tcp, 0},
		{"sip:192.0.2.1:" + tcp + ";maddr=host.example.com;transport=tcp", "TCP  127.0.0.1:" + tcp, 0},
		{"sip:nothing.example.com", "nothing.example.com has no address", 3},
		{"sip:empty.example.com", "empty.example.com has no address", 3},
		{"sip:closed.example.com", "says that there is none", 3},
		{"sip:loop.example.com:5060", "aliases", 3},
		{"sip:example.org", "REFUSED", 3}, // the server knows nothing of it, and says so
	}
	for _, tt := range tests {
		t.Run(tt.uri, func(t *testing.T) {
			p := start(t, sip, "options", "-dns", dns, "-trace", "-t1", "20ms", tt.uri)
			status := p.wait(t, 20*time.Second)
			if stderr := p.stderr.String(); status != tt.code || !strings.Contains(stderr, tt.want) {
				t.Errorf("got exit status %d and\n%s\nwant %d and %q", status, stderr, tt.code, tt.want)
			}
		})
	}
}

// The first of three servers is killed, or stops to answer, while calls are placed. None is lost: those that would have gone there are
// answered elsewhere, at most the timeout of one transaction later (RFC 3263, Section 4.3).
func TestLostServerLosesNoCall(t *testing.T) {
	t.Parallel()
	need(t, "knotd", "knot")
	for name, how := range map[string]os.Signal{"killed": syscall.SIGKILL, "stopped": syscall.SIGSTOP} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			loseServer(t, how)
		})
	}
}

// loseServer places calls to a domain with three servers, of which the first gets a signal after half of them.
func loseServer(t *testing.T, how os.Signal) {
	const (
		t1    = 40 * time.Millisecond
		calls = 20
		hold  = 300 * time.Millisecond
		bound = 64*t1 + 5*time.Second // for a machine that is busy with other tests
	)
	args := []string{"serve", "-listen", "udp:127.0.0.1:0", "-listen", "tcp:127.0.0.1:0", "-domain", "calls.example.com", "-t1", t1.String()}
	var servers []*program
	var ports []string
	for range 3 {
		p := start(t, sip, args...)
		servers = append(servers, p)
		ports = append(ports, port(t, p.field(t, "listening udp ")))
	}
	dns := knot(t, map[string]string{"example.com": fmt.Sprintf(`
		_sip._udp.calls SRV 1 0 %s host
		_sip._udp.calls SRV 2 0 %s host
		_sip._udp.calls SRV 3 0 %s host
		host A 127.0.0.1
	`, ports[0], ports[1], ports[2])})

	var all sync.WaitGroup
	pace := time.NewTicker(60 * time.Millisecond)
	defer pace.Stop()
	for i := range calls {
		<-pace.C
		if i == calls/2 {
			servers[0].signal(t, how)
		}
		call := start(t, sip, "call", "-dns", dns, "-t1", t1.String(), "-for", hold.String(), "sip:echo@calls.example.com")
		began := time.Now()
		all.Go(func() {
			select {
			case <-call.done:
			case <-time.After(60 * time.Second):
				t.Errorf("call %d has not ended", i)
				return
			}
			// Before the answer, or before the end of a call on the dead server, whose BYE nobody answers.
			if took := time.Since(began); took > hold+bound {
				t.Errorf("call %d took %v, want at most %v", i, took, hold+bound)
			}
			if status := call.cmd.ProcessState.ExitCode(); status != 0 || !strings.Contains(call.output(), "answered") {
				t.Errorf("call %d: exit status %d\n%s%s", i, status, call.output(), call.stderr.String())
			}
		})
	}
	all.Wait()
}
