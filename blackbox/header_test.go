package blackbox

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// mandatory are the header fields that every request has (RFC 3261, Section 8.1.1), and Contact, which makes dialogs.
var mandatory = []string{"Via", "From", "To", "Call-ID", "CSeq", "Max-Forwards", "Contact"}

// spoil removes, doubles or empties a header field of a message.
func spoil(text, header, how string) string {
	at := strings.Index(text, "\r\n"+header+":") + 2
	if at < 2 {
		return text
	}
	line := text[at : at+strings.Index(text[at:], "\r\n")+2]
	with := ""
	switch how {
	case "doubled":
		with = line + line
	case "empty":
		with = header + ": \r\n"
	}
	return text[:at] + with + text[at+len(line):]
}

// deadly reports whether a request may get nothing but 400, or no answer, when that was done to it.
func deadly(header, how string) bool {
	switch header {
	case "From", "To", "Call-ID", "CSeq":
		return true
	case "Via", "Max-Forwards":
		// Two Vias are the rule. Max-Forwards is not asked for by those who need none.
		return how == "empty" || header == "Via" && how == "removed" || header == "Max-Forwards" && how == "doubled"
	}
	return false
}

// Whatever mandatory field is removed, doubled or empty, alone or with another, in whatever method or response: 400 or nothing, and
// the next request is served.
func TestSpoiledHeaders(t *testing.T) {
	methods := []string{"INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REGISTER", "MESSAGE", "SUBSCRIBE", "NOTIFY", "REFER", "UPDATE", "INFO", "PRACK", "PUBLISH", "FROB"}
	type change struct{ header, how string }
	var single []change
	for _, h := range mandatory {
		for _, how := range []string{"removed", "doubled", "empty"} {
			single = append(single, change{h, how})
		}
	}
	for _, network := range []string{"udp", "tcp"} {
		t.Run(network, func(t *testing.T) {
			inLab(t, echo(), func(l *lab) {
				n := 0
				try := func(kind string, changes ...change) {
					n++
					id := fmt.Sprintf("spoil%d", n)
					text, fatal := request(kind, "sip:a@10.0.0.1", netip.AddrPortFrom(evilAddr, 5060), id), false
					if kind[0] <= '9' {
						text = strings.Replace(request("INVITE", "sip:a@10.0.0.1", agentAddr, id), "INVITE sip:a@10.0.0.1 SIP/2.0", "SIP/2.0 "+kind+" Text", 1)
					}
					for _, c := range changes {
						text = spoil(text, c.header, c.how)
						fatal = fatal || deadly(c.header, c.how)
					}
					text = strings.Replace(text, "2.0/UDP", "2.0/"+strings.ToUpper(network), 1)
					var got []string
					if network == "udp" {
						got = statuses(l.quick([]byte(text)))
					} else {
						answers, _, _ := l.stream(50*time.Millisecond, []byte(text))
						got = statuses(answers)
					}
					switch {
					case (kind[0] <= '9' || kind == "ACK") && len(got) > 0:
						l.Errorf("%s %v is answered %v", kind, changes, got)
					case fatal && len(got) > 0 && (len(got) > 1 || got[0] != "400" && !(kind == "FROB" && got[0] == "501")):
						l.Errorf("%s %v is answered %v, want 400 or nothing", kind, changes, got)
					case len(got) > 1:
						l.Errorf("%s %v is answered %v, want one answer", kind, changes, got)
					}
					if n%50 == 0 {
						l.ping()
						time.Sleep(time.Minute) // stateless answers are rationed, and connections of one source
					}
				}
				for _, kind := range append(methods, "180", "200", "404") {
					for i, a := range single {
						try(kind, a)
						for _, b := range single[i+1:] {
							if a.header != b.header {
								try(kind, a, b)
							}
						}
					}
				}
			})
		})
	}
}

// quick is datagram for an answer that comes at once or never.
func (l *lab) quick(b []byte) []string {
	l.Helper()
	pc, err := l.evil.ListenPacket(netip.AddrPortFrom(evilAddr, 0))
	if err != nil {
		l.Fatal(err)
	}
	defer pc.Close()
	pc.WriteTo(b, toAgent())
	return received(pc, 20*time.Millisecond)
}
