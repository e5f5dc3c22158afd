// Package resolver finds the servers of a SIP URI: which transport, which addresses, which ports, and in which order they are
// tried (RFC 3263).
//
// # Terminology
//
// A [Resolver] locates: its Locate method is a transport.Config.Locate. It asks a [Querier], which is a small DNS client of this package
// unless the user has one. An [Answer] is what DNS says about one name and one type; that there is no such record is an answer
// too, and an error is none. A [DenyList] remembers which targets did not work.
//
// # The way of a look-up
//
// A numeric host is answered at once and nobody is asked. A name is looked up by way of its NAPTR, SRV, A and AAAA records, as far as the URI
// leaves the choice (RFC 3263, Sections 4.1 and 4.2). Each answer is kept for its TTL, those that say "no such record" too (RFC
// 2308); questions that are under way are not asked twice. All of one Locate takes 5 s at most, whatever the servers do.
//
// A look-up that fails is not taken for a record that is missing: a server in trouble, or somebody between, must not decide that a
// request leaves without TLS. Where other records of the same step were found, those are used.
//
// Names of the hosts file are taken from there, and nothing of them is looked up. localhost is this host; names in .invalid are
// no names (RFC 6761, Sections 6.3 and 6.4).
//
// # Specifications
//
// RFC 3263; RFC 2782 (SRV); RFC 3403 (NAPTR); RFC 7118, Section 5.5 (WebSocket); RFC 7984 (both address families); RFC 1035, RFC
// 2181, RFC 2308, RFC 5452, RFC 6891 and RFC 7766 as far as a stub resolver needs them.
//
// # Security considerations
//
// DNS is not authenticated. Answers are taken only from the server that was asked, on a socket of its own with a port chosen by the
// system, with the number and the question that were sent (RFC 5452); of their records only those that the question leads to. A name that
// somebody else chose costs at most the bounds of this package: aliases, records, servers and targets are counted, and the cache has a size.
// A URI of the scheme sips is sent over TLS and nothing else, whatever DNS says. The name that a certificate is held against is
// that of the URI, never one that DNS brought (RFC 5922, Section 4).
package resolver
