package blackbox

import (
	"fmt"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// lengths are the values of Content-Length that stacks fell over. A body of 7 octets follows each.
var lengths = []struct {
	name, lines string
	valid       bool
	large       bool // a number, above every limit
}{
	{name: "negative", lines: "Content-Length: -1"},
	{name: "2 to 31", lines: "Content-Length: 2147483648", large: true},
	{name: "2 to 32 less 1", lines: "Content-Length: 4294967295", large: true},
	{name: "2 to 64", lines: "Content-Length: 18446744073709551616", large: true},
	{name: "20 digits", lines: "Content-Length: 100000000000000000000", large: true},
	{name: "plus", lines: "Content-Length: +7"},
	{name: "hexadecimal", lines: "Content-Length: 0x7"},
	{name: "exponent", lines: "Content-Length: 7e0"},
	{name: "list", lines: "Content-Length: 7, 7"},
	{name: "list of two", lines: "Content-Length: 5, 6"},
	{name: "empty", lines: "Content-Length:"},
	{name: "blank inside", lines: "Content-Length: 0 7"},
	{name: "two equal", lines: "Content-Length: 7\r\nContent-Length: 7"},
	{name: "two different", lines: "Content-Length: 7\r\nContent-Length: 0"},
	{name: "long and compact", lines: "Content-Length: 7\r\nl: 0"},
	{name: "folded value", lines: "Content-Length:\r\n 7", valid: true},
	{name: "leading zeros", lines: "Content-Length: 0007", valid: true},
	{name: "right", lines: "Content-Length: 7", valid: true},
}

// A Content-Length that is none, or contradicts itself, is an error over datagrams, and over streams the end of the connection within
// three seconds: what follows could be anything. Nothing is allocated for what it promises.
func TestContentLengths(t *testing.T) {
	inLab(t, echo(), func(l *lab) {
		heap := func() uint64 {
			var s runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&s)
			return s.HeapAlloc
		}
		before := heap()
		for i, tt := range lengths {
			for _, method := range []string{"OPTIONS", "INVITE", "MESSAGE"} {
				id := fmt.Sprintf("length%d%s", i, method)
				text := request(method, "sip:a@10.0.0.1", netip.AddrPortFrom(evilAddr, 5060), id, "\nabcdefg")
				text = strings.Replace(text, "Content-Length: 7", tt.lines, 1)
				want := []string{"400"}
				if tt.valid {
					want = []string{"200"}
				}
				if got := statuses(l.datagram([]byte(text))); !slices.Equal(got, want) {
					l.Errorf("%s, %s over UDP: answered %v, want %v", tt.name, method, got, want)
				}
				text = strings.Replace(text, "2.0/UDP", "2.0/TCP", 1)
				text = strings.ReplaceAll(text, id, id+"t")
				inner := strings.Replace(request("OPTIONS", "sip:a@10.0.0.1", netip.AddrPortFrom(evilAddr, 5060), id+"in"), "2.0/UDP", "2.0/TCP", 1)
				answers, closed, after := l.stream(4*time.Second, []byte(text), []byte(inner))
				got := statuses(answers)
				switch {
				case tt.valid && (closed || !slices.Equal(got, []string{"200", "200"})):
					l.Errorf("%s, %s over TCP: answered %v, closed %v", tt.name, method, got, closed)
				case !tt.valid && !closed || after > 3*time.Second:
					l.Errorf("%s, %s over TCP: closed %v, after %v", tt.name, method, closed, after)
				case !tt.valid && len(got) > 0 && !slices.Equal(got, []string{"400"}) && !(tt.large && slices.Equal(got, []string{"413"})):
					l.Errorf("%s, %s over TCP: answered %v, want one refusal or nothing", tt.name, method, got)
				}
				time.Sleep(time.Second)
			}
			l.ping()
		}
		if after := heap(); after > before+1<<20 {
			l.Errorf("the heap grew by %d octets, want less than 1 MiB", after-before)
		}
	})
}

// Without Content-Length a datagram ends with its body, and a stream cannot go on (RFC 3261, Section 18.3).
func TestAbsentContentLength(t *testing.T) {
	inLab(t, echo(), func(l *lab) {
		text := strings.Replace(request("MESSAGE", "sip:a@10.0.0.1", netip.AddrPortFrom(evilAddr, 5060), "absent", "\nabcdefg"), "Content-Length: 7\r\n", "", 1)
		if got := statuses(l.datagram([]byte(text))); !slices.Equal(got, []string{"200"}) {
			l.Errorf("over UDP: answered %v, want 200", got)
		}
		text = strings.Replace(strings.ReplaceAll(text, "absent", "absentt"), "2.0/UDP", "2.0/TCP", 1)
		answers, closed, after := l.stream(5*time.Second, []byte(text))
		if got := statuses(answers); !closed || after > 3*time.Second || len(got) > 0 && !slices.Equal(got, []string{"400"}) {
			l.Errorf("over TCP: answered %v, closed %v after %v", got, closed, after)
		}
	})
}
