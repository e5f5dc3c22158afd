// Package parser turns the bytes of a SIP message into a [Message] and back.
//
// # Terminology
//
// A message has a start line, a header section and a body. The header section holds header fields: rows of a name, a
// colon and a value, which may go on in the next row when that starts with a blank (a fold). Some fields hold a list
// of values, in one row or in several (RFC 3261, Section 7.3.1). A [Header] is a field name that the parser knows.
//
// # Reading
//
// [Message.Parse] finds the fields and cuts the body, [Message.Check] asks what has to hold before a message is given
// to a transaction, and the accessors read values when they are asked for. All of them return slices of the bytes that
// Parse was given. A [Framer] finds the messages in a stream. A field that is absent gives [ErrAbsent], one that is
// malformed any other [Error].
//
// # Writing
//
// A [Builder] appends a message to a buffer and returns it as a [Wire].
//
// # Specifications
//
// RFC 3261 with its Section 25 grammar, RFC 3581 (rport), RFC 5954 (IPv6 in URIs), RFC 3966 (tel URIs), RFC 5626
// (CRLF between messages); RFC 4475 and RFC 5118 say what to make of odd messages. Bodies are opaque bytes.
//
// Tolerated on input, never written: lone LF line ends in datagrams; a status line without the space before an empty
// reason phrase; a display name directly before its bracket; brackets in received; three colons before an IPv4 tail in
// an IPv6 address; colons and brackets in unquoted parameter values.
//
// # Security Considerations
//
// Anyone can send anything. No function panics on input or takes more than linear time, limits are constants, and
// neither reading nor failing allocates. Control octets are refused wherever the grammar does not put them behind a
// backslash, so that no value can become a field of another message. Percent escapes are decoded once and only by
// [Unescape] and comparison. The Builder refuses what Parse would.
package parser
