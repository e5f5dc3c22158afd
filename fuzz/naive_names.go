package fuzz

// compacts are the compact forms of RFC 3261, Section 7.3.3 and of the extensions that have one.
var compacts = map[string]string{
	"a": "Accept-Contact", "b": "Referred-By", "c": "Content-Type", "d": "Request-Disposition", "e": "Content-Encoding",
	"f": "From", "i": "Call-ID", "j": "Reject-Contact", "k": "Supported", "l": "Content-Length", "m": "Contact",
	"o": "Event", "r": "Refer-To", "s": "Subject", "t": "To", "u": "Allow-Events", "v": "Via", "x": "Session-Expires",
	"y": "Identity",
}

// singles are the headers whose grammar knows one value, without a list; Authentication-Info is counted among them.
var singles = []string{
	"Authentication-Info", "Call-ID", "Content-Disposition", "Content-Length", "Content-Type", "CSeq", "Date", "Event",
	"Expires", "Flow-Timer", "From", "Info-Package", "Join", "Max-Breadth", "Max-Forwards", "MIME-Version", "Min-Expires",
	"Min-SE", "Organization", "Priority", "Privacy", "RAck", "Refer-Sub", "Refer-To", "Referred-By", "Replaces", "Reply-To",
	"Retry-After", "RSeq", "Server", "Session-Expires", "SIP-ETag", "SIP-If-Match", "Subject", "Subscription-State",
	"Target-Dialog", "Timestamp", "To", "User-Agent",
}

// lists are the headers whose rows may be joined by commas (RFC 3261, Section 7.3.1).
var lists = []string{
	"Accept", "Accept-Contact", "Accept-Encoding", "Accept-Language", "Alert-Info", "Allow", "Allow-Events", "Call-Info",
	"Contact", "Content-Encoding", "Content-Language", "Error-Info", "Feature-Caps", "Geolocation", "History-Info",
	"In-Reply-To", "P-Asserted-Identity", "P-Preferred-Identity", "Path", "Proxy-Require", "Reason", "Record-Route",
	"Recv-Info", "Reject-Contact", "Request-Disposition", "Require", "Route", "Service-Route", "Supported", "Unsupported",
	"User-to-User", "Via", "Warning",
}

// known are all headers that have a name of their own in package parser, in lower case.
var known = knownNames()

func knownNames() map[string]bool {
	names := make(map[string]bool)
	for _, list := range [][]string{singles, lists, {"Authorization", "Identity", "Proxy-Authenticate", "Proxy-Authorization", "WWW-Authenticate"}} {
		for _, name := range list {
			names[lower(name)] = true
		}
	}
	return names
}

// longName returns the long form of a compact name, and any other name as it is.
func longName(name string) string {
	if long, ok := compacts[lower(name)]; ok {
		return long
	}
	return name
}
