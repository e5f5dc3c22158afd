package ws

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// The examples of RFC 6455, Section 5.7.
func TestReaderReadsExamplesOfTheRFC(t *testing.T) {
	k := strings.Repeat("x", 256)
	tests := []struct {
		name, in, want string
		role           Role
	}{
		{"unmasked text", "\x81\x05\x48\x65\x6c\x6c\x6f", `text "Hello"`, Client},
		{"masked text", "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", `text "Hello"`, Server},
		{"fragments", "\x01\x03\x48\x65\x6c\x80\x02\x6c\x6f", `text "Hello"`, Client},
		{"Ping", "\x89\x05\x48\x65\x6c\x6c\x6f", `ping "Hello"`, Client},
		{"Pong", "\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", `pong "Hello"`, Server},
		{"256 octets", "\x82\x7e\x01\x00" + k, fmt.Sprintf("binary %q", k), Client},
		{"64 KiB", "\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00" + strings.Repeat(k, 256), fmt.Sprintf("binary %q", strings.Repeat(k, 256)), Client},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := play(t, &Reader{Role: tt.role}, tt.in, whole)
			if want := []string{tt.want}; !slices.Equal(got.events, want) || got.err != nil {
				t.Errorf("got %.100q, %v, want %.100q", got.events, got.err, want)
			}
		})
	}
}

// faultRow is a stream with a fault at its end, what comes before it, and the close code that the fault owes.
type faultRow struct {
	name   string
	role   Role
	in     string
	fault  Error
	code   Code
	events []string
}

var faults = []faultRow{
	{"RSV1", Server, "\xc1\x80", errReserved, 1002, nil},
	{"RSV2", Server, "\xa1\x80", errReserved, 1002, nil},
	{"RSV3", Server, "\x91\x80", errReserved, 1002, nil},
	{"RSV1 on a control frame", Client, "\xc9\x00", errReserved, 1002, nil},
	{"opcode 3", Server, "\x83\x80", errOpcode, 1002, nil},
	{"opcode 7", Client, "\x87\x00", errOpcode, 1002, nil},
	{"opcode 11", Server, "\x8b\x80", errOpcode, 1002, nil},
	{"opcode 15", Client, "\x8f\x00", errOpcode, 1002, nil},
	{"a client without mask", Server, "\x81\x05", errUnmasked, 1002, nil},
	{"a client's Ping without mask", Server, "\x89\x00", errUnmasked, 1002, nil},
	{"a server with mask", Client, "\x81\x85", errMasked, 1002, nil},
	{"125 in 16 bits", Client, "\x82\x7e\x00\x7d", errLength, 1002, nil},
	{"0 in 16 bits", Server, "\x82\xfe\x00\x00", errLength, 1002, nil},
	{"65535 in 64 bits", Client, "\x82\x7f\x00\x00\x00\x00\x00\x00\xff\xff", errLength, 1002, nil},
	{"1 in 64 bits", Server, "\x82\xff\x00\x00\x00\x00\x00\x00\x00\x01", errLength, 1002, nil},
	{"the first bit of 64", Client, "\x82\x7f\x80\x00\x00\x00\x00\x01\x00\x00", errLength, 1002, nil},
	{"a Ping of 126", Server, "\x89\xfe", errControlLong, 1002, nil},
	{"a Pong of 65536", Client, "\x8a\x7f", errControlLong, 1002, nil},
	{"a Close of 126", Client, "\x88\x7e", errControlLong, 1002, nil},
	{"a Ping in fragments", Server, "\x09\x80", errControlFragment, 1002, nil},
	{"a Close in fragments", Client, "\x08\x00", errControlFragment, 1002, nil},
	{"a continuation first", Server, raw(Server, fin, "x"), errNoMessage, 1002, nil},
	{"a continuation behind a message", Client, raw(Client, fin|1, "x") + raw(Client, 0, "x"), errNoMessage, 1002, []string{`text "x"`}},
	{"a text inside a text", Server, raw(Server, 1, "x") + raw(Server, fin|1, "x"), errUnfinished, 1002, nil},
	{"a binary inside a text", Client, raw(Client, 1, "") + raw(Client, 9|fin, "p") + raw(Client, 2, ""), errUnfinished, 1002, []string{`ping "p"`}},
	{"65537 octets", Server, "\x82\xff\x00\x00\x00\x00\x00\x01\x00\x01\x00\x00\x00\x00", errTooBig, 1009, nil},
	{"2 to 63 octets", Client, "\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", errTooBig, 1009, nil},
	{"65537 octets in fragments", Client, raw(Client, 2, strings.Repeat("x", 40000)) + raw(Client, 0, strings.Repeat("x", 25536)) + raw(Client, 0, "") + "\x80\x01", errTooBig, 1009, nil},
	{"a text in Latin 1", Server, raw(Server, fin|1, "zo\xebz"), errUTF8, 1007, nil},
	{"a text that ends early", Client, raw(Client, fin|1, "zo\xc3"), errUTF8, 1007, nil},
	{"a text whose fragments end early", Client, raw(Client, 1, "zo") + raw(Client, 0, "\xf0\x9f") + raw(Client, fin, ""), errUTF8, 1007, nil},
	{"a character that goes wrong in the next fragment", Server, raw(Server, 1, "\xe2\x82") + raw(Server, 10|fin, "") + raw(Server, 0, "x"), errUTF8, 1007, []string{`pong ""`}},
	{"a surrogate", Server, raw(Server, fin|1, "\xed\xa0"), errUTF8, 1007, nil},
	{"a Close of 1", Server, raw(Server, fin|8, "\x03"), errCloseLength, 1002, nil},
	{"a Close with 1005", Client, raw(Client, fin|8, "\x03\xed"), errCloseCode, 1002, nil},
	{"a Close whose reason is Latin 1", Server, raw(Server, fin|8, "\x03\xe8zo\xeb"), errCloseReason, 1007, nil},
	{"a Close whose reason ends early", Client, raw(Client, fin|8, "\x03\xe8zo\xc3"), errCloseReason, 1007, nil},
}

