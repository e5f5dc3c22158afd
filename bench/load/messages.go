package main

import (
	"fmt"
	"strings"
)

// workload is one kind of operation.
type workload string

// The workloads.
const (
	options  workload = "OPTIONS"
	register workload = "REGISTER"
	refresh  workload = "refresh" // REGISTER of the same phones again and again
	call     workload = "call"
)

// script holds the messages of one client to one server.
type script struct {
	first, ack, bye template // ack and bye of a call only
}

// offer is the body of an INVITE, and of the answers to it.
const offer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0 8 101\r\n" +
	"a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=inactive\r\n"

// newScript writes the messages from local to remote, both host:port. run is different for each run, so that no server takes
// one of ours for the repetition of an earlier one.
func newScript(w workload, local, remote, run string) script {
	head := func(method, uri, letter, to string, cseq int) string {
		return method + " " + uri + " SIP/2.0\n" +
			"Via: SIP/2.0/UDP " + local + ";rport;branch=z9hG4bK" + letter + "{id}" + run + "\n" +
			"Max-Forwards: 70\n" +
			"From: \"Load\" <sip:load@" + local + ">;tag={id}" + run + "\n" +
			"To: <sip:echo@" + remote + ">" + to + "\n" +
			"Call-ID: {id}" + run + "@127.0.0.1\n" +
			fmt.Sprintf("CSeq: %d %s\n", cseq, method)
	}
	const contact = "Contact: <sip:load@%s>\n"
	const end = "User-Agent: load\nContent-Length: 0\n\n"
	echo := "sip:echo@" + remote
	switch w {
	case options:
		return script{first: newTemplate(head("OPTIONS", echo, "o", "", 1) + fmt.Sprintf(contact, local) + "Accept: application/sdp\n" + end)}
	case register:
		return script{first: newTemplate(head("REGISTER", "sip:"+remote, "r", "", 1) + fmt.Sprintf(contact, local) + "Expires: 3600\n" + end)}
	}
	body := fmt.Sprintf("Content-Type: application/sdp\nContent-Length: %d\n\n", len(offer)) + strings.ReplaceAll(offer, "\r\n", "\n")
	return script{
		first: newTemplate(head("INVITE", echo, "i", "", 1) + fmt.Sprintf(contact, local) + "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS\nSupported: replaces\nUser-Agent: load\n" + body),
		ack:   newTemplate(head("ACK", "{uri}", "a", ";tag={tag}", 1) + end),
		bye:   newTemplate(head("BYE", "{uri}", "b", ";tag={tag}", 2) + end),
	}
}
