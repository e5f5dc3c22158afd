package main

import (
	"encoding/json"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport"
)

const sdpOffer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n"

func TestServeAnswers(t *testing.T) {
	s := serve(t, "-domain", "example.com")
	tests := []struct {
		name, method, uri string
		more              []string
		want              parser.Status
	}{
		{"OPTIONS to echo", "OPTIONS", "sip:echo@" + s.udp, nil, 200},
		{"OPTIONS to the server", "OPTIONS", "sip:" + s.udp, nil, 200},
		{"OPTIONS to the server's domain", "OPTIONS", "sip:example.com", nil, 200},
		{"OPTIONS to echo in the domain", "OPTIONS", "sip:echo@EXAMPLE.COM:5070", nil, 200},
		{"OPTIONS to somebody else", "OPTIONS", "sip:bob@" + s.udp, nil, 404},
		{"OPTIONS to another domain", "OPTIONS", "sip:echo@example.net", nil, 404},
		{"OPTIONS to another port", "OPTIONS", "sip:echo@127.0.0.1:1", nil, 404},
		{"MESSAGE to echo", "MESSAGE", "sip:echo@" + s.udp, []string{withBody("text/plain", "hello")}, 200},
		{"MESSAGE to somebody else", "MESSAGE", "sip:bob@" + s.udp, nil, 404},
		{"MESSAGE to the server", "MESSAGE", "sip:" + s.udp, nil, 404},
		{"INVITE to the server", "INVITE", "sip:" + s.udp, nil, 404},
		{"INVITE to somebody else", "INVITE", "sip:bob@" + s.udp, nil, 404},
		{"INVITE with an offer that is none", "INVITE", "sip:echo@example.com:1", []string{withBody("application/sdp", "v=1\r\n")}, 488},
		{"INVITE with another body", "INVITE", "sip:echo@example.com:2", []string{withBody("text/plain", "hello")}, 415},
		{"REGISTER", "REGISTER", "sip:" + s.udp, nil, 200},
		{"REGISTER of another domain", "REGISTER", "sip:example.net", nil, 404},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newPeer(t, s.udp)
			p.request(tt.method, tt.uri, tt.more...)
			if m := p.receive(); m.Status() != tt.want {
				t.Errorf("%s %s: got %q, want %d", tt.method, tt.uri, m.StartLine(), tt.want)
			}
		})
	}
}

func TestServeEverybody(t *testing.T) {
	s := serve(t, "-echo", "*")
	for _, uri := range []string{"sip:bob@example.net", "sip:example.net", "sip:bob@192.0.2.1:9"} {
		for _, method := range []string{"OPTIONS", "MESSAGE", "INVITE"} {
			p := newPeer(t, s.udp)
			p.request(method, uri, "Route: <sip:192.0.2.2;lr>")
			m := p.receive()
			if m.Status() != 200 {
				t.Errorf("%s %s: got %q, want 200", method, uri, m.StartLine())
			}
			if method == "INVITE" {
				p.hangUp(m)
			}
		}
		p := newPeer(t, s.udp)
		if m := p.register("sip:bob@example.org", strings.TrimPrefix(uri, "sip:"), "Contact: <sip:bob@example.org>"); m.Status() != 200 {
			t.Errorf("REGISTER %s: got %q, want 200", uri, m.StartLine())
		}
	}
}

func TestServeEchoesAnotherUser(t *testing.T) {
	s := serve(t, "-echo", "parrot")
	for user, want := range map[string]parser.Status{"parrot": 200, "echo": 404, "Parrot": 404} {
		p := newPeer(t, s.udp)
		p.request("OPTIONS", "sip:"+user+"@"+s.udp)
		if m := p.receive(); m.Status() != want {
			t.Errorf("%s: got %q, want %d", user, m.StartLine(), want)
		}
	}
}