// Every fault of a frame, found with the last octet that it takes and not before, and what it is answered with.
func TestReaderFindsFaults(t *testing.T) {
	for _, tt := range faults {
		t.Run(tt.name, func(t *testing.T) {
			got := play(t, &Reader{Role: tt.role}, tt.in, whole)
			if got.err != tt.fault || !slices.Equal(got.events, tt.events) {
				t.Errorf("got %q, %v, want %q, %v", got.events, got.err, tt.events, tt.fault)
			}
			if got := tt.fault.Code(); got != tt.code {
				t.Errorf("got close code %v, want %v", got, tt.code)
			}
			if !strings.HasPrefix(tt.name, "a continuation") && tt.fault != errUnfinished { // whose whole header is read
				if got := play(t, &Reader{Role: tt.role}, tt.in[:len(tt.in)-1], whole); got.err != nil {
					t.Errorf("got %v an octet early", got.err)
				}
			}
			more := tt.in + raw(tt.role, fin|1, "more")
			if again := play(t, &Reader{Role: tt.role}, more, octetwise); again.err != tt.fault || !slices.Equal(again.events, tt.events) {
				t.Errorf("octet by octet, with more behind it: got %q, %v", again.events, again.err)
			}
		})
	}
}

// Each fault has a row, a text of its own, and a code that may be sent.
func TestFaultsAreAllTested(t *testing.T) {
	texts := make(map[string]bool)
	for e := Error(1); int(e) < len(errorTexts); e++ {
		texts[e.Error()] = true
		if !e.Code().onWire() {
			t.Errorf("%v: close code %v may not be sent", e, e.Code())
		}
		if !slices.ContainsFunc(faults, func(f faultRow) bool { return f.fault == e }) {
			t.Errorf("%v: no row", e)
		}
	}
	if len(texts) != len(errorTexts)-1 || texts[""] {
		t.Errorf("got %d texts for %d faults", len(texts), len(errorTexts)-1)
	}
	if got := Error(0).Error() + Error(255).Error(); got != "no faultno fault" {
		t.Errorf("got %q for no faults", got)
	}
}

