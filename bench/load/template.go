package main

import (
	"fmt"
	"strings"
)

// template is a message with places to fill in.
type template []piece

// piece is what stands in a template: a text, and then a place.
type piece struct {
	text   string
	place  place
	window uint32 // of a phone
}

// place is what is filled in.
type place uint8

const (
	nothing place = iota
	serial        // the operation's number, eight digits
	toTag         // of the peer's answer
	target        // the URI in the peer's Contact
	phone         // the number of the operation's phone, eight digits
)

// places are the names of places in the text of a template.
var places = map[string]place{"id": serial, "tag": toTag, "uri": target, "phone": phone}

// newTemplate reads a text in which {id}, {tag}, {uri} and {phone} are places. Line ends become CRLF.
func newTemplate(text string) template {
	text = strings.ReplaceAll(text, "\n", "\r\n")
	var t template
	for {
		before, rest, ok := strings.Cut(text, "{")
		if !ok {
			return append(t, piece{text: text})
		}
		name, after, _ := strings.Cut(rest, "}")
		p, ok := places[name]
		if !ok {
			panic(fmt.Sprintf("load: a template has no place {%s}", name))
		}
		t = append(t, piece{text: before, place: p})
		text = after
	}
}

// fill appends the message to dst.
func (t template) fill(dst []byte, id uint32, tag, uri []byte) []byte {
	for _, p := range t {
		dst = append(dst, p.text...)
		switch p.place {
		case serial:
			dst = appendSerial(dst, id)
		case phone:
			dst = appendSerial(dst, id/p.window)
		case toTag:
			dst = append(dst, tag...)
		case target:
			dst = append(dst, uri...)
		}
	}
	return dst
}

const digits = "0123456789abcdef"

// appendSerial appends id as eight digits.
func appendSerial(dst []byte, id uint32) []byte {
	for shift := 28; shift >= 0; shift -= 4 {
		dst = append(dst, digits[id>>shift&15])
	}
	return dst
}

// readSerial reads what appendSerial wrote.
func readSerial(b []byte) (id uint32, ok bool) {
	if len(b) < 8 {
		return 0, false
	}
	for _, c := range b[:8] {
		i := strings.IndexByte(digits, c)
		if i < 0 {
			return 0, false
		}
		id = id<<4 | uint32(i)
	}
	return id, true
}
