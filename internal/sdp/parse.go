package sdp

import "bytes"

// Limits of what is read. A description of an audio call has some twenty lines.
const (
	maxLength = 65535 // the largest body of a datagram, and more than any phone sends
	maxMedia  = 64    // media lines: each is answered
	maxTimes  = 16    // t= lines: each is copied
)

// Error says why a description was refused.
type Error string

// Error returns the description, in lower case.
func (e Error) Error() string { return "sdp: " + string(e) }

// The errors.
const (
	ErrTooLong    Error = "description too long"
	ErrTooMany    Error = "too many media or time lines"
	ErrLine       Error = "line is not a letter, '=' and a value"
	ErrType       Error = "unknown line type"
	ErrOrder      Error = "line out of order, repeated or missing"
	ErrVersion    Error = "version is not 0"
	ErrOrigin     Error = "malformed o= line"
	ErrConnection Error = "malformed or missing c= line"
	ErrTime       Error = "malformed t= line"
	ErrMedia      Error = "malformed m= line"
)

// description is what an answer needs to know of an offer. It refers to the offer's bytes.
type description struct {
	times [][]byte // values of the t= lines
	media []media
	conn  bool // there is a c= line for the session
}

// media is one m= line and the a=rtpmap lines after it.
type media struct {
	kind, port, proto, formats []byte
	pcmu, pcma                 []byte // the payload types that rtpmap lines name so, besides 0 and 8
	conn                       bool
}

// place is where a line type stands in its section: lines come in this order (RFC 4566, Section 5).
type place struct {
	rank   int8 // 0: not in this section
	repeat bool
}

// session and stream are the two sections. A repeat line (r=) belongs to the time line before it.
var (
	session = [26]place{
		'v' - 'a': {1, false}, 'o' - 'a': {2, false}, 's' - 'a': {3, false}, 'i' - 'a': {4, false}, 'u' - 'a': {5, false},
		'e' - 'a': {6, true}, 'p' - 'a': {7, true}, 'c' - 'a': {8, false}, 'b' - 'a': {9, true}, 't' - 'a': {10, true},
		'r' - 'a': {10, true}, 'z' - 'a': {11, false}, 'k' - 'a': {12, false}, 'a' - 'a': {13, true},
	}
	stream = [26]place{
		'i' - 'a': {1, false}, 'c' - 'a': {2, true}, 'b' - 'a': {3, true}, 'k' - 'a': {4, false}, 'a' - 'a': {5, true},
	}
)

// parse reads b, which must be a whole description.
func (d *description) parse(b []byte) error {
	if len(b) > maxLength {
		return ErrTooLong
	}
	section, rank := &session, int8(0)
	for len(b) > 0 {
		var line []byte
		line, b = cutLine(b)
		kind, value, err := split(line)
		if err != nil {
			return err
		}
		if kind == 'm' {
			if rank < session['t'-'a'].rank && section == &session {
				return ErrOrder // v=, o=, s= and t= are mandatory
			}
			if err := d.addMedia(value); err != nil {
				return err
			}
			section, rank = &stream, 0
			continue
		}
		p := section[kind-'a']
		switch {
		case p.rank == 0 && session[kind-'a'].rank == 0:
			// Who meets a letter that is not of RFC 4566 ignores the whole description (Section 5).
			return ErrType
		case p.rank == 0, p.rank < rank, p.rank == rank && !p.repeat:
			return ErrOrder
		case section == &session && rank < 3 && p.rank != rank+1:
			return ErrOrder // v=, o= and s= open it
		case section == &session && p.rank > 10 && rank < 10:
			return ErrOrder // no t=
		case kind == 'r' && rank < 10:
			return ErrOrder
		}
		rank = p.rank
		if err := d.add(kind, value); err != nil {
			return err
		}
	}
	if section == &session && rank < session['t'-'a'].rank {
		return ErrOrder
	}
	for _, m := range d.media {
		// Either the session or each medium says where to send to (RFC 4566, Section 5.7).
		if !d.conn && !m.conn {
			return ErrConnection
		}
	}
	return nil
}

// add checks one line, which stands where it may, and keeps what an answer needs.
func (d *description) add(kind byte, value []byte) error {
	switch kind {
	case 'v':
		if string(value) != "0" {
			return ErrVersion
		}
	case 'o':
		if !isOrigin(value) {
			return ErrOrigin
		}
	case 'c':
		if !isConnection(value) {
			return ErrConnection
		}
		if len(d.media) == 0 {
			d.conn = true
		} else {
			d.media[len(d.media)-1].conn = true
		}
	case 't':
		if len(d.times) == maxTimes {
			return ErrTooMany
		}
		start, stop := cutField(value)
		if !isNumber(start) || !isNumber(stop) {
			return ErrTime
		}
		d.times = append(d.times, value)
	case 'a':
		if len(d.media) > 0 {
			d.media[len(d.media)-1].attribute(value)
		}
	}
	return nil
}

// addMedia reads an m= line: media, port, protocol and at least one format.
func (d *description) addMedia(value []byte) error {
	if len(d.media) == maxMedia {
		return ErrTooMany
	}
	var m media
	m.kind, value = cutField(value)
	m.port, value = cutField(value)
	m.proto, m.formats = cutField(value)
	port, count, counted := bytes.Cut(m.port, []byte("/"))
	if !isToken(m.kind) || !isPort(port) || counted && !isNumber(count) || !isProto(m.proto) {
		return ErrMedia
	}
	for rest := m.formats; ; {
		var f []byte
		f, rest = cutField(rest)
		if !isToken(f) {
			return ErrMedia
		}
		if rest == nil {
			break
		}
	}
	d.media = append(d.media, m)
	return nil
}

// attribute keeps the payload type of an a=rtpmap that names PCMU or PCMA: `rtpmap:97 PCMU/8000`.
func (m *media) attribute(value []byte) {
	value, ok := bytes.CutPrefix(value, []byte("rtpmap:"))
	if !ok {
		return
	}
	format, codec := cutField(value)
	codec = bytes.TrimSuffix(codec, []byte("/1")) // one channel, spelled out
	switch {
	case !isToken(format):
	case bytes.EqualFold(codec, []byte(pcmu)) && m.pcmu == nil:
		m.pcmu = format
	case bytes.EqualFold(codec, []byte(pcma)) && m.pcma == nil:
		m.pcma = format
	}
}

// The codecs as an rtpmap spells them (RFC 3551, Section 6: payload types 0 and 8).
const (
	pcmu = "PCMU/8000"
	pcma = "PCMA/8000"
)

// choose returns the first format that is PCMU or PCMA, and which; codec is "" when m is to be refused.
func (m media) choose() (format []byte, codec string) {
	// The offer withdrew a stream with port 0; several ports are for layered codings, which these are not.
	if string(m.kind) != "audio" || string(m.proto) != "RTP/AVP" || isZero(m.port) || bytes.IndexByte(m.port, '/') >= 0 {
		return nil, ""
	}
	for rest := m.formats; rest != nil; {
		var f []byte
		f, rest = cutField(rest)
		switch {
		case string(f) == "0", m.pcmu != nil && bytes.Equal(f, m.pcmu):
			return f, pcmu
		case string(f) == "8", m.pcma != nil && bytes.Equal(f, m.pcma):
			return f, pcma
		}
	}
	return nil, ""
}

// format returns the first format.
func (m media) format() []byte {
	f, _ := cutField(m.formats)
	return f
}