// Lengths around those at which their form changes, for both roles, however they are cut into reads.
func TestReaderLengths(t *testing.T) {
	for _, role := range []Role{Server, Client} {
		for _, n := range []int{0, 1, 7, 8, 9, 124, 125, 126, 127, 65535, 65536, 65537} {
			payload := strings.Repeat("0123456789", n/10+1)[:n]
			for _, size := range []func() int{whole, octetwise, func() int { return 1000 }} {
				got := play(t, &Reader{Role: role, MaxMessage: 1 << 17}, raw(role, fin|2, payload)+raw(role, fin|9, ""), size)
				want := []string{fmt.Sprintf("binary %q", payload), `ping ""`}
				if !slices.Equal(got.events, want) || got.err != nil {
					t.Errorf("role %d, %d octets: got %.100q, %v", role, n, got.events, got.err)
				}
				if most := n + 14; got.most > most {
					t.Errorf("role %d, %d octets: held %d", role, n, got.most)
				}
			}
		}
	}
}

// The limit is one for the whole message, and no octet less.
func TestReaderLimit(t *testing.T) {
	for _, limit := range []int{1, 125, 126, 1000, 70000} {
		full := strings.Repeat("x", limit)
		for name, in := range map[string]string{
			"one frame":     raw(Server, fin|2, full),
			"fragments":     raw(Server, 2, full[:limit/2]) + raw(Server, fin|9, "p") + raw(Server, 0, full[limit/2:]) + raw(Server, fin, ""),
			"two in a read": raw(Server, fin|2, full) + raw(Server, fin|2, full),
		} {
			if got := play(t, &Reader{MaxMessage: limit}, in, whole); got.err != nil || len(got.events) == 0 {
				t.Errorf("%d octets in %s: got %d events, %v", limit, name, len(got.events), got.err)
			}
			if got := play(t, &Reader{MaxMessage: limit}, in, octetwise); got.most > limit+130 {
				t.Errorf("%d octets in %s: held %d", limit, name, got.most)
			}
		}
		for name, in := range map[string]string{
			"one frame": raw(Server, fin|2, full+"x"),
			"fragments": raw(Server, 2, full) + raw(Server, fin, "x"),
		} {
			if got := play(t, &Reader{MaxMessage: limit}, in, whole); got.err != errTooBig {
				t.Errorf("%d octets and one more in %s: got %v", limit, name, got.err)
			}
		}
	}
	// A limit that comes down meanwhile is kept too.
	r := Reader{Role: Client}
	_, rest, _ := r.Next([]byte(raw(Client, 2, "0123456789")))
	r.MaxMessage = 5
	if _, _, err := r.Next(append(rest, raw(Client, 0, "")...)); err != nil {
		t.Errorf("an empty fragment: got %v", err)
	}
	if _, _, err := r.Next(append(rest, raw(Client, fin, "x")...)); err != errTooBig {
		t.Errorf("a fragment beyond the new limit: got %v", err)
	}
}

// Fragments, empty ones too, and control frames between them, of the longest kind.
func TestReaderPutsFragmentsTogether(t *testing.T) {
	ping := strings.Repeat("p", MaxControl)
	for _, role := range []Role{Server, Client} {
		in := raw(role, 1, "") + raw(role, 0, "INV") + raw(role, fin|9, ping) + raw(role, 0, "") + raw(role, fin|10, "") +
			raw(role, 0, "ITE \xe2") + raw(role, fin|9, "q") + raw(role, fin|9, "r") + raw(role, 0, "\x82") + raw(role, fin, "\xac") +
			raw(role, fin|2, "\xff") + raw(role, 2, "\xfe") + raw(role, fin, "\xfd") + raw(role, fin|1, "") + raw(role, fin|8, "\x03\xe9bye")
		want := []string{fmt.Sprintf("ping %q", ping), `pong ""`, `ping "q"`, `ping "r"`, `text "INVITE €"`,
			`binary "\xff"`, `binary "\xfe\xfd"`, `text ""`, `close "bye" 1001 going away`}
		for cut := range len(in) {
			first := true
			got := play(t, &Reader{Role: role}, in, func() int {
				if first {
					first = false
					return cut
				}
				return len(in)
			})
			if cut == 0 {
				got = play(t, &Reader{Role: role}, in, octetwise)
			}
			if !slices.Equal(got.events, want) || got.err != nil {
				t.Fatalf("role %d, cut at %d: got %q, %v, want %q", role, cut, got.events, got.err, want)
			}
		}
	}
}

