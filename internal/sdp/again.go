package sdp

import (
	"bytes"
	"strconv"
)

// Again returns the answer to an offer in a session that stands, by a party whose last description was last: it has the same origin and address, and a
// version one higher, or is last itself when nothing else would differ (RFC 3264, Section 8). last must be from Offer, Answer or Again.
// The error is that of Answer. Neither argument is kept or written, but last may be what is returned.
//
// A stream on hold is answered like any other: inactive goes with every direction that an offer may ask for (RFC 3264, Section 6.1).
func Again(last, offer []byte) ([]byte, error) {
	var d description
	if err := d.parse(offer); err != nil {
		return nil, err
	}
	head, _, ok := bytes.Cut(last, []byte("t="))
	if !ok {
		return nil, errLast
	}
	b := append(make([]byte, 0, len(last)+len("1")), head...)
	for _, t := range d.times {
		b = append(b, "t="...)
		b = append(b, t...)
		b = append(b, "\r\n"...)
	}
	for _, m := range d.media {
		b = appendMedia(b, m)
	}
	if bytes.Equal(b, last) {
		return last, nil
	}
	return bump(b)
}

// errLast: a description that this package did not write.
const errLast = Error("the last description is not one of ours")

// bump raises the version in b, which is the number behind the session identifier of o=.
func bump(b []byte) ([]byte, error) {
	o := bytes.Index(b, []byte("o=- "))
	if o < 0 {
		return nil, errLast
	}
	fields := bytes.SplitN(b[o:], []byte{' '}, 4)
	if len(fields) < 4 {
		return nil, errLast
	}
	version, err := strconv.ParseUint(string(fields[2]), 10, 62)
	if err != nil {
		return nil, errLast
	}
	at := o + len(fields[0]) + len(fields[1]) + len("  ")
	next := append(make([]byte, 0, len(b)+1), b[:at]...)
	next = strconv.AppendUint(next, version+1, 10)
	return append(next, b[at+len(fields[2]):]...), nil
}
