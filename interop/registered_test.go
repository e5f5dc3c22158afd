package interop

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/auth"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/registrar"
	"github.com/ringback-sip/ringback/ua"
)

// serveUsers starts `sip serve` with passwords: everybody's is "secret".
func serveUsers(t *testing.T, args ...string) *server {
	t.Helper()
	users := filepath.Join(t.TempDir(), "users")
	must(t, os.WriteFile(users, []byte("baresip:secret\nlinphonec:secret\nalice:secret\nbrowser:secret\n"), 0o600))
	return serve(t, append([]string{"-trace", "-users", users}, args...)...)
}

// A phone registers with `sip serve`, which knows its password, calls echo, holds, resumes and hangs up.
func TestPhoneRegistersAndCallsEcho(t *testing.T) {
	eachPhone(t, func(t *testing.T, network string, start func(string, account) *softphone) {
		s := serveUsers(t)
		phone := start(network, account{registrar: s.addr[network], password: "secret"})
		if n := s.gauges(t)["registrations"]; n != 1 {
			t.Errorf("got %d registrations, want 1", n)
		}
		phone.dial("sip:echo@" + s.addr[network])
		phone.await(t, "connected")
		for i, action := range []string{"hold", "resume"} {
			acknowledged(t, s.program, "<-- ACK", i+1)
			phone.do[action]()
			phone.await(t, action)
		}
		acknowledged(t, s.program, "<-- ACK", 3)
		phone.do["hangup"]()
		phone.await(t, "hangup")
		until(t, 5*time.Second, "the call is forgotten", func() bool { return s.gauges(t)["dialogs"] == 0 })
	})
}

// acknowledged waits until as many INVITEs as that were answered by 200 and acknowledged.
func acknowledged(t *testing.T, p *program, ack string, times int) {
	t.Helper()
	until(t, 10*time.Second, "both sides agree", func() bool {
		n, refused := 0, false // an ACK follows a refusal too
		for _, m := range passed(p) {
			switch {
			case strings.HasSuffix(m, " INVITE") && strings.Count(m, " ") == 2: // a response
				refused = !strings.Contains(m, " 200 ")
			case m == ack && !refused:
				n++
			}
		}
		return n >= times
	})
}

// Who asks `sip serve` for a registered phone is told where it is. `sip call` goes there, holds, resumes and hangs up. Over UDP, that is: on a
// connection of its own a phone is reached by nobody but its registrar.
func TestRegisteredPhoneIsCalled(t *testing.T) {
	t.Parallel()
	for _, m := range makes {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			s := serveUsers(t)
			phone := m.start(t, "udp", account{registrar: s.addr["udp"], password: "secret"})
			cmd := exec.Command(sip, "call", "-trace", "-keys", "-user", "alice", "-password", "secret", "sip:"+phone.name+"@"+s.addr["udp"])
			keys, err := cmd.StdinPipe()
			must(t, err)
			call := launch(t, cmd)
			phone.await(t, "connected")
			for i, key := range []string{"h", "h", "q"} {
				acknowledged(t, call, "--> ACK", i+1)
				_, err := io.WriteString(keys, key+"\n")
				must(t, err)
			}
			phone.await(t, "hangup")
			if status := call.wait(t, 15*time.Second); status != 0 {
				t.Errorf("sip call: got exit status %d, want 0", status)
			}
			agreed := []string{"--> INVITE", "<-- 200 INVITE", "--> ACK"}
			want := slices.Concat([]string{"--> INVITE", "<-- 401 INVITE", "--> ACK", "--> INVITE", "<-- 302 INVITE", "--> ACK", "--> INVITE", "<-- 180 INVITE"},
				agreed[1:], agreed, agreed, []string{"--> BYE", "<-- 200 BYE"})
			ladderIs(t, call, want...)
		})
	}
}

// registry is an agent of ours that is the registrar of phones, on UDP and TCP unless cfg says otherwise.
type registry struct {
	*party
	reg *registrar.Registrar
}

func newRegistry(t *testing.T, cfg ua.Config) *registry {
	t.Helper()
	guard, err := auth.NewServer(&auth.ServerConfig{
		Realm:      "example.com",
		Secret:     func(string, string) (auth.Secret, bool) { return auth.Secret{Password: "secret"}, true },
		Algorithms: []auth.Algorithm{auth.MD5}, // the only one that baresip 1.0 and JsSIP know
	})
	must(t, err)
	reg := registrar.New(&registrar.Config{NoGRUU: true})
	cfg.Handlers = []ua.Handler{ua.Authenticate(guard), reg}
	return &registry{newParty(t, "registry", cfg), reg}
}

// call calls somebody who has registered, over the flow of the registration.
func (r *registry) call(t *testing.T, aor string, offer ua.Body, opts ua.CallOptions) *ua.Call {
	t.Helper()
	uri, err := parser.ParseURI([]byte(aor))
	must(t, err)
	bindings, err := r.reg.Lookup(t.Context(), uri)
	must(t, err)
	if len(bindings) != 1 {
		t.Fatalf("%s: got %d bindings, want 1", aor, len(bindings))
	}
	opts.Reach = bindings[0].Reach()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	c, err := r.Call(ctx, aor, offer, &opts)
	if err != nil {
		t.Fatalf("%s: %v", aor, err)
	}
	return c
}

// An agent of ours that is a phone's registrar calls it over the flow on which it has registered, holds, resumes, and either side hangs up.
func TestRegistrarCallsThePhone(t *testing.T) {
	eachPhone(t, func(t *testing.T, network string, start func(string, account) *softphone) {
		r := newRegistry(t, ua.Config{})
		phone := start(network, account{registrar: r.addr(network), password: "secret"})
		for _, ender := range []string{"registrar", "phone"} {
			connections := r.Stats().Dialled
			call := r.call(t, "sip:"+phone.name+"@"+r.addr(network), audio(1, "sendrecv"), ua.CallOptions{})
			for i, direction := range []string{"sendonly", "sendrecv"} {
				answer, err := call.Reinvite(t.Context(), audio(2+i, direction))
				if err != nil {
					t.Fatalf("%s: %v", direction, err)
				}
				if got, want := directionOf(answer), map[string]string{"sendonly": "recvonly", "sendrecv": "sendrecv"}[direction]; got != want {
					t.Errorf("%s was answered by %s, want %s", direction, got, want)
				}
			}
			if ender == "phone" {
				phone.do["hangup"]()
			} else {
				must(t, call.Hangup(t.Context()))
			}
			r.over(t, call)
			if call.Err() != nil || call.EndedByPeer() != (ender == "phone") {
				t.Errorf("the %s has hung up: %s", ender, r.told())
			}
			if network == "tcp" && r.Stats().Dialled > connections {
				t.Error("the phone was called on a connection of its own")
			}
		}
	})
}
