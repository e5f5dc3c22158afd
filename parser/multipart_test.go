package parser

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// multipart makes a message with a multipart body.
func multipart(contentType, body string) []byte {
	return append(request("Content-Type: "+contentType), body...)
}

func showPart(p Part) string {
	var s []string
	for f := range p.Fields() {
		s = append(s, string(f.Name)+"="+string(f.Value))
	}
	return strings.Join(s, ",") + "[" + string(p.Body()) + "]"
}

// Where parts start and end (RFC 2046, Section 5.1).
func TestParts(t *testing.T) {
	for _, row := range []struct{ name, contentType, body, want string }{
		{"two", "multipart/mixed;boundary=b", "--b\r\nA: 1\r\nB:2\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n", "A=1,B=2[one] [two]"},
		{"alternative, no line end at the end", "Multipart/Alternative; Boundary=b", "--b\r\n\r\none\r\n--b--", "[one]"},
		{"subtype that nobody knows", "multipart/x;boundary=b", "--b\r\n\r\none\r\n--b--", "[one]"},
		{"preamble and epilogue", "multipart/mixed;boundary=b", "pre\r\n--b\r\n\r\none\r\n--b--\r\nepi\r\n--b\r\n\r\nno\r\n--b--", "[one]"},
		{"quoted boundary", `multipart/mixed;boundary="a b:\"'()+_,-./=?"`, "--a b:\"'()+_,-./=?\r\n\r\none\r\n--a b:\"'()+_,-./=?--", "[one]"},
		{"blanks behind the boundary", "multipart/mixed;boundary=b", "--b \t\r\n\r\none\r\n--b--\t \r\n", "[one]"},
		{"line ends of the part", "multipart/mixed;boundary=b", "--b\r\n\r\n\r\none\r\n\r\n--b--", "[\r\none\r\n]"},
		{"boundary within a line", "multipart/mixed;boundary=b", "--b\r\n\r\nx--b\r\n--bx\r\n --b\r\n--b-x\r\n--b--", "[x--b\r\n--bx\r\n --b\r\n--b-x]"},
		{"lone line feeds", "multipart/mixed;boundary=b", "--b\r\n\r\nx\n--b\ny\r\n--b--", "[x\n--b\ny]"},
		{"binary", "multipart/mixed;boundary=b", "--b\r\nA: 1\r\n\r\n\x00\xff\r\n\r\n--b--", "A=1[\x00\xff\r\n]"},
		{"folded field", "multipart/mixed;boundary=b", "--b\r\nA: 1\r\n 2\r\n\r\none\r\n--b--", "A=1\r\n 2[one]"},
		{"empty part", "multipart/mixed;boundary=b", "--b\r\n\r\n--b\r\n\r\n\r\n--b--", "[] []"},
		{"fields only", "multipart/mixed;boundary=b", "--b\r\nA: 1\r\n\r\n--b--", "A=1[]"},
		{"boundary of 70 octets", "multipart/mixed;boundary=" + strings.Repeat("b", 70), "--" + strings.Repeat("b", 70) + "\r\n\r\none\r\n--" + strings.Repeat("b", 70) + "--", "[one]"},
		{"boundary of 70 escaped octets", `multipart/mixed;boundary="` + strings.Repeat(`\b`, 70) + `"`, "--" + strings.Repeat("b", 70) + "\r\n\r\none\r\n--" + strings.Repeat("b", 70) + "--", "[one]"},

		{"no boundary", "multipart/mixed", "--b\r\n\r\none\r\n--b--", "!malformed boundary"},
		{"empty boundary", `multipart/mixed;boundary=""`, "--\r\n\r\none\r\n----", "!malformed boundary"},
		{"boundary of 71 octets", "multipart/mixed;boundary=" + strings.Repeat("b", 71), "x", "!malformed boundary"},
		{"boundary of 8000 octets", "multipart/mixed;boundary=" + strings.Repeat("b", 8000), "x", "!malformed boundary"},
		{"boundary that ends with a blank", `multipart/mixed;boundary="b "`, "--b \r\n\r\none\r\n--b --", "!malformed boundary"},
		{"control octet in the boundary", "multipart/mixed;boundary=\"b\\\x01\"", "x", "!malformed boundary"},
		{"no delimiter", "multipart/mixed;boundary=b", "x\r\n--c\r\n\r\none\r\n--c--", "!no delimiter starts a body part"},
		{"closed before it starts", "multipart/mixed;boundary=b", "--b--\r\n", "!no delimiter starts a body part"},
		{"never closed", "multipart/mixed;boundary=b", "--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n", "[one] !body part that no delimiter ends"},
		{"cut in the delimiter", "multipart/mixed;boundary=b", "--b\r\n\r\none\r\n--b-", "!body part that no delimiter ends"},
		{"opened at the end", "multipart/mixed;boundary=b", "--b\r\n\r\none\r\n--b", "!body part that no delimiter ends"},
		{"no blank line", "multipart/mixed;boundary=b", "--b\r\none\r\n--b--", "!malformed header field name"},
		{"field without a line end", "multipart/mixed;boundary=b", "--b\r\nA: 1\r\n--b--", "!no blank line ends the header section"},
		{"fold first", "multipart/mixed;boundary=b", "--b\r\n A: 1\r\n\r\n\r\n--b--", "!malformed header field name"},
		{"control octet in a field", "multipart/mixed;boundary=b", "--b\r\nA: \x00\r\n\r\n\r\n--b--", "!control octet"},
		{"long field", "multipart/mixed;boundary=b", "--b\r\nA: " + strings.Repeat("x", MaxLine) + "\r\n\r\n\r\n--b--", "!line of more than 8192 octets"},
		{"long header section", "multipart/mixed;boundary=b", "--b\r\n" + strings.Repeat("A: 1\r\n", MaxHead/6+1) + "\r\n\r\n--b--", "!header section of more than 32768 octets"},
		{"malformed type", "multipart", "x", "!malformed media type"},
	} {
		t.Run(row.name, func(t *testing.T) {
			m := mustParse(t, multipart(row.contentType, row.body))
			if got := strings.Join(all(m.Parts(), showPart), " "); got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
			for range m.Parts() {
				break
			}
			if len(row.body) > 1000 {
				return
			}
			for n := range row.body { // cut anywhere, nothing panics and no part grows
				for p, err := range mustParse(t, multipart(row.contentType, row.body[:n])).Parts() {
					if err == nil && len(p.Body()) > n {
						t.Errorf("cut at %d: got a part of %d octets", n, len(p.Body()))
					}
				}
			}
		})
	}
}

