package parser

import (
	"iter"
	"strings"
	"testing"
)

// valueRow is a header field's value, and what the accessor makes of it.
type valueRow struct {
	name string
	in   string
	want string // as shown, each fold as one space
	out  string // what AppendTo writes; "": as in
	err  Error
}

// testValues holds what get reads against the rows, and reads what AppendTo wrote again. No octet left out at the end
// makes it panic. Without the field it returns ErrAbsent.
func testValues[T interface{ AppendTo([]byte) []byte }](t *testing.T, h Header, get func(*Message) (T, error), show func(T) string, rows []valueRow) {
	t.Helper()
	if _, err := get(mustParse(t, request())); err != ErrAbsent {
		t.Errorf("absent: got %v, want %v", err, ErrAbsent)
	}
	shown := func(v T) string { return string(appendUnfolded(nil, []byte(show(v)))) }
	message := func(value string) *Message { return mustParse(t, request(h.String()+": "+value)) }
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			v, err := get(message(row.in))
			if row.err != 0 {
				if err != row.err {
					t.Errorf("got %v %v, want %v", show(v), err, row.err)
				}
				if err == ErrAbsent {
					t.Error("malformed is not absent")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := shown(v); got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
			out := row.out
			if out == "" {
				out = row.in
			}
			if got := string(v.AppendTo([]byte("x"))); got != "x"+out {
				t.Errorf("AppendTo: got %q, want %q", got, "x"+out)
			}
			again, err := get(message(out))
			if err != nil || shown(again) != row.want {
				t.Errorf("read again: got %q %v, want %q", shown(again), err, row.want)
			}
			for n := range row.in {
				if s := strings.TrimRight(row.in[:n], " \t\r\n"); s != "" {
					_, _ = get(message(s))
				}
			}
		})
	}
}

// first makes an accessor of a walk: the first value, or ErrAbsent.
func first[T any](walk func(*Message) iter.Seq2[T, error]) func(*Message) (T, error) {
	return func(m *Message) (T, error) {
		for v, err := range walk(m) {
			return v, err
		}
		var zero T
		return zero, ErrAbsent
	}
}

// showParams shows parameters: name=value|name, values as received.
func showParams(walk iter.Seq2[[]byte, []byte]) string {
	var s []string
	for name, value := range walk {
		if value == nil {
			s = append(s, string(name))
		} else {
			s = append(s, string(name)+"="+string(value))
		}
	}
	return strings.Join(s, "|")
}

// all shows what a walk yields: values and, in place of a malformed one, "!" and the error.
func all[T any](walk iter.Seq2[T, error], show func(T) string) []string {
	var s []string
	for v, err := range walk {
		if err != nil {
			s = append(s, "!"+err.Error())
		} else {
			s = append(s, show(v))
		}
	}
	return s
}

// A list field without values is there, but has no first one.
func TestOneOfAnEmptyList(t *testing.T) {
	m := mustParse(t, request("Accept-Encoding:", "Accept-Contact: ,"))
	for _, h := range []Header{HeaderAcceptEncoding, HeaderAcceptContact} {
		if _, err := m.Item(h); err != errEmpty {
			t.Errorf("%v: got %v, want %v", h, err, errEmpty)
		}
		if got := all(m.Items(h), showItem); len(got) != 0 {
			t.Errorf("%v: got %q", h, got)
		}
	}
}

// After a malformed value the walk goes on, and it ends when its user wants it to.
func TestEachGoesOn(t *testing.T) {
	m := mustParse(t, request("Accept-Encoding: gzip;q=1, gz@ip, , identity", "Accept-Encoding: *;q=0"))
	got := strings.Join(all(m.Items(HeaderAcceptEncoding), showItem), " ")
	if want := "gzip(q=1) !" + errTrailing.Error() + " identity() *(q=0)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	count := 0
	for range m.Items(HeaderAcceptEncoding) {
		if count++; count == 2 {
			break
		}
	}
	if count != 2 {
		t.Errorf("got %d values, want 2", count)
	}
}
