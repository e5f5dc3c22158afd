package fuzz

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ringback-sip/ringback/transport/resolver"
)

// dnsTypes are those that are asked for.
var dnsTypes = [...]resolver.Type{resolver.TypeA, resolver.TypeAAAA, resolver.TypeSRV, resolver.TypeNAPTR}

// DNS reads data as the answer to the question that it carries, and to others that it does not. What comes out is what a naive
// reader says; a message with another number, or about another name, is always somebody else's. The question is then written, and read again.
func DNS(data []byte) (used bool, err error) {
	if len(data) > maxInput || len(data) < 2 {
		return false, nil
	}
	s := string(data)
	id := uint16(s[0])<<8 | uint16(s[1])
	q := dnsQuestion{"sip.example.com", 1}
	if w := (&wire{s: s, at: 12}); len(s) > 12 {
		if asked := (dnsQuestion{w.name(), w.number(2)}); !w.bad && asked.name != "" {
			q = asked
		}
	}
	for _, t := range dnsTypes {
		q.kind = int(t)
		want := dnsNaively(s, int(id), q)
		got, err := replyText(data, id, q)
		if err == nil {
			err = differ("ReadReply", got, "naive reader", want)
		}
		if err != nil {
			return true, fmt.Errorf("%q %v: %w", q.name, t, err)
		}
		used = used || want != dnsNotOurs
		for _, other := range []struct {
			id   uint16
			name string
		}{{id ^ 1, q.name}, {id, otherName(q.name)}} {
			if _, err := resolver.ReadReply(data, other.id, other.name, t); want != replyFormErr && !errors.Is(err, resolver.ErrNotOurs) {
				return true, fmt.Errorf("%q %v: got %v for number %d and name %q, want ErrNotOurs", q.name, t, err, other.id, other.name)
			}
		}
		if err := questionGoesRound(id, q.name, t); err != nil {
			return true, err
		}
	}
	return used, nil
}

// replyFormErr is what a server says that could not read as much as the question: of any question.
const replyFormErr = "code 1 truncated false ttl 0 alias \"\""

// otherName returns a name that is as long as name, and not the same.
func otherName(name string) string {
	if strings.HasSuffix(name, "x") {
		return name[:len(name)-1] + "y"
	}
	return name[:len(name)-1] + "x"
}

// replyText is what ReadReply says, or why not.
func replyText(data []byte, id uint16, q dnsQuestion) (string, error) {
	r, err := resolver.ReadReply(data, id, q.name, resolver.Type(q.kind))
	switch {
	case errors.Is(err, resolver.ErrNotOurs):
		return dnsNotOurs, nil
	case err != nil:
		return dnsFails, nil
	}
	var values []string
	for _, a := range r.Addrs {
		values = append(values, a.String())
	}
	for _, s := range r.SRV {
		values = append(values, fmt.Sprintf("%d %d %d %q", s.Priority, s.Weight, s.Port, s.Target))
	}
	for _, n := range r.NAPTR {
		values = append(values, fmt.Sprintf("%d %d %q %q", n.Order, n.Preference, [3]string{n.Flags, n.Service, n.Regexp}, n.Replacement))
	}
	if r.Empty() != (len(values) == 0) {
		return "", fmt.Errorf("got Empty %v of %d records", r.Empty(), len(values))
	}
	return fmt.Sprintf("code %d truncated %v ttl %.0f alias %q", r.Code, r.Truncated, r.TTL.Seconds(), r.Alias) + lines(values), nil
}

// questionGoesRound writes a question and reads it naively: one question, and the size of datagrams that are taken.
func questionGoesRound(id uint16, name string, t resolver.Type) error {
	b, err := resolver.AppendQuestion([]byte("x"), id, name, t)
	if err != nil {
		return fmt.Errorf("asking %q %v: %w", name, t, err)
	}
	w := &wire{s: string(b[1:])}
	head := []int{w.number(2), w.number(2), w.number(2), w.number(2), w.number(2), w.number(2)}
	asked := dnsQuestion{w.name(), w.number(2)}
	class, opt := w.number(2), w.record()
	want := fmt.Sprint([]int{int(id), 0x100, 1, 0, 0, 1}, dnsQuestion{lower(name), int(t)}, 1, record{"", 41, 1232, 0, 0}, len(w.s), false)
	return differ("the question", fmt.Sprint(head, asked, class, opt, w.at, w.bad), "what was asked", want)
}
