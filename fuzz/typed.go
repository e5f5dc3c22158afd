package fuzz

import (
	"fmt"
	"iter"
	"strconv"
	"strings"

	"github.com/ringback-sip/ringback/parser"
)

// Typed reads the headers that have types of their own, writes each value, and reads that again: the same is written, once
// and one value. Numbers are what the naive parser reads.
func Typed(data []byte) (used bool, err error) {
	if len(data) > maxInput {
		return false, nil
	}
	var m parser.Message
	if m.Parse(data) != nil {
		return false, nil
	}
	total := 0
	for _, check := range typedHeaders {
		n, err := check(&m)
		if err != nil {
			return true, err
		}
		total += n
	}
	return total > 0, checkNumbers(&m)
}

// typedHeaders write each value again and return how many there were.
var typedHeaders = []func(m *parser.Message) (int, error){
	again(parser.HeaderAccept, (*parser.Message).AcceptRanges),
	again(parser.HeaderContentType, alone((*parser.Message).ContentType)),
	again(parser.HeaderContentDisposition, alone((*parser.Message).ContentDisposition)),
	again(parser.HeaderEvent, alone((*parser.Message).Event)),
	again(parser.HeaderIdentity, (*parser.Message).Identities),
	again(parser.HeaderJoin, alone((*parser.Message).Join)),
	again(parser.HeaderRAck, alone((*parser.Message).RAck)),
	again(parser.HeaderReason, (*parser.Message).Reasons),
	again(parser.HeaderReplaces, alone((*parser.Message).Replaces)),
	again(parser.HeaderServer, products(parser.HeaderServer)),
	again(parser.HeaderSessionExpires, alone((*parser.Message).SessionExpires)),
	again(parser.HeaderSubscriptionState, alone((*parser.Message).SubscriptionState)),
	again(parser.HeaderTargetDialog, alone((*parser.Message).TargetDialog)),
	again(parser.HeaderTimestamp, alone((*parser.Message).Timestamp)),
	again(parser.HeaderUserAgent, products(parser.HeaderUserAgent)),
	again(parser.HeaderWarning, (*parser.Message).Warnings),
	again(parser.HeaderReferTo, addresses(parser.HeaderReferTo)),
	again(parser.HeaderPAssertedIdentity, addresses(parser.HeaderPAssertedIdentity)),
	again(parser.HeaderContact, addresses(parser.HeaderContact)),
	again(parser.HeaderPath, addresses(parser.HeaderPath)),
	again(parser.HeaderAcceptContact, items(parser.HeaderAcceptContact)),
	again(parser.HeaderAcceptLanguage, items(parser.HeaderAcceptLanguage)),
	again(parser.HeaderUsertoUser, items(parser.HeaderUsertoUser)),
	again(parser.HeaderReferSub, items(parser.HeaderReferSub)),
}

// walker walks the values of one header.
type walker[T any] func(m *parser.Message) iter.Seq2[T, error]

// alone makes a walk of a read of one value.
func alone[T any](read func(m *parser.Message) (T, error)) walker[T] {
	return func(m *parser.Message) iter.Seq2[T, error] {
		return func(yield func(T, error) bool) { yield(read(m)) }
	}
}

func products(h parser.Header) walker[parser.Product] {
	return func(m *parser.Message) iter.Seq2[parser.Product, error] { return m.Products(h) }
}

func items(h parser.Header) walker[parser.Item] {
	return func(m *parser.Message) iter.Seq2[parser.Item, error] { return m.Items(h) }
}

func addresses(h parser.Header) walker[parser.NameAddr] {
	return func(m *parser.Message) iter.Seq2[parser.NameAddr, error] { return m.Addresses(h) }
}

// again returns a check of all values of h.
func again[T interface{ AppendTo(dst []byte) []byte }](h parser.Header, walk func(m *parser.Message) iter.Seq2[T, error]) func(m *parser.Message) (int, error) {
	return func(m *parser.Message) (int, error) {
		n := 0
		for v, err := range walk(m) {
			if err != nil || !m.Has(h) {
				continue
			}
			n++
			once := v.AppendTo([]byte("kept "))[len("kept "):]
			read, err := carried(h, once)
			if err != nil {
				return n, fmt.Errorf("%v: %q was written for %q: %w", h, once, m.Raw(h), err)
			}
			count := 0
			for w, err := range walk(read) {
				count++
				if twice := string(w.AppendTo(nil)); err != nil || twice != string(once) || count > 1 {
					return n, fmt.Errorf("%v: %q was written for %q, and %q for that: value %d, %v", h, once, m.Raw(h), twice, count, err)
				}
			}
		}
		return n, nil
	}
}

// carried returns a message with one field of h besides what every message has.
func carried(h parser.Header, value []byte) (*parser.Message, error) {
	var b parser.Builder
	b.Request(parser.MethodOptions, theURI())
	b.HeaderBytes(h, value)
	w, err := b.Wire()
	if err != nil {
		return nil, err
	}
	m := new(parser.Message)
	return m, m.Parse(w.Head)
}

func theURI() parser.URI {
	u, _ := parser.ParseURI([]byte("sip:h"))
	return u
}

// checkNumbers holds headers that are, or start with, a number against the naive reading.
func checkNumbers(m *parser.Message) error {
	se, seErr := m.SessionExpires()
	minSE, minErr := m.MinSE()
	breadth, breadthErr := m.MaxBreadth()
	rseq, rseqErr := m.RSeq()
	retry, retryErr := m.RetryAfter()
	for _, n := range []struct {
		header parser.Header
		got    uint64
		err    error
	}{
		{parser.HeaderSessionExpires, uint64(se.Seconds), seErr},
		{parser.HeaderMinSE, uint64(minSE), minErr},
		{parser.HeaderMaxBreadth, uint64(breadth), breadthErr},
		{parser.HeaderRSeq, uint64(rseq), rseqErr},
		{parser.HeaderRetryAfter, uint64(retry.Seconds), retryErr},
	} {
		if n.err != nil {
			continue
		}
		raw := folded(m.Raw(n.header))
		digits := raw[:len(raw)-len(strings.TrimLeft(raw, decimals))]
		want, ok := readNumber(digits)
		if want = min(want, 1<<32-1); !ok || n.got != want {
			return fmt.Errorf("%v: got %d of %s", n.header, n.got, strconv.Quote(raw))
		}
	}
	return nil
}
