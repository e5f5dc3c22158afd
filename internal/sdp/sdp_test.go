package sdp

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

var (
	v4 = netip.MustParseAddr("192.0.2.1")
	v6 = netip.MustParseAddr("2001:db8::1")
)

// lines joins lines as a description.
func lines(s ...string) []byte { return []byte(strings.Join(s, "\r\n") + "\r\n") }

// offer returns a description with the given lines after a correct session part.
func offer(s ...string) []byte {
	return lines(append([]string{"v=0", "o=alice 2890844526 2890844526 IN IP4 192.0.2.101", "s=-", "c=IN IP4 192.0.2.101", "t=0 0"}, s...)...)
}

func TestOfferNamesTheAddress(t *testing.T) {
	for _, tt := range []struct {
		name string
		addr netip.Addr
		want string
	}{
		{"IPv4", v4, "c=IN IP4 192.0.2.1"},
		{"IPv6", v6, "c=IN IP6 2001:db8::1"},
		{"mapped", netip.MustParseAddr("::ffff:192.0.2.1"), "c=IN IP4 192.0.2.1"},
		{"zone", netip.MustParseAddr("fe80::1%eth0"), "c=IN IP6 fe80::1"},
		{"zero", netip.Addr{}, "c=IN IP4 0.0.0.0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := strings.Split(string(Offer(tt.addr)), "\r\n")
			if got[3] != tt.want {
				t.Errorf("got %q, want %q", got[3], tt.want)
			}
			if !strings.HasPrefix(got[1], "o=- ") || !strings.HasSuffix(got[1], " 1 "+tt.want[2:]) {
				t.Errorf("origin %q does not name %q", got[1], tt.want[2:])
			}
		})
	}
}

// Two offers from one address are two sessions: the origin tells them apart (RFC 4566, Section 5.2).
func TestOfferOriginIsUnique(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		o := strings.Split(string(Offer(v4)), "\r\n")[1]
		if seen[o] {
			t.Fatalf("origin %q twice", o)
		}
		seen[o] = true
	}
}

