package ua_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/ua"
)

// The ACK to the INVITE, when the network brings it twice, is no answer to the offer in the 200 to a re-INVITE.
func TestOldACKAnswersNoOffer(t *testing.T) {
	cfg := &ua.Config{OnOffer: func(*ua.Call, ua.Body) (ua.Body, error) { return sdpBody("our offer"), nil }}
	withCaller(t, cfg, func(p *caller) {
		p.send(p.inside("INVITE"))
		p.hear("200")
		p.seq--
		p.send(p.again("ACK"))
		synctest.Wait()
		time.Sleep(10 * time.Millisecond)
		p.seq++
		p.send(p.again("ACK", "\nanswer to it"))
		synctest.Wait()
		time.Sleep(10 * time.Millisecond)
		if local, remote := p.call.Session(); string(local.Data) != "our offer" || string(remote.Data) != "answer to it" {
			t.Errorf("the session is %q and %q", local.Data, remote.Data)
		}
	})
}

// Who keeps the INVITE can answer it once all the same.
func TestAnswerOfASettledCall(t *testing.T) {
	withCaller(t, &ua.Config{KeepInvite: true}, func(p *caller) {
		time.Sleep(time.Minute)
		for name, f := range map[string]func() error{
			"Answer": func() error { return p.call.Answer(ua.Body{}) }, "Ring": p.call.Ring, "Reject": func() error { return p.call.Reject(486) },
		} {
			func() {
				defer func() {
					if r := recover(); r != nil {
						t.Errorf("%s: %v", name, r)
					}
				}()
				if err := f(); !errors.Is(err, ua.ErrState) {
					t.Errorf("%s: %v, want ErrState", name, err)
				}
			}()
		}
	})
}
