package interop

import (
	"net"
	"strings"
	"testing"
	"time"
)

// sipsak asks with OPTIONS and is content with a 200.
func TestSipsakOptions(t *testing.T) {
	path := need(t, "sipsak", "sipsak")
	t.Parallel()
	s := serve(t, "-domain", "127.0.0.1")
	tests := []struct{ name, network, user string }{
		{"user over udp", "udp", "echo@"},
		{"server over udp", "udp", ""},
		{"user over tcp", "tcp", "echo@"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, port, err := net.SplitHostPort(s.addr[tt.network])
			if err != nil {
				t.Fatal(err)
			}
			// The port stands in -r: sipsak 0.9.8.1 cuts a port of five digits in a URI down to four.
			p := start(t, path, "-vv", "-E", tt.network, "-H", "127.0.0.1", "-r", port, "-s", "sip:"+tt.user+"127.0.0.1")
			if status := p.wait(t, 40*time.Second); status != 0 {
				t.Errorf("sipsak: got exit status %d, want 0", status)
			}
			if !strings.Contains(p.output(), "SIP/2.0 200 OK") {
				t.Error("sipsak did not print the 200")
			}
		})
	}
}
