package main

import (
	"bytes"
	"net"
	"strconv"
)

// floor answers every request but ACK with a canned 200 behind the fields that RFC 3261, Section 8.2.6.2, has copied. It
// checks nothing and holds nothing: no server that reads the request can cost less.
type floor struct {
	conn  *net.UDPConn
	plain []byte // what stands behind the copied fields
	call  []byte // likewise, of the answer to an INVITE
}

func newFloor() (*floor, error) {
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, err
	}
	f := &floor{conn: conn, plain: []byte("Content-Length: 0\r\n\r\n")}
	f.call = []byte("Contact: <sip:echo@" + conn.LocalAddr().String() + ">\r\nContent-Type: application/sdp\r\nContent-Length: " +
		strconv.Itoa(len(offer)) + "\r\n\r\n" + offer)
	return f, widen(conn)
}

// serve answers until the socket is closed.
func (f *floor) serve() {
	in, out := make([]byte, 65536), make([]byte, 0, 65536)
	for {
		n, from, err := f.conn.ReadFromUDPAddrPort(in)
		if err != nil {
			return
		}
		out = f.answer(out[:0], in[:n])
		if len(out) == 0 {
			continue
		}
		if _, err := f.conn.WriteToUDPAddrPort(out, from); err != nil {
			return
		}
	}
}

// answer appends the answer to b, nothing when none is due.
func (f *floor) answer(dst, b []byte) []byte {
	line, rest, _ := bytes.Cut(b, lineEnd)
	if len(line) < 4 || string(line[:4]) == "ACK " {
		return dst
	}
	end := f.plain
	if string(line[:4]) == "INVI" {
		end = f.call
	}
	dst = append(dst, "SIP/2.0 200 OK\r\n"...)
	for len(rest) > 2 {
		i := bytes.Index(rest, lineEnd)
		if i <= 0 {
			break
		}
		line := rest[:i+2]
		rest = rest[i+2:]
		switch {
		case is(line, "Via:"), is(line, "From:"), is(line, "Call-ID:"), is(line, "CSeq:"):
			dst = append(dst, line...)
		case is(line, "To:"):
			dst = append(dst, line[:i]...)
			if !bytes.Contains(line, tagParam) {
				dst = append(dst, ";tag=floor"...)
			}
			dst = append(dst, "\r\n"...)
		}
	}
	return append(dst, end...)
}

func is(line []byte, name string) bool {
	return len(line) > len(name) && string(line[:len(name)]) == name
}
