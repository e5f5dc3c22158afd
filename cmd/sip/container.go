package main

import "bytes"

// container is a kind of file that people have messages in, and that is none itself.
type container struct {
	magic string // how it begins; no message does
	name  string
	hint  string // what to do with it
}

const (
	takeOut = `"sip parse -h" shows how to take messages out of it`
	unpack  = "unpack it first"
)

var containers = []container{
	{"\xd4\xc3\xb2\xa1", "capture file (pcap)", takeOut},
	{"\xa1\xb2\xc3\xd4", "capture file (pcap)", takeOut},
	{"\x4d\x3c\xb2\xa1", "capture file (pcap)", takeOut}, // times in nanoseconds
	{"\xa1\xb2\x3c\x4d", "capture file (pcap)", takeOut},
	{"\n\r\r\n", "capture file (pcapng)", takeOut},
	{"\x1f\x8b", "compressed file (gzip)", unpack},
	{"PK\x03\x04", "archive (zip)", unpack},
}

// containerOf returns what data is instead of messages, if that is known.
func containerOf(data []byte) (c container, ok bool) {
	for _, c := range containers {
		if bytes.HasPrefix(data, []byte(c.magic)) {
			return c, true
		}
	}
	return c, false
}
