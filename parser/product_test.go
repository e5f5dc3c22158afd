package parser

import (
	"fmt"
	"strings"
	"testing"
)

func showProduct(p Product) string { return fmt.Sprintf("%s|%s|%s", p.Name, p.Version, p.Comment) }

// Products and comments; comments nest and hold quoted pairs (RFC 3261, Section 25.1).
func TestProducts(t *testing.T) {
	for _, row := range []struct{ name, in, want string }{
		{"one", "Softphone", "Softphone||"},
		{"version", "Softphone/Beta1.5", "Softphone|Beta1.5|"},
		{"blanks round the slash", "Softphone /\r\n Beta1.5 x", "Softphone|Beta1.5| x||"},
		{"comments", `a/1 (curses, (nested) \) \( ) b`, `a|1| ||(curses, (nested) \) \( ) b||`},
		{"comment first", "(only)", "||(only)"},
		{"comma", "a, b", "!malformed product"},
		{"empty", "", ""},
		{"no version", "a/ (x)", "!malformed product"},
		{"slash first", "/1", "!malformed product"},
		{"open comment", "a (b (c)", "a|| !unterminated comment"},
		{"no blank", "a/1(b)", "!malformed product"},
		{"two versions", "a/1/2", "!malformed product"},
		{"quoted", `"Example Phone" 2.3`, "!malformed product"},
	} {
		for _, h := range []Header{HeaderUserAgent, HeaderServer} {
			m := mustParse(t, request(h.String()+": "+row.in))
			if got := strings.Join(all(m.Products(h), showProduct), " "); got != row.want {
				t.Errorf("%s: got %q, want %q", row.name, got, row.want)
			}
			if got, want := string(m.Raw(h)), row.in; got != want {
				t.Errorf("%s: got raw %q, want %q", row.name, got, want)
			}
			var out []string
			for p, err := range m.Products(h) {
				if err != nil {
					out = nil
					break
				}
				out = append(out, string(p.AppendTo(nil)))
			}
			if out == nil {
				continue
			}
			again := mustParse(t, request(h.String()+": "+strings.Join(out, " ")))
			if got := strings.Join(all(again.Products(h), showProduct), " "); got != row.want {
				t.Errorf("%s written and read: got %q, want %q", row.name, got, row.want)
			}
		}
	}
	for range mustParse(t, request()).Products(HeaderServer) {
		t.Error("absent: got a product")
	}
}

func TestProductAppendTo(t *testing.T) {
	for _, row := range []struct {
		p    Product
		want string
	}{
		{Product{Name: []byte("a"), Version: []byte("1")}, "a/1"},
		{Product{Name: []byte("a")}, "a"},
		{Product{Comment: []byte("(x)")}, "(x)"},
		{Product{Comment: []byte("x")}, "(x)"},
		{Product{Comment: []byte(`a (b) \`)}, `(a \(b\) \\)`},
		{Product{Comment: []byte("(a) (b)")}, `(\(a\) \(b\))`},
		{Product{Comment: []byte("(a\r\n b)")}, "(a b)"},
		{Product{}, "()"},
	} {
		if got := string(row.p.AppendTo(nil)); got != row.want {
			t.Errorf("%q: got %s, want %s", showProduct(row.p), got, row.want)
		}
	}
}

// Texts are read as they are: absent, empty, with commas, quotes and UTF-8 in them (RFC 3261, Sections 20.25 and 20.36).
func TestTexts(t *testing.T) {
	for _, h := range []Header{HeaderSubject, HeaderOrganization, HeaderUserAgent, HeaderServer, HeaderMIMEVersion} {
		for _, in := range []string{"", "Need, more (boxes; \"please", "\u4e2d\u6587", "a\r\n b"} {
			got := mustParse(t, request(h.String()+": "+in)).Raw(h)
			if got == nil || string(got) != in {
				t.Errorf("%v: got %q, want %q", h, got, in)
			}
		}
		if got := mustParse(t, request()).Raw(h); got != nil {
			t.Errorf("%v absent: got %q", h, got)
		}
	}
}
