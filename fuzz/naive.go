package fuzz

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ringback-sip/ringback/parser"
)

// reading is what the naive parser makes of a message. It is written from the RFCs with package strings, as plainly as
// it goes and without a thought for speed, and shares nothing with package parser but its limits.
type reading struct {
	refused string // why, "" when the message is accepted
	open    bool   // a control octet stands behind a backslash: whether it may depends on a grammar nobody asked for

	request      bool
	method, uri  string
	status       int
	reason       string
	fields       []field
	vias         []via
	from, to     address
	contacts     []address
	callID       string
	number       uint64
	numberMethod string
	body         string
}

// field is a header field. Its value is trimmed, and each of its folds is a "\n" and the blanks behind it: so they stay
// apart from blanks, which may stand behind a backslash.
type field struct{ name, value string }

const (
	blanks   = " \t"
	space    = " \t\n" // linear white space, folds included
	alnum    = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	decimals = "0123456789"
	hexes    = "0123456789ABCDEFabcdef"
	tokens   = alnum + "-.!%*_+`'~"
	words    = tokens + `()<>:\"/[]?{}`
)

// consists reports whether s has at least one octet and only those of set.
func consists(s, set string) bool { return s != "" && strings.Trim(s, set) == "" }

func isToken(s string) bool { return consists(s, tokens) }

func (r *reading) refuse(format string, a ...any) {
	if r.refused == "" {
		r.refused = fmt.Sprintf(format, a...)
	}
}

// read reads data as a datagram: what parser's Parse and Check together accept, this accepts.
func read(data string) *reading {
	r := new(reading)
	lines, body, ok := cutHead(data)
	switch {
	case !ok:
		r.refuse("no blank line")
		return r
	case body > parser.MaxHead:
		r.refuse("head too large")
		return r
	case len(lines) == 0:
		r.refuse("no start line")
		return r
	}
	r.body = data[body:]
	r.readStart(lines[0].text)
	r.readFields(lines[1:])
	r.readLength()
	r.readAddresses()
	r.readOthers()
	return r
}

// line is a line of the header section without its line end, or several that were folded.
type line struct {
	text      string
	from, end int // offsets in the message
}

// cutHead cuts the header section into lines and returns where the body starts. A lone LF ends a line, as in the
// messages of RFC 5118's archive.
func cutHead(data string) (lines []line, body int, ok bool) {
	for from := 0; ; {
		text, _, found := strings.Cut(data[from:], "\n")
		if !found {
			return nil, 0, false
		}
		next := from + len(text) + 1
		text = strings.TrimSuffix(text, "\r")
		if text == "" {
			return lines, next, true
		}
		lines = append(lines, line{text, from, from + len(text)})
		from = next
	}
}

// readStart reads Request-Line or Status-Line (RFC 3261, Section 25.1).
func (r *reading) readStart(line string) {
	if len(line) > parser.MaxLine {
		r.refuse("start line too long")
	}
	if hasControl(line) {
		r.refuse("control octet in the start line")
	}
	if len(line) >= 4 && strings.EqualFold(line[:4], "SIP/") {
		version, after, _ := strings.Cut(line, " ")
		code, reason, _ := strings.Cut(after, " ")
		r.reason = reason
		n, err := strconv.Atoi(code)
		if !strings.EqualFold(version, "SIP/2.0") || len(code) != 3 || !consists(code, decimals) || err != nil || n < 100 || n > 699 {
			r.refuse("status line")
		}
		r.status = n
		return
	}
	r.request = true
	parts := strings.Split(line, " ")
	if len(parts) != 3 || !isToken(parts[0]) || !strings.EqualFold(parts[2], "SIP/2.0") {
		r.refuse("request line")
		return
	}
	r.method, r.uri = parts[0], parts[1]
	u, ok := readURI(r.uri)
	if !ok || u.hasHeaders {
		r.refuse("Request-URI")
	}
}

