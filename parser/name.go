package parser

// candidate is a header that a name of a known length and with this first letter may be.
type candidate struct {
	initial byte // in lower case
	h       Header
}

// byLength lists the known headers by the length of their long names, the ones most often seen first.
var byLength = [...][]candidate{
	2: {{'t', HeaderTo}},
	3: {{'v', HeaderVia}},
	4: {{'f', HeaderFrom}, {'c', HeaderCSeq}, {'d', HeaderDate}, {'p', HeaderPath}, {'r', HeaderRSeq}, {'r', HeaderRAck},
		{'j', HeaderJoin}},
	5: {{'a', HeaderAllow}, {'r', HeaderRoute}, {'e', HeaderEvent}},
	6: {{'a', HeaderAccept}, {'s', HeaderServer}, {'r', HeaderReason}, {'m', HeaderMinSE}},
	7: {{'c', HeaderCallID}, {'c', HeaderContact}, {'e', HeaderExpires}, {'r', HeaderRequire}, {'s', HeaderSubject},
		{'p', HeaderPrivacy}, {'w', HeaderWarning}},
	8: {{'r', HeaderReferTo}, {'r', HeaderReplaces}, {'r', HeaderReplyTo}, {'p', HeaderPriority}, {'i', HeaderIdentity},
		{'s', HeaderSIPETag}},
	9:  {{'s', HeaderSupported}, {'t', HeaderTimestamp}, {'c', HeaderCallInfo}, {'r', HeaderRecvInfo}, {'r', HeaderReferSub}},
	10: {{'u', HeaderUserAgent}, {'a', HeaderAlertInfo}, {'e', HeaderErrorInfo}, {'f', HeaderFlowTimer}},
	11: {{'u', HeaderUnsupported}, {'r', HeaderReferredBy}, {'r', HeaderRetryAfter}, {'m', HeaderMinExpires},
		{'m', HeaderMaxBreadth}, {'i', HeaderInReplyTo}, {'g', HeaderGeolocation}},
	12: {{'m', HeaderMaxForwards}, {'c', HeaderContentType}, {'r', HeaderRecordRoute}, {'a', HeaderAllowEvents},
		{'u', HeaderUsertoUser}, {'o', HeaderOrganization}, {'s', HeaderSIPIfMatch}, {'h', HeaderHistoryInfo},
		{'m', HeaderMIMEVersion}, {'i', HeaderInfoPackage}, {'f', HeaderFeatureCaps}},
	13: {{'a', HeaderAuthorization}, {'p', HeaderProxyRequire}, {'s', HeaderServiceRoute}, {'t', HeaderTargetDialog}},
	14: {{'c', HeaderContentLength}, {'a', HeaderAcceptContact}, {'r', HeaderRejectContact}},
	15: {{'s', HeaderSessionExpires}, {'a', HeaderAcceptEncoding}, {'a', HeaderAcceptLanguage}},
	16: {{'w', HeaderWWWAuthenticate}, {'c', HeaderContentEncoding}, {'c', HeaderContentLanguage}},
	18: {{'s', HeaderSubscriptionState}, {'p', HeaderProxyAuthenticate}},
	19: {{'p', HeaderProxyAuthorization}, {'c', HeaderContentDisposition}, {'p', HeaderPAssertedIdentity},
		{'r', HeaderRequestDisposition}, {'a', HeaderAuthenticationInfo}},
	20: {{'p', HeaderPPreferredIdentity}},
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

// headerOf returns the header called name, in its long or compact form and in any case (RFC 3261, Section 7.3.3).
func headerOf[T []byte | string](name T) Header {
	if len(name) == 0 || len(name) >= len(byLength) {
		return HeaderUnknown
	}
	c := name[0] | 0x20
	if len(name) == 1 {
		if c < 'a' || c > 'z' {
			return HeaderUnknown
		}
		return compacts[c-'a']
	}
	for _, k := range byLength[len(name)] {
		if k.initial == c && equalFold(name, headers[k.h].name) {
			return k.h
		}
	}
	return HeaderUnknown
}

// ParseHeader returns the header called name, in its long or compact form and in any case, HeaderUnknown when it is
// none of the known ones.
func ParseHeader(name []byte) Header { return headerOf(name) }
