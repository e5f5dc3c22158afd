package registrar_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/registrar"
)

// Who says that nobody is led to GRUUs gets no REGISTER that needs them, and gives out none (RFC 5627, Section 5.2).
func TestNoGRUU(t *testing.T) {
	contact := `Contact: <sip:alice@10.0.0.2>;+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>"`
	for _, none := range []bool{false, true} {
		bubble(t, &registrar.Config{Domain: exampleCom, NoGRUU: none}, func(r *rig) {
			phone := r.udp(phoneAddr)
			m := phone.want(parser.StatusOK, contact, "Supported: gruu")
			given := slices.ContainsFunc(values(m, "Contact"), func(v string) bool { return strings.Contains(v, "gruu") })
			if given == none {
				t.Errorf("NoGRUU %v: Contact %q", none, values(m, "Contact"))
			}
			status := parser.StatusOK
			if none {
				status = parser.StatusBadExtension
			}
			m = phone.want(status, contact, "CSeq: 3 REGISTER", "Require: gruu")
			if none && !slices.Equal(values(m, "Unsupported"), []string{"gruu"}) {
				t.Errorf("Unsupported: %q, want gruu", values(m, "Unsupported"))
			}
		})
	}
}
