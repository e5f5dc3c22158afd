package main

import (
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/ua"
)

// sample is a line of the exposition format.
type sample struct{ name, labels, value string }

// exposition reads the text that Prometheus reads, naively and strictly, and returns the samples and the type of each name.
func exposition(t *testing.T, text string) (samples []sample, types map[string]string) {
	t.Helper()
	types = make(map[string]string)
	helped := make(map[string]bool)
	var family string // whose samples may stand here
	if !strings.HasSuffix(text, "\n") {
		t.Error("the last line does not end")
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if rest, ok := strings.CutPrefix(line, "# HELP "); ok {
			name, help, _ := strings.Cut(rest, " ")
			if helped[name] || help == "" {
				t.Errorf("%s: help for the second time, or none: %q", name, line)
			}
			helped[name] = true
			continue
		}
		if rest, ok := strings.CutPrefix(line, "# TYPE "); ok {
			name, kind, _ := strings.Cut(rest, " ")
			if types[name] != "" || kind != "gauge" && kind != "counter" || !helped[name] {
				t.Errorf("type for the second time, unknown, or before its help: %q", line)
			}
			types[name], family = kind, name
			continue
		}
		var s sample
		var ok bool
		if s.name, s.value, ok = strings.Cut(line, " "); !ok {
			t.Errorf("not a sample: %q", line)
			continue
		}
		if name, labels, ok := strings.Cut(s.name, "{"); ok {
			s.name, s.labels = name, strings.TrimSuffix(labels, "}")
			key, value, _ := strings.Cut(s.labels, "=")
			if strings.Trim(key, lower) != "" || len(value) < 3 || strings.Trim(value[1:len(value)-1], lower) != "" || value[0] != '"' || value[len(value)-1] != '"' {
				t.Errorf("not a label: %q", line)
			}
		}
		if s.name != family || strings.Trim(s.name, lower) != "" {
			t.Errorf("%q stands among the samples of %s, or is no name", line, family)
		}
		if _, err := strconv.ParseFloat(s.value, 64); err != nil {
			t.Errorf("%q: %v", line, err)
		}
		if slices.ContainsFunc(samples, func(o sample) bool { return o.name == s.name && o.labels == s.labels }) {
			t.Errorf("%q is there twice", line)
		}
		samples = append(samples, s)
	}
	return samples, types
}

const lower = "abcdefghijklmnopqrstuvwxyz_"

// find returns the value of the sample with a name, "" without one.
func find(samples []sample, name string) string {
	for _, s := range samples {
		if s.name == name {
			return s.value
		}
	}
	return ""
}

func TestMetricsOfAServer(t *testing.T) {
	s := serve(t, "-debug", "127.0.0.1:0")
	base := strings.TrimSuffix(s.stderr.line(t, "debug "), "/debug/vars")
	p := newPeer(t, s.udp)
	p.request("OPTIONS", "sip:echo@"+s.udp)
	p.receive()
	body, resp := get(t, base+"/metrics")
	if ct := resp.Header.Get("Content-Type"); ct != "text/plain; version=0.0.4; charset=utf-8" {
		t.Errorf("got Content-Type %q", ct)
	}
	samples, types := exposition(t, body)
	for name, want := range map[string]string{
		"sip_transactions": "1", "sip_server_transactions": "1", "sip_client_transactions": "0", "sip_dialogs": "0", "sip_sockets": "1", "sip_listeners": "1",
		"sip_messages_received_total": "1", "sip_messages_sent_total": "1", "sip_messages_dropped_total": "0", "sip_messages_unsent_total": "0",
	} {
		if got := find(samples, name); got != want {
			t.Errorf("%s: got %q, want %s", name, got, want)
		}
		want := "gauge"
		if strings.HasSuffix(name, "_total") {
			want = "counter"
		}
		if types[name] != want {
			t.Errorf("%s: got type %q, want %s", name, types[name], want)
		}
	}
	if n, err := strconv.Atoi(find(samples, "go_goroutines")); err != nil || n == 0 {
		t.Errorf("go_goroutines: got %d, %v", n, err)
	}
}

// number sets every number in v to one of its own, and returns their names.
func number(v reflect.Value, name string, next *int) map[int]string {
	names := make(map[int]string)
	for i := range v.NumField() {
		f := v.Field(i)
		path := name + "." + v.Type().Field(i).Name
		switch {
		case f.Kind() == reflect.Struct:
			for n, name := range number(f, path, next) {
				names[n] = name
			}
			continue
		case f.CanInt():
			f.SetInt(int64(*next))
		case f.CanUint():
			f.SetUint(uint64(*next))
		}
		names[*next] = path
		*next++
	}
	return names
}

// Whatever is counted anywhere is told: a new field needs a line in more.
func TestMetricsTellEveryNumber(t *testing.T) {
	var st ua.Stats
	next := 1000
	names := number(reflect.ValueOf(&st).Elem(), "Stats", &next)
	text := string(appendMetrics(nil, figures{Stats: st}))
	samples, _ := exposition(t, text)
	told := make(map[string]bool)
	for _, s := range samples {
		if strings.HasPrefix(s.name, "sip_") && s.value != "0" && told[s.value] {
			t.Errorf("%s%s: its value is told by another metric too", s.name, s.labels)
		}
		told[s.value] = true
	}
	// What is the same number twice, or the sum of two.
	same := []string{
		"Stats.Transaction.Clients", "Stats.Transaction.Servers", "Stats.Transport.Connections", "Stats.Transport.Accepted", "Stats.Dialled",
		"Stats.Transport.Dropped", // what is left of it after its reasons
	}
	for n, name := range names {
		if told[strconv.Itoa(n)] == slices.Contains(same, name) {
			t.Errorf("%s: told %t; a new field needs a line in metrics.go", name, told[strconv.Itoa(n)])
		}
	}
}

// Each promised figure is the agent's own number, and not its neighbour's.
func TestPromisedFigures(t *testing.T) {
	st := figures{Stats: ua.Stats{Transactions: 1, Dialogs: 2, Connections: 3}, registrations: 4}
	want := map[string]uint64{"transactions": 1, "dialogs": 2, "connections": 3, "subscriptions": 0, "registrations": 4, "conferences": 0, "legs": 0}
	all := promised(st)
	for _, m := range all {
		if n, ok := want[m.name]; !ok || m.value != n {
			t.Errorf("%s: got %d, want %d, promised %t", m.name, m.value, n, ok)
		}
	}
	if len(all) != len(want) {
		t.Errorf("got %d figures, want %d", len(all), len(want))
	}
}

func TestMetricsAreWhole(t *testing.T) {
	all := []metric{{counter, "a", `by="b"`, "back\\slash\nand line", math.MaxUint64}, {counter, "a", `by="c"`, "", 0}}
	want := "# HELP x_a_total back\\\\slash\\nand line\n# TYPE x_a_total counter\nx_a_total{by=\"b\"} 18446744073709551615\nx_a_total{by=\"c\"} 0\n"
	if got := string(appendFamily(nil, "x_", all)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
