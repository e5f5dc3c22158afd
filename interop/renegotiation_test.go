package interop

import (
	"os/exec"
	"strings"
	"testing"
	"time"
)

// A client that wants new keys again and again costs the server a handshake each time, if it may: TLS 1.2 renegotiates on the word "R" to
// OpenSSL's client, TLS 1.3 updates keys on "K". The server refuses the first and ends the connection on the second, and a good
// client is served all the while.
func TestRenegotiationStorm(t *testing.T) {
	openssl := need(t, "openssl", "openssl")
	cert := newCertificate(t)
	s := serve(t, "-listen", "tls:127.0.0.1:0", "-tls-cert", cert.cert, "-tls-key", cert.key)
	addr := s.field(t, "listening tls ")
	good := func() {
		t.Helper()
		out, err := exec.Command(sip, "options", "-tls-ca", cert.cert, "sip:"+addr+";transport=tls").CombinedOutput()
		if err != nil {
			t.Fatalf("sip options over TLS: %v\n%s", err, out)
		}
	}
	good()
	const clients = 8
	for _, tt := range []struct{ version, word, done string }{
		{"-tls1_2", "R\n", "RENEGOTIATING"},
		{"-tls1_3", "K\n", "KEYUPDATE"},
	} {
		var storm []*exec.Cmd
		var said []*strings.Builder
		for range clients {
			cmd := exec.Command(openssl, "s_client", "-connect", addr, tt.version, "-CAfile", cert.cert)
			out := new(strings.Builder)
			// The client reads a command at a time, as from a terminal.
			cmd.Stdin, cmd.Stdout, cmd.Stderr = &words{word: tt.word, left: 200}, out, out
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { cmd.Process.Kill() }) // long ended, if all is well
			storm, said = append(storm, cmd), append(said, out)
		}
		good()
		for i, cmd := range storm {
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				cmd.Wait()
			}()
			select {
			case <-ended:
			case <-time.After(20 * time.Second):
				t.Fatalf("%s: the connection is still there:\n%s", tt.version, tail(said[i].String()))
			}
			if n := strings.Count(said[i].String(), tt.done); n == 0 || n > 100 {
				t.Errorf("%s: the client asked %d times for new keys, want it to ask and to be refused:\n%s", tt.version, n, tail(said[i].String()))
			}
		}
	}
	good()
	until(t, 15*time.Second, "no connection left", func() bool { return s.gauges(t)["connections"] == 0 })
}

// words is what somebody types: a word each time he is asked, with a little pause, left times.
type words struct {
	word string
	left int
}

func (w *words) Read(b []byte) (int, error) {
	if w.left--; w.left < 0 {
		select {} // the server has to end it
	}
	<-time.After(10 * time.Millisecond)
	return copy(b, w.word), nil
}
