package fuzz

import (
	"fmt"
	"hash/fnv"
	"math"
	"strconv"
	"strings"

	"github.com/ringback-sip/ringback/parser"
)

// Framer cuts data as a stream in several ways, none of which may make a difference: at once, octet by octet, in pieces that a
// hash of data chooses, and as the naive framer does. What it cuts out is what Parse reads to its end. Three times data is
// a stream as well.
func Framer(data []byte) (used bool, err error) {
	if len(data) > maxInput/2 {
		return false, nil
	}
	h := fnv.New64a()
	h.Write(data)
	seed := h.Sum64()
	limit := 0
	if seed&7 == 0 {
		limit = int(seed>>3&1023) + 1
	}
	stream := data
	for range 2 {
		want := frameNaively(string(stream), limit)
		for _, size := range []func() int{whole(len(stream)), single, random(&seed)} {
			got, err := frame(stream, limit, size)
			if err != nil {
				return true, err
			}
			if err := differ("framer", got.String(), "naive framer", want.String()); err != nil {
				return true, err
			}
		}
		used = used || strings.Contains(want.String(), "message")
		stream = append(append(stream[:len(stream):len(stream)], data...), data...)
	}
	return used, nil
}

func whole(n int) func() int { return func() int { return n } }

func single() int { return 1 }

// random returns sizes of reads, small ones more often.
func random(seed *uint64) func() int {
	return func() int {
		*seed = *seed*6364136223846793005 + 1442695040888963407
		return 1 + int(*seed>>33)%(1<<(*seed>>61))
	}
}

// cut is what was found in a stream: messages, their order and sizes, how many octets lie between them, and how it ended.
type cut struct {
	text
	between int
	pinged  bool // a double CRLF was among them
}

func (c *cut) message(length int) {
	c.line("message", strconv.Itoa(c.between), strconv.FormatBool(c.pinged), strconv.Itoa(length))
	c.between, c.pinged = 0, false
}

func (c *cut) end(lost bool) {
	c.line("lost", strconv.FormatBool(lost))
}

// frame runs a Framer over a stream that comes in reads of the given sizes.
func frame(stream []byte, limit int, size func() int) (*cut, error) {
	f := parser.Framer{MaxMessage: limit}
	c := new(cut)
	from, to := 0, 0
	for {
		n, err := f.Next(stream[from:to:to])
		switch {
		case n < 0 || n > to-from || err != nil && n > 0:
			return nil, fmt.Errorf("framer returned %d, %v for %d octets", n, err, to-from)
		case err != nil:
			if _, again := f.Next(stream[from:to:to]); again != err {
				return nil, fmt.Errorf("the error %v became %v", err, again)
			}
			c.end(true)
			return c, nil
		case n > 0 && stream[from] == '\r':
			c.between += n
			c.pinged = c.pinged || f.Ping()
		case n > 0:
			if err := readsToItsEnd(stream[from : from+n : from+n]); err != nil {
				return nil, err
			}
			c.message(n)
		case to == len(stream):
			c.end(false)
			return c, nil
		default:
			to = min(len(stream), to+size())
		}
		from += n
	}
}

// readsToItsEnd reports whether Parse sees the same end of a message as the Framer did.
func readsToItsEnd(b []byte) error {
	var m parser.Message
	if m.Parse(b) != nil {
		return nil
	}
	if n, err := m.ContentLength(); err != nil || len(m.Bytes()) != len(b) || n != len(m.Body()) {
		return fmt.Errorf("the framer cut %d octets, of which Parse reads %d: Content-Length %d, %v, a body of %d", len(b), len(m.Bytes()), n, err, len(m.Body()))
	}
	return nil
}

// frameNaively cuts a stream as RFC 3261, Sections 7.5 and 18.3 say: CRLFs, then a header section in which every line ends
// with CRLF, with one Content-Length.
func frameNaively(s string, limit int) *cut {
	if limit == 0 {
		limit = parser.MaxMessage
	}
	c := new(cut)
	for {
		for strings.HasPrefix(s, "\r\n") {
			s = s[2:]
			c.between += 2
			c.pinged = c.between >= len("\r\n\r\n")
		}
		if s == "" || s == "\r" {
			c.end(false)
			return c
		}
		if s[0] == '\r' || s[0] == '\n' {
			c.end(true)
			return c
		}
		head, body, complete := strings.Cut(s, "\r\n\r\n")
		most := min(limit, parser.MaxHead)
		if !complete {
			// Too long already, or a lone LF before it could be.
			c.end(len(head) >= most || hasBareLF(head))
			return c
		}
		size := len(head) + 4
		length, ok := lengthOf(head)
		if hasBareLF(head) || size > most || !ok || length > uint64(limit-size) {
			c.end(true)
			return c
		}
		if length > uint64(len(body)) {
			c.end(false)
			return c
		}
		c.message(size + int(length))
		s = body[length:]
	}
}

func hasBareLF(s string) bool { return strings.Count(s, "\n") != strings.Count(s, "\r\n") }

// lengthOf returns the value of the one Content-Length in a header section. A fold may stand in its value, not in its name.
func lengthOf(head string) (length uint64, ok bool) {
	lines, _, _ := cutHead(head + "\r\n\r\n")
	count := 0
	for _, l := range joinFolds(lines)[1:] {
		name, value, colon := strings.Cut(l.text, ":")
		if name = strings.TrimRight(name, blanks); !colon || !strings.EqualFold(longName(name), "Content-Length") {
			continue
		}
		count++
		length, ok = readNumber(strings.Trim(value, space))
	}
	return length, ok && count == 1 && length <= math.MaxInt32
}