// The echo user answers with the first response, which is final: no 100, no 180.
func TestServeAnswersTheCallAtOnce(t *testing.T) {
	s := serve(t)
	tests := []struct{ name, body, want string }{
		{"offer", withBody("application/sdp", sdpOffer), "m=audio 9 RTP/AVP 0\r\n"},
		{"no offer", "Subject: none", "m=audio 9 RTP/AVP 0 8\r\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newPeer(t, s.udp)
			p.request("INVITE", "sip:echo@"+s.udp, tt.body)
			m := p.receive()
			if m.Status() != 200 {
				t.Fatalf("got %q, want 200", m.StartLine())
			}
			body := string(m.Body())
			if !strings.Contains(body, tt.want) || !strings.Contains(body, "a=inactive\r\n") {
				t.Errorf("got body\n%s, want %q, inactive", body, tt.want)
			}
			if ct, err := m.ContentType(); err != nil || !ct.Is("application/sdp") {
				t.Errorf("got Content-Type %q", m.Raw(parser.HeaderContentType))
			}
			p.hangUp(m)
		})
	}
}

func TestServeAdvertises(t *testing.T) {
	s := serve(t, "-advertise", "udp:sip.example.org:5099")
	p := newPeer(t, s.udp)
	p.request("INVITE", "sip:echo@sip.example.org", withBody("application/sdp", sdpOffer))
	ok := p.receive()
	p.hangUp(ok)
	contact, err := ok.Contact()
	if err != nil {
		t.Fatal(err)
	}
	if got := string(contact.URI().Host()); got != "sip.example.org" || contact.URI().Port() != 5099 {
		t.Errorf("got Contact %s, want sip.example.org:5099", contact.Raw())
	}
}

func TestServeSaysWhatSurprises(t *testing.T) {
	s := serve(t)
	s.stop()
	s.wait(t, exitYes)
	for _, want := range []string{"media is not", "nobody is asked for a password", "no TCP beside this UDP port", "drained"} {
		if !strings.Contains(s.stderr.String(), want) {
			t.Errorf("stderr does not say %q", want)
		}
	}
	if got := strings.Count(s.stdout.String(), "\n"); got != 2 {
		t.Errorf("got %d lines on stdout, want one for each socket", got)
	}
}

