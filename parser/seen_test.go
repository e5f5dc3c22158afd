package parser

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// What Check has read is what the accessors read without it, of every message there is, however often the Message is used.
func TestCheckRemembers(t *testing.T) {
	var files []string
	for _, pattern := range []string{"torture/*/*.dat", "bench/*.sip", "wire/*"} {
		some, err := filepath.Glob(filepath.Join("../testdata", pattern))
		if err != nil || len(some) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(some), err)
		}
		files = append(files, some...)
	}
	values := func(m *Message) (all []any) {
		via, err := m.Via()
		from, fromErr := m.From()
		to, toErr := m.To()
		fromURI, toURI := from.URI(), to.URI()
		uri, uriErr := m.RequestURI()
		cseq, cseqErr := m.CSeq()
		return []any{uri, uriErr, string(uri.Host()), cseq, cseqErr, via, string(via.Received()), err, from, fromErr, to, toErr, string(fromURI.User()), string(toURI.Host()), string(from.Tag())}
	}
	var used Message
	remembered := 0
	for _, file := range files {
		in, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var fresh Message
		fresh.Parse(in)
		used.Parse(in)
		if got, want := values(&used), values(&fresh); !reflect.DeepEqual(got, want) {
			t.Errorf("%s, not checked: got %v, want %v", file, got, want)
		}
		used.Check()
		if used.seen.cseq.name.len > 0 && used.seen.hasURI == used.IsRequest() && used.seen.viaAt.len > 0 && used.seen.from.at.len > 0 && used.seen.to.at.len > 0 {
			remembered++
		}
		if got, want := values(&used), values(&fresh); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", file, got, want)
		}
		fresh.SetReceived([]byte("192.0.2.9"), 1234)
		used.SetReceived([]byte("192.0.2.9"), 1234)
		if got, want := values(used.Clone()), values(fresh.Clone()); !reflect.DeepEqual(got, want) {
			t.Errorf("%s, received: got %v, want %v", file, got, want)
		}
	}
	if remembered < len(files)/2 {
		t.Errorf("%d of %d messages were remembered", remembered, len(files))
	}
}
