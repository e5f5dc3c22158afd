package parser

import "math/bits"

// byInitial holds the known headers by the length of their long names and their first letter. Where two share
// both, sibling leads on from the one more often seen.
var byInitial = [longestName + 1]['z' - 'a' + 1]Header{
	2: {'t' - 'a': HeaderTo},
	3: {'v' - 'a': HeaderVia},
	4: {'c' - 'a': HeaderCSeq, 'd' - 'a': HeaderDate, 'f' - 'a': HeaderFrom, 'j' - 'a': HeaderJoin, 'p' - 'a': HeaderPath,
		'r' - 'a': HeaderRSeq},
	5: {'a' - 'a': HeaderAllow, 'e' - 'a': HeaderEvent, 'r' - 'a': HeaderRoute},
	6: {'a' - 'a': HeaderAccept, 'm' - 'a': HeaderMinSE, 'r' - 'a': HeaderReason, 's' - 'a': HeaderServer},
	7: {'c' - 'a': HeaderContact, 'e' - 'a': HeaderExpires, 'p' - 'a': HeaderPrivacy, 'r' - 'a': HeaderRequire,
		's' - 'a': HeaderSubject, 'w' - 'a': HeaderWarning},
	8:  {'i' - 'a': HeaderIdentity, 'p' - 'a': HeaderPriority, 'r' - 'a': HeaderReferTo, 's' - 'a': HeaderSIPETag},
	9:  {'c' - 'a': HeaderCallInfo, 'r' - 'a': HeaderRecvInfo, 's' - 'a': HeaderSupported, 't' - 'a': HeaderTimestamp},
	10: {'a' - 'a': HeaderAlertInfo, 'e' - 'a': HeaderErrorInfo, 'f' - 'a': HeaderFlowTimer, 'u' - 'a': HeaderUserAgent},
	11: {'g' - 'a': HeaderGeolocation, 'i' - 'a': HeaderInReplyTo, 'm' - 'a': HeaderMinExpires, 'r' - 'a': HeaderRetryAfter,
		'u' - 'a': HeaderUnsupported},
	12: {'a' - 'a': HeaderAllowEvents, 'c' - 'a': HeaderContentType, 'f' - 'a': HeaderFeatureCaps, 'h' - 'a': HeaderHistoryInfo,
		'i' - 'a': HeaderInfoPackage, 'm' - 'a': HeaderMaxForwards, 'o' - 'a': HeaderOrganization, 'r' - 'a': HeaderRecordRoute,
		's' - 'a': HeaderSIPIfMatch, 'u' - 'a': HeaderUsertoUser},
	13: {'a' - 'a': HeaderAuthorization, 'p' - 'a': HeaderProxyRequire, 's' - 'a': HeaderServiceRoute, 't' - 'a': HeaderTargetDialog},
	14: {'a' - 'a': HeaderAcceptContact, 'c' - 'a': HeaderContentLength, 'r' - 'a': HeaderRejectContact},
	15: {'a' - 'a': HeaderAcceptEncoding, 's' - 'a': HeaderSessionExpires},
	16: {'c' - 'a': HeaderContentEncoding, 'w' - 'a': HeaderWWWAuthenticate},
	18: {'p' - 'a': HeaderProxyAuthenticate, 's' - 'a': HeaderSubscriptionState},
	19: {'a' - 'a': HeaderAuthenticationInfo, 'c' - 'a': HeaderContentDisposition, 'p' - 'a': HeaderProxyAuthorization,
		'r' - 'a': HeaderRequestDisposition},
	20: {'p' - 'a': HeaderPPreferredIdentity},
}

var sibling = [headerCount]Header{
	HeaderRSeq:               HeaderRAck,
	HeaderContact:            HeaderCallID,
	HeaderReferTo:            HeaderReplaces,
	HeaderReplaces:           HeaderReplyTo,
	HeaderRecvInfo:           HeaderReferSub,
	HeaderMinExpires:         HeaderMaxBreadth,
	HeaderRetryAfter:         HeaderReferredBy,
	HeaderMaxForwards:        HeaderMIMEVersion,
	HeaderAcceptEncoding:     HeaderAcceptLanguage,
	HeaderContentEncoding:    HeaderContentLanguage,
	HeaderProxyAuthorization: HeaderPAssertedIdentity,
}

