package interop

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/ringback-sip/ringback/auth"
	"github.com/ringback-sip/ringback/ua"
)

// A phone of another make registers with Kamailio, is called through it by our agent, which holds and resumes, and hangs up; then it calls the agent,
// which hangs up. Everybody needs a password.
func TestKamailioBetweenAPhoneAndUs(t *testing.T) {
	need(t, "kamailio", "kamailio")
	eachPhone(t, func(t *testing.T, network string, start func(string, account) *softphone) {
		proxy := kamailio(t, "WITH_AUTH")
		phone := start(network, account{registrar: proxy, password: "secret"})
		alice := newParty(t, "alice", ua.Config{Credentials: auth.User("alice", "secret")})
		alice.register(t, proxy, "alice", network)

		to := "sip:" + phone.name + "@" + proxy + ";transport=" + network
		call, err := alice.Call(t.Context(), to, audio(1, "sendrecv"), nil)
		if err != nil {
			t.Fatal(err)
		}
		phone.await(t, "connected")
		for i, direction := range []string{"sendonly", "sendrecv"} {
			answer, err := call.Reinvite(t.Context(), audio(2+i, direction))
			if err != nil {
				t.Fatalf("%s: %v", direction, err)
			}
			want := map[string]string{"sendonly": "recvonly", "sendrecv": "sendrecv"}[direction]
			if got := directionOf(answer); got != want {
				t.Errorf("%s was answered by %s, want %s", direction, got, want)
			}
		}
		phone.do["hangup"]()
		phone.await(t, "hangup")
		alice.over(t, call)
		if call.Err() != nil || !call.EndedByPeer() {
			t.Error(alice.told())
		}
	})
}

// audio is a description of one audio stream that nobody serves, of so many in its session.
func audio(version int, direction string) ua.Body {
	const text = "v=0\r\no=- 1 %d IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\na=%s\r\n"
	return ua.Body{Type: "application/sdp", Data: fmt.Appendf(nil, text, version, direction)}
}

// directionOf reads the direction of a description's stream; "sendrecv" goes without saying (RFC 3264, Section 5.1).
func directionOf(b ua.Body) string {
	for _, d := range []string{"sendonly", "recvonly", "inactive"} {
		if bytes.Contains(b.Data, []byte("\r\na="+d+"\r\n")) {
			return d
		}
	}
	return "sendrecv"
}
