package interop

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// baresip starts a baresip that calls over a transport. It is driven, and tells what happens, over a connection to its module ctrl_tcp.
func baresip(t *testing.T, network string, a account) *softphone {
	t.Helper()
	path := need(t, "baresip", "baresip-core")
	dir := t.TempDir()
	addr := net.JoinHostPort("127.0.0.1", freePort(t))
	control := freePort(t)
	// Its sound comes from nowhere and goes nowhere: two ends of aubridge that do not meet.
	conf := []string{
		"poll_method epoll", "sip_listen " + addr, "net_interface 127.0.0.1", "dns_server 127.0.0.1:9",
		"audio_source aubridge,in", "audio_player aubridge,out", "audio_alert aubridge,out",
		"module_path /usr/lib/baresip/modules", "module g711.so", "module aubridge.so", "module ctrl_tcp.so",
		"module_app account.so", "module_app menu.so", "ctrl_tcp_listen 127.0.0.1:" + control,
	}
	line := "<sip:baresip@" + addr + ";transport=" + network + ">;regint=0"
	if a.registrar != "" {
		line = "<sip:baresip@" + a.registrar + ";transport=" + network + ">;regint=60;auth_pass=" + a.password
	}
	files := map[string]string{
		"config": strings.Join(conf, "\n") + "\n", "contacts": "", "accounts": line + ";answermode=auto\n",
	}
	for name, text := range files {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	cmd := exec.Command(path, "-f", dir)
	cmd.Env = append(os.Environ(), "HOME="+dir)
	p := launch(t, cmd)
	until(t, 10*time.Second, "baresip listens", func() bool { return taken(t, "tcp", control) })
	if a.registrar != "" {
		until(t, 10*time.Second, "baresip is registered", func() bool { return strings.Contains(p.output(), "} 200 OK (") })
	}
	conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", control))
	if err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		netstrings(conn, p.add)
	}()
	t.Cleanup(func() {
		p.signal(t, syscall.SIGTERM)
		p.wait(t, 10*time.Second)
		conn.Close()
		<-read
	})
	command := func(name, params string) {
		t.Helper()
		b, err := json.Marshal(map[string]string{"command": name, "params": params})
		must(t, err)
		_, err = fmt.Fprintf(conn, "%d:%s,", len(b), b)
		must(t, err)
	}
	phone := &softphone{
		program: p, name: "baresip", uri: "sip:baresip@" + addr + ";transport=" + network,
		dial: func(uri string) { command("dial", uri) }, // it adds the transport of its account
		do:   make(map[string]func()),
		says: map[string]sign{
			"connected": {`"type":"CALL_ESTABLISHED"`, 1}, "hangup": {`"type":"CALL_CLOSED"`, 1},
			"hold": {`"type":"CALL_REMOTE_SDP"`, 2}, "resume": {`"type":"CALL_REMOTE_SDP"`, 3}, // of each answer
		},
	}
	for _, name := range []string{"hold", "resume", "hangup"} {
		phone.do[name] = func() { command(name, "") }
	}
	return phone
}

// netstrings reads LENGTH:TEXT, again and again until r ends, and hands each text to f.
func netstrings(r io.Reader, f func(text string)) {
	for b := bufio.NewReader(r); ; {
		head, err := b.ReadString(':')
		if err != nil {
			return
		}
		n, err := strconv.ParseUint(strings.TrimSuffix(head, ":"), 10, 16)
		if err != nil {
			f(fmt.Sprintf("%q is no length", head))
			return
		}
		text := make([]byte, n+1) // and its comma
		if _, err := io.ReadFull(b, text); err != nil {
			return
		}
		f(string(text[:n]))
	}
}
