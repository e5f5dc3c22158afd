package registration

import (
	"testing"
	"time"
)

func TestTimingDefaults(t *testing.T) {
	want := Timing{5 * time.Minute, 37 * time.Second, 30 * time.Second, 90 * time.Second, 1800 * time.Second, 4 * time.Second, 30 * time.Second}
	if got := (Timing{}).withDefaults(); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := (Timing{Request: -1, Remove: -1, Base: -1, BaseOther: -1, Max: -1, Recover: -1, Proven: -1}).withDefaults(); got != want {
		t.Errorf("negative: got %v, want %v", got, want)
	}
}

// The table of RFC 5626, Section 4.5: "W = min (max-time, (base-time * (2 ^ consecutive-failures)))", and of it 50 to 100 percent.
func TestWaitAfterFailures(t *testing.T) {
	s := func(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }
	timing := Timing{}.withDefaults()
	for _, tt := range []struct {
		name        string
		failures    int
		others      bool
		least, most time.Duration
	}{
		{"first", 1, false, s(30), s(60)},
		{"second", 2, false, s(60), s(120)},
		{"third, as in the RFC's example", 3, false, s(120), s(240)},
		{"fifth", 5, false, s(480), s(960)},
		{"sixth reaches the maximum", 6, false, s(900), s(1800)},
		{"hundredth", 100, false, s(900), s(1800)},
		{"first, another flow stands", 1, true, s(90), s(180)},
		{"fourth, another flow stands", 4, true, s(720), s(1440)},
		{"fifth, another flow stands", 5, true, s(900), s(1800)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			least := timing.retry(tt.failures, Event{Others: tt.others})
			middle := timing.retry(tt.failures, Event{Others: tt.others, Chance: 0.5})
			most := timing.retry(tt.failures, Event{Others: tt.others, Chance: 1})
			if least != tt.least || middle != (tt.least+tt.most)/2 || most != tt.most {
				t.Errorf("got %v, %v, %v, want %v to %v", least, middle, most, tt.least, tt.most)
			}
		})
	}
}

func TestRetryAfterIsObeyed(t *testing.T) {
	timing := Timing{}.withDefaults()
	for _, tt := range []struct {
		after       time.Duration
		least, most time.Duration
	}{
		{0, 30 * time.Second, 60 * time.Second},
		{20 * time.Second, 30 * time.Second, 60 * time.Second},
		{10 * time.Minute, 10 * time.Minute, 11 * time.Minute},
		{1 << 32 * time.Second, time.Hour, 66 * time.Minute},
	} {
		e := Event{After: tt.after, Asked: true}
		least := timing.retry(1, e)
		e.Chance = 1
		if most := timing.retry(1, e); least != tt.least || most != tt.most {
			t.Errorf("Retry-After %v: got %v to %v, want %v to %v", tt.after, least, most, tt.least, tt.most)
		}
	}
}

// A refresh goes out before the binding expires, and not at one moment for all.
func TestRefreshBeforeExpiry(t *testing.T) {
	s := time.Second
	timing := Timing{}.withDefaults()
	for _, tt := range []struct{ granted, least, most time.Duration }{
		{time.Second, 400 * time.Millisecond, 500 * time.Millisecond},
		{5 * s, 2 * s, 2500 * time.Millisecond},
		{60 * s, 24 * s, 30 * s},
		{300 * s, 233 * s, 263 * s},
		{3600 * s, 2880 * s, 3240 * s},
		{1 << 32 * s, 24 * time.Hour * 8 / 10, 24 * time.Hour * 9 / 10},
	} {
		least, most := timing.refresh(tt.granted, 1), timing.refresh(tt.granted, 0)
		if least != tt.least || most != tt.most {
			t.Errorf("granted %v: got %v to %v, want %v to %v", tt.granted, least, most, tt.least, tt.most)
		}
	}
}