func TestAnswerMedia(t *testing.T) {
	const inactive = "a=inactive"
	for _, tt := range []struct {
		name  string
		offer []string
		want  []string
	}{
		{"PCMU", []string{"m=audio 49170 RTP/AVP 0"}, []string{"m=audio 9 RTP/AVP 0", "a=rtpmap:0 PCMU/8000", inactive}},
		{"PCMA", []string{"m=audio 49170 RTP/AVP 8"}, []string{"m=audio 9 RTP/AVP 8", "a=rtpmap:8 PCMA/8000", inactive}},
		{"the offer's preference", []string{"m=audio 49170 RTP/AVP 18 8 0"}, []string{"m=audio 9 RTP/AVP 8", "a=rtpmap:8 PCMA/8000", inactive}},
		{"dynamic payload type", []string{"m=audio 49170 RTP/AVP 96 97", "a=rtpmap:96 opus/48000/2", "a=rtpmap:97 pcmu/8000/1"},
			[]string{"m=audio 9 RTP/AVP 97", "a=rtpmap:97 PCMU/8000", inactive}},
		{"PCMU at another rate is another codec", []string{"m=audio 49170 RTP/AVP 97", "a=rtpmap:97 PCMU/16000"}, []string{"m=audio 0 RTP/AVP 97"}},
		{"rtpmap of another stream does not count", []string{"m=audio 1000 RTP/AVP 97", "m=audio 2000 RTP/AVP 98", "a=rtpmap:97 PCMU/8000"},
			[]string{"m=audio 0 RTP/AVP 97", "m=audio 0 RTP/AVP 98"}},
		{"no codec in common", []string{"m=audio 49170 RTP/AVP 18 4"}, []string{"m=audio 0 RTP/AVP 18"}},
		{"withdrawn stream", []string{"m=audio 0 RTP/AVP 0"}, []string{"m=audio 0 RTP/AVP 0"}},
		{"withdrawn stream spelled 00", []string{"m=audio 00 RTP/AVP 0"}, []string{"m=audio 0 RTP/AVP 0"}},
		{"secure profile needs keys", []string{"m=audio 49170 RTP/SAVP 0"}, []string{"m=audio 0 RTP/SAVP 0"}},
		{"several ports", []string{"m=audio 49170/2 RTP/AVP 0"}, []string{"m=audio 0 RTP/AVP 0"}},
		{"video before audio", []string{"m=video 51372 RTP/AVP 31 32", "a=sendonly", "m=audio 49170 RTP/AVP 0", "a=sendonly"},
			[]string{"m=video 0 RTP/AVP 31", "m=audio 9 RTP/AVP 0", "a=rtpmap:0 PCMU/8000", inactive}},
		{"message stream", []string{"m=message 7394 TCP/MSRP *"}, []string{"m=message 0 TCP/MSRP *"}},
		{"no stream at all", nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b, err := Answer(offer(tt.offer...), v4)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Split(strings.TrimSuffix(string(b), "\r\n"), "\r\n")[5:]
			if strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

func TestAnswerRepeatsTheTime(t *testing.T) {
	b, err := Answer(lines("v=0", "o=- 1 1 IN IP4 192.0.2.101", "s=x", "c=IN IP4 192.0.2.101", "t=2873397496 2873404696", "r=604800 3600 0 90000",
		"t=3034423619 3042462419", "m=audio 49170 RTP/AVP 0"), v6)
	if err != nil {
		t.Fatal(err)
	}
	got := string(b[bytes.Index(b, []byte("\r\nc=")):])
	want := "\r\nc=IN IP6 2001:db8::1\r\nt=2873397496 2873404696\r\nt=3034423619 3042462419\r\nm=audio 9 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=inactive\r\n"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAnswerTolerates(t *testing.T) {
	for _, tt := range []struct {
		name  string
		offer []byte
	}{
		{"bare LF", bytes.ReplaceAll(offer("m=audio 49170 RTP/AVP 0"), []byte("\r\n"), []byte("\n"))},
		{"last line without its end", bytes.TrimSuffix(offer("m=audio 49170 RTP/AVP 0"), []byte("\r\n"))},
		{"every line there is", lines("v=0", "o=- 1 1 IN IP6 2001:db8::2", "s= ", "i=x", "u=http://h/", "e=a@h", "e=b@h", "p=+1", "c=IN IP4 h.example",
			"b=AS:1", "b=CT:2", "t=0 0", "r=1 1 0", "z=0 0", "k=prompt", "a=x", "a=y", "m=audio 1 RTP/AVP 0", "i=x", "c=IN IP4 192.0.2.3", "c=IN IP4 192.0.2.4",
			"b=AS:1", "k=prompt", "a=ptime:20", "m=audio 3 RTP/AVP 0")},
		{"connection for each stream only", lines("v=0", "o=- 1 1 IN IP4 h", "s=-", "t=0 0", "m=audio 1 RTP/AVP 0", "c=IN IP4 h", "m=audio 3 RTP/AVP 0", "c=IN IP4 h")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b, err := Answer(tt.offer, v4)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Contains(b, []byte("m=audio 9 RTP/AVP 0\r\n")) {
				t.Errorf("the stream was not accepted: %q", b)
			}
		})
	}
}

func TestAnswerRefuses(t *testing.T) {
	many := func(n int, line string) []string { return strings.Split(strings.Repeat(line+"\n", n-1)+line, "\n") }
	head := []string{"v=0", "o=- 1 1 IN IP4 h", "s=-"}
	for _, tt := range []struct {
		name  string
		offer []byte
		want  Error
	}{
		{"empty", nil, ErrOrder},
		{"no time", lines(head...), ErrOrder},
		{"no time before media", lines(append(head, "c=IN IP4 h", "m=audio 1 RTP/AVP 0")...), ErrOrder},
		{"no time before attributes", lines(append(head, "c=IN IP4 h", "a=x", "t=0 0")...), ErrOrder},
		{"repeat without time", lines(append(head, "r=1 1 0", "t=0 0")...), ErrOrder},
		{"no name", lines("v=0", "o=- 1 1 IN IP4 h", "t=0 0"), ErrOrder},
		{"origin before version", lines("o=- 1 1 IN IP4 h", "v=0", "s=-", "t=0 0"), ErrOrder},
		{"two versions", lines("v=0", "v=0", "o=- 1 1 IN IP4 h", "s=-", "t=0 0"), ErrOrder},
		{"connection after time", lines(append(head, "t=0 0", "c=IN IP4 h")...), ErrOrder},
		{"two connections", offerWith("c=IN IP4 h", "c=IN IP4 h"), ErrOrder},
		{"session line after media", offer("m=audio 1 RTP/AVP 0", "e=a@h"), ErrOrder},
		{"attribute before bandwidth", offer("m=audio 1 RTP/AVP 0", "a=x", "b=AS:1"), ErrOrder},
		{"no connection for the second stream", lines(append(head, "t=0 0", "m=audio 1 RTP/AVP 0", "c=IN IP4 h", "m=audio 3 RTP/AVP 0")...), ErrConnection},
		{"unknown letter", offer("q=1"), ErrType},
		{"upper-case letter", offer("A=1"), ErrType},
		{"empty value", offer("a="), ErrLine},
		{"no equals sign", offer("a x"), ErrLine},
		{"blank line", offer("", "a=x"), ErrLine},
		{"NUL", offer("a=\x00"), ErrLine},
		{"bare CR", offer("a=x\ry"), ErrLine},
		{"bare CR at the end", bytes.TrimSuffix(offer("a=x"), []byte("\n")), ErrLine},
		{"version 1", lines("v=1", "o=- 1 1 IN IP4 h", "s=-", "t=0 0"), ErrVersion},
		{"origin of five fields", lines("v=0", "o=- 1 1 IN IP4", "s=-", "t=0 0"), ErrOrigin},
		{"origin with a word for a number", lines("v=0", "o=- one 1 IN IP4 h", "s=-", "t=0 0"), ErrOrigin},
		{"negative version of the session", lines("v=0", "o=- 1 -1 IN IP4 h", "s=-", "t=0 0"), ErrOrigin},
		{"connection of two fields", lines(append(head, "c=IN IP4", "t=0 0")...), ErrConnection},
		{"connection with a space too many", lines(append(head, "c=IN  IP4 h", "t=0 0")...), ErrConnection},
		{"time of one field", lines(append(head, "t=0")...), ErrTime},
		{"time of three fields", lines(append(head, "t=0 0 0")...), ErrTime},
		{"media without format", offer("m=audio 1 RTP/AVP"), ErrMedia},
		{"media with an empty format", offer("m=audio 1 RTP/AVP 0 "), ErrMedia},
		{"port above 65535", offer("m=audio 65536 RTP/AVP 0"), ErrMedia},
		{"port of a word", offer("m=audio x RTP/AVP 0"), ErrMedia},
		{"port count of a word", offer("m=audio 1/x RTP/AVP 0"), ErrMedia},
		{"protocol with an empty part", offer("m=audio 1 RTP/ 0"), ErrMedia},
		{"too many streams", offer(many(maxMedia+1, "m=audio 1 RTP/AVP 0")...), ErrTooMany},
		{"too many times", lines(append(head, many(maxTimes+1, "t=0 0")...)...), ErrTooMany},
		{"too long", offer("a=" + strings.Repeat("x", maxLength)), ErrTooLong},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b, err := Answer(tt.offer, v4)
			if !errors.Is(err, tt.want) || b != nil {
				t.Errorf("got %q, %v, want %v", b, err, tt.want)
			}
		})
	}
}

// offerWith returns a description with the given lines where the connection belongs.
func offerWith(s ...string) []byte {
	return lines(append(append([]string{"v=0", "o=- 1 1 IN IP4 h", "s=-"}, s...), "t=0 0")...)
}

// The work for an answer grows no faster than the offer does.
func TestAnswerIsNoBiggerThanItsOffer(t *testing.T) {
	b, err := Answer(offer("m=audio 1 RTP/AVP "+strings.Repeat("97 ", 20000)+"97"), v4)
	if err != nil {
		t.Fatal(err)
	}
	if len(b) > 200 {
		t.Errorf("%d octets for one refused stream", len(b))
	}
}

func ExampleAnswer() {
	answer, err := Answer(lines(
		"v=0", "o=alice 1 1 IN IP4 192.0.2.101", "s=-", "c=IN IP4 192.0.2.101", "t=0 0",
		"m=audio 49170 RTP/AVP 18 0", "m=video 51372 RTP/AVP 31"), v4)
	if err != nil {
		fmt.Println(err)
		return
	}
	for line := range strings.Lines(string(answer)) {
		if line[0] == 'm' {
			fmt.Println(strings.TrimSpace(line))
		}
	}
	// Output:
	// m=audio 9 RTP/AVP 0
	// m=video 0 RTP/AVP 31
}

func ExampleOffer() {
	for line := range strings.Lines(string(Offer(v4))) {
		if line[0] != 'o' {
			fmt.Println(strings.TrimSpace(line))
		}
	}
	// Output:
	// v=0
	// s=-
	// c=IN IP4 192.0.2.1
	// t=0 0
	// m=audio 9 RTP/AVP 0 8
	// a=rtpmap:0 PCMU/8000
	// a=rtpmap:8 PCMA/8000
	// a=inactive
}
