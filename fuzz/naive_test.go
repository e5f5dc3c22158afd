package fuzz

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The naive parser is judged, too: it says of each torture message what the table says, and where that leaves it open, what
// the parser's own test says.
func TestNaiveReadsTorture(t *testing.T) {
	const folder = "../testdata/torture"
	table, err := os.ReadFile(filepath.Join(folder, "EXPECT.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	lenient := map[string]bool{"4475 3.1.2.12": true, "4475 3.2.1": true}
	lines := strings.Split(strings.TrimSpace(string(table)), "\n")
	for _, l := range lines[1:] {
		c := strings.Split(l, "\t")
		data, err := os.ReadFile(filepath.Join(folder, c[0]))
		if err != nil {
			t.Fatal(err)
		}
		r := read(string(data))
		want := c[3] == "accept" || c[3] == "either" && lenient[c[1]]
		if (r.refused == "") != want {
			t.Errorf("%s: got refused %q, want accepted %v", c[0], r.refused, want)
		}
	}
	if len(lines) < 60 {
		t.Errorf("got %d messages", len(lines)-1)
	}
}

// The names of the corpus are verdicts.
func TestNaiveReadsCorpus(t *testing.T) {
	names, err := filepath.Glob("corpus/*")
	if err != nil {
		t.Fatal(err)
	}
	counts := make(map[string]int)
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		r := read(string(data))
		kind, _, _ := strings.Cut(filepath.Base(name), "-")
		counts[kind]++
		if kind == "good" && r.refused != "" || kind == "bad" && r.refused == "" && !strings.HasPrefix(filepath.Base(name), "bad-multipart") {
			t.Errorf("%s: got refused %q", name, r.refused)
		}
	}
	if counts["good"] < 30 || counts["bad"] < 60 {
		t.Errorf("got %v", counts)
	}
}

// The URIs of RFC 3261, Section 19.1.4, and of RFC 3966, Section 4.
func TestNaiveComparesURIs(t *testing.T) {
	for _, row := range []struct {
		a, b string
		want bool
	}{
		{"sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp", true},
		{"sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5", true},
		{"sip:carol@chicago.com;security=on", "sip:carol@chicago.com;newparam=5", true},
		{"sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off", false},
		{"sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com", "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com", true},
		{"sip:alice@atlanta.com?subject=project%20x&priority=urgent", "sip:alice@atlanta.com?priority=urgent&subject=project%20x", true},
		{"SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP", false},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com:5060", false},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp", false},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp", false},
		{"sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting", false},
		{"sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4", false},
		{"sip:a%3bb@h", "sip:a;b@h", false},
		{"sip:[2001:db8::1]", "sip:[2001:DB8:0::1]", true},
		{"sip:a@h", "sips:a@h", false},
		{"sip:a@h", "sip:a:@h", false},
		{"tel:+1-201-555-0123", "tel:+12015550123", true},
		{"tel:7042;phone-context=x", "tel:7042", false},
		{"tel:7042;phone-context=+1-9", "tel:7042;phone-context=+19", true},
		{"urn:a:B", "URN:a:B", true},
		{"urn:a:B", "urn:a:b", false},
	} {
		a, okA := readURI(row.a)
		b, okB := readURI(row.b)
		if !okA || !okB || equalURI(a, b) != row.want || equalURI(b, a) != row.want {
			t.Errorf("%q and %q: got %v (read %v, %v), want %v", row.a, row.b, equalURI(a, b), okA, okB, row.want)
		}
	}
}
