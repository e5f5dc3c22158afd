package parser

// Header identifies a header field that the parser knows by name. Compact and long names have one id
// (RFC 3261, Section 7.3.3). A field with any other name is HeaderUnknown and found by [Message.Lookup].
type Header uint8

// The header fields of RFC 3261, Section 20, and of the extensions named in SPECS.md.
const (
	HeaderUnknown Header = iota
	HeaderAccept
	HeaderAcceptContact
	HeaderAcceptEncoding
	HeaderAcceptLanguage
	HeaderAlertInfo
	HeaderAllow
	HeaderAllowEvents
	HeaderAuthenticationInfo
	HeaderAuthorization
	HeaderCallID
	HeaderCallInfo
	HeaderContact
	HeaderContentDisposition
	HeaderContentEncoding
	HeaderContentLanguage
	HeaderContentLength
	HeaderContentType
	HeaderCSeq
	HeaderDate
	HeaderErrorInfo
	HeaderEvent
	HeaderExpires
	HeaderFeatureCaps
	HeaderFlowTimer
	HeaderFrom
	HeaderGeolocation
	HeaderHistoryInfo
	HeaderIdentity
	HeaderInReplyTo
	HeaderInfoPackage
	HeaderJoin
	HeaderMaxBreadth
	HeaderMaxForwards
	HeaderMIMEVersion
	HeaderMinExpires
	HeaderMinSE
	HeaderOrganization
	HeaderPAssertedIdentity
	HeaderPPreferredIdentity
	HeaderPath
	HeaderPriority
	HeaderPrivacy
	HeaderProxyAuthenticate
	HeaderProxyAuthorization
	HeaderProxyRequire
	HeaderRAck
	HeaderReason
	HeaderRecordRoute
	HeaderRecvInfo
	HeaderReferSub
	HeaderReferTo
	HeaderReferredBy
	HeaderRejectContact
	HeaderReplaces
	HeaderReplyTo
	HeaderRequestDisposition
	HeaderRequire
	HeaderRetryAfter
	HeaderRoute
	HeaderRSeq
	HeaderServer
	HeaderServiceRoute
	HeaderSessionExpires
	HeaderSIPETag
	HeaderSIPIfMatch
	HeaderSubject
	HeaderSubscriptionState
	HeaderSupported
	HeaderTargetDialog
	HeaderTimestamp
	HeaderTo
	HeaderUnsupported
	HeaderUserAgent
	HeaderUsertoUser
	HeaderVia
	HeaderWarning
	HeaderWWWAuthenticate

	headerCount
)

// kind says how the rows of a header field combine.
type kind uint8

const (
	single kind = iota // at most one row with one value
	list               // rows may be comma-joined: RFC 3261, Section 7.3.1
	rows               // may repeat, never joined: the challenge and credential fields
)

