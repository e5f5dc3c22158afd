package transport

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/ringback-sip/ringback/parser"
)

// identities are the SIP domains that a certificate speaks for (RFC 5922, Section 7.1).
type identities struct {
	domains []string     // in canonical form; some may be patterns such as "*.example.com"
	addrs   []netip.Addr // no domains: they count for URIs whose host is numeric
	ignored []string     // names that other ones keep from counting
}

// subjectAltName is the extension that keeps the common name from counting (RFC 5280, Section 4.2.1.6).
var subjectAltName = asn1.ObjectIdentifier{2, 5, 29, 17}

// identitiesOf returns what cert speaks for: the hosts of its sip URIs without user; its DNS names if it has no such URI; its common name if it
// has no subjectAltName at all.
func identitiesOf(cert *x509.Certificate) identities {
	var id identities
	for _, u := range cert.URIs {
		uri, err := parser.ParseURI([]byte(u.String()))
		if err != nil || !uri.IsSIP() || uri.IsSIPS() || strings.ContainsRune(u.String(), '@') {
			id.ignored = append(id.ignored, u.String())
			continue
		}
		id.add(canonical(string(uri.Host())))
	}
	switch {
	case len(id.domains)+len(id.addrs) > 0:
		id.ignored = append(id.ignored, cert.DNSNames...)
	case slices.ContainsFunc(cert.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(subjectAltName) }):
		for _, name := range cert.DNSNames {
			id.add(canonical(name))
		}
	case domainName(cert.Subject.CommonName):
		id.add(canonical(cert.Subject.CommonName))
	}
	for _, ip := range cert.IPAddresses {
		if a, ok := netip.AddrFromSlice(ip); ok {
			id.addrs = append(id.addrs, a.Unmap())
		}
	}
	return id
}

// add takes the host of a URI or a DNS name.
func (id *identities) add(host string) {
	if a, ok := parseHost([]byte(host)); ok {
		id.addrs = append(id.addrs, a)
		return
	}
	id.domains = append(id.domains, host)
}

// match reports whether name, in canonical form, is one of id: in its entirety, never as a suffix (RFC 5922, Section 7.2). A
// pattern matches nothing but itself unless wildcards says that its first label stands for any one label.
func (id identities) match(name string, wildcards bool) bool {
	if a, ok := parseHost([]byte(name)); ok {
		return slices.Contains(id.addrs, a)
	}
	for _, d := range id.domains {
		if d == name {
			return true
		}
		rest, pattern := strings.CutPrefix(d, "*.")
		label, domain, dotted := strings.Cut(name, ".")
		if wildcards && pattern && dotted && label != "" && domain == rest && strings.Contains(rest, ".") {
			return true
		}
	}
	return false
}

// names returns what is in id, patterns excepted.
func (id identities) names() []string {
	var all []string
	for _, d := range id.domains {
		if !strings.Contains(d, "*") {
			all = append(all, d)
		}
	}
	for _, a := range id.addrs {
		all = append(all, a.String())
	}
	return all
}

// IdentityError says that a peer's certificate is sound, but not its own: it names others than the one we wanted to reach.
type IdentityError struct {
	Name       string   // who was to be reached
	Identities []string // whom the certificate speaks for (RFC 5922, Section 7.1)
	Ignored    []string // what else stands in it and does not count

	pattern bool // one of Identities would match, were wildcards allowed
}

// Error names both sides, and the rule where the two look alike.
func (e *IdentityError) Error() string {
	var b strings.Builder
	b.WriteString("the certificate is not for " + e.Name + ": ")
	if len(e.Identities) == 0 {
		b.WriteString("it names no SIP domain")
	} else {
		b.WriteString("it is for " + listed(e.Identities))
	}
	if e.pattern {
		b.WriteString(", and a wildcard stands for nobody (RFC 5922, Section 7.2)")
	}
	if len(e.Ignored) > 0 {
		fmt.Fprintf(&b, "; %s does not count (RFC 5922, Section 7.1)", listed(e.Ignored))
	}
	return b.String()
}

// maxListed bounds how many names of a certificate an error repeats.
const maxListed = 8

// listed joins names.
func listed(names []string) string {
	if n := len(names) - maxListed; n > 0 {
		return strings.Join(names[:maxListed], ", ") + fmt.Sprintf(" and %d more", n)
	}
	return strings.Join(names, ", ")
}

// domainName reports whether s can be a DNS name: what a common name has to be to count.
func domainName(s string) bool {
	uri, err := parser.ParseURI([]byte("sip:" + s))
	return err == nil && string(uri.Host()) == s && len(uri.User()) == 0 && !mayBeAddr([]byte(s))
}