// Any other body is one part with the message's header fields, none is none.
func TestPartsOfOneBody(t *testing.T) {
	m := mustParse(t, multipart("application/sdp", "v=0\r\n"))
	count := 0
	for p, err := range m.Parts() {
		count++
		if err != nil || string(p.Body()) != "v=0\r\n" || string(p.Lookup("call-id")) != "1@192.0.2.1" || string(p.Lookup("c")) != "application/sdp" {
			t.Errorf("got %q %v", showPart(p), err)
		}
		ct, err := p.ContentType()
		if err != nil || !ct.Is("application/sdp") {
			t.Errorf("got %q %v", ct.Raw(), err)
		}
		if got := all(p.Parts(), showPart); len(got) != 0 {
			t.Errorf("parts of it: got %q", got)
		}
	}
	if count != 1 {
		t.Errorf("got %d parts, want 1", count)
	}
	untyped := mustParse(t, append(request(), "x"...))
	if got := all(untyped.Parts(), func(p Part) string { return string(p.Body()) }); len(got) != 1 || got[0] != "x" {
		t.Errorf("without a type: got %q", got)
	}
	if got := all(mustParse(t, request("Content-Type: multipart/mixed;boundary=b")).Parts(), showPart); len(got) != 0 {
		t.Errorf("without a body: got %q", got)
	}
}