var headers = [headerCount]struct {
	name    string
	compact byte // 0: none
	kind    kind
}{
	HeaderAccept:             {"Accept", 0, list},
	HeaderAcceptContact:      {"Accept-Contact", 'a', list},
	HeaderAcceptEncoding:     {"Accept-Encoding", 0, list},
	HeaderAcceptLanguage:     {"Accept-Language", 0, list},
	HeaderAlertInfo:          {"Alert-Info", 0, list},
	HeaderAllow:              {"Allow", 0, list},
	HeaderAllowEvents:        {"Allow-Events", 'u', list},
	HeaderAuthenticationInfo: {"Authentication-Info", 0, single},
	HeaderAuthorization:      {"Authorization", 0, rows},
	HeaderCallID:             {"Call-ID", 'i', single},
	HeaderCallInfo:           {"Call-Info", 0, list},
	HeaderContact:            {"Contact", 'm', list},
	HeaderContentDisposition: {"Content-Disposition", 0, single},
	HeaderContentEncoding:    {"Content-Encoding", 'e', list},
	HeaderContentLanguage:    {"Content-Language", 0, list},
	HeaderContentLength:      {"Content-Length", 'l', single},
	HeaderContentType:        {"Content-Type", 'c', single},
	HeaderCSeq:               {"CSeq", 0, single},
	HeaderDate:               {"Date", 0, single},
	HeaderErrorInfo:          {"Error-Info", 0, list},
	HeaderEvent:              {"Event", 'o', single},
	HeaderExpires:            {"Expires", 0, single},
	HeaderFeatureCaps:        {"Feature-Caps", 0, list},
	HeaderFlowTimer:          {"Flow-Timer", 0, single},
	HeaderFrom:               {"From", 'f', single},
	HeaderGeolocation:        {"Geolocation", 0, list},
	HeaderHistoryInfo:        {"History-Info", 0, list},
	HeaderIdentity:           {"Identity", 'y', rows},
	HeaderInReplyTo:          {"In-Reply-To", 0, list},
	HeaderInfoPackage:        {"Info-Package", 0, single},
	HeaderJoin:               {"Join", 0, single},
	HeaderMaxBreadth:         {"Max-Breadth", 0, single},
	HeaderMaxForwards:        {"Max-Forwards", 0, single},
	HeaderMIMEVersion:        {"MIME-Version", 0, single},
	HeaderMinExpires:         {"Min-Expires", 0, single},
	HeaderMinSE:              {"Min-SE", 0, single},
	HeaderOrganization:       {"Organization", 0, single},
	HeaderPAssertedIdentity:  {"P-Asserted-Identity", 0, list},
	HeaderPPreferredIdentity: {"P-Preferred-Identity", 0, list},
	HeaderPath:               {"Path", 0, list},
	HeaderPriority:           {"Priority", 0, single},
	HeaderPrivacy:            {"Privacy", 0, single},
	HeaderProxyAuthenticate:  {"Proxy-Authenticate", 0, rows},
	HeaderProxyAuthorization: {"Proxy-Authorization", 0, rows},
	HeaderProxyRequire:       {"Proxy-Require", 0, list},
	HeaderRAck:               {"RAck", 0, single},
	HeaderReason:             {"Reason", 0, list},
	HeaderRecordRoute:        {"Record-Route", 0, list},
	HeaderRecvInfo:           {"Recv-Info", 0, list},
	HeaderReferSub:           {"Refer-Sub", 0, single},
	HeaderReferTo:            {"Refer-To", 'r', single},
	HeaderReferredBy:         {"Referred-By", 'b', single},
	HeaderRejectContact:      {"Reject-Contact", 'j', list},
	HeaderReplaces:           {"Replaces", 0, single},
	HeaderReplyTo:            {"Reply-To", 0, single},
	HeaderRequestDisposition: {"Request-Disposition", 'd', list},
	HeaderRequire:            {"Require", 0, list},
	HeaderRetryAfter:         {"Retry-After", 0, single},
	HeaderRoute:              {"Route", 0, list},
	HeaderRSeq:               {"RSeq", 0, single},
	HeaderServer:             {"Server", 0, single},
	HeaderServiceRoute:       {"Service-Route", 0, list},
	HeaderSessionExpires:     {"Session-Expires", 'x', single},
	HeaderSIPETag:            {"SIP-ETag", 0, single},
	HeaderSIPIfMatch:         {"SIP-If-Match", 0, single},
	HeaderSubject:            {"Subject", 's', single},
	HeaderSubscriptionState:  {"Subscription-State", 0, single},
	HeaderSupported:          {"Supported", 'k', list},
	HeaderTargetDialog:       {"Target-Dialog", 0, single},
	HeaderTimestamp:          {"Timestamp", 0, single},
	HeaderTo:                 {"To", 't', single},
	HeaderUnsupported:        {"Unsupported", 0, list},
	HeaderUserAgent:          {"User-Agent", 0, single},
	HeaderUsertoUser:         {"User-to-User", 0, list},
	HeaderVia:                {"Via", 'v', list},
	HeaderWarning:            {"Warning", 0, list},
	HeaderWWWAuthenticate:    {"WWW-Authenticate", 0, rows},
}

// String returns the header's long name in its usual spelling, "" for HeaderUnknown.
func (h Header) String() string {
	if h < headerCount {
		return headers[h].name
	}
	return ""
}
