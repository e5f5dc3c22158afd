package transaction

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestCancelIsATransactionOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		l := New(nil, nil)
		defer l.Shutdown()
		c := &conn{j: j}
		req := request("INVITE", "z9hG4bKabc", "Max-Forwards: 70\r\n",
			"Max-Forwards: 70\r\nRoute: <sip:p1.example;lr>\r\nRequire: 100rel\r\nProxy-Require: x\r\nProxy-Authorization: Digest a=\"b\"\r\n")
		tx, err := l.Request(c, wire(req), &user{j: j, name: "INVITE "})
		if err != nil {
			t.Fatal(err)
		}
		cancel := func() error { return tx.Cancel(&user{j: j, name: "CANCEL "}) }
		if err := cancel(); !errors.Is(err, ErrState) {
			t.Errorf("before a provisional response: got %v, want %v", err, ErrState)
		}
		l.Receive(c, parsed(t, response(req, 180, "b")))
		if err := cancel(); err != nil {
			t.Fatal(err)
		}
		want := "CANCEL sip:bob@biloxi.example SIP/2.0\r\n" +
			"Via: SIP/2.0/UDP pc33.atlanta.example:5066;branch=z9hG4bKabc\r\n" +
			"Route: <sip:p1.example;lr>\r\n" +
			"Max-Forwards: 70\r\n" +
			"From: Alice <sip:alice@atlanta.example>;tag=1928301774\r\n" +
			"To: Bob <sip:bob@biloxi.example>\r\n" +
			"Call-ID: a84b4c76e66710@pc33.atlanta.example\r\n" +
			"CSeq: 314159 CANCEL\r\n" +
			"Content-Length: 0\r\n\r\n"
		text := c.last(t)
		if text != want {
			t.Errorf("got\n%s\nwant\n%s", text, want)
		}
		if err := cancel(); !errors.Is(err, ErrBranch) {
			t.Errorf("twice: got %v, want %v", err, ErrBranch)
		}
		counts(t, l, 2, 0)
		j.until(time.Second)
		l.Receive(c, parsed(t, response(text, 200, "b")))
		j.until(2 * time.Second)
		l.Receive(c, parsed(t, response(req, 487, "b")))
		if err := cancel(); !errors.Is(err, ErrState) {
			t.Errorf("after a final response: got %v, want %v", err, ErrState)
		}
		j.want(t, `
			0s send INVITE
			0s INVITE tu 180
			0s send CANCEL
			500ms send CANCEL
			1s CANCEL tu 200
			2s send ACK
			2s INVITE tu 487`)
		j.until(time.Minute)
		counts(t, l, 0, 0)
	})
	client(t, "OPTIONS", false, nil, func(e *clientTest) {
		e.receive(0, 100, "")
		if err := e.tx.Cancel(e.u); !errors.Is(err, ErrState) {
			t.Errorf("OPTIONS: got %v, want %v", err, ErrState)
		}
	})
}

func TestCancelFindsItsTransaction(t *testing.T) {
	for _, branch := range []string{"z9hG4bKabc", ""} {
		invite := request("INVITE", branch)
		cancel := changed(invite, "INVITE", "CANCEL")
		t.Run(fmt.Sprintf("branch %q", branch), func(t *testing.T) {
			layer(t, nil, func(e *layerTest) {
				e.core.cancel = func(tx, target *Server) {
					e.core.keep(tx)
					if target != e.core.servers[0] {
						e.Error("not the INVITE's transaction")
					}
				}
				e.receive(invite)
				if _, kept := e.receive(cancel); !kept {
					e.Error("the Conn of a CANCEL was not kept")
				}
				e.respond(cancel, 200)
				e.receive(cancel) // repeated: answered by its own transaction
				e.j.want(e.T, `
					0s core INVITE
					0s core CANCEL of INVITE
					0s send 200
					0s send 200`)
				counts(e.T, e.l, 0, 2)
			})
		})
		t.Run(fmt.Sprintf("branch %q, nothing to cancel", branch), func(t *testing.T) {
			layer(t, nil, func(e *layerTest) {
				e.receive(cancel)
				e.j.want(e.T, "0s core CANCEL of nothing")
				e.receive(changed(invite, "pc33.atlanta.example:5066", "pc34.atlanta.example"))
				e.receive(changed(cancel, "CSeq", "CSeq", "pc33.atlanta.example:5066", "pc35.atlanta.example"))
				e.j.want(e.T, "0s core INVITE\n0s core CANCEL of nothing")
			})
		})
		t.Run(fmt.Sprintf("branch %q, another method", branch), func(t *testing.T) {
			layer(t, nil, func(e *layerTest) {
				e.receive(changed(invite, "INVITE", "MESSAGE"))
				e.receive(cancel)
				e.j.want(e.T, "0s core MESSAGE\n0s core CANCEL of MESSAGE")
			})
		})
	}
}
