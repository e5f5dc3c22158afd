package blackbox

import (
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// corpus returns the messages of RFC 4475 and RFC 5118, those that phones send, and our own good and bad ones.
func corpus(t *testing.T) (all [][]byte) {
	t.Helper()
	for _, pattern := range []string{"../testdata/torture/*/*.dat", "../testdata/bench/*.sip", "../fuzz/corpus/*.sip"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		slices.Sort(files)
		for _, file := range files {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, b)
		}
	}
	return all
}

// spice is what a mutant may get in the place of something else.
var spice = []string{"\r\n", "\n", "\r", "\x00", "\"", "<", ">", ";", ",", ":", "@", "\\", "%00", " ", "\t", "\r\n ", "\x7f", "\xff\xfe", "*", "4294967296",
	"-1", "99999999999999999999", "SIP/2.0", "z9hG4bK", "Content-Length: 5\r\n", "l: -1\r\n", "To: <sip:x@y>;tag=1\r\n", "\r\n\r\nINVITE sip:a@10.0.0.1 SIP/2.0\r\n"}

// mutant changes b in one to eight places: octets flipped, cut, doubled, moved from another message, or replaced by spice.
func mutant(r *rand.Rand, all [][]byte) []byte {
	b := slices.Clone(all[r.IntN(len(all))])
	for range 1 + r.IntN(8) {
		if len(b) == 0 {
			break
		}
		i := r.IntN(len(b))
		j := min(i+1+r.IntN(32), len(b))
		switch r.IntN(7) {
		case 0:
			b[i] ^= 1 << r.IntN(8)
		case 1:
			b = slices.Delete(b, i, j)
		case 2:
			b = slices.Insert(b, i, slices.Clone(b[i:j])...)
		case 3:
			b = slices.Replace(b, i, j, []byte(spice[r.IntN(len(spice))])...)
		case 4:
			b = slices.Insert(b, i, []byte(spice[r.IntN(len(spice))])...)
		case 5: // a line of another
			lines := strings.SplitAfter(string(all[r.IntN(len(all))]), "\r\n")
			b = slices.Insert(b, strings.LastIndex(string(b[:i]), "\n")+1, []byte(lines[r.IntN(len(lines))])...)
		case 6:
			b = b[:i]
		}
	}
	return b[:min(len(b), 60_000)]
}

// A hundred thousand messages that somebody damaged, over datagrams and streams: nothing panics, and after each
// hundred a good client is served.
func TestMutants(t *testing.T) {
	const seed = 4475
	all := corpus(t)
	inLab(t, echo(), func(l *lab) {
		r := rand.New(rand.NewPCG(seed, 0))
		udp, err := l.net.Host(evilAddr.Next()).ListenPacket(netip.AddrPortFrom(evilAddr.Next(), 0))
		if err != nil {
			l.Fatal(err)
		}
		defer udp.Close()
		for n := range share(100_000, 10_000) {
			b := mutant(r, all)
			if n%2 == 0 {
				udp.WriteTo(b, toAgent())
			} else {
				conn := l.dial()
				conn.Write(b)
				time.Sleep(3 * time.Millisecond)
				conn.Close()
			}
			if n%100 == 99 {
				l.ping()
			}
		}
		time.Sleep(time.Minute)
	})
}
