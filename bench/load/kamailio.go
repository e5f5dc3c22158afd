package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// kamailioConfig makes Kamailio answer as the others do: with two children, no DNS, and the memory allocator that is fastest.
// %[1]s is its address, %[2]s the folder of its modules, %[3]s the body of the answer to INVITE, %[4]s what answers.
const kamailioConfig = `#!KAMAILIO
debug=-1
log_stderror=yes
fork=yes
children=2
disable_tcp=yes
auto_aliases=no
dns=no
rev_dns=no
use_dns_cache=no
maxbuffer=4194304
listen=udp:%[1]s
mpath="%[2]s"
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "pv.so"
loadmodule "textops.so"
request_route {
	if (is_method("ACK")) {
		t_check_trans();
		exit;
	}
	if (is_method("INVITE")) {
		append_to_reply("Contact: <sip:echo@%[1]s>\r\n");
		set_reply_body("%[3]s", "application/sdp");
	}
	%[4]s
	exit;
}
`

// kamailioMemory is the megabytes that its processes share: five seconds of transactions at full speed, and more of calls. What
// is not needed is not taken.
const kamailioMemory = "4096"

// What answers, without a transaction and with one.
const (
	stateless = `sl_send_reply("200", "OK");`
	stateful  = `t_newtran(); t_reply("200", "OK");`
)

// startKamailio starts Kamailio with an answer, and waits until it gives one. A nil peer without an error says that it is not
// installed.
func startKamailio(name, answer string) (*peer, error) {
	path, err := exec.LookPath("kamailio")
	if err != nil {
		return nil, nil
	}
	modules, err := filepath.Glob("/usr/lib/*/kamailio/modules/sl.so")
	if err != nil || len(modules) == 0 {
		return nil, errors.New("kamailio is there, and its modules are not in /usr/lib/*/kamailio/modules")
	}
	dir, err := os.MkdirTemp("", "load")
	if err != nil {
		return nil, err
	}
	addr, err := freePort()
	if err != nil {
		return nil, err
	}
	body := strings.ReplaceAll(offer, "\r\n", `\r\n`)
	config := filepath.Join(dir, "kamailio.cfg")
	text := fmt.Sprintf(kamailioConfig, addr, filepath.Dir(modules[0])+"/", body, answer)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, err
	}
	var stderr strings.Builder
	cmd := exec.Command(path, "-DD", "-E", "-f", config, "-w", dir, "-Y", dir, "-P", filepath.Join(dir, "pid"), "-m", kamailioMemory, "-M", "16", "-x", "fm", "-X", "fm")
	cmd.Stdout, cmd.Stderr = io.Discard, &stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &peer{name: name, addr: addr, cmd: cmd, cleanup: func() { os.RemoveAll(dir) }}
	if err := p.answers(); err != nil {
		p.stop()
		return nil, fmt.Errorf("%s: %w\n%s", name, err, stderr.String())
	}
	return p, nil
}

// freePort finds a port that nobody has.
func freePort() (netip.AddrPort, error) {
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return netip.AddrPort{}, err
	}
	defer conn.Close()
	return netip.ParseAddrPort(conn.LocalAddr().String())
}

// answers waits until the peer answers a request.
func (p *peer) answers() error {
	g, err := newGenerator(options, p.addr, 1)
	if err != nil {
		return err
	}
	defer g.close()
	done := make(chan error, 1)
	go func() {
		_, err := g.run(1)
		done <- err
	}()
	select {
	case err := <-done:
		return err
	case <-time.After(10 * time.Second):
		return errors.New("it does not answer")
	}
}
