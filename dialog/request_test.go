package dialog

import (
	"slices"
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/parser"
)

func TestWriteGolden(t *testing.T) {
	d := server(t, "Record-Route: <sip:p2.domain.com;lr>", "Record-Route: <sip:p1.example.com;lr>")
	want := strings.Join([]string{
		"BYE sip:alice@u1.example.com SIP/2.0",
		"Via: SIP/2.0/UDP u2.domain.com;branch=z9hG4bKnashds7;rport",
		"Route: <sip:p2.domain.com;lr>, <sip:p1.example.com;lr>",
		"Max-Forwards: 70",
		"From: <sip:bob@biloxi.example>;tag=8321234356",
		"To: <sip:alice@atlanta.example>;tag=9fxced76sl",
		"Call-ID: 3848276298220188511@atlanta.example",
		"CSeq: 7 BYE",
		"Content-Length: 0", "", "",
	}, "\r\n")
	if got := bye(t, d); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestWriteRoutes has the cases of RFC 3261, Sections 12.2.1.1 and 16.12.1.
func TestWriteRoutes(t *testing.T) {
	const target = "sip:alice@u1.example.com"
	for _, tt := range []struct {
		name        string
		recordRoute []string
		requestURI  string
		route       string
		nextHop     string
	}{
		{"none", nil, target, "", target},
		{"one loose router", []string{"<sip:p1.example.com;lr>"}, target, "<sip:p1.example.com;lr>", "sip:p1.example.com;lr"},
		{"lr with a value", []string{"<sip:p1.example.com;lr=on>"}, target, "<sip:p1.example.com;lr=on>", "sip:p1.example.com;lr=on"},
		{"loose before strict", []string{"<sip:p4.domain.com;lr>", "<sip:p3.middle.com>", "<sip:p2.example.com;lr>", "<sip:p1.example.com;lr>"},
			target, "<sip:p4.domain.com;lr>, <sip:p3.middle.com>, <sip:p2.example.com;lr>, <sip:p1.example.com;lr>", "sip:p4.domain.com;lr"},
		{"strict first", []string{"<sip:proxy1>,<sip:proxy2>,<sip:proxy3;lr>,<sip:proxy4>"},
			"sip:proxy1", "<sip:proxy2>, <sip:proxy3;lr>, <sip:proxy4>, <" + target + ">", "sip:proxy1"},
		{"one strict router", []string{"<sip:proxy1>"}, "sip:proxy1", "<" + target + ">", "sip:proxy1"},
		{"strict, what no Request-URI has", []string{"<sip:p@proxy1:5070;transport=tcp;method=INVITE;x=y?Subject=z>"},
			"sip:p@proxy1:5070;transport=tcp;x=y", "<" + target + ">",
			"sip:p@proxy1:5070;transport=tcp;method=INVITE;x=y?Subject=z"},
		{"parameters stay", []string{"<sip:p1.example.com;lr;ftag=1;unknown>"},
			target, "<sip:p1.example.com;lr;ftag=1;unknown>", "sip:p1.example.com;lr;ftag=1;unknown"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var rr []string
			for _, v := range tt.recordRoute {
				rr = append(rr, "Record-Route: "+v)
			}
			d := server(t, rr...)
			got := bye(t, d)
			if uri := requestURIOf(got); uri != tt.requestURI {
				t.Errorf("Request-URI: got %s, want %s", uri, tt.requestURI)
			}
			if route := strings.Join(fields(got, "Route"), ", "); route != tt.route {
				t.Errorf("Route: got %s, want %s", route, tt.route)
			}
			if hop := string(d.NextHop().Raw()); hop != tt.nextHop {
				t.Errorf("next hop: got %s, want %s", hop, tt.nextHop)
			}
		})
	}
}

func TestWriteStripsTheTarget(t *testing.T) {
	contact := "Contact: <sip:a;x=y:pw@[2001:db8::1]:5070;method=BYE;transport=tcp;ob?Route=%3Csip:evil%3E>"
	want := "sip:a;x=y:pw@[2001:db8::1]:5070;transport=tcp;ob"
	d, err := NewServer(request(t, "INVITE", 1, contact), "x")
	if err != nil {
		t.Fatal(err)
	}
	if got := requestURIOf(bye(t, d)); got != want {
		t.Errorf("Request-URI: got %s, want %s", got, want)
	}
	if d, err = NewServer(request(t, "INVITE", 1, contact, "Record-Route: <sip:strict>"), "x"); err != nil {
		t.Fatal(err)
	}
	if got := fields(bye(t, d), "Route"); !slices.Equal(got, []string{"<" + want + ">"}) {
		t.Errorf("Route: got %s, want %s", got, want)
	}
}

func TestNextHopIsSIPSForASIPSTarget(t *testing.T) {
	d, err := NewServer(request(t, "INVITE", 1, "Contact: <sips:alice@u1.example.com>", "Record-Route: <sip:p1.example.com;lr>"), "x")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(d.NextHop().Raw()), "sips:p1.example.com;lr"; got != want {
		t.Errorf("next hop: got %s, want %s", got, want)
	}
	if got := fields(bye(t, d), "Route"); !slices.Equal(got, []string{"<sip:p1.example.com;lr>"}) {
		t.Errorf("Route: got %v, want it as received", got)
	}
}

func TestNextSeqRisesByOne(t *testing.T) {
	callee, caller := server(t), client(t, 200)
	for want := uint32(1); want < 4; want++ {
		if got := callee.NextSeq(); got != want || callee.LocalSeq() != want {
			t.Errorf("callee: got %d, want %d", got, want)
		}
		// The INVITE was number 1.
		if got := caller.NextSeq(); got != want+1 || caller.LocalSeq() != want+1 {
			t.Errorf("caller: got %d, want %d", got, want+1)
		}
	}
	if callee.remoteSeq != 1 || caller.hasRemote {
		t.Errorf("the peer's numbers moved: %d, %v", callee.remoteSeq, caller.hasRemote)
	}
}

func TestWriteDoesNotAllocate(t *testing.T) {
	for _, rr := range []string{"<sip:p2.domain.com;lr>, <sip:p1.example.com;lr>", "<sip:p2.domain.com>, <sip:p1.example.com;lr>"} {
		d := server(t, "Record-Route: "+rr)
		buf := make([]byte, 0, 1024)
		var b parser.Builder
		n := testing.AllocsPerRun(100, func() {
			b.Reset(buf)
			d.Write(&b, parser.MethodBye, 7, bobVia)
			if b.Err() != nil {
				t.Fatal(b.Err())
			}
			d.NextHop()
		})
		if n != 0 {
			t.Errorf("%s: got %v allocations, want 0", rr, n)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	d := server(b, "Record-Route: <sip:p2.domain.com;lr>", "Record-Route: <sip:p1.example.com;lr>")
	buf := make([]byte, 0, 1024)
	var out parser.Builder
	b.ReportAllocs()
	for b.Loop() {
		out.Reset(buf)
		d.Write(&out, parser.MethodBye, d.NextSeq(), bobVia)
		w, err := out.Wire()
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(w.Len()))
	}
}
