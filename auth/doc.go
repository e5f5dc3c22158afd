// Package auth is the Digest scheme of both sides: a [Client] answers challenges, a [Server] makes them and verifies what comes back. It reads
// and writes messages of package parser, and has no I/O and no clock: time is an argument. Package ua holds a Client for what
// Config.Credentials knows, and has Authenticate, a Handler around a Server.
//
// # Terminology
//
// A challenge is a WWW-Authenticate field of a 401 or a Proxy-Authenticate field of a 407, credentials are what answers it in Authorization or
// Proxy-Authorization. A realm is the name of those who share passwords, and all that says what a challenge is about. A nonce is the server's
// number in a challenge, its count says how often the client has used it, and the client adds a nonce of its own, the cnonce. A nonce is stale
// when the server wants another one, although the password is right. H(A1), HA1 here, is the hash of user, realm and password: it may be stored in place of the
// password. The quality of protection, qop, is auth or auth-int, where the body counts as well.
//
// # Specifications
//
//   - RFC 3261, Section 22: who challenges what, and which credentials go where
//   - RFC 7616: the scheme, and RFC 2617 with its form for servers and clients that know no qop
//   - RFC 8760: the algorithms in SIP, and several challenges for one realm
//
// A Client prefers what stands on top among SHA-512-256, SHA-256 and MD5, each with or without a session, and auth to auth-int. It reads
// nextnonce and rspauth of Authentication-Info. It sends no hashed user names and ignores domain and charset. A Server verifies user names in
// either form but the hashed one, which it does not ask for, and sends no Authentication-Info.
//
// # Security considerations
//
// Credentials go to who asked for the realm, as the application's function decides by its name; what had success goes again without being asked for
// to the same To (Authorization) or in the same Call-ID (Proxy-Authorization) and nowhere else. A function that has the password for every realm
// has it for a proxy that invents one: what that learns is a hash, which it may try passwords against. Refused credentials are not
// repeated. A request is sent eight times at most.
//
// A Server stores nothing for a challenge. Its nonces carry their time and are authenticated, and the table of those that
// verified is bounded: who has no password cannot make it grow, and who has one can make others prove themselves once more, no more than that. The
// same credentials are good once. Unknown users and wrong passwords take the same work and get the same answer, and hashes are compared
// in constant time.
//
// Digest proves nothing about the peer that shows the challenge and hides nothing. MD5 is offered last, for phones that know nothing else; on a network
// that is not trusted the answer to that is TLS (RFC 8760, Section 3).
package auth
