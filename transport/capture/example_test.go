package capture_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"time"

	"github.com/ringback-sip/ringback/transport"
	"github.com/ringback-sip/ringback/transport/capture"
)

// passed is a message as a transport tells of it.
func passed() transport.Event {
	return transport.Event{
		Time:      time.Unix(1000000000, 0),
		Direction: transport.Out,
		Protocol:  transport.UDP,
		Local:     netip.MustParseAddrPort("192.0.2.1:5060"),
		Remote:    netip.MustParseAddrPort("192.0.2.2:5060"),
		Bytes:     []byte("OPTIONS sip:bob@192.0.2.2 SIP/2.0\r\n\r\n"),
	}
}

// A capture file of all that a transport layer sends and takes.
func ExampleNewPCAP() {
	var file bytes.Buffer
	pcap := capture.NewPCAP(&file, nil)
	cfg := transport.Config{Trace: pcap.Trace}

	cfg.Trace(passed())
	fmt.Println(file.Len(), "octets,", pcap.Err())
	// Output: 105 octets, <nil>
}

// Each message as a HEP3 packet, to a collector over a connected UDP socket; here into memory.
func ExampleNewHEP() {
	var collector bytes.Buffer
	hep := capture.NewHEP(&collector, &capture.Options{Agent: 2001})
	cfg := transport.Config{Trace: hep.Trace}

	cfg.Trace(passed())
	fmt.Printf("%q\n", collector.Bytes()[:4])
	// Output: "HEP3"
}

func ExampleAppendRedacted() {
	line := []byte(`Authorization: Digest username="bob", response="6629fae49393"`)
	fmt.Printf("%s\n", capture.AppendRedacted(nil, line))
	// Output: Authorization: Digest username="bob", response="************"
}

func ExampleAppendHEP() {
	b := capture.AppendHEP(nil, passed(), nil)
	fmt.Printf("%q and %d octets\n", b[:4], len(b)-4)
	// Output: "HEP3" and 132 octets
}

// A capture file from something else than a transport layer.
func ExamplePacket_AppendTo() {
	file := capture.AppendFileHeader(nil)
	file = capture.Packet{
		Time:    time.Unix(1000000000, 0),
		From:    netip.MustParseAddrPort("192.0.2.1:5060"),
		To:      netip.MustParseAddrPort("192.0.2.2:5060"),
		Payload: []byte("\r\n\r\n"),
	}.AppendTo(file)
	fmt.Println(len(file), "octets")
	// Output: 72 octets
}
