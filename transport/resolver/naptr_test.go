package resolver

import (
	"strings"
	"testing"
)

// wireName writes a name without compression.
func wireName(name string) string {
	var b strings.Builder
	for label := range strings.SplitSeq(name, ".") {
		if label != "" {
			b.WriteString(wireText(label))
		}
	}
	return b.String() + "\x00"
}

func wireText(s string) string { return string([]byte{byte(len(s))}) + s }

func TestReadNAPTR(t *testing.T) {
	head := "\x00\x32\x00\x64" + wireText("s") + wireText("SIP+D2U") + wireText("")
	long := strings.Repeat(wireText(strings.Repeat("x", 63)), 3)
	tests := []struct {
		name, data string
		want       NAPTR
		ok         bool
	}{
		{"good", head + wireName("_sip._udp.example.com"), NAPTR{50, 100, "s", "SIP+D2U", "", "_sip._udp.example.com"}, true},
		{"the root", head + "\x00", NAPTR{50, 100, "s", "SIP+D2U", "", ""}, true},
		{"all strings empty", "\x00\x00\x00\x00\x00\x00\x00\x00", NAPTR{}, true},
		{"a pointer", head + "\xc0\x0c", NAPTR{}, false}, // RFC 3403, Section 4.1: the name is not compressed
		{"a pointer behind a label", head + wireText("_sip") + "\xc0\x0c", NAPTR{}, false},
		{"the longest name", head + long + wireText(strings.Repeat("y", 61)) + "\x00",
			NAPTR{50, 100, "s", "SIP+D2U", "", strings.Repeat(strings.Repeat("x", 63)+".", 3) + strings.Repeat("y", 61)}, true},
		{"a longer name", head + long + wireText(strings.Repeat("y", 62)) + "\x00", NAPTR{}, false},
		{"a label of 64", head + "\x40" + strings.Repeat("x", 64) + "\x00", NAPTR{}, false},
		{"a dot in a label", head + wireText("a.b") + "\x00", NAPTR{}, false},
		{"a name without its end", head + wireText("a"), NAPTR{}, false},
		{"a label without its end", head + "\x05a\x00", NAPTR{}, false},
		{"more behind the name", head + wireName("a") + "\x00", NAPTR{}, false},
		{"no name", head, NAPTR{}, false},
		{"a string without its end", "\x00\x00\x00\x00\x05ab", NAPTR{}, false},
		{"no strings", "\x00\x00\x00\x00", NAPTR{}, false},
		{"half a number", "\x00\x00\x00", NAPTR{}, false},
		{"nothing", "", NAPTR{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readNAPTR([]byte(tt.data))
			if got != tt.want || (err == nil) != tt.ok {
				t.Errorf("got %+v, %v, want %+v, good: %v", got, err, tt.want, tt.ok)
			}
		})
	}
}

func TestOffersTLS(t *testing.T) {
	for service, want := range map[string]bool{"SIPS+D2T": true, "sips+d2w": true, "SIP+D2T": false, "SIPS": false, "": false} {
		if got := offersTLS([]NAPTR{{Service: "E2U+sip"}, {Service: service}}); got != want {
			t.Errorf("%q: got %v, want %v", service, got, want)
		}
	}
}
