package transaction

import (
	"github.com/ringback-sip/ringback/parser"
)

// admit counts a request of so many octets among the unfinished ones. When there are too many it counts nothing and returns
// the status of the refusal. Requests that end work rather than begin it have a quarter more room.
func (l *Layer) admit(c Conn, k key, size int, tagged bool) parser.Status {
	all, each := int64(l.cfg.MaxServers), l.cfg.MaxPerSource
	n := l.unanswered.Add(1)
	if n > all && l.ends(k, tagged) {
		all += all / 4
	}
	var status parser.Status
	switch {
	case n > all:
		status = overload(tagged)
	case n > int64(each) && l.full(c, k, tagged): // else no source can have so many
		status = parser.StatusServerInternalError
	case !l.hold(k, int64(size)):
		status = overload(tagged)
	default:
		return 0
	}
	l.unanswered.Add(-1)
	return status
}

// overload is the status that refuses a request when there is no room at all. Inside a dialog a 503 might be taken
// for the end of the dialog, or of us, by those on the way (RFC 3261, Section 21.5.4).
func overload(tagged bool) parser.Status {
	if tagged {
		return parser.StatusServerInternalError
	}
	return parser.StatusServiceUnavailable
}

// full reports whether the source of c has as many unfinished transactions as it may.
func (l *Layer) full(c Conn, k key, tagged bool) bool {
	source := l.source(c)
	if !source.IsValid() {
		return false
	}
	n, each := l.sources.of(source), l.cfg.MaxPerSource
	return n >= each && (n >= each+each/4 || !l.ends(k, tagged))
}

// ends reports whether a request ends work rather than begins it.
func (l *Layer) ends(k key, tagged bool) bool {
	return tagged || k.method == parser.MethodCancel && l.target(k) != nil
}

// dismiss takes back what admit counted.
func (l *Layer) dismiss(size int) {
	l.unanswered.Add(-1)
	l.held.Add(-int64(size))
}

// refuse answers without a transaction. Repetitions of the request get the same answer (RFC 3261, Section 8.2.7), and
// different requests are asked to come back at different times. What might go to a forged address is not much longer than
// what came from there.
func (l *Layer) refuse(c Conn, k key, m *parser.Message, status parser.Status) {
	l.counts.refused.Add(1)
	tag := l.toTag(k)
	for _, write := range [...]func(*parser.Builder){
		func(b *parser.Builder) { b.Response(m, status, "", tag) },
		func(b *parser.Builder) { b.MinimalResponse(m, status, tag) },
	} {
		var b parser.Builder
		b.Reset(make([]byte, 0, headRoom))
		write(&b)
		b.Int(parser.HeaderRetryAfter, 5+int(k.sum[len(k.sum)-1]%11))
		w, err := b.Wire()
		if err != nil {
			return
		}
		if c.Reliable() || w.Len() <= len(m.Bytes())*3/2 {
			c.Send(w) // lost or not: there is nobody to tell
			return
		}
	}
}
