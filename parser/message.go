package parser

import "iter"

// Message is a parsed request or response: read only, valid as long as the bytes given to Parse.
type Message struct{ b []byte }

func (m *Message) Parse(b []byte) error { panic("stub") }
func (m *Message) Check() error         { panic("stub") }
func (m *Message) Fault() Fault         { panic("stub") }
func (m *Message) Clone() *Message      { panic("stub") }

// Bytes returns the message as received, cut at Content-Length.
func (m *Message) Bytes() []byte { panic("stub") }

func (m *Message) IsRequest() bool    { panic("stub") }
func (m *Message) Method() Method     { panic("stub") } // of CSeq in a response
func (m *Message) MethodName() []byte { panic("stub") }
func (m *Message) Status() Status     { panic("stub") } // 0 in a request
func (m *Message) Reason() []byte     { panic("stub") }
func (m *Message) StartLine() []byte  { panic("stub") } // without CRLF

func (m *Message) RequestURI() (URI, error)                 { panic("stub") }
func (m *Message) Via() (Via, error)                        { panic("stub") } // topmost
func (m *Message) Vias() iter.Seq2[Via, error]              { panic("stub") }
func (m *Message) From() (NameAddr, error)                  { panic("stub") }
func (m *Message) To() (NameAddr, error)                    { panic("stub") }
func (m *Message) CallID() []byte                           { panic("stub") }
func (m *Message) CSeq() (CSeq, error)                      { panic("stub") }
func (m *Message) Contact() (NameAddr, error)               { panic("stub") } // the first
func (m *Message) Contacts() iter.Seq2[NameAddr, error]     { panic("stub") }
func (m *Message) Routes() iter.Seq2[NameAddr, error]       { panic("stub") }
func (m *Message) RecordRoutes() iter.Seq2[NameAddr, error] { panic("stub") }
func (m *Message) MaxForwards() (int, error)                { panic("stub") }
func (m *Message) ContentLength() (int, error)              { panic("stub") }
func (m *Message) Expires() (int, error)                    { panic("stub") } // seconds, clamped to 2^32-1
func (m *Message) ContentType() (MediaType, error)          { panic("stub") }
func (m *Message) RetryAfter() (RetryAfter, error)          { panic("stub") }

// Has reports whether a field of h is there, malformed or not.
func (m *Message) Has(h Header) bool { panic("stub") }

// Raw returns the value of the first field of h as received, folds included, nil when absent.
func (m *Message) Raw(h Header) []byte { panic("stub") }

// Fields walks all header fields in order.
func (m *Message) Fields() iter.Seq[Field] { panic("stub") }

// Values walks the values of h; those of list headers are split at commas.
func (m *Message) Values(h Header) iter.Seq[[]byte] { panic("stub") }

// Lookup walks the raw values of the fields called name, case-blind, known (long or compact) or not.
func (m *Message) Lookup(name string) iter.Seq[[]byte] { panic("stub") }

// HasTag reports whether one of the option tags (or other case-blind tokens) of list header h is tag.
func (m *Message) HasTag(h Header, tag string) bool { panic("stub") }

// Body returns the octets after the header section, cut at Content-Length.
func (m *Message) Body() []byte { panic("stub") }

// SetReceived records where the request came from. Via().Received and .RPort, and the top Via of every
// response built from m, say so from now on: `received` is addr (no brackets, at most 45 octets) and
// a `rport` that was there is port (RFC 3261, Section 18.2.1; RFC 3581, Section 4). What the sender wrote there is
// overwritten. m is the only thing that changes; the bytes given to Parse do not. Clone keeps it.
func (m *Message) SetReceived(addr []byte, port uint16) { panic("stub") }

// Field is one header field as received.
type Field struct {
	Header Header
	Name   []byte
	Value  []byte // raw: folds included, surrounding blanks not
}

// CSeq is a parsed CSeq value.
type CSeq struct {
	Number uint32
	Method Method
	Name   []byte // the method's spelling
}

