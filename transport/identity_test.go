package transport

import (
	"errors"
	"strings"
	"testing"
)

// TP-039, TP-040: who a certificate speaks for, and for whom it does not (RFC 5922, Sections 7.1 and 7.2).
func TestCertificateSpeaksFor(t *testing.T) {
	ca := newAuthority(t)
	tests := []struct {
		name      string
		cert      names
		want      string // who is to be reached
		wildcards bool
		err       string // "": it is; else what the error says, apart from the want
	}{
		{"DNS name", names{dns: []string{"example.com"}}, "example.com", false, ""},
		{"DNS name in another case", names{dns: []string{"Example.COM"}}, "example.com", false, ""},
		{"one of several", names{dns: []string{"a.example.com", "b.example.com"}}, "b.example.com", false, ""},
		{"another domain", names{dns: []string{"a.example.com", "b.example.com"}}, "c.example.com", false, "it is for a.example.com, b.example.com"},
		{"parent domain", names{dns: []string{"example.com"}}, "sip.example.com", false, "it is for example.com"},
		{"subdomain", names{dns: []string{"sip.example.com"}}, "example.com", false, "it is for sip.example.com"},
		{"leading dot", names{uris: []string{"sip:.example.com"}}, "sip.example.com", false, "names no SIP domain"},
		{"sip URI", names{uris: []string{"sip:example.com"}}, "example.com", false, ""},
		{"sip URI, scheme and host in other case", names{uris: []string{"SIP:Example.com"}}, "example.com", false, ""},
		{"sip URI with port and parameter", names{uris: []string{"sip:example.com:5061;transport=tcp"}}, "example.com", false, ""},
		{"sip URI keeps DNS from counting", names{uris: []string{"sip:example.com"}, dns: []string{"example.org"}}, "example.org", false,
			"it is for example.com; example.org does not count (RFC 5922, Section 7.1)"},
		{"sip URI beside DNS", names{uris: []string{"sip:example.com"}, dns: []string{"example.org"}}, "example.com", false, ""},
		{"sip URI with user", names{uris: []string{"sip:bob@example.com"}}, "example.com", false, "it names no SIP domain; sip:bob@example.com does not count"},
		{"sip URI with user lets DNS count", names{uris: []string{"sip:bob@example.com"}, dns: []string{"example.com"}}, "example.com", false, ""},
		{"sips URI", names{uris: []string{"sips:example.com"}}, "example.com", false, "sips:example.com does not count"},
		{"https URI", names{uris: []string{"https://example.com"}}, "example.com", false, "https://example.com does not count"},
		{"common name alone", names{cn: "example.com"}, "example.com", false, ""},
		{"common name beside DNS", names{cn: "example.com", dns: []string{"example.org"}}, "example.com", false, "it is for example.org"},
		{"common name beside an address", names{cn: "example.com", ips: []string{"192.0.2.1"}}, "example.com", false, "it is for 192.0.2.1"},
		{"common name that is no domain", names{cn: "Example Inc."}, "example.com", false, "names no SIP domain"},
		{"common name that is an address", names{cn: "192.0.2.1"}, "192.0.2.1", false, "names no SIP domain"},
		{"nothing", names{}, "example.com", false, "names no SIP domain"},
		{"address", names{ips: []string{"192.0.2.1"}}, "192.0.2.1", false, ""},
		{"address, IPv6", names{ips: []string{"2001:db8::1"}}, "2001:db8::1", false, ""},
		{"another address", names{ips: []string{"192.0.2.1"}}, "192.0.2.2", false, "it is for 192.0.2.1"},
		{"address beside DNS", names{dns: []string{"example.com"}, ips: []string{"192.0.2.1"}}, "192.0.2.1", false, ""},
		{"address as DNS name", names{dns: []string{"192.0.2.1"}}, "192.0.2.1", false, ""},
		{"wildcard", names{dns: []string{"*.example.com"}}, "a.example.com", false, "it is for *.example.com, and a wildcard stands for nobody (RFC 5922, Section 7.2)"},
		{"wildcard, allowed", names{dns: []string{"*.example.com"}}, "a.example.com", true, ""},
		{"wildcard, allowed, two labels", names{dns: []string{"*.example.com"}}, "a.b.example.com", true, "it is for *.example.com"},
		{"wildcard, allowed, no label", names{dns: []string{"*.example.com"}}, "example.com", true, "it is for *.example.com"},
		{"wildcard, allowed, of everything", names{dns: []string{"*.com"}}, "example.com", true, "it is for *.com"},
		{"wildcard, allowed, within a label", names{dns: []string{"a*.example.com"}}, "ab.example.com", true, "it is for a*.example.com"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := TLSConfig{Roots: ca.pool(), Wildcards: tt.wildcards}
			leaf := ca.issue(tt.cert).Leaf
			err := cfg.verify(chainOf(leaf), tt.want)
			if tt.err == "" {
				if err != nil {
					t.Errorf("got %v, want none", err)
				}
				return
			}
			var wrong *IdentityError
			if !errors.As(err, &wrong) || wrong.Name != tt.want {
				t.Fatalf("got %v, want an IdentityError for %s", err, tt.want)
			}
			if got := err.Error(); !strings.HasPrefix(got, "the certificate is not for "+tt.want+": ") || !strings.Contains(got, tt.err) {
				t.Errorf("got %q, want it to say %q", got, tt.err)
			}
			if strings.Contains(err.Error(), "wildcard") != strings.Contains(tt.err, "wildcard") {
				t.Errorf("got %q: it speaks of wildcards where they make no difference, or does not where they do", err)
			}
		})
	}
}

// A certificate may have thousands of names; an error repeats some.
func TestIdentityErrorIsShort(t *testing.T) {
	e := &IdentityError{Name: "example.com", Identities: strings.Split(strings.Repeat("x.example.org ", 1000), " ")[:1000]}
	if got := e.Error(); len(got) > 200 || !strings.HasSuffix(got, " and 992 more") {
		t.Errorf("got %q", got)
	}
}
