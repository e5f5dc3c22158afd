package parser

import (
	"strings"
	"testing"
)

// The table of RFC 3261, Section 20, Tables 2 and 3, and of the extensions: compact forms, and how rows combine.
func TestHeaderTable(t *testing.T) {
	lists := "Accept Accept-Contact Accept-Encoding Accept-Language Alert-Info Allow Allow-Events Call-Info Contact Content-Encoding " +
		"Content-Language Error-Info Feature-Caps Geolocation History-Info In-Reply-To P-Asserted-Identity P-Preferred-Identity Path Proxy-Require Reason " +
		"Record-Route Recv-Info Reject-Contact Request-Disposition Require Route Service-Route Supported Unsupported User-to-User Via Warning "
	repeat := "Authorization Identity Proxy-Authenticate Proxy-Authorization WWW-Authenticate "
	singles := "Authentication-Info Call-ID Content-Disposition Content-Length Content-Type CSeq Date Event Expires Flow-Timer From Info-Package Join " +
		"Max-Breadth Max-Forwards MIME-Version Min-Expires Min-SE Organization Priority Privacy RAck Refer-Sub Refer-To Referred-By Replaces Reply-To " +
		"Retry-After RSeq Server Session-Expires SIP-ETag SIP-If-Match Subject Subscription-State Target-Dialog Timestamp To User-Agent "
	for _, name := range strings.Fields(lists + repeat + singles) {
		if h := ParseHeader(name); h.String() != name {
			t.Errorf("the parser does not know %s", name)
		}
	}
	compact := map[string]byte{"Accept-Contact": 'a', "Referred-By": 'b', "Content-Type": 'c', "Request-Disposition": 'd', "Content-Encoding": 'e',
		"From": 'f', "Call-ID": 'i', "Reject-Contact": 'j', "Supported": 'k', "Content-Length": 'l', "Contact": 'm', "Event": 'o', "Refer-To": 'r',
		"Subject": 's', "To": 't', "Allow-Events": 'u', "Via": 'v', "Session-Expires": 'x', "Identity": 'y'}
	for h := HeaderUnknown + 1; h < headerCount; h++ {
		name := h.String()
		want := single
		if hasWord(lists, name) {
			want = list
		} else if hasWord(repeat, name) {
			want = rows
		} else if !hasWord(singles, name) {
			t.Errorf("%s is in no list", name)
		}
		if got := headers[h].kind; got != want {
			t.Errorf("%s: got kind %d, want %d", name, got, want)
		}
		if got := headers[h].compact; got != compact[name] {
			t.Errorf("%s: got compact form %q, want %q", name, got, compact[name])
		}
	}
	if HeaderUnknown.String() != "" || headerCount.String() != "" {
		t.Error("what is no header has a name")
	}
}

func hasWord(s, word string) bool {
	for len(s) > 0 {
		n := 0
		for s[n] != ' ' {
			n++
		}
		if s[:n] == word {
			return true
		}
		s = s[n+1:]
	}
	return false
}