// MediaType is a parsed Content-Type value.
type MediaType struct{ raw []byte }

func (t MediaType) Type() []byte                     { panic("stub") }
func (t MediaType) Subtype() []byte                  { panic("stub") }
func (t MediaType) Param(name string) ([]byte, bool) { panic("stub") }
func (t MediaType) Is(mediaType string) bool         { panic("stub") } // "application/sdp", case-blind

// RetryAfter is a parsed Retry-After value.
type RetryAfter struct {
	Seconds  int
	Duration int // of the duration parameter, 0 when absent
}

// URI is a parsed URI: a small value that refers to the bytes it was parsed from. The zero URI is absent.
type URI struct{ raw []byte }

func ParseURI(b []byte) (URI, error) { panic("stub") }

func (u URI) Raw() []byte                      { panic("stub") }
func (u URI) Scheme() []byte                   { panic("stub") } // as written
func (u URI) IsSIP() bool                      { panic("stub") } // sip or sips
func (u URI) IsSIPS() bool                     { panic("stub") }
func (u URI) User() []byte                     { panic("stub") } // as written, escapes included; tel: the subscriber
func (u URI) Password() []byte                 { panic("stub") }
func (u URI) Host() []byte                     { panic("stub") } // IPv6 with brackets
func (u URI) Port() int                        { panic("stub") } // 0: none
func (u URI) Param(name string) ([]byte, bool) { panic("stub") }
func (u URI) Params() iter.Seq2[[]byte, []byte] {
	panic("stub")
}
func (u URI) Headers() []byte            { panic("stub") } // what follows '?', raw
func (u URI) Equal(v URI) bool           { panic("stub") } // RFC 3261, Section 19.1.4
func (u URI) AppendTo(dst []byte) []byte { panic("stub") }

// Unescape appends b to dst with its %HH escapes decoded once.
func Unescape(dst, b []byte) []byte { panic("stub") }

// AppendUser appends user to dst with every octet escaped that may not stand in a SIP URI's user part.
func AppendUser(dst, user []byte) []byte { panic("stub") }

// NameAddr is a parsed From, To, Contact, Route, Record-Route ... value.
type NameAddr struct{ raw []byte }

func ParseNameAddr(b []byte) (NameAddr, error) { panic("stub") }

func (a NameAddr) Raw() []byte                      { panic("stub") }
func (a NameAddr) URI() URI                         { panic("stub") }
func (a NameAddr) Display() []byte                  { panic("stub") } // as written, quotes included
func (a NameAddr) Tag() []byte                      { panic("stub") } // nil: none
func (a NameAddr) IsWildcard() bool                 { panic("stub") } // Contact: *
func (a NameAddr) Param(name string) ([]byte, bool) { panic("stub") }
func (a NameAddr) Params() iter.Seq2[[]byte, []byte] {
	panic("stub")
}

// Via is a parsed Via value.
type Via struct{ raw []byte }

func ParseVia(b []byte) (Via, error) { panic("stub") }

func (v Via) Raw() []byte                      { panic("stub") }
func (v Via) Transport() []byte                { panic("stub") } // as written
func (v Via) Host() []byte                     { panic("stub") } // IPv6 with brackets
func (v Via) Port() int                        { panic("stub") } // 0: none
func (v Via) Branch() []byte                   { panic("stub") }
func (v Via) Received() []byte                 { panic("stub") } // without brackets
func (v Via) RPort() (port int, present bool)  { panic("stub") } // present without value: 0, true
func (v Via) MAddr() []byte                    { panic("stub") }
func (v Via) TTL() (ttl int, present bool)     { panic("stub") }
func (v Via) Param(name string) ([]byte, bool) { panic("stub") }

// EqualFold reports whether a and b are equal without regard to the case of ASCII letters.
func EqualFold(a []byte, b string) bool { panic("stub") }