// What a part's header fields say about it.
func TestPartFields(t *testing.T) {
	m := mustParse(t, multipart("multipart/mixed;boundary=b", strings.Join([]string{
		"--b", "c: application/sdp", "Content-ID: <1@h>", "", "v=0",
		"--b", "Content-Type: text/plain", "content-disposition: icon;handling=optional", "", "x",
		"--b", "", "x",
		"--b", "Content-Type: text", "Content-Disposition: ;", "", "x",
		"--b--", ""}, "\r\n")))
	want := []string{"application/sdp <nil> session false <nil> <1@h>", "text/plain <nil> icon true <nil> ", " missing render false <nil> ",
		" malformed media type  false malformed token "}
	got := all(m.Parts(), func(p Part) string {
		c, err := p.ContentType()
		d, derr := p.ContentDisposition()
		return fmt.Sprintf("%s %v %s %v %v %s", c.Raw(), err, d.Type, d.Optional, derr, p.Lookup("CONTENT-ID"))
	})
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// RFC 4475, Section 3.1.1.11: text and a signature.
func TestPartsOfTorture(t *testing.T) {
	data, err := os.ReadFile("../testdata/torture/rfc4475/mpart01.dat")
	if err != nil {
		t.Fatal(err)
	}
	m := mustParse(t, data)
	got := all(m.Parts(), func(p Part) string {
		c, _ := p.ContentType()
		return fmt.Sprintf("%s %s %d", c.Raw(), p.Lookup("Content-Transfer-Encoding"), len(p.Body()))
	})
	if want := "text/plain binary 5|application/octet-stream binary 342"; strings.Join(got, "|") != want {
		t.Errorf("got %q, want %q", strings.Join(got, "|"), want)
	}
}

// nested puts parts into parts, depth times.
func nested(depth int) []byte {
	contentType, body := "text/plain", "hello"
	for i := range depth {
		b := fmt.Sprintf("b%d", i)
		body = "--" + b + "\r\nContent-Type: " + contentType + "\r\n\r\n" + body + "\r\n--" + b + "--\r\n"
		contentType = "multipart/mixed;boundary=" + b
	}
	return multipart(contentType, body)
}

// leaves counts the parts without parts, and the errors.
func leaves(p Part) (count, bad int) {
	parts := 0
	for q, err := range p.Parts() {
		parts++
		if err != nil {
			bad++
			continue
		}
		n, k := leaves(q)
		count, bad = count+n, bad+k
	}
	if parts == 0 {
		count++
	}
	return count, bad
}

// Bodies stand in each other 8 deep at most, so that who walks all of them ends.
func TestPartsNesting(t *testing.T) {
	for depth, want := range map[int][2]int{1: {1, 0}, 2: {1, 0}, maxNesting: {1, 0}, maxNesting + 1: {0, 1}, 1000: {0, 1}} {
		count, bad := 0, 0
		for p, err := range mustParse(t, nested(depth)).Parts() {
			if err != nil {
				t.Fatalf("depth %d: %v", depth, err)
			}
			n, k := leaves(p)
			count, bad = count+n, bad+k
		}
		if count != want[0] || bad != want[1] {
			t.Errorf("depth %d: got %d leaves and %d errors, want %d", depth, count, bad, want)
		}
	}
}

// 256 parts and no more; what looks like ten thousand delimiters takes no longer than it is.
func TestPartsBounds(t *testing.T) {
	for n, want := range map[int]int{maxParts: maxParts, maxParts + 1: maxParts, 10000: maxParts} {
		body := strings.Repeat("--b\r\n\r\nx\r\n", n) + "--b--"
		count, bad := 0, error(nil)
		for _, err := range mustParse(t, multipart("multipart/mixed;boundary=b", body)).Parts() {
			if err != nil {
				bad = err
				continue
			}
			count++
		}
		if count != want || (bad == errBodyParts) != (n > maxParts) {
			t.Errorf("%d: got %d parts and %v", n, count, bad)
		}
	}
	piece := map[string]string{
		"almost delimiters": "\r\n--bx", "delimiters of another": "\r\n--c\r\n", "starts of delimiters": "\r\n--", "line ends": "\r\n", "blanks behind one": "\r\n--b    x",
	}
	for name, s := range piece {
		walk := func(n int) time.Duration {
			m := mustParse(t, multipart("multipart/mixed;boundary=b", "--b\r\n\r\n"+strings.Repeat(s, n/len(s))))
			best := time.Hour
			for range 5 {
				start := time.Now()
				if got := all(m.Parts(), showPart); len(got) != 1 || got[0][0] != '!' {
					t.Fatalf("%s: got %.40q", name, got)
				}
				best = min(best, time.Since(start))
			}
			return best
		}
		// Eight times as much takes about eight times as long; a square would take 64 times.
		if one, eight := walk(1<<17), walk(1<<20); eight > 30*one+time.Millisecond {
			t.Errorf("%s: %v for 128 KiB, %v for 1 MiB", name, one, eight)
		}
	}
}