// A text is refused with its first octet that is wrong, however much is to come.
func TestReaderRefusesTextEarly(t *testing.T) {
	r := Reader{Role: Client}
	_, _, err := r.Next([]byte("\x01\x7f\x00\x00\x00\x00\x00\x01\x00\x00good\xff"))
	if err != errUTF8 {
		t.Errorf("got %v", err)
	}
}

// Every close code there can be, in a frame (RFC 6455, Sections 7.4.1 and 7.4.2, and the registry).
func TestCloseCodes(t *testing.T) {
	allowed := map[Code]bool{1000: true, 1001: true, 1002: true, 1003: true, 1007: true, 1008: true, 1009: true, 1010: true, 1011: true,
		1012: true, 1013: true, 1014: true}
	for c := Code(3000); c < 5000; c++ {
		allowed[c] = true
	}
	for c := range math.MaxUint16 + 1 {
		code := Code(c)
		r := Reader{Role: Client}
		e, _, err := r.Next([]byte{0x88, 4, byte(code >> 8), byte(code), 'o', 'k'})
		if allowed[code] {
			if err != nil || e.Op != Close || e.Code != code || string(e.Data) != "ok" {
				t.Errorf("%v: got %v %v %q, %v", code, e.Op, e.Code, e.Data, err)
			}
		} else if err != errCloseCode {
			t.Errorf("%v: got %v", code, err)
		}
	}
}

// After a Close nothing counts, and nothing is kept.
func TestReaderDropsWhatFollowsAClose(t *testing.T) {
	for _, size := range []func() int{whole, octetwise} {
		got := play(t, &Reader{}, raw(Server, 2, "half")+raw(Server, fin|8, "")+raw(Server, fin|2, "x")+"\xff\xff", size)
		if want := []string{`close "" 1005 no status received`}; !slices.Equal(got.events, want) || got.err != nil || got.most > 14 {
			t.Errorf("got %q, %v, %d octets held, want %q", got.events, got.err, got.most, want)
		}
	}
}

// Pending tells a connection at rest from one whose message is half read, where nothing of it is in the buffer too.
func TestReaderPending(t *testing.T) {
	r := Reader{Role: Client}
	steps := []struct {
		in   string
		want bool
	}{{"\x89\x00", false}, {"\x01\x00", true}, {"\x89\x00", true}, {"\x00", true}, {"\x00", true}, {"\x80\x00", false}, {"\x82\x01", true}, {"x", false}}
	var in []byte
	for i, s := range steps {
		in = append(in, s.in...)
		for {
			e, rest, err := r.Next(in)
			if err != nil {
				t.Fatal(err)
			}
			if in = rest; e.Op == 0 {
				break
			}
		}
		if got := r.Pending(); got != s.want {
			t.Errorf("step %d: got %v, want %v", i, got, s.want)
		}
	}
}

// A message in one frame is never moved, and its fragments only to where the message ends: the work is that of its length.
func TestReaderMovesLittle(t *testing.T) {
	var r Reader
	buf := make([]byte, 0, 1<<17)
	stream := raw(Server, 2, strings.Repeat("x", 60000)) + strings.Repeat(raw(Server, 0, "y"), 5000)
	buf = append(buf, stream[:20]...)
	_, rest, _ := r.Next(buf)
	start := &rest[0]
	for _, c := range []byte(stream[20:]) {
		e, next, err := r.Next(append(rest, c))
		if rest = next; err != nil || e.Op != 0 || &rest[0] != start {
			t.Fatalf("got %v, %v with %d octets", e.Op, err, len(rest))
		}
	}
	if len(rest) != 65000 {
		t.Errorf("got %d octets", len(rest))
	}
	alone := []byte(raw(Client, fin|2, "message"))
	r = Reader{Role: Client}
	if e, _, err := r.Next(alone); err != nil || &e.Data[0] != &alone[2] {
		t.Errorf("a message in one frame was moved: %q, %v", alone, err)
	}
}
