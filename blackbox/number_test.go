package blackbox

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/siptest"
	"github.com/ringback-sip/ringback/ua"
)

// numbers are values at the edges of what they may be, and what a request with them gets.
var numbers = []struct {
	header, value string
	want          string // "" is no answer
}{
	{"CSeq", "0 OPTIONS", "200"},
	{"CSeq", "2147483647 OPTIONS", "200"},
	{"CSeq", "2147483648 OPTIONS", "200"}, // a sender begins below, but may come here (RFC 3261, Sections 8.1.1.5 and 12.2.1.1)
	{"CSeq", "4294967295 OPTIONS", "200"},
	{"CSeq", "4294967296 OPTIONS", "400"},
	{"CSeq", "36893488147419103232 OPTIONS", "400"},
	{"CSeq", "-1 OPTIONS", "400"},
	{"CSeq", "+1 OPTIONS", "400"},
	{"CSeq", "1.0 OPTIONS", "400"},
	{"CSeq", "0x1 OPTIONS", "400"},
	{"CSeq", "00000000000000000000000000001 OPTIONS", "200"},
	{"Max-Forwards", "0", "200"}, // RFC 3261, Section 11.2: the endpoint answers
	{"Max-Forwards", "255", "200"},
	{"Max-Forwards", "256", "200"}, // RFC 4475, Section 3.1.2.4, wants no error of a UA for a number too large
	{"Max-Forwards", "99999999999999999999", "200"},
	{"Max-Forwards", "-1", "400"},
	{"Max-Forwards", "a", "400"},
	{"Expires", "0", "200"},
	{"Expires", "4294967295", "200"},
	{"Expires", "4294967296", "200"},
	{"Expires", "1" + strings.Repeat("0", 100), "200"},
	{"Expires", "-1", "400"},
	{"Contact", "<sip:a@10.0.0.66:0>", "400"},
	{"Contact", "<sip:a@10.0.0.66:65535>", "200"},
	{"Contact", "<sip:a@10.0.0.66:65536>", "400"},
	{"Contact", "<sip:a@10.0.0.66>;q=1.001", "200"}, // nothing that an OPTIONS needs
	{"Contact", "<sip:a@10.0.0.66>;expires=99999999999999999999", "200"},
	{"Session-Expires", "99999999999999999999", "200"},
	{"Min-SE", "-1", "200"},
	{"RSeq", "0", "200"},
	{"RAck", "4294967296 1 INVITE", "200"},
	{"Retry-After", "1" + strings.Repeat("0", 100), "200"},
	{"Timestamp", strings.Repeat("9", 200) + "." + strings.Repeat("9", 200), "200"},
}

func TestNumbersAtTheEdges(t *testing.T) {
	inLab(t, echo(), func(l *lab) {
		for i, tt := range numbers {
			text := request("OPTIONS", "sip:a@10.0.0.1", netip.AddrPortFrom(evilAddr, 5060), fmt.Sprint("number", i))
			line := tt.header + ": " + tt.value + "\r\n"
			if at := strings.Index(text, "\r\n"+tt.header+":"); at >= 0 {
				end := at + 2 + strings.Index(text[at+2:], "\r\n") + 2
				text = text[:at+2] + line + text[end:]
			} else {
				text = with(text, line)
			}
			var want []string
			if tt.want != "" {
				want = []string{tt.want}
			}
			if got := statuses(l.datagram([]byte(text))); !slices.Equal(got, want) {
				l.Errorf("%s: %.60s: answered %v, want %v", tt.header, tt.value, got, want)
			}
		}
	})
}

// The CSeq numbers of a dialog do not wrap: what is lower than the last one is out of order, and the largest one is the last.
func TestSequenceNumbersDoNotWrap(t *testing.T) {
	inLab(t, echo(), func(l *lab) {
		l.says(request("INVITE", "sip:a@10.0.0.1", goodAddr, "wrap", "\n"+string(siptest.SDP(goodAddr.Addr()))))
		tag := ""
		for _, s := range received(l.good, 100*time.Millisecond) {
			if status(s) == "200" {
				to := s[strings.Index(s, "To: "):]
				tag = to[strings.Index(to, ";tag="):strings.Index(to, "\r\n")]
			}
		}
		branch := 0
		inside := func(method string, cseq uint64) []string {
			branch++
			s := request(method, "sip:a@10.0.0.1", goodAddr, "wrap")
			s = strings.NewReplacer("CSeq: 1 ", fmt.Sprintf("CSeq: %d ", cseq), "z9hG4bKwrap", fmt.Sprint("z9hG4bKwrap", branch),
				"To: <sip:a@10.0.0.1>", "To: <sip:a@10.0.0.1>"+tag).Replace(s)
			l.says(s)
			return statuses(answersTo(method, received(l.good, 100*time.Millisecond)))
		}
		inside("ACK", 1)
		for _, tt := range []struct {
			cseq uint64
			want string
		}{{2, "200"}, {1 << 30, "200"}, {1<<30 - 1, "500"}, {1<<31 - 1, "200"}, {0, "500"}, {1 << 31, "200"},
			{1 << 32, "400"}, {1<<32 + 5, "400"}, {1<<31 - 1, "500"}, {1<<32 - 2, "200"}, {3, "500"}} {
			if got := inside("OPTIONS", tt.cseq); !slices.Equal(got, []string{tt.want}) {
				l.Errorf("CSeq %d: answered %v, want %s", tt.cseq, got, tt.want)
			}
		}
		if n := l.agent.Stats().Calls; n != 1 {
			l.Errorf("%d calls, want the one", n)
		}
		if got := inside("BYE", 1<<32-1); !slices.Equal(got, []string{"200"}) {
			l.Errorf("BYE with the last number there is: answered %v, want 200", got)
		}
	})
}

// A Retry-After or an Expires of a hundred digits in an answer is a large number, and no more.
func TestLargeNumbersInAnswers(t *testing.T) {
	inLab(t, echo(), func(l *lab) {
		huge := "1" + strings.Repeat("0", 100)
		done := make(chan error, 1)
		go func() {
			_, err := l.agent.Call(l.Context(), "sip:b@10.0.0.3", ua.Body{}, &ua.CallOptions{OnState: func(dialog.State) {}})
			done <- err
		}()
		invite := l.asked("INVITE")
		l.says(reply(invite, "180 Ringing", "one", "Content-Length", "Expires: "+huge+"\r\nRSeq: "+huge+"\r\nContent-Length"))
		l.says(reply(invite, "503 Service Unavailable", "one", "Content-Length", "Retry-After: "+huge+"\r\nContent-Length"))
		if err := <-done; err == nil || !strings.Contains(err.Error(), "503") {
			l.Errorf("Call: %v, want 503", err)
		}
	})
}
