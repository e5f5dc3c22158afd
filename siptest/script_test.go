package siptest

import (
	"strings"
	"testing"
)

func TestParseScriptErrors(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"nothing", "", "no steps"},
		{"unknown word", "bob 10.0.0.2", "line 1: \"bob\" is neither"},
		{"no address", "agent bob", "line 1: agent needs a name and an address"},
		{"bad address", "\nagent bob 10.0.0", "line 2: ParseAddr"},
		{"twice", "peer bob 10.0.0.2\npeer bob 10.0.0.3", "line 2: bob takes part twice"},
		{"words after a peer", "peer bob 10.0.0.2 quickly", "line 1: \"quickly\" after the address of a peer"},
		{"rule without a peer", "agent bob 10.0.0.2\non INVITE reply 200", "line 2: a rule needs a peer above it"},
		{"rule without a verb", "peer bob 10.0.0.2\non INVITE 200", "line 2: a rule is on METHOD"},
		{"rule on nothing", "peer bob 10.0.0.2\non reply 200", "line 2: a rule is on METHOD"},
		{"rule without an action", "peer bob 10.0.0.2\non INVITE reply", "line 2: nothing to reply"},
		{"bad ordinal", "peer bob 10.0.0.2\non INVITE #0 reply 200", "line 2: \"0\" is no ordinal"},
		{"bad status", "peer bob 10.0.0.2\non INVITE reply 99", "line 2: \"99\" is no status"},
		{"bad method", "peer bob 10.0.0.2\non INVITE send JUMP", "line 2: \"JUMP\" is no method"},
		{"bad option", "peer bob 10.0.0.2\non INVITE reply 200 soon 1s", "line 2: \"soon\" is no option"},
		{"bad duration", "peer bob 10.0.0.2\non INVITE reply 200 after soon", "line 2: time: invalid duration"},
		{"bad header", "peer bob 10.0.0.2\non INVITE reply 200 header=Subject", "line 2: \"Subject\" is not Name:value"},
		{"option without a value", "peer bob 10.0.0.2\non INVITE reply 200 after", "line 2: \"after\" is no option or lacks its value"},
		{"domain without a server", "domain example.com", "line 1: a domain needs"},
		{"domain of a stranger", "domain example.com p1\npeer bob 10.0.0.2\nsteps\n0s end\n1s bob sends BYE", "p1 does not take part"},
		{"proxy without a task", "proxy p1 10.0.0.11", "line 1: a proxy needs something to do"},
		{"proxy to a stranger", "proxy p1 10.0.0.11 to p2\nsteps\n0s p1 vanishes", "proxy p1: p2 does not take part"},
		{"proxy with a bad setting", "proxy p1 10.0.0.11 to p2 slowly", "line 1: \"slowly\" is no setting"},
		{"proxy with an unknown setting", "proxy p1 10.0.0.11 mode fast", "line 1: \"mode\" is no setting"},
		{"proxy with a bad status", "proxy p1 10.0.0.11 answers yes", "line 1: \"yes\" is no status"},
		{"step without a time", "peer bob 10.0.0.2\nsteps\nbob sends BYE", "line 3: time: invalid duration"},
		{"step before another", "peer bob 10.0.0.2\nsteps\n2s bob sends BYE\n1s bob sends BYE", "line 4: 1s is before"},
		{"step of a stranger", "steps\n1s bob sends BYE", "line 2: bob does not take part"},
		{"step of half a line", "peer bob 10.0.0.2\nsteps\n1s bob", "line 3: a step is"},
		{"step of a proxy", "peer bob 10.0.0.2\nproxy p1 10.0.0.3 to bob\nsteps\n1s p1 sends BYE", "line 4: a proxy only vanishes"},
		{"sections out of order", "peer bob 10.0.0.2\noutcome\nsteps\n1s bob sends BYE", "line 3: \"steps\" has to stand before \"outcome\""},
		{"section twice", "peer bob 10.0.0.2\nsteps\nsteps\n1s bob sends BYE", "line 3: \"steps\" has to stand before"},
		{"outcome of a stranger", "steps\noutcome\nbob: ended", "line 3: an outcome is"},
		{"outcome of a proxy", "proxy p1 10.0.0.3 silent\noutcome\np1: ended", "line 3: an outcome is"},
		{"outcome of a peer in words", "peer bob 10.0.0.2\noutcome\nbob: ended local", "line 3: the outcome of a peer is what it got"},
		{"agent without an outcome", "agent bob 10.0.0.2\nsteps\n1s bob waits\noutcome\n", "agent bob has no outcome"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := ParseScript([]byte(tt.text))
			if err == nil || s != nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, %v, want %q", s, err, tt.want)
			}
		})
	}
}

// What a peer is told to do in a step is looked at when it is done.
func TestPeerStepErrors(t *testing.T) {
	for _, tt := range []struct{ step, want string }{
		{"bob dances slowly", "a peer sends or repeats"},
		{"bob sends", "a peer sends or repeats"},
		{"bob repeats INVITE", "INVITE was not sent"},
		{"bob sends JUMP", "\"JUMP\" is no method"},
		{"bob sends stray 200 BYE to nowhere.example.com", "is no address"},
		{"bob sends stray xyz BYE to sip:10.0.0.1", "is no response"},
	} {
		t.Run(tt.step, func(t *testing.T) {
			p := &peer{exchanges: exchanges{station: &station{host: NewNetwork(1, Conditions{}).Host(addrA)}}}
			words := strings.Fields(tt.step)
			if err := p.step(words[1], words[2:]); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestScriptText(t *testing.T) {
	const text = "# head\npeer bob 10.0.0.2\nsteps\n1s bob sends BYE\n\nladder\n  0.000 old\n\noutcome\nbob: got\n"
	s, err := ParseScript([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	a, b := []string{"  0.000 a -> b BYE"}, []string{"  0.500 a -> b BYE"}
	for _, tt := range []struct {
		name     string
		udp, tcp []string
		want     string
	}{
		{"UDP only", a, nil, "ladder\n  0.000 a -> b BYE\n\n"},
		{"same arrows over TCP", a, b, "ladder\n  0.000 a -> b BYE\n\n"},
		{"other arrows over TCP", a, []string{"  0.000 a -x b BYE"}, "ladder\n  0.000 a -> b BYE\n\nladder over tcp\n  0.000 a -x b BYE\n\n"},
		{"nothing over TCP", a, []string{}, "ladder\n  0.000 a -> b BYE\n\nladder over tcp\n\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := "# head\npeer bob 10.0.0.2\nsteps\n1s bob sends BYE\n\n" + tt.want + "outcome\nbob: got\n"
			got := string(s.Text(tt.udp, tt.tcp))
			if got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			again, err := ParseScript([]byte(got))
			if err != nil || string(again.Text(tt.udp, tt.tcp)) != got {
				t.Errorf("the text does not survive: %v", err)
			}
		})
	}
}
