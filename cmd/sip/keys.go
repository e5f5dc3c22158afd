package main

import (
	"bufio"
	"context"
	"errors"
	"time"

	"github.com/ringback-sip/ringback/internal/sdp"
	"github.com/ringback-sip/ringback/ua"
)

// keysHelp says what the keys do.
const keysHelp = "keys, then Enter: h hold and resume, 0-9 * # A-D DTMF, q hang up"

// keys is what is typed while a call stands.
type keys struct {
	k    *calling
	call *ua.Call
	held bool
	quit chan struct{} // closed when the call is to end
}

// listen reads keys until the end of the input, of the call, or a q. Only the end of stdin ends the goroutine that waits for its next line.
func (k *calling) listen(ctx context.Context, call *ua.Call) *keys {
	ks := &keys{k: k, call: call, quit: make(chan struct{})}
	typed := make(chan string)
	go func() {
		defer close(typed)
		for s := bufio.NewScanner(k.c.stdin); s.Scan(); {
			select {
			case typed <- s.Text():
			case <-call.Done():
				return
			}
		}
	}()
	go ks.obey(ctx, typed)
	return ks
}

// obey does what is typed, one after the other.
func (ks *keys) obey(ctx context.Context, typed <-chan string) {
	for {
		select {
		case line, ok := <-typed:
			if !ok {
				return
			}
			for _, key := range []byte(line) {
				if !ks.press(ctx, key) {
					close(ks.quit)
					return
				}
			}
		case <-ks.call.Done():
			return
		}
	}
}

// press does what one key says. It returns false when the call is to end.
func (ks *keys) press(ctx context.Context, key byte) bool {
	switch key {
	case ' ', '\t', '\r':
	case 'q', 'Q':
		return false
	case 'h', 'H':
		ks.hold(ctx)
	default:
		if 'a' <= key && key <= 'd' {
			key -= 'a' - 'A'
		}
		err := ks.call.SendDTMF(ctx, ua.DTMF{Signal: key})
		if errors.Is(err, ua.ErrDTMF) {
			ks.k.c.errf("%s: there is no such key; %s\n", ks.k.c.name, keysHelp)
			break
		}
		ks.tell(string(key), "key "+string(key), err)
	}
	return true
}

// hold puts the call on hold, or ends that: nothing is sent in either state, so what changes is whether the peer may send (RFC 3264, Section 8.4).
func (ks *keys) hold(ctx context.Context) {
	direction, what := sdp.Inactive, "hold"
	if ks.held {
		direction, what = sdp.RecvOnly, "resume"
	}
	local, _ := ks.call.Session()
	offer, err := sdp.Direct(local.Data, direction)
	if err == nil {
		_, err = ks.call.Reinvite(ctx, ua.Body{Type: sdp.ContentType, Data: offer})
	}
	if err == nil {
		ks.held = !ks.held
	}
	ks.tell("h", what, err)
}

// tell prints what became of a key.
func (ks *keys) tell(key, what string, err error) {
	var refused *ua.ResponseError
	status, said, colour := 200, "accepted", green
	switch {
	case errors.As(err, &refused):
		status, said, colour = int(refused.Status), "refused "+statusLine(refused.Message), red
	case errors.Is(err, ua.ErrState):
		return // the call is over, which is told
	case err != nil:
		status, said, colour = 0, printable(err.Error()), red
	}
	ks.k.tell("key", colour, what+" "+said, func(o *object) {
		o.str("key", key)
		o.str("what", what)
		if status != 0 {
			o.int("status", status)
		} else {
			o.str("error", err.Error())
		}
	})
}

// answer answers the peer's offers: hold, resume, another codec.
func (k *calling) answer(c *ua.Call, offer ua.Body) (ua.Body, error) {
	last, _ := c.Session()
	if offer.IsZero() {
		return last, nil
	}
	body, err := sdp.Again(last.Data, offer.Data)
	if err != nil {
		return ua.Body{}, err
	}
	return ua.Body{Type: sdp.ContentType, Data: body}, nil
}

// until is when the call ends by itself; nil: it does not.
func (k *calling) until() <-chan time.Time {
	if k.keys && !k.timed {
		return nil
	}
	return time.After(k.hold)
}