func TestTCPBesideUDP(t *testing.T) {
	tests := []struct {
		name, udp, tcp string
		want           bool
	}{
		{"same", "127.0.0.1:5060", "127.0.0.1:5060", true},
		{"other port", "127.0.0.1:5060", "127.0.0.1:5061", false},
		{"other address", "127.0.0.1:5060", "127.0.0.2:5060", false},
		{"every address", "127.0.0.1:5060", "0.0.0.0:5060", true},
		{"not every address", "0.0.0.0:5060", "127.0.0.1:5060", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			udp := netip.MustParseAddrPort(tt.udp)
			locals := []transport.Local{{Protocol: transport.UDP, Addr: udp}, {Protocol: transport.TCP, Addr: netip.MustParseAddrPort(tt.tcp)}}
			if got := hasTCP(locals, udp); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestServeInJSON(t *testing.T) {
	r := launch(t, "serve", "-json", "-listen", "udp:127.0.0.1:0")
	line := r.stdout.line(t, `{"event":"listening",`)
	var got struct{ Protocol, Address string }
	if err := json.Unmarshal([]byte("{"+line), &got); err != nil {
		t.Fatal(err)
	}
	if addr, err := netip.ParseAddrPort(got.Address); got.Protocol != "udp" || err != nil || addr.Port() == 0 {
		t.Errorf("got %+v, want udp and a port", got)
	}
	r.stop()
	r.wait(t, exitYes)
	for l := range strings.Lines(r.stderr.String()) {
		if !json.Valid([]byte(l)) {
			t.Errorf("log line is no JSON: %s", l)
		}
	}
}

func TestServeTraces(t *testing.T) {
	s := serve(t, "-trace")
	p := newPeer(t, s.udp)
	p.request("OPTIONS", "sip:"+s.udp)
	p.receive()
	s.stop()
	s.wait(t, exitYes)
	for _, want := range []string{"  <--  UDP  " + p.addr(), "OPTIONS sip:" + s.udp + "\n", "  -->  UDP  " + p.addr(), "  200 OK\n"} {
		if !strings.Contains(s.stderr.String(), want) {
			t.Errorf("stderr does not show %q", want)
		}
	}
}

// A caller that holds and resumes is answered with a description of the same session (RFC 3264, Section 8), by re-INVITE and by UPDATE.
func TestServeAnswersHold(t *testing.T) {
	s := serve(t)
	p := newPeer(t, s.udp)
	p.request("INVITE", "sip:echo@"+s.udp, withBody("application/sdp", sdpOffer))
	ok := p.receive()
	p.inside("ACK", ok)
	origin := func(m *parser.Message) string {
		return strings.Fields(strings.Split(string(m.Body()), "\r\n")[1])[1]
	}
	for _, method := range []string{"INVITE", "UPDATE", "INVITE"} {
		for _, direction := range []string{"sendonly", "inactive", "sendrecv"} {
			p.inside(method, ok, withBody("application/sdp", sdpOffer+"a="+direction+"\r\n"))
			m := p.until(func(m *parser.Message) bool { return m.Status().Final() && m.Method().String() == method })
			if m.Status() != 200 || !strings.Contains(string(m.Body()), "a=inactive\r\n") || origin(m) != origin(ok) {
				t.Errorf("%s %s: got %q with\n%s\nafter\n%s", method, direction, m.StartLine(), m.Body(), ok.Body())
			}
			if method == "INVITE" {
				p.inside("ACK", ok)
			}
		}
	}
	p.inside("INVITE", ok, withBody("application/sdp", "v=1\r\n"))
	if m := p.until(func(m *parser.Message) bool { return m.Status().Final() && m.Method() == parser.MethodInvite }); m.Status() != 488 {
		t.Errorf("got %q, want 488", m.StartLine())
	}
	p.inside("INVITE", ok)
	if m := p.until(func(m *parser.Message) bool { return m.Status().Final() && m.Method() == parser.MethodInvite }); m.Status() != 200 || origin(m) != origin(ok) {
		t.Errorf("got %q with %q, want an offer", m.StartLine(), m.Body())
	}
	p.inside("ACK", ok)
	p.inside("BYE", ok)
	p.until(func(m *parser.Message) bool { return m.Status() == 200 && m.Method() == parser.MethodBye })
}

// A call whose peer does not answer the BYE keeps the server up; new work gets 503 meanwhile.
func TestServeDrains(t *testing.T) {
	s := serve(t)
	p := newPeer(t, s.udp)
	p.request("INVITE", "sip:echo@"+s.udp, withBody("application/sdp", sdpOffer))
	ok := p.receive()
	p.inside("ACK", ok)
	s.stop()
	bye := p.until(isMethod(parser.MethodBye))
	other := newPeer(t, s.udp)
	for _, method := range []string{"INVITE", "OPTIONS", "MESSAGE"} {
		other.request(method, "sip:echo@"+s.udp)
		m := other.until(func(m *parser.Message) bool { return m.Status().Final() && m.Method().String() == method })
		if _, err := m.RetryAfter(); m.Status() != 503 || err != nil {
			t.Errorf("%s: got %q and Retry-After %v, want 503 with Retry-After", method, m.StartLine(), err)
		}
	}
	select {
	case <-s.ended:
		t.Error("the server ended before its last call did")
	default:
	}
	p.respond(bye, 200, nil)
	s.wait(t, exitYes)
}

func TestServeIdleEndsSoon(t *testing.T) {
	s := serve(t, "-debug", "127.0.0.1:0")
	p := newPeer(t, s.udp)
	p.request("OPTIONS", "sip:echo@"+s.udp)
	p.receive()
	conn, err := net.Dial("tcp", s.tcp) // a connection that says nothing is no reason to stay
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	began := time.Now()
	s.stop()
	s.wait(t, exitYes)
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("got %v from the signal to the end, want hardly anything", took)
	}
}

func TestServeRefusesWrongUsage(t *testing.T) {
	taken, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"port taken", []string{"-listen", "udp:" + taken.LocalAddr().String()}, "Is another program on that port"},
		{"not an own address", []string{"-listen", "udp:192.0.2.1:5060"}, "another machine"},
		{"no protocol", []string{"-listen", "127.0.0.1:5060"}, "PROTO:HOST:PORT"},
		{"later protocol", []string{"-listen", "sctp:127.0.0.1:5061"}, "not built in"},
		{"no certificate", []string{"-listen", "tls:127.0.0.1:0"}, "-listen tls:127.0.0.1:0 needs a certificate"},
		{"no certificate for wss", []string{"-listen", "wss:127.0.0.1:0"}, "want -tls-cert and -tls-key"},
		{"a certificate without key", []string{"-tls-cert", "cert.pem"}, "belong together"},
		{"a certificate that is not there", []string{"-tls-cert", "none.pem", "-tls-key", "none.pem"}, "none.pem"},
		{"authorities that are not there", []string{"-tls-client-ca", "none.pem"}, "-tls-client-ca: "},
		{"negative T1", []string{"-t1", "-1s"}, "-t1"},
		{"no duration", []string{"-t1", "soon"}, "-t1"},
		{"domain", []string{"-domain", "a@b"}, "-domain"},
		{"advertise", []string{"-listen", "udp:127.0.0.1:0", "-advertise", "udp:a b"}, "advertise"},
		{"debug port", []string{"-listen", "udp:127.0.0.1:0", "-debug", "127.0.0.1:x"}, "-debug"},
		{"flag of a later version", []string{"-session-minimum", "1s"}, "not defined"},
		{"users that are not there", []string{"-users", "none.txt"}, "-users: open none.txt"},
		{"data that is no folder", []string{"-listen", "udp:127.0.0.1:0", "-data", "/dev/null"}, "-data: "},
		{"operand", []string{"sip:echo@127.0.0.1"}, "one argument too many"},
		{"operand after --", []string{"--", "-x"}, "one argument too many"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := sip(t, append([]string{"serve"}, tt.args...)...)
			if r.code != exitUsage || r.stdout != "" || !strings.Contains(r.stderr, tt.want) {
				t.Errorf("got %+v, want exit status %d and %q", r, exitUsage, tt.want)
			}
		})
	}
}

// -session-expires and -min-se say how long a call may go without a sign of the peer: here the caller says nothing, and gets a BYE.
func TestServeEndsACallThatIsNotRefreshed(t *testing.T) {
	s := serve(t, "-session-expires", "3s", "-min-se", "2s")
	p := newPeer(t, s.udp)
	p.request("INVITE", "sip:echo@"+s.udp, "Supported: timer", "Session-Expires: 1", withBody("application/sdp", sdpOffer))
	if m := p.receive(); m.Status() != 422 || string(m.Raw(parser.HeaderMinSE)) != "2" {
		t.Errorf("got %q, Min-SE %q; want 422, 2", m.StartLine(), m.Raw(parser.HeaderMinSE))
	}
	p.request("INVITE", "sip:echo@"+s.udp, "Supported: timer", withBody("application/sdp", sdpOffer))
	ok := p.receive()
	if got := string(ok.Raw(parser.HeaderSessionExpires)); ok.Status() != 200 || got != "3;refresher=uac" {
		t.Errorf("got %q, Session-Expires %q", ok.StartLine(), got)
	}
	p.inside("ACK", ok)
	p.respond(p.until(isMethod(parser.MethodBye)), 200, nil)
}
