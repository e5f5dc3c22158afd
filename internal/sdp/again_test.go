package sdp

import (
	"net/netip"
	"strings"
	"testing"
)

// TestAgainKeepsTheOrigin holds and resumes: the origin stays, its version rises with each change and with nothing else (RFC 3264, Section 8).
func TestAgainKeepsTheOrigin(t *testing.T) {
	offer := "v=0\r\no=a 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0 8\r\n"
	addr := netip.MustParseAddr("127.0.0.1")
	last, err := Answer([]byte(offer), addr)
	if err != nil {
		t.Fatal(err)
	}
	origin := func(b []byte) (id, version string) {
		f := strings.Fields(strings.Split(string(b), "\r\n")[1])
		return f[1], f[2]
	}
	id, _ := origin(last)
	for _, tt := range []struct{ offer, version, media string }{
		{offer + "a=sendonly\r\n", "1", "m=audio 9 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=inactive\r\n"}, // inactive before and after
		{offer + "a=inactive\r\n", "1", "m=audio 9 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=inactive\r\n"},
		{offer + "m=video 4002 RTP/AVP 31\r\n", "2", "m=video 0 RTP/AVP 31\r\n"},
		{offer, "3", "m=audio 9 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=inactive\r\n"},
		{strings.Replace(offer, "0 8", "8", 1), "4", "m=audio 9 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=inactive\r\n"},
	} {
		b, err := Again(last, []byte(tt.offer))
		if err != nil {
			t.Fatal(err)
		}
		again, version := origin(b)
		if again != id || version != tt.version || !strings.HasSuffix(string(b), tt.media) || !strings.Contains(string(b), "c=IN IP4 127.0.0.1\r\n") {
			t.Errorf("to %q:\n%s\nwant session %s, version %s, ending in %q", tt.offer, b, id, tt.version, tt.media)
		}
		if _, err := Answer(b, addr); err != nil {
			t.Errorf("%q cannot be read: %v", b, err)
		}
		last = b
	}
	if _, err := Again(last, []byte("v=1\r\n")); err == nil {
		t.Error("an offer that cannot be read was answered")
	}
	for _, bad := range []string{"", "v=0\r\n", "o=- 1\r\nt=0 0\r\n", "o=- x y z\r\nt=0 0\r\n", "o=x 1 1 IN IP4 h\r\nt=0 0\r\n"} {
		if b, err := Again([]byte(bad), []byte(offer)); err == nil {
			t.Errorf("after %q: %q", bad, b)
		}
	}
}
