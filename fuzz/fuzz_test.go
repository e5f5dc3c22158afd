package fuzz_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/fuzz"
)

func FuzzMessage(f *testing.F)   { run(f, fuzz.Message) }
func FuzzIdentity(f *testing.F)  { run(f, fuzz.Identity) }
func FuzzFramer(f *testing.F)    { run(f, fuzz.Framer) }
func FuzzURI(f *testing.F)       { run(f, fuzz.URI) }
func FuzzAddress(f *testing.F)   { run(f, fuzz.Address) }
func FuzzVia(f *testing.F)       { run(f, fuzz.Via) }
func FuzzList(f *testing.F)      { run(f, fuzz.List) }
func FuzzText(f *testing.F)      { run(f, fuzz.Text) }
func FuzzValues(f *testing.F)    { run(f, fuzz.Values) }
func FuzzTyped(f *testing.F)     { run(f, fuzz.Typed) }
func FuzzAuth(f *testing.F)      { run(f, fuzz.Auth) }
func FuzzParts(f *testing.F)     { run(f, fuzz.Parts) }
func FuzzClone(f *testing.F)     { run(f, fuzz.Clone) }
func FuzzBuilder(f *testing.F)   { run(f, fuzz.Builder) }
func FuzzResponse(f *testing.F)  { run(f, fuzz.Response) }
func FuzzWebSocket(f *testing.F) { run(f, fuzz.WebSocket) }
func FuzzDNS(f *testing.F)       { run(f, fuzz.DNS) }
func FuzzSnapshot(f *testing.F)  { run(f, fuzz.Snapshot) }
func FuzzVerify(f *testing.F)    { run(f, fuzz.Verify) }

// run fuzzes an oracle, from the corpus on. The engine changes octets and knows no grammar: so the second argument chooses
// changes that use the words of one. Zero changes nothing.
func run(f *testing.F, oracle fuzz.Oracle) {
	words := dictionary(f)
	for _, in := range corpus(f) {
		f.Add(in, uint32(0))
		f.Add(in, uint32(len(in)))
	}
	f.Fuzz(func(t *testing.T, data []byte, twist uint32) {
		data = twisted(data, twist, words)
		if _, err := oracle(data); err != nil {
			t.Errorf("%v\nthe input is %q", err, data)
		}
	})
}

// corpus returns the messages of the corpus by the names of their files.
func corpus(t testing.TB) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("corpus/*")
	if err != nil || len(names) < 60 {
		t.Fatalf("found %d files: %v", len(names), err)
	}
	all := make(map[string][]byte)
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(name)] = data
	}
	return all
}

// dictionary returns the words of sip.dict.
func dictionary(t testing.TB) [][]byte {
	t.Helper()
	text, err := os.ReadFile("sip.dict")
	if err != nil {
		t.Fatal(err)
	}
	var words [][]byte
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		word, err := strconv.Unquote(line)
		if err != nil {
			t.Fatalf("sip.dict: %s: %v", line, err)
		}
		words = append(words, []byte(word))
	}
	return words
}

// twisted returns data after one to three changes: a word goes in, or in place of something, a line comes twice or goes
// away, a part is cut off or moves.
func twisted(data []byte, twist uint32, words [][]byte) []byte {
	if twist == 0 {
		return data
	}
	r := rand.New(rand.NewPCG(uint64(twist), uint64(len(data))))
	data = bytes.Clone(data)
	for range 1 + r.IntN(3) {
		i := r.IntN(len(data) + 1)
		j := min(len(data), i+1<<r.IntN(6))
		switch r.IntN(7) {
		case 0, 1:
			data = replaced(data, i, i, words[r.IntN(len(words))])
		case 2:
			data = replaced(data, i, j, words[r.IntN(len(words))])
		case 3:
			data = replaced(data, i, j, nil)
		case 4:
			data = data[:i]
		case 5:
			data = replaced(data, i, i, data[i:j])
		default: // a line doubled
			from := bytes.LastIndexByte(data[:i], '\n') + 1
			to := i + bytes.IndexByte(data[i:], '\n') + 1
			data = replaced(data, from, from, data[from:to])
		}
	}
	return data
}

// replaced returns data with b in place of what stands from i to j.
func replaced(data []byte, i, j int, b []byte) []byte {
	return bytes.Join([][]byte{data[:i], b, data[j:]}, nil)
}
