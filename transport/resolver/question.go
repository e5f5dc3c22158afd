package resolver

import (
	"errors"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

// payload is the size of datagram that is asked for: it crosses every path of today unfragmented (RFC 6891, Section 6.2.5).
const payload = 1232

var errName = errors.New("not a domain name")

// question is what one message to a server asks.
type question struct {
	id   uint16
	name dnsmessage.Name // absolute
	t    Type
}

func newQuestion(id uint16, name string, t Type) (question, error) {
	name = strings.TrimSuffix(name, ".")
	for label := range strings.SplitSeq(name, ".") {
		if len(label) == 0 || len(label) > maxLabel {
			return question{}, errName
		}
	}
	n, err := dnsmessage.NewName(name + ".")
	if err != nil || len(name)+2 > maxName {
		return question{}, errName
	}
	return question{id, n, t}, nil
}

// append appends the message that asks: recursion is desired, and with edns datagrams of 1,232 octets are taken (RFC 6891).
func (q question) append(dst []byte, edns bool) ([]byte, error) {
	b := dnsmessage.NewBuilder(dst, dnsmessage.Header{ID: q.id, RecursionDesired: true})
	err := b.StartQuestions()
	if err == nil {
		err = b.Question(q.wire())
	}
	if err == nil && edns {
		var h dnsmessage.ResourceHeader
		if err = b.StartAdditionals(); err == nil {
			err = h.SetEDNS0(payload, dnsmessage.RCodeSuccess, false)
		}
		if err == nil {
			err = b.OPTResource(h, dnsmessage.OPTResource{})
		}
	}
	if err != nil {
		return nil, err
	}
	return b.Finish()
}

func (q question) wire() dnsmessage.Question {
	return dnsmessage.Question{Name: q.name, Type: dnsmessage.Type(q.t), Class: dnsmessage.ClassINET}
}

// AppendQuestion appends the message that asks a server for the records of type t that name has: recursion is desired, and datagrams of
// 1,232 octets are taken. It is for a [Querier] that asks by other means, such as DNS over TLS.
func AppendQuestion(dst []byte, id uint16, name string, t Type) ([]byte, error) {
	q, err := newQuestion(id, name, t)
	if err != nil {
		return dst, err
	}
	return q.append(dst, true)
}

func sameQuestion(a, b dnsmessage.Question) bool {
	return a.Type == b.Type && a.Class == b.Class && key(a.Name.String()) == key(b.Name.String())
}

// key returns a name in the form in which names are compared: lower case as far as ASCII goes (RFC 4343, Section 3), without the final dot.
func key(name string) string {
	name = strings.TrimSuffix(name, ".")
	for i := range len(name) {
		if 'A' <= name[i] && name[i] <= 'Z' {
			return lower(name)
		}
	}
	return name
}

func lower(name string) string {
	b := []byte(name)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
