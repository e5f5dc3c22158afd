package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"strings"
)

const (
	// peerVariable of the environment makes the program one of its own peers.
	peerVariable = "RINGBACK_LOAD_PEER"
	noAddress    = "-" // of a peer that is no server
)

// service is what this program is as a peer.
type service struct {
	addr  string
	stats func() map[string]int
	asker asker

	cpu, allocs *os.File // profiles that are being made
}

// newService starts a peer.
func newService(name string) (*service, error) {
	s := &service{addr: noAddress, stats: func() map[string]int { return nil }}
	var err error
	switch name {
	case "floor":
		var f *floor
		if f, err = newFloor(); err == nil {
			s.addr = f.conn.LocalAddr().String()
			go f.serve()
		}
	case "ringback":
		s.addr, s.stats, err = newRingback()
	case "sipgo":
		s.addr, err = newSipgo(true, nil)
	case "sipgo, no dialogs":
		s.addr, err = newSipgo(false, nil)
	case "ringback registrar":
		s.addr, s.stats, err = newRegistrar()
	case "sipgo registrar":
		s.addr, err = newSipgo(false, new(registry).register)
	case "ringback client":
		s.asker, err = newRingbackClient()
	case "sipgo client":
		s.asker, err = newSipgoClient()
	default:
		err = fmt.Errorf("no peer is called %q", name)
	}
	return s, err
}

// servePeer is the program as a peer: it says where it listens, obeys commands, and ends with its input.
func servePeer(name string, in io.Reader, out io.Writer) error {
	s, err := newService(name)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out, s.addr); err != nil {
		return err
	}
	for lines := bufio.NewScanner(in); lines.Scan(); {
		stats, err := s.obey(strings.Fields(lines.Text()))
		answer := struct {
			Error string
			Stats map[string]int
		}{Stats: stats}
		if err != nil {
			answer.Error = err.Error()
		}
		if err := json.NewEncoder(out).Encode(answer); err != nil {
			return err
		}
	}
	return nil
}

// obey does what a command says.
func (s *service) obey(words []string) (map[string]int, error) {
	switch {
	case len(words) == 1 && words[0] == "runtime":
		return s.figures(nil), nil
	case len(words) == 1 && words[0] == "collect":
		debug.FreeOSMemory()
		return s.figures(s.stats()), nil
	case len(words) == 2 && words[0] == "profile":
		return nil, s.startProfiles(words[1])
	case len(words) == 1 && words[0] == "profiled" && s.cpu != nil:
		return nil, s.endProfiles()
	case len(words) == 4 && words[0] == "ask" && s.asker != nil:
		n, err := strconv.Atoi(words[2])
		if err != nil {
			return nil, err
		}
		window, err := strconv.Atoi(words[3])
		if err != nil {
			return nil, err
		}
		return nil, askAll(s.asker, words[1], n, window)
	}
	return nil, fmt.Errorf("no such command: %q", words)
}

// startProfiles begins the profiles of processor time and of allocations, whose names begin with prefix.
func (s *service) startProfiles(prefix string) (err error) {
	if s.cpu, err = os.Create(prefix + ".cpu"); err != nil {
		return err
	}
	if s.allocs, err = os.Create(prefix + ".allocs"); err != nil {
		return err
	}
	return pprof.StartCPUProfile(s.cpu)
}

// endProfiles writes them. That of allocations goes back to the start of the process.
func (s *service) endProfiles() error {
	pprof.StopCPUProfile()
	return errors.Join(s.cpu.Close(), pprof.Lookup("allocs").WriteTo(s.allocs, 0), s.allocs.Close())
}

// figures returns what the runtime counts, and stats.
func (s *service) figures(stats map[string]int) map[string]int {
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	if stats == nil {
		stats = make(map[string]int)
	}
	stats["goroutines"] = runtime.NumGoroutine()
	stats["heap"] = int(mem.HeapAlloc)
	stats["mallocs"] = int(mem.Mallocs)
	return stats
}
