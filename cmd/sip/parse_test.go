package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/internal/golden"
)

// message returns lines as they stand on the wire.
func message(lines ...string) string { return strings.Join(lines, "\r\n") + "\r\n\r\n" }

// Messages that the tests of this file read.
var (
	invite = message("INVITE sip:b@h SIP/2.0", "Via: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bK1", "From: <sip:a@h>;tag=x",
		"To: <sip:b@h>", "Call-ID: 1@h", "CSeq: 1 INVITE", "Contact: <sip:a@192.0.2.2>", "Max-Forwards: 70", "Content-Length: 0")
	answer200 = message("SIP/2.0 200 OK", "v: SIP/2.0/UDP [2001:db8::1];branch=z9hG4bK2, SIP/2.0/tcp  a.example : 5062", "f: <sip:a@h>;tag=x",
		"t: \"B\" <sip:b@h>;tag=y", "i: 2@h", "CSeq: 4294967295 OPTIONS", "l: 0")
	quotes = strings.Replace(invite, "To: <sip:b@h>", `To: "Bob <sip:b@h>`, 1)
	noTo   = strings.Replace(invite, "To: <sip:b@h>\r\n", "", 1)
	long   = strings.Replace(invite, "Content-Length: 0", "Content-Length: 10", 1)
)

// files writes files into a folder of the test's own, which becomes the current one.
func files(t *testing.T, content map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range content {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
}

func TestParse(t *testing.T) {
	files(t, map[string]string{
		"a.dat": invite, "b.dat": answer200, "quotes.dat": quotes, "no-to.dat": noTo, "long.dat": long, "empty.dat": "",
		"folder/2.dat": answer200, "folder/10.dat": invite, "folder/sub/1.dat": quotes,
		"stream.dat": "\r\n\r\n" + invite + "\r\n" + answer200 + invite, "stream-bad.dat": invite + quotes, "stream-cut.dat": invite + invite[:40],
		"a.pcap": "\xd4\xc3\xb2\xa1\x02\x00\x04\x00" + invite, "a.gz": "\x1f\x8b\x08\x00",
		"stream-body.dat": invite + long + "0123456789" + answer200, "crlf.dat": "\r\n\r\n",
	})
	if err := os.Symlink("../a.dat", "folder/link.dat"); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll("nothing/either", 0o700); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, args, stdin string
		code              int
	}{
		{"good request", "a.dat", "", exitYes},
		{"good response", "b.dat", "", exitYes},
		{"bad display name", "quotes.dat", "", exitNo},
		{"header absent", "no-to.dat", "", exitNo},
		{"body too short", "long.dat", "", exitNo},
		{"nothing", "empty.dat", "", exitNo},
		{"every file is reported", "quotes.dat a.dat no-to.dat b.dat", "", exitNo},
		{"stdin", "-", invite, exitYes},
		{"folder", "folder", "", exitNo},
		{"stream", "-stream stream.dat", "", exitYes},
		{"stream with a bad message", "-stream stream-bad.dat", "", exitNo},
		{"stream cut off", "-stream stream-cut.dat", "", exitNo},
		{"stream with a body", "-stream stream-body.dat", "", exitYes},
		{"stream without a message", "-stream crlf.dat empty.dat", "", exitNo},
		{"stream of one datagram", "-stream a.dat quotes.dat", "", exitNo},
		{"octets after a datagram", "stream-body.dat stream-bad.dat", "", exitYes},
		{"missing file", "a.dat missing.dat b.dat", "", exitUsage},
		{"flag after a file", "a.dat -stream", "", exitUsage},
		{"missing and bad", "missing.dat quotes.dat", "", exitUsage},
		{"capture", "a.pcap a.gz", "", exitNo},
		{"stream of a capture", "-stream a.pcap", "", exitNo},
		{"empty folder", "a.dat nothing", "", exitUsage},
	}
	var human, machine bytes.Buffer
	for _, tt := range tests {
		for _, out := range []*bytes.Buffer{&human, &machine} {
			args := append([]string{"parse"}, strings.Fields(tt.args)...)
			if out == &machine {
				args = append([]string{"parse", "-json"}, strings.Fields(tt.args)...)
			}
			r := sipWith(t, tt.stdin, args...)
			if r.code != tt.code {
				t.Errorf("%s: %v: got exit status %d, want %d", tt.name, args, r.code, tt.code)
			}
			fmt.Fprintf(out, "# %s: sip %s: %d\n%s", tt.name, strings.Join(args, " "), r.code, r.stdout)
			for l := range strings.Lines(r.stderr) {
				out.WriteString("2> " + l)
			}
			out.WriteString("\n")
		}
	}
	t.Chdir(testFolder)
	golden.Equal(t, "testdata/parse/human.txt", human.Bytes())
	golden.Equal(t, "testdata/parse/json.txt", machine.Bytes())
}

// The contract's own examples, word by word.
func TestParseContract(t *testing.T) {
	files(t, map[string]string{
		"a.dat": message("INVITE sip:b@h SIP/2.0", "Via: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bK1", "From: <sip:a@h>;tag=x", "To: <sip:b@h>", "Call-ID: 1@h", "CSeq: 1 INVITE"),
	})
	const want = `{"file":"a.dat","ok":true,"kind":"request","start_line":"INVITE sip:b@h SIP/2.0","method":"INVITE","request_uri":"sip:b@h","vias":[{"transport":"UDP","host":"192.0.2.2","port":5060,"branch":"z9hG4bK1"}],"from":{"tag":"x"},"to":{"tag":""},"call_id":"1@h","cseq":{"number":1,"method":"INVITE"},"body_length":0}` + "\n"
	if r := sip(t, "parse", "-json", "a.dat"); r.stdout != want || r.code != exitYes {
		t.Errorf("got %d and\n%s, want\n%s", r.code, r.stdout, want)
	}
	if r := sip(t, "parse", "a.dat"); r.stdout != "a.dat: ok request INVITE sip:b@h\n" {
		t.Errorf("got %q", r.stdout)
	}
}

