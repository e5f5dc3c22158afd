package ua

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// DTMF is a key that was pressed, as INFO carries it in a body of application/dtmf-relay, which no RFC describes and nearly every phone
// and gateway writes: "Signal=5" and "Duration=160" on a line each. Tones that belong to the media go with it (RFC 4733).
type DTMF struct {
	Signal   byte          // '0' to '9', '*', '#', 'A' to 'D', or '!' for a flash of the hook
	Duration time.Duration // in whole milliseconds; 0: not told when read, 160 ms when written
}

// dtmfSignals are the signals in the order of their numbers (RFC 4733, Section 3.2), which some write in their place from 10 on.
const dtmfSignals = "0123456789*#ABCD!"

// The types of the bodies.
const (
	dtmfRelay = "application/dtmf-relay"
	dtmfPlain = "application/dtmf" // the signal and nothing else
)

// The duration that is written when none is told, and the longest one that is believed.
const (
	dtmfDuration = 160 * time.Millisecond
	maxDTMF      = time.Minute
)

// ErrDTMF: a body that is no DTMF signal.
var ErrDTMF = errors.New("sip: no DTMF signal")

// Body returns the body of an INFO.
func (d DTMF) Body() Body {
	if d.Duration <= 0 {
		d.Duration = dtmfDuration
	}
	b := append([]byte("Signal="), d.Signal)
	b = append(b, "\r\nDuration="...)
	b = strconv.AppendInt(b, d.Duration.Milliseconds(), 10)
	return Body{Type: dtmfRelay, Data: append(b, "\r\n"...)}
}

// ParseDTMF reads the body of an INFO: of application/dtmf-relay, with blanks wherever they come, and of application/dtmf. Anything else is ErrDTMF.
func ParseDTMF(b Body) (DTMF, error) {
	t, err := parser.ParseMediaType([]byte(b.Type))
	var d DTMF
	switch {
	case err != nil:
		return d, ErrDTMF
	case t.Is(dtmfPlain):
		if d.Signal = dtmfSignal(bytes.TrimSpace(b.Data)); d.Signal == 0 {
			return DTMF{}, ErrDTMF
		}
		return d, nil
	case !t.Is(dtmfRelay):
		return d, ErrDTMF
	}
	for line := range bytes.Lines(b.Data) {
		name, value, _ := bytes.Cut(line, []byte("="))
		value = bytes.TrimSpace(value)
		switch name = bytes.TrimSpace(name); {
		case parser.EqualFold(name, "Signal") && d.Signal == 0:
			if d.Signal = dtmfSignal(value); d.Signal == 0 {
				return DTMF{}, ErrDTMF
			}
		case parser.EqualFold(name, "Duration") && d.Duration == 0:
			ms, err := strconv.ParseUint(string(value), 10, 32)
			if err != nil || time.Duration(ms)*time.Millisecond > maxDTMF {
				return DTMF{}, ErrDTMF
			}
			d.Duration = time.Duration(ms) * time.Millisecond
		}
	}
	if d.Signal == 0 {
		return DTMF{}, ErrDTMF
	}
	return d, nil
}

// dtmfSignal returns the signal that b is, 0 for none.
func dtmfSignal(b []byte) byte {
	if len(b) == 1 {
		c := bytes.ToUpper(b)[0]
		if strings.IndexByte(dtmfSignals, c) >= 0 {
			return c
		}
		return 0
	}
	n, err := strconv.ParseUint(string(b), 10, 8)
	if err != nil || n < 10 || int(n) >= len(dtmfSignals) {
		return 0
	}
	return dtmfSignals[n]
}

// SendDTMF presses a key: an INFO with the body of d. It returns when the peer has accepted it, with the errors of Info, and ErrDTMF for a signal that there is not.
func (c *Call) SendDTMF(ctx context.Context, d DTMF) error {
	if dtmfSignal([]byte{d.Signal}) != d.Signal || d.Signal == 0 {
		return ErrDTMF
	}
	_, err := c.Info(ctx, "", d.Body())
	return err
}
