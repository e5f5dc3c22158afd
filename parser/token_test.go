package parser

import (
	"strings"
	"testing"
)

// Each octet is in the classes that the grammar of RFC 3261, Section 25.1, puts it in, and in no other.
func TestClasses(t *testing.T) {
	const (
		lower    = "abcdefghijklmnopqrstuvwxyz"
		upper    = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		numbers  = "0123456789"
		alphanum = lower + upper + numbers
		mark     = "-_.!~*'()"
	)
	for _, row := range []struct {
		name string
		k    class
		in   string
	}{
		{"ALPHA", alpha, lower + upper},
		{"DIGIT", digit, numbers},
		{"HEXDIG", hexdig, numbers + "ABCDEFabcdef"},
		{"token", token, alphanum + "-.!%*_+`'~"},
		{"word", word, alphanum + "-.!%*_+`'~()<>:\\\"/[]?{}"},
		{"gen-value without quotes", value, alphanum + "-.!%*_+`'~" + "[]:"},
		{"scheme", scheme, alphanum + "+-."},
		{"user", user, alphanum + mark + "&=+$,;?/"},
		{"password", password, alphanum + mark + "&=+$,"},
		{"paramchar", uparam, alphanum + mark + "[]/:&+$"},
		{"hvalue", uheader, alphanum + mark + "[]/?:+$"},
		{"uric", uric, alphanum + mark + ";/?:@&=+$," + "[]#"},
		{"reserved", reserved, ";/?:@&=+$,"},
		{"phonedigit", phone, numbers + "ABCDEFabcdef" + "*#" + "-.()"},
	} {
		for c := range 256 {
			want := c < 0x80 && strings.IndexByte(row.in, byte(c)) >= 0
			if got := is(byte(c), row.k); got != want {
				t.Errorf("%s: %q: got %v, want %v", row.name, byte(c), got, want)
			}
		}
	}
}

// A line end is white space only before a blank.
func TestSkipLWS(t *testing.T) {
	for _, row := range []struct {
		in   string
		want int
	}{
		{"", 0}, {"x", 0}, {" x", 1}, {" \t x", 3}, {"\r\n x", 3}, {" \r\n\t x", 5}, {"\n x", 2}, {"\r\n \r\n x", 6},
		{"\r\nx", 0}, {" \r\n", 1}, {"\r x", 0}, {"\r\n", 0}, {"\n", 0}, {" \n\nx", 1}, {"\x00", 0}, {"\x0b ", 0},
	} {
		if got := skipLWS([]byte(row.in), 0); got != row.want {
			t.Errorf("%q: got %d, want %d", row.in, got, row.want)
		}
	}
}

func TestQuoted(t *testing.T) {
	for _, row := range []struct {
		name, in string
		want     int
		err      Error
	}{
		{"empty", `""x`, 2, 0},
		{"text", `"a b"`, 5, 0},
		{"escaped quote", `"a\"b"`, 6, 0},
		{"escaped backslash at the end", `"a\\"`, 5, 0},
		{"escaped NUL, BEL, DEL", "\"\\\x00\\\x07\\\x7f\"", 8, 0},
		{"UTF-8", "\"\u00e9\u4e2d\"", 7, 0},
		{"comma and bracket", `"a,<b"`, 6, 0},
		{"fold", "\"a\r\n b\"", 7, 0},
		{"fold of one LF", "\"a\n b\"", 6, 0},
		{"tab", "\"a\tb\"", 5, 0},
		{"open", `"abc`, 0, errQuote},
		{"only a quote", `"`, 0, errQuote},
		{"backslash at the end", `"abc\`, 0, errQuote},
		{"escaped quote at the end", `"abc\"`, 0, errQuote},
		{"NUL", "\"a\x00\"", 2, errControl},
		{"DEL", "\"a\x7f\"", 2, errControl},
		{"CR alone", "\"a\rb\"", 2, errControl},
		{"line end without a blank", "\"a\r\nb\"", 2, errControl},
		{"escaped CR", "\"a\\\r\n b\"", 3, errControl},
		{"escaped LF", "\"a\\\n\"", 3, errControl},
	} {
		if got, err := quoted([]byte(row.in), 0); got != row.want || err != row.err {
			t.Errorf("%s: got %d %v, want %d %v", row.name, got, err, row.want, row.err)
		}
	}
}

// Quoted pairs are decoded once (RFC 3261, Section 25.1).
func TestUnquote(t *testing.T) {
	for _, row := range []struct{ in, want string }{
		{`"Bell, Alexander"`, "Bell, Alexander"},
		{`"J Rosenberg \\\""`, `J Rosenberg \"`},
		{"\"NUL:\\\x00\"", "NUL:\x00"},
		{"\"a \r\n  b\"", "a b"},
		{`""`, ""},
		{"T. desk phone", "T. desk phone"},
		{"", ""},
		{`"`, `"`},
		{`"open`, `"open`},
	} {
		if got := string(Unquote([]byte("> "), []byte(row.in))); got != "> "+row.want {
			t.Errorf("%q: got %q, want %q", row.in, got, "> "+row.want)
		}
	}
}

// Letters are compared without case, nothing else is.
func TestEqualFold(t *testing.T) {
	for a := range 256 {
		for b := range 256 {
			x, y := byte(a), byte(b)
			lower := func(c byte) byte {
				if 'A' <= c && c <= 'Z' {
					return c + 'a' - 'A'
				}
				return c
			}
			if got, want := EqualFold([]byte{'k', x}, "K"+string([]byte{y})), lower(x) == lower(y); got != want {
				t.Fatalf("%q and %q: got %v, want %v", x, y, got, want)
			}
		}
	}
	for _, row := range []struct {
		a, b string
		want bool
	}{{"", "", true}, {"tag", "TAG", true}, {"tag", "ta", false}, {"ta", "tag", false}, {"K", "\u212a", false}} {
		if got := EqualFold([]byte(row.a), row.b); got != row.want {
			t.Errorf("%q and %q: got %v, want %v", row.a, row.b, got, row.want)
		}
	}
}