// tortureFolder holds the messages of RFC 4475 and RFC 5118.
const tortureFolder = "../../testdata/torture"

// record is what `sip parse -json` prints.
type record struct {
	File   string
	OK     bool
	Status int
	Error  string
	Line   int
	Column int
	Vias   []struct{ Host string }
	Method string
	CSeq   struct{ Method string }
}

func TestParseTorture(t *testing.T) {
	f, err := os.Open(tortureFolder + "/EXPECT.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.LazyQuotes = '\t', true
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"parse", "-json"}
	for _, row := range rows[1:] {
		args = append(args, tortureFolder+"/"+row[0])
	}
	out := sip(t, args...)
	if out.code != exitNo || out.stderr != "" {
		t.Errorf("got exit status %d and %q on stderr, want %d and nothing", out.code, out.stderr, exitNo)
	}
	lines := strings.Split(strings.TrimSuffix(out.stdout, "\n"), "\n")
	if len(lines) != len(rows)-1 {
		t.Fatalf("got %d lines, want %d", len(lines), len(rows)-1)
	}
	for i, line := range lines {
		name, verdict, gate, handling := rows[i+1][0], rows[i+1][2], rows[i+1][3], rows[i+1][4]
		var got record
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.File != tortureFolder+"/"+name {
			t.Errorf("line %d: got %s, want %s", i, got.File, name)
		}
		if gate == "accept" && !got.OK || gate == "reject" && got.OK {
			t.Errorf("%s: got %+v, want %s", name, got, gate)
		}
		want := 400
		switch {
		case verdict == "drop-response", strings.HasSuffix(handling, "or drop"):
			want = 0
		case strings.HasPrefix(handling, "505"):
			want = 505
		}
		if !got.OK && got.Status != want && !(got.Status == 501 && strings.HasPrefix(handling, "501")) {
			t.Errorf("%s: got status %d, want %d", name, got.Status, want)
		}
	}
	golden.Equal(t, "testdata/parse/torture.json", []byte(out.stdout))
	args[1] = args[0]
	golden.Equal(t, "testdata/parse/torture.txt", []byte(sip(t, args[1:]...).stdout))
}

// A bad message has these members and never more.
func TestParseBadMembers(t *testing.T) {
	r := sipWith(t, quotes, "parse", "-json", "-")
	var members map[string]any
	if err := json.Unmarshal([]byte(r.stdout), &members); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"file", "ok", "error", "status", "line", "column"} {
		if _, ok := members[name]; !ok {
			t.Errorf("%s is missing in %s", name, r.stdout)
		}
		delete(members, name)
	}
	if len(members) > 0 {
		t.Errorf("got %v as well, want nothing else", members)
	}
}

func TestParseLongOutputKeepsItsOrder(t *testing.T) {
	const n = 2000
	content := make(map[string]string)
	args := []string{"parse", "-json"}
	for i := range n {
		name := fmt.Sprintf("%04d.dat", i)
		content[name] = strings.ReplaceAll(invite, "1@h", name)
		args = append(args, name)
	}
	files(t, content)
	r := sip(t, args...)
	if r.code != exitYes {
		t.Fatalf("got exit status %d: %s", r.code, r.stderr)
	}
	i := 0
	for line := range strings.Lines(r.stdout) {
		want := fmt.Sprintf("%04d.dat", i)
		if !strings.Contains(line, `{"file":"`+want+`"`) || !strings.Contains(line, `"call_id":"`+want+`"`) {
			t.Fatalf("line %d: got %s, want %s", i, line, want)
		}
		i++
	}
	if i != n {
		t.Errorf("got %d lines, want %d", i, n)
	}
}

// On a terminal both streams are one: a complaint stands where the file was met.
func TestParseComplainsInItsPlace(t *testing.T) {
	files(t, map[string]string{"a.dat": invite, "b.dat": invite})
	var both recorder
	run(t.Context(), []string{"parse", "a.dat", "missing.dat", "b.dat"}, nil, &both, &both)
	const want = "a.dat: ok request INVITE sip:b@h\nsip parse: missing.dat cannot be read: no such file or directory\nb.dat: ok request INVITE sip:b@h\n2 files read, 0 bad\n"
	if both.String() != want {
		t.Errorf("got\n%s, want\n%s", both.String(), want)
	}
}

// A read of a terminal cannot be interrupted; the user's SIGINT is heard all the same.
func TestParseIsInterruptedWhileItReads(t *testing.T) {
	in, w := io.Pipe()
	defer w.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr recorder
	if code := run(ctx, []string{"parse", "-"}, in, &stdout, &stderr); code != exitUsage {
		t.Errorf("got exit status %d, want %d", code, exitUsage)
	}
	if !strings.Contains(stderr.String(), "interrupted") {
		t.Errorf("got %q, want it to say so", stderr.String())
	}
}

func BenchmarkParseJSON(b *testing.B) {
	files, err := filepath.Glob(tortureFolder + "/rfc*/*.dat")
	if err != nil || len(files) == 0 {
		b.Fatal("no messages", err)
	}
	args := append([]string{"parse", "-json"}, files...)
	b.ReportAllocs()
	for b.Loop() {
		run(b.Context(), args, nil, io.Discard, io.Discard)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(files)), "µs/file")
}
