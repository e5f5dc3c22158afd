package main

import (
	"encoding/json"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// newDNS starts a DNS server that knows the SRV records of example.com over UDP, one for each port of the loopback address, the first
// to be tried first, and refuses to speak of example.net.
func newDNS(t *testing.T, ports ...uint16) string {
	t.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for buf := make([]byte, 65536); ; {
			n, from, err := pc.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if err := m.Unpack(buf[:n]); err != nil || len(m.Questions) != 1 {
				t.Errorf("a question %x: %v", buf[:n], err)
				continue
			}
			b, err := answerOf(m, ports).Pack()
			if err != nil {
				t.Error(err)
				continue
			}
			pc.WriteTo(b, from)
		}
	}()
	t.Cleanup(func() {
		pc.Close()
		<-done
	})
	return pc.LocalAddr().String()
}

func answerOf(m dnsmessage.Message, ports []uint16) *dnsmessage.Message {
	q := m.Questions[0]
	a := &dnsmessage.Message{Header: dnsmessage.Header{ID: m.ID, Response: true, RecursionAvailable: true}, Questions: m.Questions}
	h := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 60}
	switch name := q.Name.String(); {
	case strings.HasSuffix(name, "example.net."):
		a.RCode = dnsmessage.RCodeServerFailure
	case name == "_sip._udp.example.com." && q.Type == dnsmessage.TypeSRV:
		for i, p := range ports {
			a.Answers = append(a.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.SRVResource{
				Priority: uint16(i), Port: p, Target: dnsmessage.MustNewName("sip.example.com."),
			}})
		}
	case name == "sip.example.com." && q.Type == dnsmessage.TypeA:
		a.Answers = []dnsmessage.Resource{{Header: h, Body: &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}}}}
	}
	return a
}

func portOf(t *testing.T, addr string) uint16 {
	t.Helper()
	ap, err := netip.ParseAddrPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	return ap.Port()
}

func TestDomainsAreLookedUp(t *testing.T) {
	s := serve(t, "-domain", "example.com")
	dns := newDNS(t, portOf(t, s.udp))
	for _, args := range [][]string{
		{"options", "-dns", dns, "sip:echo@example.com"},
		{"options", "-dns", dns, "sip:echo@EXAMPLE.com.;transport=udp"},
		{"message", "-dns", dns, "sip:echo@example.com", "good morning"},
		{"call", "-dns", dns, "-for", "0s", "sip:echo@example.com"},
	} {
		if r := sip(t, args...); r.code != exitYes {
			t.Errorf("sip %q: got %+v, want exit status 0", args, r)
		}
	}
}

func TestDomainsThatLeadNowhere(t *testing.T) {
	dns := newDNS(t, 5060)
	tests := []struct{ uri, want string }{
		{"sip:echo@example.org", "example.org has no address"},
		{"sip:echo@example.net", "SERVFAIL"},
	}
	for _, tt := range tests {
		r := sip(t, "options", "-dns", dns, tt.uri)
		if r.code != exitSilence || r.stdout != "" || !strings.Contains(r.stderr, tt.want) || !strings.Contains(r.stderr, "-dns") {
			t.Errorf("sip options %s: got %+v, want exit status %d and %q on stderr", tt.uri, r, exitSilence, tt.want)
		}
		r = sip(t, "options", "-json", "-dns", dns, tt.uri)
		if a := readAnswered(t, r.stdout); r.code != exitSilence || a.URI != tt.uri || !strings.Contains(a.Error, tt.want) {
			t.Errorf("sip options -json %s: got %+v, want exit status %d and %q", tt.uri, r, exitSilence, tt.want)
		}
		r = sip(t, "call", "-json", "-dns", dns, tt.uri)
		var e struct{ Event, Error string }
		if err := json.Unmarshal([]byte(r.stdout), &e); err != nil || r.code != exitSilence || e.Event != "failed" || !strings.Contains(e.Error, tt.want) {
			t.Errorf("sip call -json %s: got %+v, %v, want exit status %d and %q", tt.uri, r, err, exitSilence, tt.want)
		}
	}
}

// A server that says nothing costs the time of one transaction, then the next one has the call.
func TestCallReachesTheSecondServer(t *testing.T) {
	silent, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	s := serve(t, "-domain", "example.com")
	dns := newDNS(t, portOf(t, silent.LocalAddr().String()), portOf(t, s.udp))
	const t1 = 20 * time.Millisecond
	began := time.Now()
	r := sip(t, "call", "-dns", dns, "-t1", t1.String(), "-for", "0s", "sip:echo@example.com")
	took := time.Since(began)
	if r.code != exitYes || !strings.Contains(r.stdout, "answered") {
		t.Errorf("got %+v, want exit status 0", r)
	}
	if took < 64*t1 || took > 64*t1+5*time.Second {
		t.Errorf("took %v, want 64*T1 and a little", took)
	}
}
