package stun

import (
	"bytes"
	"encoding/hex"
	"errors"
	"net/netip"
	"strings"
	"testing"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The answers of RFC 5769, Sections 2.2 and 2.3, without their SOFTWARE, MESSAGE-INTEGRITY and FINGERPRINT: the address attributes are as printed there.
func TestResponseOfRFC5769(t *testing.T) {
	id := ID(unhex(t, "b7e7a701bc34d686fa87dfae"))
	for _, tt := range []struct{ octets, want string }{
		{"0101000c2112a442 b7e7a701bc34d686fa87dfae 0020 0008 0001a147 e112a643", "192.0.2.1:32853"},
		{"010100182112a442 b7e7a701bc34d686fa87dfae 0020 0014 0002a147 0113a9faa5d3f179bc25f4b5bed2b9d9", "[2001:db8:1234:5678:11:2233:4455:6677]:32853"},
	} {
		b := unhex(t, tt.octets)
		got, err := Response(b, id)
		if err != nil || got != netip.MustParseAddrPort(tt.want) {
			t.Errorf("got %v, %v, want %s", got, err, tt.want)
		}
		answer, ok := AppendAnswer(nil, AppendRequest(nil, id), netip.MustParseAddrPort(tt.want))
		if !ok || !bytes.Equal(answer, b) {
			t.Errorf("answer %x, want %x", answer, b)
		}
	}
}

func TestAnswer(t *testing.T) {
	from := netip.MustParseAddrPort("192.0.2.1:5060")
	const head = "2112a442 000000000000000000000001"
	tests := []struct {
		name, octets string
		want         string // the answer's first octets; "": none
	}{
		{"request", "00010000" + head, "0101000c" + "2112a442"},
		{"with SOFTWARE, which is optional", "00010008" + head + "80220003 61626300", "0101000c" + "2112a442"},
		{"with USERNAME, which is not", "00010008" + head + "00060003 61626300", "01110010" + "2112a442000000000000000000000001 0009000400000414 000a0002 00060000"},
		{"with three that are not", "0001000c" + head + "00060000 00070000 00080000", "01110010" + "2112a442000000000000000000000001 0009000400000414 000a0004 00060007"},
		{"indication", "00110000" + head, ""},
		{"response", "01010000" + head, ""},
		{"another method", "00030000" + head, ""},
		{"another cookie", "00010000" + "2112a443 000000000000000000000001", ""},
		{"too short", "00010000" + "2112a442 0000000000000000000000", ""},
		{"length that is not there", "00010004" + head, ""},
		{"more than its length", "00010000" + head + "00000000", ""},
		{"SIP", hex.EncodeToString([]byte("OPTIONS sip:a@b SIP/2.0\r\n")), ""},
	}
	for _, tt := range tests {
		b := unhex(t, tt.octets)
		got, ok := AppendAnswer([]byte("kept"), b, from)
		if !bytes.HasPrefix(got, []byte("kept")) || ok != (tt.want != "") || ok && !bytes.HasPrefix(got[4:], unhex(t, tt.want)) || !ok && len(got) != 4 {
			t.Errorf("%s: got %x %v, want %s", tt.name, got, ok, tt.want)
		}
	}
}

func TestResponseRefuses(t *testing.T) {
	id := ID{1}
	answer, _ := AppendAnswer(nil, AppendRequest(nil, id), netip.MustParseAddrPort("192.0.2.1:5060"))
	refusal := appendRefusal(nil, id, []uint16{6})
	for _, tt := range []struct {
		name string
		b    []byte
		id   ID
		want error
	}{
		{"another request's", answer, ID{2}, ErrOther},
		{"a request", AppendRequest(nil, id), id, ErrOther},
		{"an error", refusal, id, ErrRefused},
		{"no address", appendHeader(nil, success, 0, id), id, ErrAddress},
		{"an address of no family", append(append([]byte(nil), answer[:25]...), append([]byte{3}, answer[26:]...)...), id, ErrAddress},
		{"an address of another length", append(append([]byte(nil), answer[:25]...), append([]byte{2}, answer[26:]...)...), id, ErrAddress},
	} {
		if got, err := Response(tt.b, tt.id); !errors.Is(err, tt.want) || got.IsValid() {
			t.Errorf("%s: got %v, %v, want %v", tt.name, got, err, tt.want)
		}
	}
}

// Nobody can use us to send more than a little more than was sent, nor make us read what is not there.
func FuzzAnswer(f *testing.F) {
	f.Add(AppendRequest(nil, ID{1}), uint16(5060))
	f.Add(appendRefusal(nil, ID{1}, []uint16{6}), uint16(1))
	f.Fuzz(func(t *testing.T, b []byte, port uint16) {
		for _, from := range []string{"192.0.2.1", "2001:db8::1"} {
			at := netip.AddrPortFrom(netip.MustParseAddr(from), port)
			answer, ok := AppendAnswer(nil, b, at)
			if !ok {
				if len(answer) != 0 {
					t.Fatal("an answer to what needs none")
				}
				continue
			}
			if !Is(answer) || len(answer) > len(b)+24 {
				t.Fatalf("answer %x to %x", answer, b)
			}
			if again, ok := AppendAnswer(nil, answer, at); ok {
				t.Fatalf("the answer is answered with %x", again)
			}
			got, err := Response(answer, ID(b[8:20]))
			if err == nil && got != at || err != nil && !errors.Is(err, ErrRefused) {
				t.Fatalf("Response = %v, %v, want %v", got, err, at)
			}
		}
	})
}
