package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestVerdictNamesTheSection(t *testing.T) {
	tests := []struct {
		name, old, new string // what is replaced in a good INVITE
		section        string
	}{
		{"request line", "INVITE sip:b@h SIP/2.0", "INVITE sip:b@h", "7.1"},
		{"status line", "INVITE sip:b@h SIP/2.0", "SIP/2.0 20 OK", "7.2"},
		{"line that is no field", "From:", "From", "7.3.1"},
		{"absent", "Call-ID: 1@h\r\n", "", "8.1.1"},
		{"Via", "SIP/2.0/UDP", "SIP/2.0", "20.42"},
		{"From", "<sip:a@h>;tag=x", "<sip:a@h", "20.20"},
		{"To", "To: <sip:b@h>", "To: <", "20.39"},
		{"CSeq", "1 INVITE", "INVITE", "20.16"},
		{"Call-ID", "1@h", "\"\"@", "20.8"},
		{"Contact", "<sip:a@192.0.2.2>", "<sip:a@192.0.2.2>,", "20.10"},
		{"Max-Forwards", "70", "x", "20.22"},
		{"Content-Length", "Content-Length: 0", "Content-Length: -1", "20.14"},
		{"Expires", "Max-Forwards: 70", "Expires: soon", "20.19"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var j judge
			v := j.file("a", []byte(strings.Replace(invite, tt.old, tt.new, 1)))
			if v.ok() {
				t.Fatal("got ok, want a fault")
			}
			if v.section != tt.section {
				t.Errorf("got section %s for %q, want %s", v.section, v.what, tt.section)
			}
		})
	}
}

// Neither a response nor an ACK is ever answered, however bad it is, nor what has no Via to answer to.
func TestVerdictOnWhatIsNeverAnswered(t *testing.T) {
	tests := []struct {
		name, text string
		status     int
	}{
		{"request", quotes, 400},
		{"version", strings.Replace(invite, "SIP/2.0\r", "SIP/7.0\r", 1), 505},
		{"ACK", strings.ReplaceAll(quotes, "INVITE", "ACK"), 0},
		{"method that begins like ACK", strings.ReplaceAll(quotes, "INVITE", "ACKNOWLEDGE"), 400},
		{"response", strings.Replace(answer200, "i: 2@h\r\n", "", 1), 0},
		{"status line of another version", strings.Replace(answer200, "SIP/2.0 200", "SIP/3.0 200", 1), 0},
		{"no way back", strings.Replace(invite, "Via:", "X:", 1), 0},
		{"garbage", "hello\r\n\r\n", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var j judge
			v := j.file("a", []byte(tt.text))
			if v.ok() {
				t.Fatal("got ok, want a fault")
			}
			if int(v.status) != tt.status {
				t.Errorf("got %d for %q, want %d", v.status, v.what, tt.status)
			}
		})
	}
}

// A fault in a stream is where it is in the file, not in its message.
func TestVerdictCountsLinesThroughTheStream(t *testing.T) {
	j := judge{stream: true}
	alone := (&judge{stream: true}).file("a", []byte(quotes))
	v := j.file("a", []byte("\r\n"+invite+"\r\n\r\n"+quotes))
	before := strings.Count("\r\n"+invite+"\r\n\r\n", "\n")
	line, column := v.position()
	wantLine, wantColumn := alone.position()
	if line != wantLine+before || column != wantColumn {
		t.Errorf("got %d:%d, want %d:%d", line, column, wantLine+before, wantColumn)
	}
}

// The first message's values are told although others follow it.
func TestVerdictTellsOfTheFirstMessage(t *testing.T) {
	j := judge{stream: true}
	v := j.file("a", []byte(invite+answer200+answer200))
	if !v.ok() || v.messages != 3 {
		t.Fatalf("got %q after %d messages, want 3 good ones", v.what, v.messages)
	}
	if !v.msg.IsRequest() || string(v.msg.CallID()) != "1@h" {
		t.Errorf("got %q, want the INVITE", v.msg.StartLine())
	}
}

// A stream can lose its framing in a message that would be good in a datagram.
func TestVerdictOnLostFraming(t *testing.T) {
	tests := []struct {
		name, text string
		status     int
	}{
		{"no Content-Length", strings.Replace(invite, "Content-Length: 0\r\n", "", 1), 400},
		{"bare LF", strings.Replace(invite, "\r\nTo:", "\nTo:", 1), 400},
		{"ACK", strings.ReplaceAll(strings.Replace(invite, "Content-Length: 0\r\n", "", 1), "INVITE", "ACK"), 0},
		{"response", strings.Replace(answer200, "l: 0\r\n", "", 1), 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if v := (&judge{}).file("a", []byte(tt.text)); !v.ok() {
				t.Errorf("as a datagram: got %q, want ok", v.what)
			}
			v := (&judge{stream: true}).file("a", []byte(invite+tt.text))
			if v.ok() || v.section != "18.3" || int(v.status) != tt.status || v.offset != len(invite) {
				t.Errorf("got %q, section %s, status %d at %d, want a fault of the framing, status %d at %d", v.what, v.section, v.status, v.offset, tt.status, len(invite))
			}
		})
	}
}

// Whatever a file holds, there is a verdict that both reports can show.
func FuzzVerdict(f *testing.F) {
	files, err := filepath.Glob(tortureFolder + "/*/*.dat")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("\r"))
	f.Add([]byte("\r\n" + invite + "\r\n\r"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, stream := range []bool{false, true} {
			j := judge{stream: stream}
			v := j.file("a", data)
			switch {
			case v.ok() && v.messages == 0:
				t.Errorf("ok, but no message")
			case !v.ok() && (v.section == "" || v.offset < 0 || v.offset > len(data)):
				t.Errorf("%q: got section %q, offset %d of %d", v.what, v.section, v.offset, len(data))
			}
			if line := v.appendJSON(nil, stream); !json.Valid(line) {
				t.Errorf("no JSON: %s", line)
			}
			for _, c := range v.appendHuman(nil, false) {
				if c < ' ' && c != '\n' {
					t.Errorf("got octet %#x in %q", c, v.appendHuman(nil, false))
					break
				}
			}
		}
	})
}
