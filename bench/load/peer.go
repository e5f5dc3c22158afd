package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"time"
)

// peer is a process under measurement.
type peer struct {
	name    string
	addr    netip.AddrPort // where a server listens
	cmd     *exec.Cmd
	stdin   io.WriteCloser // of one of ours
	stdout  *bufio.Reader
	cleanup func()
}

// startPeer starts this program as one of the peers that it knows itself.
func startPeer(name string) (*peer, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &peer{name: name, cmd: exec.Command(exe)}
	p.cmd.Env = append(os.Environ(), peerVariable+"="+name)
	p.cmd.Stderr = os.Stderr
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.stdout = bufio.NewReader(out)
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := p.stdout.ReadString('\n')
	if err != nil {
		p.stop()
		return nil, fmt.Errorf("%s did not start: %w", name, err)
	}
	if addr := strings.TrimSpace(line); addr != noAddress {
		if p.addr, err = netip.ParseAddrPort(addr); err != nil {
			p.stop()
			return nil, err
		}
	}
	return p, nil
}

// stop ends the process.
func (p *peer) stop() {
	if p.stdin != nil {
		p.stdin.Close() // the end of its input is its end
	} else {
		p.cmd.Process.Signal(os.Interrupt)
	}
	kill := time.AfterFunc(5*time.Second, func() { p.cmd.Process.Kill() })
	p.cmd.Wait()
	kill.Stop()
	if p.cleanup != nil {
		p.cleanup()
	}
}

// ours reports whether the peer is this program, and can be asked.
func (p *peer) ours() bool { return p.stdin != nil }

// ask has the process do what a command says, and returns what it tells.
func (p *peer) ask(command string) (map[string]int, error) {
	if _, err := io.WriteString(p.stdin, command+"\n"); err != nil {
		return nil, err
	}
	line, err := p.stdout.ReadBytes('\n')
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w", p.name, command, err)
	}
	var answer struct {
		Error string
		Stats map[string]int
	}
	if err := json.Unmarshal(line, &answer); err != nil {
		return nil, err
	}
	if answer.Error != "" {
		return nil, fmt.Errorf("%s: %s: %s", p.name, command, answer.Error)
	}
	return answer.Stats, nil
}

// cpu returns the processor time that the peer has used, with its children.
func (p *peer) cpu() (time.Duration, error) {
	var sum time.Duration
	for _, pid := range family(p.cmd.Process.Pid) {
		d, err := cpuTime(pid)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", p.name, err)
		}
		sum += d
	}
	return sum, nil
}

// rss returns the octets of memory that the peer has resident. What its processes share counts once.
func (p *peer) rss() (int, error) {
	sum, most := 0, 0
	for _, pid := range family(p.cmd.Process.Pid) {
		own, shared, err := residentSize(pid)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", p.name, err)
		}
		sum += own
		most = max(most, shared)
	}
	return sum + most, nil
}
