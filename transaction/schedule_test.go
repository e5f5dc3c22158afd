package transaction

import (
	"strings"
	"testing"
	"time"
)

// schedule is what is to be seen when a client transaction meets silence, or a server's refusal does.
type schedule struct {
	name     string
	reliable bool
	cfg      *Config
	want     string
}

// silence starts client transactions that nobody answers.
func silence(t *testing.T, method string, tests []schedule) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			client(t, method, tt.reliable, tt.cfg, func(e *clientTest) {
				e.j.until(time.Hour)
				e.j.want(e.T, tt.want)
				counts(e.T, e.l, 0, 0)
			})
		})
	}
}

func TestInviteClientSchedule(t *testing.T) {
	tests := []schedule{
		{"unreliable", false, nil, `
			0s send INVITE
			500ms send INVITE
			1.5s send INVITE
			3.5s send INVITE
			7.5s send INVITE
			15.5s send INVITE
			31.5s send INVITE
			32s tu transaction timed out`},
		{"reliable", true, nil, `
			0s send INVITE
			32s tu transaction timed out`},
		{"unreliable, T1 100ms", false, &Config{T1: 100 * time.Millisecond}, `
			0s send INVITE
			100ms send INVITE
			300ms send INVITE
			700ms send INVITE
			1.5s send INVITE
			3.1s send INVITE
			6.3s send INVITE
			6.4s tu transaction timed out`},
		{"reliable, T1 100ms", true, &Config{T1: 100 * time.Millisecond}, `
			0s send INVITE
			6.4s tu transaction timed out`},
	}
	silence(t, "INVITE", tests)
}

// everyTenth is a request sent every 100 ms before 6.4 s.
func everyTenth() string {
	var b strings.Builder
	for d := time.Duration(0); d < 6400*time.Millisecond; d += 100 * time.Millisecond {
		b.WriteString(d.String() + " send OPTIONS\n")
	}
	return strings.TrimSpace(b.String())
}

func TestNonInviteClientSchedule(t *testing.T) {
	tests := []schedule{
		{"unreliable", false, nil, `
			0s send OPTIONS
			500ms send OPTIONS
			1.5s send OPTIONS
			3.5s send OPTIONS
			7.5s send OPTIONS
			11.5s send OPTIONS
			15.5s send OPTIONS
			19.5s send OPTIONS
			23.5s send OPTIONS
			27.5s send OPTIONS
			31.5s send OPTIONS
			32s tu transaction timed out`},
		{"reliable", true, nil, `
			0s send OPTIONS
			32s tu transaction timed out`},
		{"unreliable, T1 100ms", false, &Config{T1: 100 * time.Millisecond}, `
			0s send OPTIONS
			100ms send OPTIONS
			300ms send OPTIONS
			700ms send OPTIONS
			1.5s send OPTIONS
			3.1s send OPTIONS
			6.3s send OPTIONS
			6.4s tu transaction timed out`},
		{"unreliable, timers E and F at the same instant", false, &Config{T1: 100 * time.Millisecond, T2: 100 * time.Millisecond}, everyTenth() + `
			6.4s tu transaction timed out`},
		{"unreliable, T1 100ms, T2 800ms", false, &Config{T1: 100 * time.Millisecond, T2: 800 * time.Millisecond}, `
			0s send OPTIONS
			100ms send OPTIONS
			300ms send OPTIONS
			700ms send OPTIONS
			1.5s send OPTIONS
			2.3s send OPTIONS
			3.1s send OPTIONS
			3.9s send OPTIONS
			4.7s send OPTIONS
			5.5s send OPTIONS
			6.3s send OPTIONS
			6.4s tu transaction timed out`},
	}
	silence(t, "OPTIONS", tests)
}

func TestInviteClientStopsRetransmissionOnProvisional(t *testing.T) {
	client(t, "INVITE", false, nil, func(e *clientTest) {
		e.receive(time.Second, 100, "")
		e.receive(2*time.Second, 180, "b")
		e.receive(3*time.Second, 180, "b")
		e.j.until(10 * time.Minute)
		counts(e.T, e.l, 1, 0) // the wait is the user's to bound
		e.j.want(e.T, `
			0s send INVITE
			500ms send INVITE
			1s tu 100
			2s tu 180
			3s tu 180`)
	})
}

func TestInviteClientEndsWhenNobodyBoundsTheWait(t *testing.T) {
	client(t, "INVITE", false, &Config{MaxProceeding: 4 * time.Minute}, func(e *clientTest) {
		e.receive(time.Second, 180, "b")
		e.receive(3*time.Minute, 182, "b") // a live peer is waited for
		gone(e.T, e.j, e.l, 7*time.Minute)
		e.j.want(e.T, `
			0s send INVITE
			500ms send INVITE
			1s tu 180
			3m0s tu 182
			7m0s tu transaction timed out`)
	})
}

