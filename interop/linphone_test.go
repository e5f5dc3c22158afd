package interop

import (
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// linphonec starts a linphonec that calls over a transport. It is driven by its stdin, as a person would.
func linphonec(t *testing.T, network string, a account) *softphone {
	t.Helper()
	path := need(t, "linphonec", "linphone-cli")
	dir := t.TempDir()
	port := freePort(t)
	addr := net.JoinHostPort("127.0.0.1", port)
	// It watches for networks unless told not to, and takes loopback for none.
	conf := `[sip]
bind_address=127.0.0.1
contact=<sip:linphonec@` + addr + `>
sip_port=` + port + `
sip_tcp_port=` + port + `
sip_tls_port=0
guess_hostname=0
use_ipv6=0
default_proxy=0
auto_net_state_mon=0
register_only_when_network_is_up=0
[net]
auto_net_state_mon=0
[rtp]
audio_rtp_port=-1
video_rtp_port=-1
text_rtp_port=-1
[video]
enabled=0
capture=0
display=0
[misc]
history_max_size=0
`
	if host, _, _ := strings.Cut(a.registrar, ":"); host != "" {
		conf += `[proxy_0]
reg_proxy=<sip:` + a.registrar + `;transport=` + network + `>
reg_identity=<sip:linphonec@` + a.registrar + `>
reg_sendregister=1
reg_expires=60
publish=0
[auth_info_0]
username=linphonec
passwd=` + a.password + `
domain=` + host + `
`
	}
	file := filepath.Join(dir, "linphonerc")
	must(t, os.WriteFile(file, []byte(conf), 0o600))
	for _, d := range []string{".local/share/linphone", ".config/linphone"} { // it does not make them itself
		must(t, os.MkdirAll(filepath.Join(dir, d), 0o700))
	}
	cmd := exec.Command(path, "-a", "-c", file)
	cmd.Env = append(os.Environ(), "HOME="+dir, "TERM=dumb")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	p := launch(t, cmd)
	command := func(line string) {
		t.Helper()
		_, err := io.WriteString(in, line+"\n")
		must(t, err)
	}
	t.Cleanup(func() {
		command("quit")
		p.wait(t, 10*time.Second)
	})
	command("soundcard use files")
	until(t, 10*time.Second, "linphonec listens", func() bool { return taken(t, "udp", port) && taken(t, "tcp", port) })
	if a.registrar != "" { // of which it says nothing unless it is asked
		until(t, 10*time.Second, "linphonec is registered", func() bool {
			command("status register")
			return strings.Contains(p.output(), "registered, identity=")
		})
	}
	phone := &softphone{
		program: p, name: "linphonec", uri: "sip:linphonec@" + addr + ";transport=" + network,
		dial: func(uri string) { command("call " + uri + ";transport=" + network) },
		do:   make(map[string]func()),
		says: map[string]sign{
			"connected": {" connected.", 1}, "hangup": {" ended (", 1}, "hold": {" is now paused.", 1},
			"resume": {" has been paused by ", 2}, // what it takes an inactive stream for, from the start
		},
	}
	for name, line := range map[string]string{"hold": "pause", "resume": "resume", "hangup": "terminate"} {
		phone.do[name] = func() { command(line) }
	}
	return phone
}
