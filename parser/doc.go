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
// Every header field has one way to its value. Those with a grammar of their own have an accessor: Via, From, Date, Reason. The others
// share a few by shape: [Message.Item] and [Message.Items] for a value with parameters, [Message.Token] and [Message.Tokens] for names,
// [Message.Address] and [Message.Addresses] for addresses, [Message.Auths] for challenges and credentials, [Message.Number] for numbers,
// and [Message.Raw], [Message.Values] and [Message.Lookup] for what is text, or unknown. Multipart bodies are walked by [Message.Parts].
//
// # Memory
//
// A Message keeps the bytes it was parsed from and refers to them by offset and length: it is small, holds no pointer for each field, and
// is parsed into again and again. Whoever gave the bytes owns them; the Message, and every slice it returns, is valid until they change.
// [Message.Clone] makes one that owns its bytes, with two allocations. Slices that are returned have no spare capacity, so
// that appending to one cannot write over its neighbour. Parse, Check, the accessors, the walks and the Builder with a reused buffer do not
// allocate, and neither do their failures; tests hold them to it. A Message is safe for concurrent reading,
// and Check is none; a Builder is not safe for concurrent use.
//
// # Specifications
//
// RFC 3261 with its Section 25 grammar, RFC 3581 (rport), RFC 5954 (IPv6 in URIs), RFC 3966 (tel URIs), RFC 5626
// (CRLF between messages); RFC 4475 and RFC 5118 say what to make of odd messages. Bodies are opaque bytes.
//
// Tolerated on input, never written: lone LF line ends in datagrams; a status line without the space before an empty
// reason phrase; a display name directly before its bracket, or in UTF-8 without quotes; underscores in host names;
// brackets in received; three colons before an IPv4 tail in an IPv6 address; colons and brackets in unquoted parameter
// values.
//
// # Security Considerations
//
// Anyone can send anything. No function panics on input or takes more than linear time, limits are constants, and
// neither reading nor failing allocates. Control octets are refused wherever the grammar does not put them behind a
// backslash, so that no value can become a field of another message. Percent escapes are decoded once and only by
// [Unescape] and comparison. The Builder refuses what Parse would.
//
// # Examples
//
// [Message.Parse] shows a request read and [Builder] one written; [Builder.Response] answers, [Framer] reads a stream,
// [URI.Equal] compares, and [Message.Check] tells people where a message is wrong.
package parser
