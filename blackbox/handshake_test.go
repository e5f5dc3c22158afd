package blackbox

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/transport"
	"github.com/ringback-sip/ringback/ua"
)

// selfSigned returns a certificate for 127.0.0.1 that vouches for itself.
func selfSigned(t *testing.T) *tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

const upgrade = "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
	"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: sip\r\n\r\n"

// A client that stops anywhere in a handshake, after it, or in its first message is rid of in ten to fifteen seconds.
func TestUnfinishedHandshakes(t *testing.T) {
	limits, least, most := transport.Limits{}, 9*time.Second, 15*time.Second
	if !*long { // ten times as fast
		limits = transport.Limits{Handshake: time.Second, FirstMessage: time.Second, WholeMessage: time.Second}
		least, most = least/10, most/5
	}
	cert := selfSigned(t)
	cfg := &ua.Config{Limits: limits, TLS: transport.TLSConfig{Certificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return cert, nil }}}
	agent, at := onLoopback(t, cfg, "udp:127.0.0.1:0", "tcp:127.0.0.1:0", "tls:127.0.0.1:0", "ws:127.0.0.1:0", "wss:127.0.0.1:0")
	half := request("OPTIONS", "sip:127.0.0.1", netip.MustParseAddrPort("127.0.0.1:5060"), "half")[:100]
	frame := append([]byte{0x82, 0x80 | 126, 1, 0, 0, 0, 0, 0}, half...) // 256 octets promised, masked by zeros
	var all sync.WaitGroup
	for name, tt := range map[string]struct {
		protocol transport.Protocol
		shake    bool // TLS
		text     string
	}{
		"TCP, silent":                  {transport.TCP, false, ""},
		"TCP, half a message":          {transport.TCP, false, half},
		"TLS, silent":                  {transport.TLS, false, ""},
		"TLS, half a hello":            {transport.TLS, false, "\x16\x03\x01\x02\x00\x01\x00"},
		"TLS, silent behind it":        {transport.TLS, true, ""},
		"TLS, half a message":          {transport.TLS, true, half},
		"WS, silent":                   {transport.WS, false, ""},
		"WS, half an upgrade":          {transport.WS, false, upgrade[:len(upgrade)-10]},
		"WS, silent behind it":         {transport.WS, false, upgrade},
		"WS, half a frame":             {transport.WS, false, upgrade + string(frame)},
		"WSS, silent between the two":  {transport.WSS, true, ""},
		"WSS, silent behind both":      {transport.WSS, true, upgrade},
		"WSS, an upgrade by dribbling": {transport.WSS, true, "G"},
	} {
		conn := from(t, 4, at[tt.protocol])
		defer conn.Close()
		start := time.Now()
		conn.SetDeadline(start.Add(2 * most))
		all.Go(func() {
			if tt.shake {
				secure := tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
				if err := secure.Handshake(); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				conn = secure
			}
			io.WriteString(conn, tt.text)
			rest, err := io.ReadAll(conn)
			took := time.Since(start)
			if os.IsTimeout(err) || took > most || took < least {
				t.Errorf("%s: closed after %v (%v), want %v to %v", name, took, err, least, most)
			}
			if tt.text == upgrade && !bytes.HasPrefix(rest, []byte("HTTP/1.1 101 ")) {
				t.Errorf("%s: the upgrade is answered %q", name, rest)
			}
			if strings.Contains(string(rest), "SIP/2.0 200") {
				t.Errorf("%s: half a message is answered %q", name, rest)
			}
		})
	}
	newClient(t, "good", 3, at[transport.UDP]).ask()
	all.Wait()
	gone(t, agent)
}
