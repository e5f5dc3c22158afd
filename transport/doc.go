// Package transport moves SIP messages over UDP, TCP, TLS and WebSocket, IPv4 and IPv6: sockets, connections, framing, where a response
// goes, and what a message must look like before anybody above hears of it.
//
// # Terminology
//
// A [Layer] owns all sockets of one element. A [Target] is a protocol, an address and a port to send to: what a URI
// comes down to. A [Hop] is a way: towards a Target, or back to where a request came from. It is not a socket; it
// queues, dials when it must and reports later failures through [Config].Failed. A [Flow] is the thing itself: one
// connection, or one local and one remote address on a UDP socket (RFC 5626).
//
// # The way of a message
//
// Each UDP socket and each connection has one reader, which parses into a message that it reuses, checks it, and
// calls [Config].Receive. Messages of one socket or connection arrive there in their order, one at a time. What does
// not parse is answered by the layer itself where an answer is due, within a rate; a response that cannot be ours is
// dropped. Nothing on the way of a good datagram in, and of its answer out, allocates.
//
// Sending never waits for a peer. A datagram goes out at once. On a connection the message joins a queue bounded in
// octets, and whole messages are written in its order by a writer that exists while there is something to write.
//
// # Who the peer is
//
// Over TLS a server proves the domain that was to be reached, by the rules of RFC 5922, and a connection is used again for what was proved on it and for
// nothing else. What [Config].TLS returns is asked for at each handshake: [CertificateFiles] reads files again when they change. A WebSocket client
// cannot be called back, so that its [Flow] is the only way to it; a server of WebSocket listens by itself or is mounted on an http.Server, by
// [Layer.WebSocket]. [Flow.KeepAlive] keeps a flow open through NATs and tells when it has failed, [Flow.Hold] keeps it from being idle.
//
// # Specifications
//
// RFC 3261, Sections 18 and 26.2; RFC 3581 (symmetric response routing); RFC 5922 and 5923 (identity of TLS peers, reuse of their connections);
// RFC 7118 (WebSocket); RFC 5626, Section 4.4 (keep-alive by double CRLF and STUN); RFC 3263, Sections 4 and 5 for numeric targets; RFC 5118 (IPv6).
//
// # Security considerations
//
// Anyone can send anything. What a peer can make this package hold is bounded by [Limits]: connections in all and for
// one source, octets of messages half read, octets waiting to be written, dials under way; each state of a connection,
// handshakes included, has a bound that [Deadlines] lists, and one on which nothing was said makes room for another.
// Answers to datagrams that do not parse are at most one a second for one source, ten at once, and never larger than one and a half times what they answer, so that a forged source address is no
// weapon. Other answers are bounded by Limits.Answers, and what a peer that may not be there is asked by [Hop.Bound]. No response is sent to a multicast or broadcast address, nor to a loopback address for a peer that is not on
// this host, whatever Via says.
package transport
