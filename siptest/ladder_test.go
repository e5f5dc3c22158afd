package siptest

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

// message returns a message for a ladder, with a body or not.
func message(start, cseq, body string) []byte {
	length := "0"
	if body != "" {
		length = "3"
	}
	return []byte(start + "\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nCSeq: 1 " + cseq + "\r\nContent-Length: " + length + "\r\n\r\n" + body)
}

func TestLadder(t *testing.T) {
	start := time.Unix(1000, 0)
	a, b, c := netip.AddrPortFrom(addrA, 5060), netip.AddrPortFrom(addrB, 5060), netip.AddrPortFrom(addrC, 5060)
	names := map[netip.Addr]string{addrA: "alice", addrB: "bob"}
	invite, ok, bye := message("INVITE sip:b@h SIP/2.0", "INVITE", "v=0"), message("SIP/2.0 200 OK", "INVITE", ""), message("BYE sip:b@h SIP/2.0", "BYE", "")
	pieces := slices.Concat(invite, []byte("\r\n\r\n"), bye, bye)
	packet := func(ms int, protocol string, from, to netip.AddrPort, data []byte, fate Fate) Packet {
		return Packet{Time: start.Add(time.Duration(ms) * time.Millisecond), Protocol: protocol, From: from, To: to, Data: data, Fate: fate}
	}
	for _, tt := range []struct {
		name    string
		packets []Packet
		want    []string
	}{
		{"datagrams", []Packet{
			packet(0, "udp", a, b, invite, Delivered),
			packet(12345, "udp", b, a, ok, Lost),
			packet(12346, "udp", a, c, []byte("\r\n\r\n"), Delivered),
			packet(100000, "udp", a, c, bye, Unreachable),
		}, []string{"  0.000 alice -> bob INVITE sdp", " 12.345 bob -x alice 200 INVITE", "100.000 alice -x 10.0.0.3 BYE"}},
		{"duplicates are not sent", []Packet{
			packet(0, "udp", a, b, bye, Delivered),
			{Time: start, Protocol: "udp", From: a, To: b, Data: bye, Copy: true},
		}, []string{"  0.000 alice -> bob BYE"}},
		{"one moment", []Packet{
			packet(5, "udp", b, a, ok, Delivered),
			packet(5, "udp", a, c, bye, Delivered),
			packet(5, "udp", a, b, bye, Delivered),
			packet(5, "udp", a, b, invite, Delivered),
			packet(4, "udp", b, a, bye, Delivered),
		}, []string{"  0.004 bob -> alice BYE", "  0.005 alice -> 10.0.0.3 BYE", "  0.005 alice -> bob BYE", "  0.005 alice -> bob INVITE sdp", "  0.005 bob -> alice 200 INVITE"}},
		{"stream in pieces", []Packet{
			packet(0, "tcp", a, b, pieces[:10], Delivered),
			packet(1, "tcp", b, a, ok, Delivered),
			packet(2, "tcp", a, b, pieces[10:len(invite)+5], Delivered),
			packet(3, "tcp", a, b, pieces[len(invite)+5:len(pieces)-1], Lost),
			packet(4, "tcp", a, b, pieces[len(pieces)-1:], Delivered),
		}, []string{"  0.001 bob -> alice 200 INVITE", "  0.002 alice -> bob INVITE sdp", "  0.003 alice -x bob BYE", "  0.004 alice -x bob BYE"}},
		{"streams are apart", []Packet{
			packet(0, "tcp", a, b, bye[:10], Delivered),
			packet(1, "tcp", a, netip.AddrPortFrom(addrB, 5070), bye, Delivered),
		}, []string{"  0.001 alice -> bob BYE"}},
		{"no SIP", []Packet{packet(0, "tcp", a, b, []byte("GET / HTTP/1.1\n\n"), Delivered), packet(1, "tcp", a, b, bye, Delivered)}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ladder(tt.packets, names, start)
			if !slices.Equal(got, tt.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}
