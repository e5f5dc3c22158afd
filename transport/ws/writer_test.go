package ws

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

// What is written is what the frames of RFC 6455, Section 5.2 look like, around each change of the length's form.
func TestAppendFrame(t *testing.T) {
	key := Key{0x37, 0xfa, 0x21, 0x3d}
	for _, n := range []int{0, 1, 125, 126, 127, 65535, 65536, 70000} {
		payload := strings.Repeat("0123456789", n/10+1)[:n]
		for _, op := range []Opcode{Text, Binary} {
			want := raw(Client, fin|byte(op), payload)
			if got := AppendFrame([]byte("before"), nil, op, []byte(payload)); string(got) != "before"+want {
				t.Errorf("%d octets: got %.40x, want %.40x behind what was there", n, got, want)
			}
			if got := AppendHeader(nil, op, n); string(got)+payload != want {
				t.Errorf("%d octets: got header %x", n, got)
			}
			part := []byte(payload)
			got := AppendFrame([]byte("before"), &key, op, part[:n/3], nil, part[n/3:n/2], part[n/2:])
			if want := "before" + raw(Server, fin|byte(op), payload); string(got) != want {
				t.Errorf("%d octets masked: got %.40x, want %.40x", n, got, want)
			}
			if string(part) != payload {
				t.Errorf("%d octets: the parts were changed", n)
			}
		}
	}
}

// What one end writes the other end reads.
func TestFramesGoRound(t *testing.T) {
	key := Key{1, 2, 3, 4}
	for _, n := range []int{0, 1, 2, 3, 4, 5, 125, 126, 1000, 65536} {
		payload := bytes.Repeat([]byte("ab"), n/2+1)[:n]
		for role, k := range map[Role]*Key{Server: &key, Client: nil} {
			r := Reader{Role: role}
			e, rest, err := r.Next(AppendFrame(nil, k, Text, payload))
			if err != nil || e.Op != Text || !bytes.Equal(e.Data, payload) || len(rest) != 0 {
				t.Errorf("%d octets for role %d: got %v, %d octets, %d left, %v", n, role, e.Op, len(e.Data), len(rest), err)
			}
		}
	}
}

func TestAppendClose(t *testing.T) {
	long := strings.Repeat("€", 50)
	key := Key{0x37, 0xfa, 0x21, 0x3d}
	tests := []struct {
		name, reason, want string
		code               Code
		key                *Key
	}{
		{"no code", "lost", "\x88\x00", CodeNoStatus, nil},
		{"no code, of a client", "", raw(Server, 0x88, ""), CodeNoStatus, &key},
		{"no reason", "", "\x88\x02\x03\xe8", CodeNormal, nil},
		{"a reason", "bye", "\x88\x05\x03\xe9bye", CodeGoingAway, nil},
		{"masked", "bye", raw(Server, 0x88, "\x03\xf1bye"), CodeTooBig, &key},
		{"a code of an application", "", "\x88\x02\x0f\xa0", 4000, nil},
		{"a reason cut between characters", long, "\x88\x7d\x03\xea" + long[:123], CodeProtocol, nil},
		{"a reason cut before a character", "x" + long, "\x88\x7b\x03\xea" + "x" + long[:120], CodeProtocol, nil},
		{"a reason that just fits", long[:120] + "abc", "\x88\x7d\x03\xea" + long[:120] + "abc", CodeProtocol, nil},
		{"a reason that is not UTF-8", "zo\xeb", "\x88\x05\x03\xeazo?", CodeProtocol, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := AppendClose([]byte("before"), tt.key, tt.code, tt.reason)
			if string(got) != "before"+tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			r := Reader{Role: Client}
			if tt.key != nil {
				r.Role = Server
			}
			if e, _, err := r.Next(got[len("before"):]); err != nil || e.Code != tt.code || !utf8.Valid(e.Data) {
				t.Errorf("read again: got %v %q, %v", e.Code, e.Data, err)
			}
		})
	}
}

// What a peer would refuse is a mistake of ours, and is never sent.
func TestWriterPanics(t *testing.T) {
	for name, f := range map[string]func(){
		"a Ping of 126":         func() { AppendFrame(nil, nil, Ping, make([]byte, 100), make([]byte, 26)) },
		"the header of a Close": func() { AppendHeader(nil, Close, 126) },
		"1004":                  func() { AppendClose(nil, nil, 1004, "") },
		"1006":                  func() { AppendClose(nil, nil, CodeAbnormal, "") },
		"1015":                  func() { AppendClose(nil, nil, 1015, "") },
		"0":                     func() { AppendClose(nil, nil, 0, "") },
		"999":                   func() { AppendClose(nil, nil, 999, "") },
		"5000":                  func() { AppendClose(nil, nil, 5000, "") },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
	AppendFrame(nil, nil, Pong, make([]byte, MaxControl))
}

// Text as a whole, wherever it is cut into parts (RFC 7118, Section 4.2).
func TestOpcodeFor(t *testing.T) {
	for _, s := range []string{"", "INVITE", "zoë", "€€", "a😀b", "zo\xeb", "\xe2\x82", "\xed\xa0\x80", "\xf4\x90\x80\x80"} {
		want := Binary
		if utf8.ValidString(s) {
			want = Text
		}
		for i := range len(s) + 1 {
			for j := i; j <= len(s); j++ {
				if got := OpcodeFor([]byte(s[:i]), []byte(s[i:j]), nil, []byte(s[j:])); got != want {
					t.Errorf("%q cut at %d and %d: got %v, want %v", s, i, j, got, want)
				}
			}
		}
	}
	if got := OpcodeFor(); got != Text {
		t.Errorf("nothing: got %v", got)
	}
}

func TestNames(t *testing.T) {
	for got, want := range map[string]string{
		continuation.String(): "continuation", Text.String(): "text", Binary.String(): "binary", Close.String(): "close",
		Ping.String(): "ping", Pong.String(): "pong", Opcode(11).String(): "opcode 11",
		CodeNormal.String(): "1000 normal closure", CodeGoingAway.String(): "1001 going away", CodeProtocol.String(): "1002 protocol error",
		CodeUnsupported.String(): "1003 unsupported data", CodeNoStatus.String(): "1005 no status received",
		CodeAbnormal.String(): "1006 abnormal closure", CodeInvalidData.String(): "1007 invalid data", CodePolicy.String(): "1008 policy violation",
		CodeTooBig.String(): "1009 message too big", CodeInternal.String(): "1011 internal error", CodeRestart.String(): "1012 service restart",
		CodeTryLater.String(): "1013 try again later", Code(4000).String(): "4000",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
