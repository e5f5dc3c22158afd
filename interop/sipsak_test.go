package interop

import (
	"strings"
	"testing"
	"time"
)

// sipsak asks with OPTIONS and is content with a 200.
func TestSipsakOptions(t *testing.T) {
	path := need(t, "sipsak", "sipsak")
	s := serve(t)
	tests := []struct{ name, network, user string }{
		{"user over udp", "udp", "echo@"},
		{"server over udp", "udp", ""},
		{"user over tcp", "tcp", "echo@"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := start(t, path, "-vv", "-E", tt.network, "-H", "127.0.0.1", "-s", "sip:"+tt.user+s.addr[tt.network])
			if status := p.wait(t, 40*time.Second); status != 0 {
				t.Errorf("sipsak: got exit status %d, want 0", status)
			}
			if !strings.Contains(p.output(), "SIP/2.0 200 OK") {
				t.Error("sipsak did not print the 200")
			}
		})
	}
}
