package sdp

import (
	"slices"
	"strings"
	"testing"
)

// FuzzAnswer holds every answer against a reading of the offer by strings.Split, which shares nothing with
// the parser: same media lines in number, kind and protocol, same times; and an answer is itself a
// description that can be answered.
func FuzzAnswer(f *testing.F) {
	f.Add(string(Offer(v4)))
	f.Add(string(offer("m=video 51372 RTP/AVP 31 32", "a=sendonly", "m=audio 49170 RTP/AVP 97 0", "a=rtpmap:97 PCMA/8000")))
	f.Add(string(offer("m=audio 49170/2 RTP/SAVP 0", "c=IN IP4 h", "k=prompt")))
	f.Add("v=0\no=- 1 1 IN IP4 h\ns=-\nt=0 0")
	f.Fuzz(func(t *testing.T, in string) {
		b, err := Answer([]byte(in), v6)
		if err != nil {
			return
		}
		if len(b) > len(in)+4096 {
			t.Errorf("an answer of %d octets to %d", len(b), len(in))
		}
		offered, answered := describe(in), describe(string(b))
		if !slices.Equal(offered, answered) {
			t.Errorf("offered %q, answered %q", offered, answered)
		}
		again, err := Answer(b, v6)
		if err != nil {
			t.Fatalf("the answer %q is refused: %v", b, err)
		}
		if !slices.Equal(describe(string(again)), answered) {
			t.Errorf("answer to the answer differs: %q, %q", again, b)
		}
	})
}

// describe returns the times, and kind and protocol of each medium.
func describe(s string) []string {
	var out []string
	for _, line := range strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
		switch {
		case strings.HasPrefix(line, "t="):
			out = append(out, line)
		case strings.HasPrefix(line, "m="):
			w := strings.Split(line, " ")
			out = append(out, w[0]+" "+w[2])
		}
	}
	return out
}
