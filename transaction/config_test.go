package transaction

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

func TestTimerValues(t *testing.T) {
	ms := time.Millisecond
	tests := []struct {
		name string
		cfg  Config
		m    machine
		t    timers
		want time.Duration
	}{
		{"A", Config{}, inviteClient, timerA, 500 * ms},
		{"B", Config{}, inviteClient, timerB, 32000 * ms},
		{"B scales with T1", Config{T1: 100 * ms}, inviteClient, timerB, 6400 * ms},
		{"D is absolute below", Config{T1: 100 * ms}, inviteClient, timerD, 32000 * ms},
		{"D scales above", Config{T1: 1000 * ms}, inviteClient, timerD, 64000 * ms},
		{"E", Config{T1: 100 * ms}, nonInviteClient, timerE, 100 * ms},
		{"I is T4", Config{T4: 7000 * ms}, inviteServer, timerI, 7000 * ms},
		{"K is T4", Config{}, nonInviteClient, timerK, 5000 * ms},
		{"guard of an INVITE is fixed", Config{T1: 100 * ms}, inviteServer, timerGuard, 200 * ms},
		{"guard of another request", Config{}, nonInviteServer, timerGuard, 3500 * ms},
		{"guard with T1 100ms: 100 200 400 800 1600 3200, then T2", Config{T1: 100 * ms}, nonInviteServer, timerGuard, 6300 * ms},
		{"guard with T1 above T2", Config{T1: 5000 * ms}, nonInviteServer, timerGuard, 0},
		{"refresh is off", Config{}, inviteClient, timerRefresh, 0},
		{"negative is the default", Config{T1: -1}, inviteClient, timerA, 500 * ms},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := tt.cfg.withDefaults()
			if got := cfg.duration(tt.m, tt.t); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestStatusOfErrors(t *testing.T) {
	tests := []struct {
		err  error
		want parser.Status
	}{
		{ErrTimeout, parser.StatusRequestTimeout},
		{fmt.Errorf("invite: %w", ErrTimeout), parser.StatusRequestTimeout},
		{errors.New("connection refused"), parser.StatusServiceUnavailable},
	}
	for _, tt := range tests {
		if got := Status(tt.err); got != tt.want {
			t.Errorf("%v: got %d, want %d", tt.err, got, tt.want)
		}
	}
}
