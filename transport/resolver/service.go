package resolver

import (
	"fmt"
	"strings"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport"
)

// service is how DNS names a protocol.
type service struct {
	naptr string // its NAPTR service (RFC 3263, Section 9; RFC 7118, Section 10.2)
	srv   string // the first labels of its SRV records
	port  uint16 // where there are none (RFC 3261, Section 19.1.2; RFC 7118, Section 5.5)
}

func serviceOf(p transport.Protocol) service {
	switch p {
	case transport.UDP:
		return service{"SIP+D2U", "_sip._udp.", 5060}
	case transport.TCP:
		return service{"SIP+D2T", "_sip._tcp.", 5060}
	case transport.TLS:
		return service{"SIPS+D2T", "_sips._tcp.", 5061}
	case transport.WS:
		return service{"SIP+D2W", "_sip._ws.", 80}
	case transport.WSS:
		return service{"SIPS+D2W", "_sips._ws.", 443}
	}
	return service{}
}

// protocols are all that are built in, the most wanted first: where a domain says nothing about its own wishes, encrypted before clear,
// and a connection before datagrams, which cannot hold every request (RFC 3261, Section 18.1.1).
var protocols = [...]transport.Protocol{transport.TLS, transport.TCP, transport.UDP, transport.WSS, transport.WS}

// protocolOfService returns the protocol of a NAPTR service, 0 for none of ours.
func protocolOfService(naptr string) transport.Protocol {
	for _, p := range protocols {
		if strings.EqualFold(naptr, serviceOf(p).naptr) {
			return p
		}
	}
	return 0
}

// explicit returns the protocol that the URI's transport parameter asks for, 0 when it has none.
func explicit(uri parser.URI) (transport.Protocol, error) {
	name, ok := uri.Param("transport")
	if !ok {
		return 0, nil
	}
	p, err := transport.ParseProtocol(string(name))
	if err != nil || !uri.IsSIPS() {
		return p, err
	}
	return overTLS(p)
}

// overTLS returns the protocol that carries for a sips URI what p carries for a sip one: "For a SIPS URI, the transport parameter MUST
// indicate a reliable transport" (RFC 3261, Section 19.1.1), and every hop is encrypted (Section 26.2.2).
func overTLS(p transport.Protocol) (transport.Protocol, error) {
	switch p {
	case transport.TCP, transport.TLS:
		return transport.TLS, nil
	case transport.WS, transport.WSS:
		return transport.WSS, nil
	}
	return 0, fmt.Errorf("a sips URI cannot go over %s", p.Network())
}