func TestInviteClientRefreshesBindingOnlyWhenAsked(t *testing.T) {
	client(t, "INVITE", false, &Config{Refresh: 20 * time.Second}, func(e *clientTest) {
		e.receive(time.Second, 180, "b")
		e.receive(50*time.Second, 200, "b")
		e.j.until(70 * time.Second)
		e.j.want(e.T, `
			0s send INVITE
			500ms send INVITE
			1s tu 180
			21s send INVITE
			41s send INVITE
			50s tu 200`)
	})
	client(t, "INVITE", true, &Config{Refresh: 20 * time.Second}, func(e *clientTest) {
		e.receive(time.Second, 180, "b")
		e.j.until(time.Minute)
		e.j.want(e.T, "0s send INVITE\n1s tu 180")
	})
}

func TestNonInviteClientGoesOnAfterProvisional(t *testing.T) {
	client(t, "REGISTER", false, nil, func(e *clientTest) {
		e.receive(time.Second, 100, "")
		e.j.until(time.Minute)
		e.j.want(e.T, `
			0s send REGISTER
			500ms send REGISTER
			1s tu 100
			1.5s send REGISTER
			5.5s send REGISTER
			9.5s send REGISTER
			13.5s send REGISTER
			17.5s send REGISTER
			21.5s send REGISTER
			25.5s send REGISTER
			29.5s send REGISTER
			32s tu transaction timed out`)
	})
}

func TestInviteServerRefusalSchedule(t *testing.T) {
	tests := []schedule{
		{"unreliable", false, nil, `
			0s core INVITE
			0s send 486
			500ms send 486
			1.5s send 486
			3.5s send 486
			7.5s send 486
			11.5s send 486
			15.5s send 486
			19.5s send 486
			23.5s send 486
			27.5s send 486
			31.5s send 486
			32s tu transaction timed out`},
		{"reliable", true, nil, `
			0s core INVITE
			0s send 486
			32s tu transaction timed out`},
		{"unreliable, T1 100ms", false, &Config{T1: 100 * time.Millisecond}, `
			0s core INVITE
			0s send 486
			100ms send 486
			300ms send 486
			700ms send 486
			1.5s send 486
			3.1s send 486
			6.3s send 486
			6.4s tu transaction timed out`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server(t, "INVITE", tt.reliable, tt.cfg, func(e *serverTest) {
				e.respond(0, 486, nil)
				e.j.until(time.Hour)
				e.j.want(e.T, tt.want)
				counts(e.T, e.l, 0, 0)
			})
		})
	}
}

func TestNonInviteServerSchedule(t *testing.T) {
	server(t, "OPTIONS", false, nil, func(e *serverTest) {
		e.again(500 * time.Millisecond) // dropped: nothing was sent
		e.again(3400 * time.Millisecond)
		e.again(7500 * time.Millisecond)
		e.respond(8*time.Second, 100, nil)
		e.respond(9*time.Second, 200, nil)
		if e.core.last(e.T).Request() != nil {
			e.Error("the request was kept after the final response")
		}
		e.again(40 * time.Second)
		gone(e.T, e.j, e.l, 41*time.Second)
		e.j.want(e.T, `
			0s core OPTIONS
			3.5s send 100
			7.5s send 100
			8s send 100
			9s send 200
			40s send 200`)
		e.j.until(42 * time.Second)
		if !e.l.Receive(e.c, parsed(e, e.req)) {
			e.Error("after its end the transaction still absorbs the request")
		}
	})
	server(t, "OPTIONS", false, &Config{T1: 100 * time.Millisecond}, func(e *serverTest) {
		e.j.until(6350 * time.Millisecond)
		e.j.want(e.T, "0s core OPTIONS\n6.3s send 100")
	})
	server(t, "OPTIONS", true, nil, func(e *serverTest) {
		e.j.until(4 * time.Second)
		e.respond(5*time.Second, 200, nil)
		counts(e.T, e.l, 0, 0)
		e.j.want(e.T, "0s core OPTIONS\n3.5s send 100\n5s send 200")
	})
	server(t, "OPTIONS", true, nil, func(e *serverTest) {
		e.respond(time.Second, 100, nil)
		e.again(2 * time.Second)
		e.j.until(6 * time.Second)
		e.j.want(e.T, "0s core OPTIONS\n1s send 100\n2s send 100")
	})
}
