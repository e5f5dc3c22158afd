package dialog

import (
	"slices"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// A proxy may fork an INVITE to many phones, each of which makes a dialog. maxEarly bounds what 1xx responses with invented
// tags can cost; the rest up to maxDialogs is for 2xx responses, each of which has to be acknowledged.
const (
	maxEarly   = 64
	maxDialogs = 2 * maxEarly
)

// Answer is which 2xx of an INVITE a response is: see [Set.Success]. The zero Answer is none.
type Answer uint8

const (
	// First is the first 2xx: its dialog wins the call.
	First Answer = iota + 1
	// Again is the repetition of a 2xx: the ACK that was sent for its dialog is sent once more.
	Again
	// Fork is the 2xx of another phone: it is acknowledged, and its dialog is ended by BYE.
	Fork
)

// String returns the name of the session's event.
func (a Answer) String() string {
	switch a {
	case First:
		return EventSuccess.String()
	case Again:
		return EventSuccessAgain.String()
	case Fork:
		return EventSuccessFork.String()
	}
	return "?"
}

// Set is what a caller holds for one INVITE: the request and the dialogs that its responses make (RFC 3261, Section 13.2.2).
// A retry of the INVITE has a Set of its own. It lives beside the [Session] and, when a 2xx came, 64*T1 longer than that 2xx,
// to answer its repeats and those of other phones. Use [NewSet]. Not safe for concurrent use.
type Set struct {
	invite   *parser.Message
	patience time.Duration
	dialogs  []*Dialog
	won      *Dialog
	complete time.Time // 64*T1 after the first 2xx; zero before it and after Expire
}

// NewSet returns the Set of invite, the request as it was sent, which it keeps.
func NewSet(invite *parser.Message, t Timing) *Set {
	return &Set{invite: invite, patience: t.withDefaults().patience()}
}

// Invite returns the INVITE.
func (s *Set) Invite() *parser.Message { return s.invite }

// Won returns the dialog of the first 2xx, nil before it.
func (s *Set) Won() *Dialog { return s.won }

// Dialogs returns the dialogs in the order in which they were made. It is read only and valid until the next call.
func (s *Set) Dialogs() []*Dialog { return s.dialogs }

// Provisional returns the dialog of resp, a 1xx: a new early dialog for a new tag, else the one that is there, unchanged; nil
// without an error for a 100 or a 1xx without a tag, which make none (RFC 3261, Sections 12.1 and 13.2.2.1). After an error the
// response is still progress, but has no dialog.
func (s *Set) Provisional(resp *parser.Message) (*Dialog, error) {
	to, err := resp.To()
	if err != nil {
		return nil, err
	}
	if resp.Status() <= parser.StatusTrying || len(to.Tag()) == 0 {
		return nil, nil
	}
	if d := s.find(to.Tag()); d != nil {
		return d, nil
	}
	if len(s.dialogs) >= maxEarly {
		return nil, ErrTooMany
	}
	return s.add(resp)
}

// Success takes resp, a 2xx, received now, and returns its dialog and which 2xx it is. It confirms an early dialog
// of the same tag or makes a new, confirmed one (RFC 3261, Section 13.2.2.4). Each is to be acknowledged: see [Set.WriteAck].
// After an error the response is to be dropped as if it was lost; the peer repeats it and in the end gives up.
func (s *Set) Success(resp *parser.Message, now time.Time) (*Dialog, Answer, error) {
	to, err := resp.To()
	if err != nil {
		return nil, 0, err
	}
	d := s.find(to.Tag())
	switch {
	case d == nil && len(s.dialogs) >= maxDialogs:
		return nil, 0, ErrTooMany
	case d == nil:
		d, err = s.add(resp)
	case d.confirmed:
		return d, Again, nil
	default:
		err = d.Confirm(resp)
	}
	if err != nil {
		return nil, 0, err
	}
	if s.won != nil {
		return d, Fork, nil
	}
	s.won = d
	s.complete = now.Add(s.patience)
	return d, First, nil
}

// WriteAck writes the ACK to the 2xx of d, one of the Set's dialogs, up to and including the credentials of the INVITE, which
// are repeated because nobody can challenge an ACK (RFC 3261, Section 13.2.2.4). A body may follow. The finished ACK is kept by
// the caller and sent again, unchanged, for each repetition of the 2xx.
func (s *Set) WriteAck(b *parser.Builder, d *Dialog, via Via) {
	d.Write(b, parser.MethodAck, d.invite, via)
	for f := range s.invite.Fields() {
		switch f.Header {
		case parser.HeaderAuthorization, parser.HeaderProxyAuthorization:
			b.HeaderBytes(f.Header, f.Value)
		}
	}
}

// Drop forgets d, an early dialog that its peer has left. A later response with its tag makes a new one.
func (s *Set) Drop(d *Dialog) {
	s.dialogs = slices.DeleteFunc(s.dialogs, func(e *Dialog) bool { return e == d })
}

// EndEarly forgets the early dialogs and returns them: when the INVITE fails, times out or is dropped (RFC 3261, Sections
// 12.3 and 13.2.2.3).
func (s *Set) EndEarly() []*Dialog {
	var ended []*Dialog
	s.dialogs = slices.DeleteFunc(s.dialogs, func(d *Dialog) bool {
		if !d.confirmed {
			ended = append(ended, d)
		}
		return !d.confirmed
	})
	return ended
}

// Next returns the time at which Expire is to be called, 64*T1 after the first 2xx; the zero time when there is none to wait for.
func (s *Set) Next() time.Time { return s.complete }

// Expire completes the INVITE when the time that Next told has come: it reports true, and returns the early dialogs, which
// end then. No more 2xx responses are expected, and the Set can be let go (RFC 3261, Section 13.2.2.4).
func (s *Set) Expire(now time.Time) ([]*Dialog, bool) {
	if !due(s.complete, now) {
		return nil, false
	}
	s.complete = time.Time{}
	return s.EndEarly(), true
}

// find returns the dialog with a remote tag.
func (s *Set) find(tag []byte) *Dialog {
	for _, d := range s.dialogs {
		if parser.EqualFold(tag, d.id.RemoteTag) {
			return d
		}
	}
	return nil
}

// add makes the dialog of resp.
func (s *Set) add(resp *parser.Message) (*Dialog, error) {
	d, err := NewClient(s.invite, resp)
	if err != nil {
		return nil, err
	}
	s.dialogs = append(s.dialogs, d)
	return d, nil
}