// hasControl reports whether s holds a control octet; a tab is none.
func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f })
}

// readFields joins folded lines and splits names from values (RFC 3261, Section 7.3.1).
func (r *reading) readFields(lines []line) {
	for _, l := range joinFolds(lines) {
		name, value, colon := strings.Cut(l.text, ":")
		name = strings.TrimRight(name, blanks)
		if !colon || !isToken(name) {
			r.refuse("field name %q", name)
			continue
		}
		if l.end-l.from > parser.MaxLine {
			r.refuse("line too long")
		}
		r.readControls(value)
		r.fields = append(r.fields, field{name, strings.Trim(value, space)})
	}
	if len(r.fields) > parser.MaxFields {
		r.refuse("too many fields")
	}
	for _, name := range singles {
		if len(r.all(name)) > 1 {
			r.refuse("%s twice", name)
		}
	}
}

// joinFolds joins each line that starts with a blank to the one before it. The first line cannot be one of those: it
// stays, and has no name.
func joinFolds(lines []line) []line {
	var joined []line
	for i, l := range lines {
		if i > 0 && strings.Trim(l.text[:1], blanks) == "" {
			last := &joined[len(joined)-1]
			last.text += "\n" + l.text
			last.end = l.end
		} else {
			joined = append(joined, l)
		}
	}
	return joined
}

// readControls refuses control octets in a value, but leaves open those behind a backslash.
func (r *reading) readControls(value string) {
	for i := range len(value) {
		switch c := value[i]; {
		case c == '\n' && i > 0 && value[i-1] == '\\':
			r.open = true // a fold, but no quoted pair
		case c >= ' ' && c != 0x7f, c == '\t', c == '\n':
		case c == '\r' || i == 0 || value[i-1] != '\\':
			r.refuse("control octet in a value")
		default:
			r.open = true
		}
	}
}

// all returns the values of the fields called name, in its long or compact form.
func (r *reading) all(name string) []string {
	var values []string
	for _, f := range r.fields {
		if strings.EqualFold(longName(f.name), name) {
			values = append(values, f.value)
		}
	}
	return values
}

// readLength cuts the body at Content-Length (RFC 3261, Section 18.3).
func (r *reading) readLength() {
	values := r.all("Content-Length")
	if len(values) == 0 {
		return
	}
	n, ok := readNumber(values[0])
	if !ok || n > uint64(len(r.body)) {
		r.refuse("Content-Length")
		return
	}
	r.body = r.body[:n]
}

// readNumber reads 1*DIGIT; what no uint64 holds is the largest of them.
func readNumber(s string) (uint64, bool) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil && consists(s, decimals) {
		n = 1<<64 - 1
	}
	return n, consists(s, decimals)
}

// readOthers reads the single fields that are neither addresses nor lengths.
func (r *reading) readOthers() {
	for _, name := range []string{"Max-Forwards", "Expires"} {
		for _, v := range r.all(name) {
			if _, ok := readNumber(v); !ok {
				r.refuse("%s", name)
			}
		}
	}
	id := r.all("Call-ID")
	if len(id) == 0 {
		r.refuse("no Call-ID")
	} else {
		r.callID = id[0]
		left, right, at := strings.Cut(r.callID, "@")
		if !consists(left, words) || at && !consists(right, words) {
			r.refuse("Call-ID")
		}
	}
	seq := r.all("CSeq")
	if len(seq) == 0 {
		r.refuse("no CSeq")
		return
	}
	i := strings.IndexAny(seq[0], space)
	if i < 0 {
		r.refuse("CSeq")
		return
	}
	n, ok := readNumber(seq[0][:i])
	r.number, r.numberMethod = n, strings.TrimLeft(seq[0][i:], space)
	if !ok || n > 1<<32-1 || !isToken(r.numberMethod) || r.request && r.numberMethod != r.method {
		r.refuse("CSeq")
	}
}
