package registrar_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/registrar"
	"github.com/ringback-sip/ringback/store"
)

// The best place comes first, and of two equal ones that which was registered last.
func TestLookupOrder(t *testing.T) {
	bubble(t, nil, func(r *rig) {
		l := r.udp(phoneAddr)
		l.want(200, "CSeq: 1 REGISTER", "Contact: <sip:worse@h>;q=0.5, <sip:old@h>, <sip:last@h>;q=0")
		time.Sleep(time.Second)
		l.want(200, "CSeq: 2 REGISTER", "Contact: <sip:new@h>;q=1.0, <sip:better@h>;q=0.501")
		var got []string
		for _, b := range r.lookup("sip:%61lice@EXAMPLE.com:5070;transport=tcp?Subject=x") {
			got = append(got, strings.TrimPrefix(b.Contact, "sip:"))
		}
		if want := "new@h old@h better@h worse@h last@h"; strings.Join(got, " ") != want {
			t.Errorf("places are %q, want %s", got, want)
		}
		for _, uri := range []string{"sip:bob@example.com", "sip:Alice@example.com"} {
			if all := r.lookup(uri); len(all) != 0 {
				t.Errorf("%s: %+v, want none", uri, all)
			}
		}
		for _, uri := range []string{"sip:alice@example.net", "tel:+1"} {
			if _, err := r.reg.Lookup(t.Context(), mustURI(t, uri)); !errors.Is(err, registrar.ErrUnknown) {
				t.Errorf("%s: %v, want ErrUnknown", uri, err)
			}
		}
	})
}

// A binding is over at its time, to the millisecond, for everybody.
func TestBindingIsOver(t *testing.T) {
	bubble(t, nil, func(r *rig) {
		l := r.udp(phoneAddr)
		l.want(200, "CSeq: 1 REGISTER", "Contact: <sip:a@h>;expires=60, <sip:b@h>;expires=120")
		registered := time.Now().Add(-time.Millisecond) // of the way back
		for _, at := range []struct {
			after time.Duration
			want  int
		}{{59*time.Second + 998*time.Millisecond, 2}, {60 * time.Second, 1}, {119*time.Second + 999*time.Millisecond, 1}, {120 * time.Second, 0}} {
			time.Sleep(time.Until(registered.Add(at.after)))
			n, err := r.reg.Bindings(t.Context())
			if got := len(r.lookup("sip:alice@example.com")); got != at.want || n != at.want || err != nil {
				t.Errorf("after %v: %d places, %d bindings, %v, want %d", at.after, got, n, err, at.want)
			}
		}
		m := l.want(200)
		if m.Has(parser.HeaderContact) {
			t.Errorf("listed are %q, want none", values(m, "Contact"))
		}
		if d, err := m.Date(); err != nil || d.Unix() != time.Now().Truncate(time.Second).Unix() {
			t.Errorf("Date is %v, %v, want now", d, err)
		}
	})
}

// What is listed is what is left, rounded up: a phone that refreshes in time is never told 0.
func TestTimeThatIsLeft(t *testing.T) {
	bubble(t, nil, func(r *rig) {
		l := r.udp(phoneAddr)
		l.want(200, "Contact: <sip:a@h>;expires=60")
		time.Sleep(59*time.Second + 500*time.Millisecond)
		if got := values(l.want(200), "Contact"); len(got) != 1 || got[0] != "<sip:a@h>;expires=1" {
			t.Errorf("listed are %q, want 1 second", got)
		}
	})
}

// A registrar that begins with the store of another knows its bindings, and reaches those over UDP where they came from; flows of connections
// are gone with it.
func TestBindingsOutliveTheRegistrar(t *testing.T) {
	dir := t.TempDir()
	open := func() *store.File {
		s, err := store.OpenFile(dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := open()
	bubble(t, &registrar.Config{Domain: exampleCom, Store: s}, func(r *rig) {
		r.udp(phoneAddr).want(200, "Call-ID: 1", "Contact: <sip:nat@192.168.7.7>, <sip:plain@10.0.0.2>")
		c := r.tcp()
		c.want(200, "Call-ID: 2", "Contact: <sip:tcp@192.168.7.7;transport=tcp>")
		c.want(200, "Call-ID: 3", `Contact: <sip:flow@192.168.7.7;transport=tcp>;reg-id=1;+sip.instance="<urn:uuid:1>"`)
		if got := len(r.lookup("sip:alice@example.com")); got != 4 {
			t.Errorf("%d places, want 4", got)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		s = open()
		next := registrar.New(&registrar.Config{Domain: exampleCom, Store: s})
		all, err := next.Lookup(t.Context(), mustURI(t, "sip:alice@example.com"))
		if err != nil {
			t.Fatal(err)
		}
		got := make(map[string]string)
		for _, b := range all {
			got[b.Contact] = fmt.Sprint(b.Targets)
		}
		want := map[string]string{"sip:nat@192.168.7.7": "[10.0.0.2:5060;transport=udp]", "sip:plain@10.0.0.2": "[]", "sip:tcp@192.168.7.7;transport=tcp": "[]"}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("places are %v, want %v", got, want)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A sips URI leads to secure places only (RFC 5630, Section 5.3).
func TestLookupOfASecureURI(t *testing.T) {
	bubble(t, nil, func(r *rig) {
		r.udp(phoneAddr).want(200, "Contact: <sip:a@h>")
		if all := r.lookup("sips:alice@example.com"); len(all) != 0 {
			t.Errorf("places are %+v, want none that is not secure", all)
		}
		if all := r.lookup("sip:alice@example.com"); len(all) != 1 {
			t.Errorf("places are %+v, want one", all)
		}
	})
}
