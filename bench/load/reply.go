package main

import "bytes"

// reply is what the generator needs of an answer.
type reply struct {
	status byte // the first digit
	letter byte // of the branch: which request it answers
	id     uint32
	tag    []byte // of To
	uri    []byte // in Contact
}

var (
	branchMagic = []byte("branch=z9hG4bK")
	lineEnd     = []byte("\r\n")
	tagParam    = []byte(";tag=")
)

// readReply reads an answer to one of our messages. A dialog's tag and Contact are read only when they are asked for.
func readReply(b []byte, dialog bool) (r reply, ok bool) {
	if len(b) < len("SIP/2.0 200") || string(b[:8]) != "SIP/2.0 " {
		return r, false
	}
	r.status = b[8]
	i := bytes.Index(b, branchMagic)
	if i < 0 || i+len(branchMagic)+9 > len(b) {
		return r, false
	}
	i += len(branchMagic)
	r.letter = b[i]
	if r.id, ok = readSerial(b[i+1:]); !ok || !dialog {
		return r, ok
	}
	for rest := b; len(rest) > 2; {
		line, after, _ := bytes.Cut(rest, lineEnd)
		rest = after
		if len(line) == 0 {
			break
		}
		switch name, value, _ := bytes.Cut(line, []byte(":")); string(name) {
		case "To", "t":
			if _, tag, ok := bytes.Cut(value, tagParam); ok {
				r.tag, _, _ = bytes.Cut(tag, []byte(";"))
			}
		case "Contact", "m":
			if _, uri, ok := bytes.Cut(value, []byte("<")); ok {
				r.uri, _, _ = bytes.Cut(uri, []byte(">"))
			}
		}
	}
	return r, len(r.tag) > 0 && len(r.uri) > 0
}
