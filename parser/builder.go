package parser

// Builder writes one message. The zero Builder is ready; the first error sticks and is returned by Wire.
// It refuses CR, LF and NUL in any value, a second single-value field, headers before the start line and a
// Content-Length (which it writes itself). It keeps no argument.
type Builder struct{ buf []byte }

// Reset starts a new message that is appended to buf (which may be nil).
func (b *Builder) Reset(buf []byte) { panic("stub") }

// Request writes the request line.
func (b *Builder) Request(m Method, uri URI) { panic("stub") }

// RequestNamed is Request for a method without a constant.
func (b *Builder) RequestNamed(method []byte, uri URI) { panic("stub") }

// Via writes a Via field: `SIP/2.0/transport sentBy;branch=branch;rport`. It is the first field of a request.
func (b *Builder) Via(transport, sentBy, branch string) { panic("stub") }

// Response writes the status line (reason "" means the status' own) and copies from req all Via values in order (the top one
// with what SetReceived recorded), From, To, Call-ID and CSeq; toTag is added to a To without tag unless it is "".
// A 100 copies Timestamp as well (RFC 3261, Section 8.2.6). Of a request that Parse or Check refused it copies what can be found.
func (b *Builder) Response(req *Message, status Status, reason, toTag string) { panic("stub") }

// Ack writes an ACK to a final response of 300-699 up to and including its last header: RFC 3261, Section 17.1.1.3.
// invite is the request as sent, resp the response: Request-URI, Call-ID, From, CSeq number, top Via and Route of the one, To of the other.
func (b *Builder) Ack(invite, resp *Message) { panic("stub") }

// Cancel writes a CANCEL for invite, the request as sent: RFC 3261, Section 9.1.
func (b *Builder) Cancel(invite *Message) { panic("stub") }

// Header writes a field of a known header.
func (b *Builder) Header(h Header, value string) { panic("stub") }

// HeaderBytes is Header for bytes. Folds in value are written as one space.
func (b *Builder) HeaderBytes(h Header, value []byte) { panic("stub") }

// Field writes a field by name.
func (b *Builder) Field(name, value string) { panic("stub") }

// Int writes a field whose value is a number: Max-Forwards, Expires, Retry-After.
func (b *Builder) Int(h Header, n int) { panic("stub") }

// CSeq writes CSeq.
func (b *Builder) CSeq(number uint32, m Method) { panic("stub") }

// Address writes From, To, Contact, Route ... : display (unquoted text, "" for none), the URI in brackets, and a tag unless it is "".
func (b *Builder) Address(h Header, display string, uri URI, tag string) { panic("stub") }

// Body ends the header section with Content-Type and Content-Length and keeps the parts, which are shared and never written.
// Without a call to Body, Wire writes Content-Length: 0.
func (b *Builder) Body(contentType string, parts ...[]byte) { panic("stub") }

// Err returns the first error.
func (b *Builder) Err() error { panic("stub") }

// Wire finishes the message. Head is the buffer given to Reset, grown as needed.
func (b *Builder) Wire() (Wire, error) { panic("stub") }