// compacts holds the headers with a compact form, by its letter (RFC 3261, Section 7.3.3).
var compacts = ['z' - 'a' + 1]Header{
	'a' - 'a': HeaderAcceptContact,
	'b' - 'a': HeaderReferredBy,
	'c' - 'a': HeaderContentType,
	'd' - 'a': HeaderRequestDisposition,
	'e' - 'a': HeaderContentEncoding,
	'f' - 'a': HeaderFrom,
	'i' - 'a': HeaderCallID,
	'j' - 'a': HeaderRejectContact,
	'k' - 'a': HeaderSupported,
	'l' - 'a': HeaderContentLength,
	'm' - 'a': HeaderContact,
	'o' - 'a': HeaderEvent,
	'r' - 'a': HeaderReferTo,
	's' - 'a': HeaderSubject,
	't' - 'a': HeaderTo,
	'u' - 'a': HeaderAllowEvents,
	'v' - 'a': HeaderVia,
	'x' - 'a': HeaderSessionExpires,
	'y' - 'a': HeaderIdentity,
}

// longestName is the length of the longest known name.
const longestName = len("P-Preferred-Identity")

// headerOf returns the header called name, in its long or compact form and in any case (RFC 3261, Section 7.3.3).
func headerOf(name []byte) Header {
	if len(name) == 0 || len(name) > longestName {
		return HeaderUnknown
	}
	initial := name[0] | 0x20 - 'a'
	if initial > 'z'-'a' {
		return HeaderUnknown
	}
	if len(name) == 1 {
		return compacts[initial]
	}
	for h := byInitial[len(name)][initial]; h != HeaderUnknown; h = sibling[h] {
		if EqualFold(name, headers[h].name) {
			return h
		}
	}
	return HeaderUnknown
}

// commonHeader returns the header called name when it is one that most messages have, in its usual spelling: the compiler
// makes a few comparisons of words of it. For any other it is HeaderUnknown.
func commonHeader(name []byte) Header {
	switch string(name) {
	case "Allow":
		return HeaderAllow
	case "Call-ID":
		return HeaderCallID
	case "Contact":
		return HeaderContact
	case "Content-Length":
		return HeaderContentLength
	case "Content-Type":
		return HeaderContentType
	case "CSeq":
		return HeaderCSeq
	case "Expires":
		return HeaderExpires
	case "From":
		return HeaderFrom
	case "Max-Forwards":
		return HeaderMaxForwards
	case "Record-Route":
		return HeaderRecordRoute
	case "Route":
		return HeaderRoute
	case "Supported":
		return HeaderSupported
	case "To":
		return HeaderTo
	case "User-Agent":
		return HeaderUserAgent
	case "Via":
		return HeaderVia
	}
	return HeaderUnknown
}

// ParseHeader returns the header called name, in its long or compact form and in any case, HeaderUnknown when it is
// none of the known ones.
func ParseHeader(name string) Header {
	var b [longestName]byte
	if len(name) > len(b) {
		return HeaderUnknown
	}
	return headerOf(b[:copy(b[:], name)])
}

// fieldName reads the header field name at b[i]: which it is, where it ends, and where its colon is. Blanks may stand
// before the colon, a fold may not (RFC 3261, Section 7.3.1). Without a name and a colon, ok is false and colon is where
// they were missed. Parse and the Framer read names with this one function, so that they never disagree.
func fieldName(b []byte, i int) (h Header, end, colon int, ok bool) {
	// A known name right before its colon is a token, whatever octets it could have held. Two looks at eight octets
	// find the colon of nearly all.
	for end = i; end < i+16 && end+8 <= len(b); end += 8 {
		if hit := zeros(load8(b, end) ^ ':'*ones); hit != 0 {
			end += bits.TrailingZeros64(hit) >> 3
			if h = commonHeader(b[i:end]); h == HeaderUnknown {
				h = headerOf(b[i:end])
			}
			if h != HeaderUnknown {
				return h, end, end, true
			}
			break
		}
	}
	end = run(b, i, token)
	colon = end
	for colon < len(b) && isBlank(b[colon]) {
		colon++
	}
	return headerOf(b[i:end]), end, colon, end > i && colon < len(b) && b[colon] == ':'
}
