// Package capture shows what passes a [transport.Layer] to the tools that read SIP: as a capture file for Wireshark,
// tshark and sngrep, and as HEP3 datagrams for HOMER and heplify.
//
// [PCAP.Trace] and [HEP.Trace] are made to be a transport's, or an agent's, Config.Trace:
//
//	f, err := os.Create("calls.pcap")
//	...
//	cfg.Trace = capture.NewPCAP(f, nil).Trace
//
// [AppendFileHeader], [Packet.AppendTo] and [AppendHEP] are the encoders beneath: pure, and of use without the rest.
//
// # Secrets
//
// What proves who somebody is, and the keys of media, are replaced by asterisks unless Options.Secrets says otherwise; see
// [AppendRedacted]. Everything else that people say and write to each other stays readable: a capture is to be kept like
// the mailbox that it is.
//
// # What is shown
//
// Messages as the layer sent and took them. Below them, addresses and ports are those of the flow, but the packets are made up:
// what came encrypted or framed, over TLS or a WebSocket, stands there in the clear as the payload of TCP, so that a
// reader needs no keys.
package capture
