package interop

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"testing"
	"time"
)

// server is a running `sip serve`.
type server struct {
	*program
	addr  map[string]string // by network: where it listens
	debug string            // host:port of its gauges
}

// serve starts `sip serve` on free ports of the loopback address. At the end of the test SIGINT has to end it, and soon.
func serve(t *testing.T, args ...string) *server {
	t.Helper()
	debug := net.JoinHostPort("127.0.0.1", freePort(t))
	args = append([]string{"serve", "-listen", "udp:127.0.0.1:0", "-listen", "tcp:127.0.0.1:0", "-debug", debug}, args...)
	s := &server{program: start(t, sip, args...), debug: debug, addr: make(map[string]string)}
	for _, network := range []string{"udp", "tcp"} {
		s.addr[network] = s.field(t, "listening "+network+" ")
	}
	t.Cleanup(func() {
		select {
		case <-s.done: // the test has ended it
		default:
			s.signal(t, os.Interrupt)
		}
		// An idle server has 2 s; one more for a machine that is busy with other tests.
		if status := s.wait(t, 3*time.Second); status != 0 {
			t.Errorf("sip serve after SIGINT: got exit status %d, want 0", status)
		}
	})
	return s
}

// gauges reads the numbers of live objects.
func (s *server) gauges(t *testing.T) map[string]int {
	t.Helper()
	var vars struct {
		SIP map[string]int `json:"sip"`
	}
	body := s.get(t, "/debug/vars")
	defer body.Close()
	if err := json.NewDecoder(body).Decode(&vars); err != nil {
		t.Fatalf("/debug/vars: %v", err)
	}
	for _, name := range []string{"transactions", "dialogs"} {
		if _, ok := vars.SIP[name]; !ok {
			t.Fatalf("/debug/vars has no sip.%s: %v", name, vars.SIP)
		}
	}
	return vars.SIP
}

// goroutines reads the number of goroutines in the server.
func (s *server) goroutines(t *testing.T) int {
	t.Helper()
	body := s.get(t, "/debug/pprof/goroutine?debug=1")
	defer body.Close()
	line, err := bufio.NewReader(body).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if _, err := fmt.Sscanf(line, "goroutine profile: total %d", &n); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	return n
}

// get asks the debug address, on a connection that does not stay.
func (s *server) get(t *testing.T, path string) io.ReadCloser {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	resp, err := client.Get("http://" + s.debug + path)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		resp.Body.Close()
		t.Fatalf("GET %s: %s", path, resp.Status)
	}
	return resp.Body
}
