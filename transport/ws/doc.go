// Package ws is the WebSocket protocol as SIP uses it: reading and writing frames, and both sides of the opening handshake. It is pure: no I/O, no clock,
// no goroutine and no lock. Package transport owns the connections, the deadlines and the pings.
//
// # Terminology
//
// Octets come in frames. A message is one frame or several, its fragments; control frames (Close, Ping, Pong) may stand between them. A [Reader] turns
// octets into [Event] values, one for each whole message and each control frame. A masked frame has its payload combined with a [Key], which is what
// clients send; servers do not.
//
// # Memory
//
// Reader puts fragments together at the front of the caller's own buffer, over the headers it has read. It holds no octets itself, so that what a peer can make
// us hold is what the caller lets its buffer grow to, and [Reader] bounds it by MaxMessage however the message is cut into frames.
//
// # Specifications
//
// RFC 6455 (WebSocket) without extensions; RFC 7118, Sections 4, 5 and 7 (the subprotocol sip).
//
// # Security considerations
//
// Everything a peer sends is checked before it is used: lengths before anything is reserved for them, text while it comes in, so that the fault of a long
// message shows at its first wrong octet. Masking keys have to be unpredictable, which is the caller's part. A web page may open a connection to any host that its
// user's browser can reach: [Accept] therefore refuses pages of other hosts unless it is told which to take. Where names may change their
// addresses under a page (DNS rebinding) name the origins, by [Origins].
package ws
