package main

import (
	"bytes"
	"encoding/binary"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// captured returns the IP packets of a capture file.
func captured(t *testing.T, file string) [][]byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(b) < 24 || !bytes.HasPrefix(b, []byte{0xd4, 0xc3, 0xb2, 0xa1}) {
		t.Fatalf("no capture file: %q", b)
	}
	var all [][]byte
	for b = b[24:]; len(b) > 0; {
		n := 16 + int(binary.LittleEndian.Uint32(b[8:12]))
		all = append(all, b[16:n])
		b = b[n:]
	}
	return all
}

// starts returns the start lines of the messages in packets, without the version, in order.
func starts(packets [][]byte) []string {
	var all []string
	for _, b := range packets {
		header := 28 // IPv4 and UDP
		if b[9] == 6 {
			header = 40 // and TCP
		}
		line, _, _ := strings.Cut(string(b[header:]), "\r\n")
		all = append(all, strings.TrimSuffix(strings.TrimPrefix(line, "SIP/2.0 "), " SIP/2.0"))
	}
	return all
}

func TestPCAPOfACall(t *testing.T) {
	for _, network := range []string{"udp", "tcp"} {
		t.Run(network, func(t *testing.T) {
			server := filepath.Join(t.TempDir(), "server.pcap")
			caller := filepath.Join(t.TempDir(), "caller.pcap")
			s := serve(t, "-pcap", server)
			uri := "sip:echo@" + s.udp
			if network == "tcp" {
				uri = "sip:echo@" + s.tcp + ";transport=tcp"
			}
			if r := sip(t, "call", "-for", "1ms", "-pcap", caller, uri); r.code != exitYes {
				t.Fatalf("got %+v", r)
			}
			s.stop()
			s.wait(t, exitYes)
			for _, file := range []string{server, caller} {
				got := starts(captured(t, file))
				if len(got) != 5 || !strings.HasPrefix(got[0], "INVITE ") || got[1] != "200 OK" || !strings.HasPrefix(got[2], "ACK ") ||
					!strings.HasPrefix(got[3], "BYE ") || got[4] != "200 OK" {
					t.Errorf("%s: got %q, want INVITE, 200, ACK, BYE, 200", filepath.Base(file), got)
				}
				if st, err := os.Stat(file); err != nil || st.Mode().Perm() != 0o600 {
					t.Errorf("%s: got %v, %v, want a file that only its owner reads", filepath.Base(file), st.Mode(), err)
				}
			}
		})
	}
}

// collector is a socket that takes HEP packets.
func collector(t *testing.T) *net.UDPConn {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return conn
}

func TestHEPOfARequest(t *testing.T) {
	s := serve(t)
	conn := collector(t)
	if r := sip(t, "options", "-hep", conn.LocalAddr().String(), "sip:"+s.udp); r.code != exitYes || r.stderr != "" {
		t.Fatalf("got %+v", r)
	}
	for _, want := range []string{"OPTIONS sip:" + s.udp + " SIP/2.0\r\n", "SIP/2.0 200 OK\r\n"} {
		b := make([]byte, 65536)
		n, err := conn.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		if b = b[:n]; !bytes.HasPrefix(b, []byte("HEP3")) || !bytes.Contains(b, []byte(want)) {
			t.Errorf("got %q, want %q in it", b, want)
		}
	}
}

// All three show the same messages at once, and secrets only when asked.
func TestSecretsStayInside(t *testing.T) {
	s := serve(t)
	for _, show := range []bool{false, true} {
		conn := collector(t)
		file := filepath.Join(t.TempDir(), "x.pcap")
		args := []string{"options", "-trace", "-pcap", file, "-hep", conn.LocalAddr().String(), "sip:echo:hunter2@" + s.udp}
		if show {
			args = append([]string{"options", "-secrets"}, args[1:]...)
		}
		r := sip(t, args...)
		if !strings.Contains(r.stderr, "  OPTIONS sip:echo:***@") || strings.Contains(r.stderr, "hunter2") {
			t.Errorf("the ladder shows %q", r.stderr)
		}
		packets := captured(t, file)
		if len(packets) < 2 || bytes.Contains(packets[0], []byte("hunter2")) != show {
			t.Errorf("-secrets=%t: the file has %q", show, packets)
		}
		b := make([]byte, 65536)
		n, err := conn.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b[:n], []byte("hunter2")) != show {
			t.Errorf("-secrets=%t: the collector has %q", show, b[:n])
		}
	}
}

func TestTracingThatCannotBe(t *testing.T) {
	s := serve(t)
	dir := t.TempDir()
	away := collector(t)
	nobody := away.LocalAddr().String()
	away.Close()
	type test struct {
		name string
		args []string
		code int
		want string
	}
	tests := []test{
		{"no folder", []string{"options", "-pcap", filepath.Join(dir, "a", "b"), "sip:" + s.udp}, exitUsage, "sip options: -pcap: open "},
		{"no folder for the server", []string{"serve", "-pcap", filepath.Join(dir, "a", "b")}, exitUsage, "sip serve: -pcap: open "},
		{"no address", []string{"options", "-hep", "nonsense", "sip:" + s.udp}, exitUsage, "sip options: -hep: dial udp: "},
		{"no room", []string{"options", "-pcap", "/dev/full", "sip:" + s.udp}, exitYes, "sip options: -pcap: not all messages are in the file: "},
		{"no collector", []string{"options", "-hep", nobody, "sip:" + s.udp}, exitYes, "sip options: -hep: at least 1 messages did not reach the collector: "},
	}
	if _, err := os.Stat("/dev/full"); err != nil {
		tests = slices.DeleteFunc(tests, func(tt test) bool { return tt.name == "no room" }) // not on this system
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := sip(t, tt.args...)
			if r.code != tt.code || !strings.Contains(r.stderr, tt.want) {
				t.Errorf("got %d and %q, want %d and %q", r.code, r.stderr, tt.code, tt.want)
			}
		})
	}
}
