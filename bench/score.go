package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// score is how a side did at one message.
type score struct {
	side, id    string
	want, right int
	misses      []string
}

// expected reads the values that are in the message id, one on a line, as they were checked against it.
func expected(id string) ([]string, error) {
	b, err := os.ReadFile(filepath.Join("testdata", strings.ToLower(id)+".txt"))
	if err != nil {
		return nil, err
	}
	return strings.Split(strings.TrimRight(string(b), "\n"), "\n"), nil
}

// newScore compares what a side read with what there is. err is why it read nothing.
func newScore(side, id string, got, want []string, err error) score {
	s := score{side: side, id: id, want: len(want)}
	if err != nil {
		s.misses = append(s.misses, err.Error())
		return s
	}
	read := make(map[string]string)
	for _, line := range got {
		name, value, _ := strings.Cut(line, ": ")
		read[name] = value
	}
	for _, line := range want {
		name, value, _ := strings.Cut(line, ": ")
		has, ok := read[name]
		delete(read, name)
		switch {
		case ok && has == value:
			s.right++
		case ok:
			s.misses = append(s.misses, fmt.Sprintf("%s: got %q, want %q", name, has, value))
		default:
			s.misses = append(s.misses, fmt.Sprintf("%s: got nothing, want %q", name, value))
		}
	}
	for _, line := range got {
		if name, value, _ := strings.Cut(line, ": "); read[name] != "" {
			s.misses = append(s.misses, fmt.Sprintf("%s: got %q, want nothing", name, value))
		}
	}
	return s
}

// scores holds both sides against the expected values of all messages.
func scores(all []message, ours *ringback, theirs *sipgo) ([]score, error) {
	var out []score
	for _, m := range all {
		want, err := expected(m.id)
		if err != nil {
			return nil, err
		}
		err = ours.full(m.bytes)
		out = append(out, newScore("Ringback", m.id, ours.v.lines(), want, err))
		err = theirs.full(m.bytes)
		out = append(out, newScore("sipgo", m.id, theirs.v.lines(), want, err))
	}
	return out, nil
}
