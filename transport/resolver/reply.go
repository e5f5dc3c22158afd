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
	// maxAliases bounds the CNAME records from a name to its records.
	maxAliases = 8
	// maxRecords bounds the records of one answer that are kept; domains have a handful.
	maxRecords = 64
)

var (
	errMalformed = errors.New("malformed answer")
	errAliases   = fmt.Errorf("more than %d aliases, or a loop of them", maxAliases)
	errLame      = errors.New("the server knows nothing of the name and asks nobody")
)

// Codes of replies (RFC 1035, Section 4.1.1).
const (
	codeSuccess        = 0
	codeFormat         = 1
	codeNoName         = 3
	codeNotImplemented = 4
)

// ErrNotOurs is the error about a message that is no answer to the question: another may follow.
var ErrNotOurs = errors.New("not the answer to what was asked")

// Reply is what one message says about a question.
type Reply struct {
	Answer
	// Truncated says that the rest has to be fetched over TCP, and that there is nothing here.
	Truncated bool
	// Code is 0, or 3 where there is no such name (RFC 1035, Section 4.1.1). With any other the server failed.
	Code uint16
	// Alias is not empty where the message knows no more than another name of the same thing: ask for that. TTL bounds what is found there.
	Alias string
}

// ReadReply reads msg as the answer to the question of AppendQuestion. It does not keep msg.
func ReadReply(msg []byte, id uint16, name string, t Type) (Reply, error) {
	q, err := newQuestion(id, name, t)
	if err != nil {
		return Reply{}, err
	}
	return q.read(msg)
}

func (q question) read(msg []byte) (Reply, error) {
	var p dnsmessage.Parser
	h, err := p.Start(msg)
	if err != nil || !h.Response || h.ID != q.id || h.OpCode != 0 {
		return Reply{}, ErrNotOurs
	}
	asked, err := p.AllQuestions()
	if h.RCode == codeFormat && err == nil && len(asked) == 0 {
		return Reply{Code: uint16(h.RCode)}, nil // of a server that did not understand as much as the question
	}
	if err != nil || len(asked) != 1 || !sameQuestion(asked[0], q.wire()) {
		return Reply{}, ErrNotOurs
	}
	r := Reply{Code: uint16(h.RCode), Truncated: h.Truncated}
	switch {
	case h.Truncated:
		return r, nil
	case h.RCode != codeSuccess && h.RCode != codeNoName:
		return r, nil
	}
	a := answers{q.t, make(map[string]alias), make(map[string]*Answer)}
	if err := a.read(&p); err != nil {
		return Reply{}, errMalformed
	}
	name := key(q.name.String())
	end, ttl, err := a.follow(name)
	if err != nil {
		return Reply{}, err
	}
	if found := a.found[end]; found != nil {
		r.Answer = *found
		r.TTL = min(ttl, found.TTL)
		return r, nil
	}
	negative, ok, err := readSOA(&p, end)
	if err != nil {
		return Reply{}, errMalformed
	}
	switch {
	case ok || h.RCode == codeNoName:
		r.TTL = min(ttl, negative)
	case end != name:
		r.Alias, r.TTL = end, ttl
	case !h.Authoritative && !h.RecursionAvailable:
		return Reply{}, errLame
	}
	return r, nil
}

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
