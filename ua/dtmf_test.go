package ua_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// Bodies as phones and gateways write them.
func TestParseDTMF(t *testing.T) {
	const ms = time.Millisecond
	for _, tt := range []struct {
		name, kind, data string
		want             ua.DTMF
	}{
		{"Cisco", "application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", ua.DTMF{Signal: '5', Duration: 160 * ms}},
		{"blanks", "application/dtmf-relay", "Signal= 5\r\nDuration= 250", ua.DTMF{Signal: '5', Duration: 250 * ms}},
		{"LF, other case", "Application/DTMF-Relay", "signal = #\nduration = 100\n", ua.DTMF{Signal: '#', Duration: 100 * ms}},
		{"no duration", "application/dtmf-relay", "Signal=*", ua.DTMF{Signal: '*'}},
		{"the other way round", "application/dtmf-relay", "Duration=90\r\nSignal=0\r\n", ua.DTMF{Signal: '0', Duration: 90 * ms}},
		{"letter", "application/dtmf-relay", "Signal=a\r\nDuration=90\r\n", ua.DTMF{Signal: 'A', Duration: 90 * ms}},
		{"number", "application/dtmf-relay", "Signal=11\r\nDuration=90\r\n", ua.DTMF{Signal: '#', Duration: 90 * ms}},
		{"flash", "application/dtmf-relay", "Signal=16\r\n", ua.DTMF{Signal: '!'}},
		{"more lines, parameter", "application/dtmf-relay;charset=utf-8", "Signal=7\r\nDuration=0\r\nVolume=10\r\n\r\n", ua.DTMF{Signal: '7'}},
		{"plain", "application/dtmf", "9", ua.DTMF{Signal: '9'}},
		{"plain with a line end", "application/dtmf", " 9\r\n", ua.DTMF{Signal: '9'}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ua.ParseDTMF(ua.Body{Type: tt.kind, Data: []byte(tt.data)})
			if err != nil || got != tt.want {
				t.Errorf("got %+v, %v; want %+v", got, err, tt.want)
			}
		})
	}
	for _, b := range []ua.Body{
		{}, {Type: "application/sdp", Data: []byte("Signal=5")}, {Type: "application/dtmf-relay"}, {Type: "application/dtmf-relay", Data: []byte("Signal=")},
		{Type: "application/dtmf-relay", Data: []byte("Signal=17")}, {Type: "application/dtmf-relay", Data: []byte("Signal=x")},
		{Type: "application/dtmf-relay", Data: []byte("Signal=5\nDuration=long")}, {Type: "application/dtmf-relay", Data: []byte("Signal=5\nDuration=4294967296")},
		{Type: "application/dtmf-relay", Data: []byte("Signal=5\nDuration=60001")}, {Type: "application/dtmf-relay", Data: []byte("Duration=5")},
		{Type: "application/dtmf", Data: []byte("")}, {Type: "application/dtmf", Data: []byte("5 6")}, {Type: "dtmf", Data: []byte("5")},
	} {
		if d, err := ua.ParseDTMF(b); !errors.Is(err, ua.ErrDTMF) || d != (ua.DTMF{}) {
			t.Errorf("%q: got %+v, %v", b.Data, d, err)
		}
	}
}

// Every signal survives its body.
func TestDTMFGoesRound(t *testing.T) {
	for _, s := range []byte("0123456789*#ABCD!") {
		for _, d := range []time.Duration{0, 90 * time.Millisecond} {
			want := ua.DTMF{Signal: s, Duration: d}
			got, err := ua.ParseDTMF(want.Body())
			if d == 0 {
				want.Duration = 160 * time.Millisecond
			}
			if err != nil || got != want {
				t.Errorf("got %+v, %v; want %+v", got, err, want)
			}
		}
	}
}

func TestSendDTMF(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		c, _ := p.answeredCall(nil)
		got := make(chan error, 1)
		go func() { got <- c.SendDTMF(context.Background(), ua.DTMF{Signal: '5'}) }()
		m := p.hear("INFO")
		if string(m.Raw(parser.HeaderContentType)) != "application/dtmf-relay" || string(m.Body()) != "Signal=5\r\nDuration=160\r\n" || m.Has(parser.HeaderInfoPackage) {
			t.Errorf("got\n%s", m.Bytes())
		}
		p.reply(m, "200 OK", "")
		if err := <-got; err != nil {
			t.Error(err)
		}
		for _, s := range []byte{0, 'x', 'a', ' ', '\n'} {
			if err := c.SendDTMF(context.Background(), ua.DTMF{Signal: s}); !errors.Is(err, ua.ErrDTMF) {
				t.Errorf("%q: got %v", s, err)
			}
		}
		go c.Hangup(context.Background())
		p.reply(p.hear("BYE"), "200 OK", "")
		<-c.Done()
	})
}

// Whatever octets come, what is read is a signal that exists, and is written as itself.
func FuzzParseDTMF(f *testing.F) {
	for _, s := range []string{"Signal=5\r\nDuration=160\r\n", "Signal= #", "signal=11\nduration=0", "5", "Signal=5\nDuration=99999999999"} {
		f.Add("application/dtmf-relay", []byte(s))
		f.Add("application/dtmf;x=y", []byte(s))
	}
	f.Fuzz(func(t *testing.T, kind string, data []byte) {
		d, err := ua.ParseDTMF(ua.Body{Type: kind, Data: data})
		if err != nil {
			if d != (ua.DTMF{}) || !errors.Is(err, ua.ErrDTMF) {
				t.Errorf("got %+v, %v", d, err)
			}
			return
		}
		if !strings.ContainsRune("0123456789*#ABCD!", rune(d.Signal)) || d.Duration < 0 || d.Duration > time.Minute {
			t.Errorf("got %+v", d)
		}
		again, err := ua.ParseDTMF(d.Body())
		if d.Duration == 0 {
			d.Duration = 160 * time.Millisecond
		}
		if err != nil || again != d {
			t.Errorf("got %+v, %v; want %+v", again, err, d)
		}
	})
}
