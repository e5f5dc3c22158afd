package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

func TestOptionsShowsWhatThePeerSays(t *testing.T) {
	s := serve(t)
	for _, uri := range []string{"sip:" + s.udp, "sip:echo@" + s.tcp + ";transport=tcp"} {
		r := sip(t, "options", uri)
		if r.code != exitYes || r.stderr != "" {
			t.Errorf("%s: got exit status %d and %q on stderr, want 0 and nothing", uri, r.code, r.stderr)
		}
		for _, want := range []string{"OPTIONS " + uri + "\n", "200 OK, after ", " ms\n", "\n  Allow: INVITE, ACK, ", "\n  Accept: application/sdp\n", "\n  Server: ringback\n"} {
			if !strings.Contains(r.stdout, want) {
				t.Errorf("%s: got\n%s, want %q in it", uri, r.stdout, want)
			}
		}
	}
}

// answered is what `sip options -json` and `sip message -json` print.
type answered struct {
	URI, Reason, Error    string
	Status                int
	Ms                    *float64
	Allow, Accept, Server *string
}

func readAnswered(t *testing.T, stdout string) answered {
	t.Helper()
	if strings.Count(stdout, "\n") != 1 {
		t.Fatalf("got %q, want one line", stdout)
	}
	var a answered
	if err := json.Unmarshal([]byte(stdout), &a); err != nil {
		t.Fatalf("%v in %s", err, stdout)
	}
	if a.Ms == nil || *a.Ms < 0 {
		t.Errorf("got %s, want ms", stdout)
	}
	return a
}

func TestRequestsInJSON(t *testing.T) {
	s := serve(t)
	tests := []struct {
		name   string
		args   []string
		code   int
		status int
		reason string
	}{
		{"options", []string{"options", "-json", "sip:" + s.udp}, exitYes, 200, "OK"},
		{"options to nobody", []string{"options", "-json", "sip:bob@" + s.udp}, exitNo, 404, "Not Found"},
		{"message", []string{"message", "-json", "sip:echo@" + s.udp, "good morning"}, exitYes, 200, "OK"},
		{"message to nobody", []string{"message", "-json", "sip:bob@" + s.udp, ""}, exitNo, 404, "Not Found"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := sip(t, tt.args...)
			if r.code != tt.code {
				t.Errorf("got exit status %d, want %d", r.code, tt.code)
			}
			a := readAnswered(t, r.stdout)
			if a.URI != tt.args[2] || a.Status != tt.status || a.Reason != tt.reason || a.Error != "" {
				t.Errorf("got %s, want %d %s", r.stdout, tt.status, tt.reason)
			}
			if tt.name == "options" && (a.Allow == nil || a.Accept == nil || a.Server == nil) {
				t.Errorf("got %s, want allow, accept and server", r.stdout)
			}
		})
	}
}

// What a peer writes into its answer is shown, never obeyed, and all values of a header field are there.
func TestAnswerOfAStranger(t *testing.T) {
	for _, flag := range []string{"-trace", "-json"} {
		p := newPeer(t, "")
		r := launch(t, "options", flag, "sip:bob@"+p.addr())
		req := p.until(isMethod(parser.MethodOptions))
		p.respond(req, 200, func(b *parser.Builder) {
			b.Header(parser.HeaderAllow, "INVITE,ACK")
			b.Header(parser.HeaderAllow, "BYE")
			b.Header(parser.HeaderServer, "evil \u202e\"server\"")
		})
		r.wait(t, exitYes)
		want := "\n  Allow: INVITE, ACK, BYE\n  Server: evil .\"server\"\n"
		if flag == "-json" {
			want = `,"allow":"INVITE, ACK, BYE","server":"evil ` + "\u202e" + `\"server\""}` + "\n"
		}
		if !strings.HasSuffix(r.stdout.String(), want) {
			t.Errorf("got\n%s, want it to end with\n%s", r.stdout.String(), want)
		}
		if got := strings.Count(r.stderr.String(), "-->"); flag == "-trace" && got != 1 {
			t.Errorf("the ladder shows %d requests, want 1:\n%s", got, r.stderr.String())
		}
	}
}

func TestMessageCarriesItsText(t *testing.T) {
	p := newPeer(t, "")
	const text = "guten Morgen, Grüße\r\n.\r\n"
	r := launch(t, "message", "-from", "sip:alice@example.com", "sip:bob@"+p.addr(), text)
	m := p.until(isMethod(parser.MethodMessage))
	p.respond(m, 202, nil)
	r.wait(t, exitYes)
	if string(m.Body()) != text {
		t.Errorf("got %q, want %q", m.Body(), text)
	}
	if ct, err := m.ContentType(); err != nil || !ct.Is("text/plain") {
		t.Errorf("got Content-Type %q, want text/plain", m.Raw(parser.HeaderContentType))
	}
	if from, err := m.From(); err != nil || string(from.URI().Raw()) != "sip:alice@example.com" {
		t.Errorf("got From %q", m.Raw(parser.HeaderFrom))
	}
	if want := "MESSAGE sip:bob@" + p.addr() + "\n202 Accepted, after "; !strings.HasPrefix(r.stdout.String(), want) {
		t.Errorf("got %q, want %q", r.stdout.String(), want)
	}
}

func TestRequestIsInterrupted(t *testing.T) {
	p := newPeer(t, "")
	r := launch(t, "options", "sip:bob@"+p.addr())
	p.until(isMethod(parser.MethodOptions))
	r.stop()
	r.wait(t, exitSilence)
	if !strings.Contains(r.stderr.String(), "interrupted before") {
		t.Errorf("got %q on stderr, want it to say so", r.stderr.String())
	}
}

func TestAdvice(t *testing.T) {
	for status, want := range map[parser.Status]string{
		401: "password", 407: "password", 404: "no such user", 405: "sip options", 501: "sip options", 480: "try later", 503: "try later",
		302: "another address", 486: "", 603: "",
	} {
		if got := advice(&ua.ResponseError{Status: status}); !strings.Contains(got, want) || (want == "") != (got == "") {
			t.Errorf("%d: got %q, want %q in it", status, got, want)
		}
	}
}
