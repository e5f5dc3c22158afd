package registrar_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/internal/golden"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/registrar"
	"github.com/ringback-sip/ringback/ua"
)

// decision is a row of testdata/rfc/registrar.tsv.
type decision struct {
	name, section  string
	given, request []string // fields of each REGISTER before, and of this one
	status         string
	answer         []string // fields that stand in the response; after a minus, names of those that do not
	bindings       []string // after it, as a fetch of somebody else lists them
}

// decisions reads the table, which was typed by hand.
func decisions(t *testing.T) (rows []decision) {
	data, err := os.ReadFile("../testdata/rfc/registrar.tsv")
	if err != nil {
		t.Fatal(err)
	}
	list := func(s string) []string {
		if s == "" {
			return nil
		}
		return strings.Split(s, " | ")
	}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "#") || strings.HasPrefix(line, "case\t") || line == "" {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != 7 {
			t.Fatalf("registrar.tsv: %q has %d columns, want 7", line, len(f))
		}
		rows = append(rows, decision{f[0], f[1], list(f[2]), list(f[3]), f[4], list(f[5]), list(f[6])})
	}
	return rows
}

// fieldsOf splits what stands between semicolons and a blank in the columns given and request: "CSeq: 1 REGISTER && Contact: <sip:a@h>".
func fieldsOf(s string) []string { return strings.Split(s, " && ") }

// TestDecisions puts each row to a registrar that has the bindings given: what it answers, and what it has then, is what the RFCs say.
func TestDecisions(t *testing.T) {
	var printed bytes.Buffer
	fmt.Fprintln(&printed, "case\tstatus\tanswer\tbindings")
	for _, d := range decisions(t) {
		t.Run(d.name, func(t *testing.T) {
			cfg := &registrar.Config{Domain: exampleCom, MinExpires: minute, MaxContacts: 3, ServiceRoute: []string{"sip:out.example.com;lr"}, Authorize: onlyAlice}
			bubble(t, cfg, func(r *rig) {
				l := r.udp(phoneAddr)
				for _, g := range d.given {
					l.want(200, fieldsOf(g)...)
				}
				fields := []string{}
				for _, f := range d.request {
					fields = append(fields, fieldsOf(f)...)
				}
				m := l.ask(l.register(fields...))
				if got := fmt.Sprint(int(m.Status())); got != d.status {
					t.Errorf("answered %q, want %s", m.StartLine(), d.status)
				}
				for _, want := range d.answer {
					name, value, _ := strings.Cut(want, ": ")
					if absent, ok := strings.CutPrefix(want, "-"); ok {
						if got := values(m, absent); got != nil {
							t.Errorf("%s is %q, want none", absent, got)
						}
						continue
					}
					if got := strings.Join(values(m, name), ", "); got != value {
						t.Errorf("%s is %q, want %q", name, got, value)
					}
				}
				got := values(l.want(200, "Call-ID: somebody-else"), "Contact")
				if !slices.Equal(got, d.bindings) {
					t.Errorf("bindings are %q, want %q", got, d.bindings)
				}
				fmt.Fprintf(&printed, "%s\t%s\t%s\t%s\n", d.name, m.StartLine()[len("SIP/2.0 "):], shown(m), strings.Join(got, " | "))
			})
		})
	}
	golden.Equal(t, "testdata/golden/decisions.txt", printed.Bytes())
}

const minute = 60 * 1e9

// onlyAlice is a Config.Authorize: alice may change her own address of record, and others nothing.
func onlyAlice(r *ua.Request, _ registrar.AOR) parser.Status {
	from, err := r.Message().From()
	if err != nil || string(from.URI().User()) != "alice" {
		return parser.StatusForbidden
	}
	return 0
}

// shown returns the fields of a response that a registrar decides.
func shown(m *parser.Message) string {
	var all []string
	for f := range m.Fields() {
		switch f.Header {
		case parser.HeaderVia, parser.HeaderFrom, parser.HeaderTo, parser.HeaderCallID, parser.HeaderCSeq, parser.HeaderContentLength, parser.HeaderDate:
			continue
		}
		all = append(all, fmt.Sprintf("%s: %s", f.Name, f.Value))
	}
	return strings.Join(all, " && ")
}
