package resolver

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

const (
	// payload is the size of datagram that is asked for: it crosses every path of today unfragmented (RFC 6891, Section 6.2.5).
	payload = 1232
	// maxAliases bounds the CNAME records from a name to its records.
	maxAliases = 8
	// maxRecords bounds the records of one answer that are kept; domains have a handful.
	maxRecords = 64
)

var (
	errNotOurs   = errors.New("not the answer to what was asked")
	errMalformed = errors.New("malformed answer")
	errAliases   = fmt.Errorf("more than %d aliases, or a loop of them", maxAliases)
	errLame      = errors.New("the server knows nothing of the name and asks nobody")
	errName      = errors.New("not a domain name")
)

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

// reply is what one message says about a question.
type reply struct {
	Answer
	truncated bool             // the rest has to be fetched over TCP
	code      dnsmessage.RCode // success or NXDOMAIN, else nothing else is there
	alias     string           // the end of the aliases, when nothing is known of it yet: the next question
}

// read reads a message as the answer to q. What is no answer to it is errNotOurs; then another may follow.
func (q question) read(msg []byte) (reply, error) {
	var p dnsmessage.Parser
	h, err := p.Start(msg)
	if err != nil || !h.Response || h.ID != q.id || h.OpCode != 0 {
		return reply{}, errNotOurs
	}
	asked, err := p.AllQuestions()
	if h.RCode == dnsmessage.RCodeFormatError && err == nil && len(asked) == 0 {
		return reply{code: h.RCode}, nil // of a server that did not understand as much as the question
	}
	if err != nil || len(asked) != 1 || !sameQuestion(asked[0], q.wire()) {
		return reply{}, errNotOurs
	}
	r := reply{code: h.RCode, truncated: h.Truncated}
	switch {
	case h.Truncated:
		return r, nil
	case h.RCode != dnsmessage.RCodeSuccess && h.RCode != dnsmessage.RCodeNameError:
		return r, nil
	}
	a := answers{q.t, make(map[string]alias), make(map[string]*Answer)}
	if err := a.read(&p); err != nil {
		return reply{}, errMalformed
	}
	name := key(q.name.String())
	end, ttl, err := a.follow(name)
	if err != nil {
		return reply{}, err
	}
	if found := a.found[end]; found != nil {
		r.Answer = *found
		r.TTL = min(ttl, found.TTL)
		return r, nil
	}
	negative, ok, err := readSOA(&p, end)
	if err != nil {
		return reply{}, errMalformed
	}
	switch {
	case ok || h.RCode == dnsmessage.RCodeNameError:
		r.TTL = min(ttl, negative)
	case end != name:
		r.alias, r.TTL = end, ttl
	case !h.Authoritative && !h.RecursionAvailable:
		return reply{}, errLame
	}
	return r, nil
}

func sameQuestion(a, b dnsmessage.Question) bool {
	return a.Type == b.Type && a.Class == b.Class && strings.EqualFold(a.Name.String(), b.Name.String())
}

// key returns a name in the form in which names are compared: lower case, without the final dot.
func key(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

type alias struct {
	to  string
	ttl time.Duration
}

// answers are the records of one answer section that may matter, by the names that have them.
type answers struct {
	t       Type
	aliases map[string]alias
	found   map[string]*Answer
}

func (a *answers) read(p *dnsmessage.Parser) error {
	for {
		h, err := p.AnswerHeader()
		if errors.Is(err, dnsmessage.ErrSectionDone) {
			return nil
		}
		if err != nil {
			return err
		}
		switch {
		case h.Class == dnsmessage.ClassINET && h.Type == dnsmessage.TypeCNAME:
			err = a.readAlias(p, h)
		case h.Class == dnsmessage.ClassINET && h.Type == dnsmessage.Type(a.t):
			err = a.readRecord(p, h)
		default:
			err = p.SkipAnswer()
		}
		if err != nil {
			return err
		}
	}
}

func (a *answers) readAlias(p *dnsmessage.Parser, h dnsmessage.ResourceHeader) error {
	r, err := p.CNAMEResource()
	if err != nil {
		return err
	}
	from := key(h.Name.String())
	if _, ok := a.aliases[from]; !ok { // a second one has no meaning (RFC 2181, Section 10.1)
		a.aliases[from] = alias{key(r.CNAME.String()), seconds(h.TTL)}
	}
	return nil
}

// readRecord reads a record of the type that was asked for.
func (a *answers) readRecord(p *dnsmessage.Parser, h dnsmessage.ResourceHeader) error {
	var add func(*Answer)
	switch a.t {
	case TypeSRV:
		s, err := p.SRVResource()
		if err != nil {
			return err
		}
		add = func(f *Answer) { f.SRV = append(f.SRV, SRV{s.Priority, s.Weight, s.Port, key(s.Target.String())}) }
	case TypeNAPTR:
		r, err := p.UnknownResource()
		if err != nil {
			return err
		}
		n, err := readNAPTR(r.Data)
		if err != nil {
			return err
		}
		add = func(f *Answer) { f.NAPTR = append(f.NAPTR, n) }
	default:
		r, err := p.UnknownResource()
		if err != nil {
			return err
		}
		addr, ok := netip.AddrFromSlice(r.Data)
		if !ok || addr.Is4() != (a.t == TypeA) {
			return errMalformed
		}
		add = func(f *Answer) { f.Addrs = append(f.Addrs, addr.Unmap()) }
	}
	owner := key(h.Name.String())
	f := a.found[owner]
	if f == nil {
		f = &Answer{TTL: maxTTL}
		a.found[owner] = f
	}
	f.TTL = min(f.TTL, seconds(h.TTL))
	if len(f.Addrs)+len(f.SRV)+len(f.NAPTR) < maxRecords {
		add(f)
	}
	return nil
}

// follow follows the aliases from name to their end. ttl is the least of theirs.
func (a *answers) follow(name string) (end string, ttl time.Duration, err error) {
	ttl = maxTTL
	for range maxAliases + 1 {
		next, ok := a.aliases[name]
		if !ok || a.found[name] != nil {
			return name, ttl, nil
		}
		name, ttl = next.to, min(ttl, next.ttl)
	}
	return "", 0, errAliases
}

// seconds returns a record's TTL. One with the highest bit set is 0 (RFC 2181, Section 8).
func seconds(ttl uint32) time.Duration {
	if ttl > 1<<31-1 {
		return 0
	}
	return time.Duration(ttl) * time.Second
}

// readSOA returns how long it is true that something is not there: what the SOA record of a zone above name says, and its own TTL
// (RFC 2308, Section 5). ok is false when there is none.
func readSOA(p *dnsmessage.Parser, name string) (ttl time.Duration, ok bool, err error) {
	for {
		h, err := p.AuthorityHeader()
		if errors.Is(err, dnsmessage.ErrSectionDone) {
			return 0, false, nil
		}
		if err != nil {
			return 0, false, err
		}
		if h.Class != dnsmessage.ClassINET || h.Type != dnsmessage.TypeSOA || !within(name, key(h.Name.String())) {
			if err := p.SkipAuthority(); err != nil {
				return 0, false, err
			}
			continue
		}
		r, err := p.UnknownResource() // its names may hold what is none of ours: the mailbox of john.doe
		if err != nil || len(r.Data) < 2+5*4 {
			return 0, false, errMalformed
		}
		return min(seconds(h.TTL), seconds(binary.BigEndian.Uint32(r.Data[len(r.Data)-4:]))), true, nil
	}
}

// within reports whether name is zone or below it.
func within(name, zone string) bool {
	return zone == "" || name == zone || strings.HasSuffix(name, "."+zone)
}
