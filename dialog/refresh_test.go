package dialog

import (
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/parser"
)

func TestRefreshTable(t *testing.T) {
	const moved = "Contact: <sip:moved@u9.example.com>"
	req := func(method string, extra ...string) *parser.Message { return inDialog(t, method, 2, extra...) }
	resp := func(cseq string, status int, extra ...string) *parser.Message {
		return responseTo(t, cseq, status, "8321234356", append(extra, moved)...)
	}
	for _, tt := range []struct {
		name string
		m    *parser.Message
		want bool
	}{
		{"re-INVITE", req("INVITE", moved), true},
		{"UPDATE", req("UPDATE", moved), true},
		{"SUBSCRIBE", req("SUBSCRIBE", moved), true},
		{"NOTIFY", req("NOTIFY", moved), true},
		{"REFER", req("REFER", moved), true},
		{"re-INVITE without Contact", req("INVITE"), false},
		{"ACK", req("ACK", moved), false},
		{"BYE", req("BYE", moved), false},
		{"INFO", req("INFO", moved), false},
		{"PRACK", req("PRACK", moved), false},
		{"OPTIONS", req("OPTIONS", moved), false},
		{"MESSAGE", req("MESSAGE", moved), false},
		{"2xx to INVITE", resp("2 INVITE", 200), true},
		{"2xx to UPDATE", resp("2 UPDATE", 200), true},
		{"2xx to INFO", resp("2 INFO", 200), false},
		{"unreliable 1xx", resp("2 INVITE", 183), false},
		{"reliable 1xx", resp("2 INVITE", 183, "Require: 100rel", "RSeq: 1"), true},
		{"1xx without RSeq", resp("2 INVITE", 183, "Require: 100rel"), false},
		{"1xx that requires nothing", resp("2 INVITE", 183, "RSeq: 1"), false},
		{"3xx", resp("2 INVITE", 302), false},
		{"488", resp("2 INVITE", 488), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := client(t, 200, "Contact: <sip:bob@u2.domain.com>", "Record-Route: <sip:p1.example.com;lr>")
			if err := d.Refresh(tt.m); err != nil {
				t.Fatal(err)
			}
			want := "sip:bob@u2.domain.com"
			if tt.want {
				want = "sip:moved@u9.example.com"
			}
			if got := requestURIOf(bye(t, d)); got != want {
				t.Errorf("target: got %s, want %s", got, want)
			}
		})
	}
}

func TestRefreshKeepsTheRouteSet(t *testing.T) {
	d := server(t, "Record-Route: <sip:p1.example.com;lr>")
	m := inDialog(t, "INVITE", 2, "Contact: <sip:alice@moved.example.com>", "Record-Route: <sip:p9.example.com;lr>")
	if err := d.Refresh(m); err != nil {
		t.Fatal(err)
	}
	got := bye(t, d)
	if route := strings.Join(fields(got, "Route"), ", "); route != "<sip:p1.example.com;lr>" {
		t.Errorf("Route: got %s", route)
	}
	if uri := requestURIOf(got); uri != "sip:alice@moved.example.com" {
		t.Errorf("Request-URI: got %s", uri)
	}
}

func TestRefreshRefusesAndChangesNothing(t *testing.T) {
	for _, tt := range []struct {
		name    string
		contact string
		err     error
	}{
		{"two", "<sip:a@u1.example.com>, <sip:b@u1.example.com>", ErrContact},
		{"not SIP", "<mailto:alice@u1.example.com>", ErrContact},
		{"too large", "<sip:" + strings.Repeat("a", 2000) + "@u1.example.com>", ErrTooLarge},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := server(t, longRoutes(4)...)
			before := bye(t, d)
			if err := d.Refresh(inDialog(t, "INVITE", 2, "Contact: "+tt.contact)); err != tt.err {
				t.Errorf("got %v, want %v", err, tt.err)
			}
			if got := bye(t, d); got != before {
				t.Errorf("got\n%s\nwant\n%s", got, before)
			}
		})
	}
}

func TestRefreshTakesTheFirstUsableContactOfAResponse(t *testing.T) {
	d := client(t, 200, "Contact: <sip:bob@u2.domain.com>")
	m := responseTo(t, "2 INVITE", 200, "8321234356", "Contact: <mailto:bob@u2.domain.com>, <sip:bob@u3.domain.com>")
	if err := d.Refresh(m); err != nil {
		t.Fatal(err)
	}
	if got := requestURIOf(bye(t, d)); got != "sip:bob@u3.domain.com" {
		t.Errorf("target: got %s", got)
	}
	if err := d.Refresh(responseTo(t, "3 INVITE", 200, "8321234356", "Contact: <mailto:bob@u2.domain.com>")); err != nil {
		t.Fatal(err)
	}
	if got := requestURIOf(bye(t, d)); got != "sip:bob@u3.domain.com" {
		t.Errorf("target after a useless Contact: got %s", got)
	}
}

func TestRefreshDoesNotPileUpMemory(t *testing.T) {
	d := server(t)
	m := inDialog(t, "INVITE", 2, "Contact: <sip:alice@moved.example.com>")
	for range 10_000 {
		if err := d.Refresh(m); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(d.target.Raw()); n != len("sip:alice@moved.example.com") {
		t.Errorf("target has %d octets", n)
	}
}
