package registrar_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/registrar"
	"github.com/ringback-sip/ringback/store"
	"github.com/ringback-sip/ringback/ua"
)

var long = flag.Bool("long", false, "kill a registrar with 100,000 bindings, not with 2,000")

// childFolder names the folder of a process that is a registrar until it is killed.
const childFolder = "RINGBACK_REGISTRAR_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childFolder); dir != "" {
		fmt.Println("failed:", serveForever(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// serveForever is a registrar over UDP that says where it listens.
func serveForever(dir string) error {
	s, err := store.OpenFile(dir, nil)
	if err != nil {
		return err
	}
	reg := registrar.New(&registrar.Config{Domain: exampleCom, Store: s})
	a, err := ua.New(&ua.Config{Listen: []string{"udp:127.0.0.1:0"}, Handlers: []ua.Handler{reg}, MaxRequestsPerSource: 1 << 20})
	if err != nil {
		return err
	}
	fmt.Println(a.Addrs()[0].Addr)
	select {}
}

// child is a registrar in a process of its own.
type child struct {
	cmd  *exec.Cmd
	conn net.Conn
}

func startChild(t *testing.T, dir string) child {
	t.Helper()
	c := child{cmd: exec.CommandContext(t.Context(), os.Args[0])}
	c.cmd.Env = append(os.Environ(), childFolder+"="+dir)
	out, err := c.cmd.StdoutPipe()
	if err == nil {
		err = c.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("%q, %v", line, err)
	}
	if c.conn, err = net.Dial("udp", strings.TrimSpace(line)); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	t.Cleanup(func() { c.conn.Close() })
	return c
}

// kill ends the process as nothing else could.
func (c child) kill(t *testing.T) {
	t.Helper()
	if err := c.cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = c.cmd.Wait() // it was killed
}

// numbered writes the REGISTER of user i.
func numbered(i int, addr string) string {
	return fmt.Sprintf("REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%d\r\nMax-Forwards: 70\r\nFrom: <sip:user%d@example.com>;tag=t\r\n"+
		"To: <sip:user%d@example.com>\r\nCall-ID: %d\r\nCSeq: 1 REGISTER\r\nContact: <sip:user%d@%s>\r\nContent-Length: 0\r\n\r\n", addr, i, i, i, i, i, addr)
}

// TestRegistrarSurvivesKill: phones register, the registrar is killed, kill -9, while they do, and started again: every binding that somebody was told
// of is there. With -long 100,000 of them.
func TestRegistrarSurvivesKill(t *testing.T) {
	n := 2_000
	if *long {
		n = 100_000
	}
	const window = 64 // that are on the way at the same time
	most := 4 * n     // phones, if datagrams are lost
	dir := t.TempDir()
	acknowledged := make([]bool, 0, most)
	done := 0
	for done < n {
		c := startChild(t, dir)
		addr := c.conn.LocalAddr().String()
		goal := min(done+n/3+1, n)
		first := len(acknowledged)
		sent, got := first, first
		buf := make([]byte, 65536)
		for done < goal {
			for sent-got < window && sent < most {
				acknowledged = append(acknowledged, false)
				if _, err := c.conn.Write([]byte(numbered(sent, addr))); err != nil {
					t.Fatal(err)
				}
				sent++
			}
			if err := c.conn.SetReadDeadline(time.Now().Add(time.Second)); err != nil {
				t.Fatal(err)
			}
			k, err := c.conn.Read(buf)
			if err != nil { // datagrams were lost: their phones are not told
				if got = sent; sent == most {
					t.Fatalf("%d of %d phones were told, want %d: too much is lost", done, sent, goal)
				}
				continue
			}
			var m parser.Message
			if err := m.Parse(buf[:k]); err != nil {
				t.Fatalf("got %q: %v", buf[:k], err)
			}
			if m.Status() != parser.StatusOK { // too busy: nobody was told anything
				got++
				continue
			}
			i, err := strconv.Atoi(string(m.CallID()))
			if err != nil {
				t.Fatal(err)
			}
			got++
			if !acknowledged[i] {
				acknowledged[i] = true
				done++
			}
		}
		c.kill(t) // with up to window of them under way
	}
	s, err := store.OpenFile(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	reg := registrar.New(&registrar.Config{Domain: exampleCom, Store: s})
	lost := 0
	for i, told := range acknowledged {
		if !told {
			continue
		}
		all, err := reg.Lookup(context.Background(), mustURI(t, fmt.Sprintf("sip:user%d@example.com", i)))
		if err != nil || len(all) != 1 || !strings.HasPrefix(all[0].Contact, fmt.Sprintf("sip:user%d@", i)) {
			lost++
		}
	}
	if lost > 0 {
		t.Errorf("%d of %d bindings are lost that were acknowledged", lost, done)
	}
	count, err := reg.Bindings(context.Background())
	if err != nil || count < done || count > len(acknowledged) {
		t.Errorf("%d bindings, %v, want %d to %d", count, err, done, len(acknowledged))
	}
}
