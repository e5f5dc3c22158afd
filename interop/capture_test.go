package interop

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// aCall is what a capture of an answered call holds.
var aCall = []string{"INVITE", "200", "ACK", "BYE", "200"}

// dissected lets tshark read a capture file and returns what it takes each packet for, the method or the status, and
// the packets with which it finds something wrong.
func dissected(t *testing.T, tshark, file string) (messages, faults []string) {
	t.Helper()
	args := []string{"-r", file, "-T", "fields", "-E", "separator=,"}
	for _, check := range []string{"ip", "udp", "tcp"} {
		args = append(args, "-o", check+".check_checksum:TRUE")
	}
	// A checksum's status is 1 when it is right.
	for _, field := range []string{"sip.Method", "sip.Status-Code", "ip.checksum.status", "udp.checksum.status", "tcp.checksum.status", "tcp.analysis.flags", "_ws.malformed", "_ws.expert.message"} {
		args = append(args, "-e", field)
	}
	p := start(t, tshark, args...)
	if status := p.wait(t, 60*time.Second); status != 0 {
		t.Fatalf("tshark: got exit status %d", status)
	}
	for line := range strings.Lines(p.output()) {
		fields := strings.SplitN(strings.TrimSuffix(line, "\n"), ",", 3)
		if len(fields) < 3 {
			t.Fatalf("tshark printed %q", line)
		}
		messages = append(messages, fields[0]+fields[1])
		if strings.Trim(fields[2], "1,") != "" || !strings.Contains(fields[2], "1") {
			faults = append(faults, line)
		}
	}
	return messages, faults
}

// tshark reads the captures of both ends, whatever the transport and the family.
func TestTsharkReadsPCAP(t *testing.T) {
	tshark := need(t, "tshark", "tshark")
	t.Parallel()
	server := filepath.Join(t.TempDir(), "server.pcap")
	s := serve(t, "-pcap", server, "-listen", "udp:[::1]:0", "-listen", "tcp:[::1]:0")
	uris := []string{
		"sip:echo@" + s.addr["udp"], "sip:echo@" + s.addr["tcp"] + ";transport=tcp",
		"sip:echo@[::1]:" + s.field(t, "listening udp [::1]:"), "sip:echo@[::1]:" + s.field(t, "listening tcp [::1]:") + ";transport=tcp",
	}
	var all []string
	for _, uri := range uris {
		caller := filepath.Join(t.TempDir(), "caller.pcap")
		p := start(t, sip, "call", "-for", "1ms", "-pcap", caller, uri)
		if status := p.wait(t, 40*time.Second); status != 0 {
			t.Fatalf("sip call %s: got exit status %d, want 0", uri, status)
		}
		if got, faults := dissected(t, tshark, caller); !slices.Equal(got, aCall) || faults != nil {
			t.Errorf("%s: tshark reads %q and complains of %q, want %q", uri, got, faults, aCall)
		}
		all = append(all, aCall...)
	}
	// Each packet is in the file at once: nobody has to end the server to look at it.
	if got, faults := dissected(t, tshark, server); !slices.Equal(got, all) || faults != nil {
		t.Errorf("of the server: tshark reads %q and complains of %q, want %q", got, faults, all)
	}
}

// sngrep is a HEP collector too: what it wrote into a file of its own is the call.
func TestSngrepTakesHEP(t *testing.T) {
	sngrep, tshark := need(t, "sngrep", "sngrep"), need(t, "tshark", "tshark")
	t.Parallel()
	s := serve(t)
	port := freePort(t)
	file := filepath.Join(t.TempDir(), "collected.pcap")
	collector := start(t, sngrep, "-N", "-q", "-L", "udp:127.0.0.1:"+port, "-O", file)
	until(t, 10*time.Second, "sngrep listens", func() bool { return taken(t, "udp", port) })
	p := start(t, sip, "call", "-for", "1ms", "-hep", "127.0.0.1:"+port, "sip:echo@"+s.addr["udp"])
	if status := p.wait(t, 40*time.Second); status != 0 {
		t.Fatalf("sip call: got exit status %d, want 0", status)
	}
	// What is queued in its socket it may not have read yet.
	until(t, 10*time.Second, "sngrep has all", func() bool { return drained(t, port) })
	collector.signal(t, os.Interrupt)
	collector.wait(t, 10*time.Second)
	if got, _ := dissected(t, tshark, file); !slices.Equal(got, aCall) { // sngrep's own checksums are wrong
		t.Errorf("sngrep took %q, want %q", got, aCall)
	}
}

// drained reports whether nothing waits in the kernel for the UDP port of the loopback address.
func drained(t *testing.T, port string) bool {
	t.Helper()
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		t.Fatal(err)
	}
	table, err := os.ReadFile("/proc/net/udp")
	if err != nil {
		t.Fatal(err)
	}
	_, row, _ := strings.Cut(string(table), fmt.Sprintf(" 0100007F:%04X 00000000:0000 ", n))
	fields := strings.Fields(row) // the state, then the octets in both queues
	return len(fields) > 1 && strings.HasSuffix(fields[1], ":00000000")
}
