package interop

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// scripts is the folder of what runs in Node and in the browser.
var scripts = filepath.Join("testdata", "browser")

// needModule returns the path of something that npm has installed beside the scripts. It is needed as a peer's program is.
func needModule(t *testing.T, path ...string) string {
	t.Helper()
	file, err := filepath.Abs(filepath.Join(append([]string{scripts, "node_modules"}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file); err == nil {
		return file
	}
	const missing = "%s is missing: cd interop/testdata/browser && npm ci --ignore-scripts"
	if os.Getenv("CI") != "" {
		t.Fatalf(missing, filepath.Join(path...))
	}
	t.Skipf(missing, filepath.Join(path...))
	return ""
}

// The client `ws` asks in text and in binary, in one frame and in many, with a ping in the middle of a message; it offers extensions that nobody here
// speaks. Without the subprotocol sip it does not come in (RFC 7118, Section 4.1).
func TestNodeClient(t *testing.T) {
	node := need(t, "node", "nodejs")
	needModule(t, "ws")
	t.Parallel()
	script, err := filepath.Abs(filepath.Join(scripts, "client.js"))
	if err != nil {
		t.Fatal(err)
	}
	c := newCertificate(t)
	s := serveWeb(t, c)
	want := strings.Join([]string{
		`open: sip with extensions ""`,
		"text: SIP/2.0 200 OK, text",
		"binary: SIP/2.0 200 OK, text",
		"an octet each: SIP/2.0 200 OK, text",
		"binary fragments: SIP/2.0 200 OK, text",
		"60,000 octets: SIP/2.0 200 OK, text",
		"pong: are you there?",
		"after the ping: SIP/2.0 200 OK, text",
		"close: 1000",
		"no subprotocol: 400 no protocol",
		"another subprotocol: 400 no protocol",
	}, "\n")
	for _, network := range []string{"ws", "wss"} {
		t.Run(network, func(t *testing.T) {
			t.Parallel()
			p := start(t, node, script, network+"://"+s.addr[network], c.cert)
			if status := p.wait(t, 40*time.Second); status != 0 {
				t.Errorf("node: got exit status %d, want 0", status)
			}
			if got := p.output(); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}
