package registrar_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/registrar"
	"github.com/ringback-sip/ringback/store"
)

const (
	phoneA = `+sip.instance="<urn:uuid:00000000-0000-1000-8000-aaaaaaaaaaaa>"`
	phoneB = `+sip.instance="<urn:uuid:00000000-0000-1000-8000-bbbbbbbbbbbb>"`
)

// gruusOf returns the GRUUs that the response has for a contact.
func gruusOf(t *testing.T, m *parser.Message, contact string) (public, temporary string) {
	t.Helper()
	for a, err := range m.Contacts() {
		if err != nil {
			t.Fatal(err)
		}
		if string(a.URI().Raw()) != contact {
			continue
		}
		unquote := func(name string) string {
			v, _ := a.Param(name)
			return strings.Trim(string(v), `"`)
		}
		return unquote("pub-gruu"), unquote("temp-gruu")
	}
	t.Fatalf("no %s among %q", contact, values(m, "Contact"))
	return "", ""
}

// RFC 5627, Section 5: who asks for GRUUs gets one that everybody may know and one that says nothing; both lead to the one phone.
func TestGRUUs(t *testing.T) {
	bubble(t, nil, func(r *rig) {
		l := r.udp(phoneAddr)
		if v := values(l.want(200, "Call-ID: a", "Contact: <sip:a@h>;"+phoneA), "Contact"); strings.Contains(v[0], "gruu") {
			t.Errorf("got %q, want no GRUU for who does not know them", v)
		}
		l.want(200, "Call-ID: b", "Contact: <sip:b@h>;"+phoneB)
		m := l.want(200, "Call-ID: a", "CSeq: 3 REGISTER", "Supported: gruu", "Contact: <sip:a@h>;"+phoneA)
		public, first := gruusOf(t, m, "sip:a@h")
		if want := "sip:alice@example.com;gr=urn:uuid:00000000-0000-1000-8000-aaaaaaaaaaaa"; public != want {
			t.Errorf("public GRUU %q, want %q", public, want)
		}
		if strings.Contains(first, "alice") || strings.Contains(first, "aaaa") || !strings.HasPrefix(first, "sip:tgruu.") || !strings.HasSuffix(first, "@example.com;gr") {
			t.Errorf("temporary GRUU %q, want one that says nothing", first)
		}
		if p, temp := gruusOf(t, m, "sip:b@h"); !strings.HasSuffix(p, "bbbb") || temp == "" || temp == first {
			t.Errorf("GRUUs of the other phone are %q and %q", p, temp)
		}
		_, second := gruusOf(t, l.want(200, "Call-ID: a", "CSeq: 4 REGISTER", "Supported: gruu", "Contact: <sip:a@h>;"+phoneA), "sip:a@h")
		if second == first {
			t.Error("the same temporary GRUU twice")
		}
		for _, gruu := range []string{public, first, second, strings.ToUpper(public[len("sip:alice@"):])} {
			if !strings.HasPrefix(gruu, "sip:") {
				gruu = "sip:alice@" + strings.Replace(gruu, ";GR=", ";gr=", 1)
			}
			if all := r.lookup(gruu); len(all) != 1 || all[0].Contact != "sip:a@h" {
				t.Errorf("%s leads to %+v, want the one phone", gruu, all)
			}
		}
		// A new Call-ID is a phone that began anew: its temporary GRUUs are not valid any more.
		_, third := gruusOf(t, l.want(200, "Call-ID: a2", "CSeq: 1 REGISTER", "Supported: gruu", "Contact: <sip:a2@h>;"+phoneA), "sip:a2@h")
		for _, gruu := range []string{first, second, strings.Replace(third, "tgruu.", "tgruu.A", 1), "sip:tgruu.@example.com;gr", "sip:alice@example.com;gr"} {
			if _, err := r.reg.Lookup(t.Context(), mustURI(t, gruu)); !errors.Is(err, registrar.ErrUnknown) {
				t.Errorf("%s: %v, want ErrUnknown", gruu, err)
			}
		}
		for _, gruu := range []string{public, third} {
			if all := r.lookup(gruu); len(all) != 2 {
				t.Errorf("%s leads to %+v, want both contacts of the phone", gruu, all)
			}
		}
		// A contact that is one of the GRUUs of the same address of record is a loop.
		for _, gruu := range []string{public, third} {
			l.want(403, "Call-ID: c", "CSeq: 9 REGISTER", "Contact: <"+gruu+">;"+phoneB)
		}
		time.Sleep(2 * time.Hour)
		if all := r.lookup(public); len(all) != 0 {
			t.Errorf("places are %+v after all bindings are over, want none", all)
		}
		if _, err := r.reg.Lookup(t.Context(), mustURI(t, third)); !errors.Is(err, registrar.ErrUnknown) {
			t.Errorf("a temporary GRUU after the last binding: %v, want ErrUnknown", err)
		}
	})
}

// A temporary GRUU is valid for all who share the store, and after a restart.
func TestGRUUsAreShared(t *testing.T) {
	s := new(store.Memory)
	bubble(t, &registrar.Config{Domain: exampleCom, Store: s}, func(r *rig) {
		l := r.udp(phoneAddr)
		_, temp := gruusOf(t, l.want(200, "Supported: gruu", "Contact: <sip:a@h>;"+phoneA), "sip:a@h")
		other := registrar.New(&registrar.Config{Domain: exampleCom, Store: s})
		all, err := other.Lookup(t.Context(), mustURI(t, temp))
		if err != nil || len(all) != 1 {
			t.Errorf("another registrar finds %+v, %v", all, err)
		}
		stranger := registrar.New(&registrar.Config{Domain: exampleCom})
		if _, err := stranger.Lookup(t.Context(), mustURI(t, temp)); !errors.Is(err, registrar.ErrUnknown) {
			t.Errorf("a stranger finds %v, want ErrUnknown", err)
		}
	})
}

// The flows of one phone share its GRUUs, and only a flow that begins anew takes the temporary ones away.
func TestGRUUsOfFlows(t *testing.T) {
	bubble(t, nil, func(r *rig) {
		l := r.udp(phoneAddr)
		flow := func(id, call, cseq string) string {
			m := l.want(200, "Call-ID: "+call, "CSeq: "+cseq+" REGISTER", "Supported: gruu, outbound", "Contact: <sip:"+id+"@h>;reg-id="+id+";"+phoneA)
			_, temp := gruusOf(t, m, "sip:"+id+"@h")
			return temp
		}
		first := flow("1", "x", "1")
		flow("2", "y", "1")
		flow("1", "x", "2")
		if all := r.lookup(first); len(all) != 2 {
			t.Errorf("leads to %+v, want both flows", all)
		}
		flow("2", "z", "1")
		if _, err := r.reg.Lookup(t.Context(), mustURI(t, first)); !errors.Is(err, registrar.ErrUnknown) {
			t.Errorf("after a flow began anew: %v, want ErrUnknown", err)
		}
	})
}
