package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
)

func parseCommand() command {
	return command{
		name:     "parse",
		operands: "FILE...",
		brief:    "read messages from files and say what is wrong with them",
		about: `Each file is one datagram, "-" is standard input, and of a folder every file below it
is read, in the order of their names. A good message gives a line
  FILE: ok request INVITE sip:b@h
and a bad one, with the line at fault and a caret below it (columns count octets),
  FILE:LINE:COL: what is wrong (RFC 3261, Section n), answer 400

Octets after the Content-Length of a datagram are ignored. With -stream a file is a byte
stream: messages that follow each other, each with its Content-Length, with or without
empty lines between them. All of them must be good and the last one whole. What is told of
the file is its first message, or the first bad one.

A capture file holds packets, and is no message: the last example takes the messages of
its datagrams out.

With -json each object has "file" and "ok"; of a good message "kind", "start_line",
"method", "request_uri" or "status", "vias", "from", "to", "call_id", "cseq", "body_length"
and, with -stream, "messages"; of a bad one "error", "status" (to answer with, 0 when it is
to be dropped), "line" and "column".`,
		status: "0 every message is good; 1 one is bad; 2 wrong usage, or a file that cannot be read.",
		examples: []string{
			"sip parse invite.dat",
			"sip parse -json captures/ | jq -c 'select(.ok | not)'",
			"nc -l 5060 | sip parse -stream -",
			"tshark -r a.pcap -Y sip -T fields -e udp.payload | xxd -r -p | sip parse -stream -",
		},
		files: true,
		setup: func(fs *flag.FlagSet) runner {
			var r reading
			fs.BoolVar(&r.json, "json", false, "print one object on a line for each file")
			fs.BoolVar(&r.judge.stream, "stream", false, "read each file as a byte stream instead of one datagram")
			return r.run
		},
	}
}

// reading is one run of `sip parse`.
type reading struct {
	json  bool
	judge judge

	c      *console
	out    []byte // reports that are not written yet
	read   atomic.Int64
	bad    int
	unread int // files that could not be read
}

// run reads all arguments; every file is reported, whatever became of those before it.
func (r *reading) run(ctx context.Context, c *console, args []string) int {
	if len(args) == 0 {
		return c.misuse("no file is given (\"-\" is standard input)")
	}
	for _, arg := range args {
		if _, err := os.Lstat(arg); err != nil && len(arg) > 1 && arg[0] == '-' {
			return c.misuse("%s stands after a file, and is none: flags go before them", printable(arg))
		}
	}
	r.c = c
	stop := c.watch(func() string { return fmt.Sprintf("%d files read", r.read.Load()) })
	for _, arg := range args {
		err := r.argument(ctx, arg)
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			r.complain(arg, err)
		}
	}
	stop()
	r.flush()
	if n := r.read.Load(); n > 1 && !r.json {
		c.errf("%d files read, %d bad\n", n, r.bad)
	}
	switch {
	case ctx.Err() != nil:
		c.errf("%s: interrupted, not every file was read\n", c.name)
		return exitUsage
	case r.unread > 0:
		return exitUsage
	case r.bad > 0:
		return exitNo
	}
	return exitYes
}

// argument reads the file or the folder that arg names.
func (r *reading) argument(ctx context.Context, arg string) error {
	if arg == "-" {
		data, err := readAll(ctx, maxFile, func() (io.Reader, error) { return io.NopCloser(r.c.stdin), nil })
		if err == nil {
			r.report(arg, data)
		}
		return err
	}
	st, err := os.Stat(arg)
	if err != nil {
		return err
	}
	if !st.IsDir() {
		return r.file(ctx, arg)
	}
	before := r.read.Load() + int64(r.unread)
	err = filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return filepath.SkipAll
		case err != nil:
			r.complain(path, err)
		case isFile(path, d):
			if err := r.file(ctx, path); err != nil {
				r.complain(path, err)
			}
		}
		return nil
	})
	if err == nil && ctx.Err() == nil && r.read.Load()+int64(r.unread) == before {
		return errors.New("there is no file in it") // nobody wants to hear that nothing is wrong with nothing
	}
	return err
}

// isFile reports whether the entry of a folder is a file that reading ends of, or a link to one. Links to
// folders are not followed: they may lead in circles.
func isFile(path string, d fs.DirEntry) bool {
	if d.Type()&fs.ModeSymlink == 0 {
		return d.Type().IsRegular()
	}
	st, err := os.Stat(path)
	return err != nil || st.Mode().IsRegular() // a dead link is worth a complaint
}

// file reads and reports one file.
func (r *reading) file(ctx context.Context, path string) error {
	data, err := readFile(ctx, path)
	if err != nil {
		return err
	}
	r.report(path, data)
	return nil
}

// report judges what the file called name holds.
func (r *reading) report(name string, data []byte) {
	v := r.judge.file(name, data)
	if !v.ok() {
		r.bad++
	}
	r.read.Add(1)
	if r.json {
		r.out = v.appendJSON(r.out, r.judge.stream)
	} else {
		r.out = v.appendHuman(r.out, r.c.outStyle)
	}
	const enough = 32 << 10
	if len(r.out) >= enough {
		r.flush()
	}
}

// complain reports a file that cannot be read.
func (r *reading) complain(name string, err error) {
	r.unread++
	r.flush()
	if pe, ok := err.(*fs.PathError); ok {
		err = pe.Err // the path is named once
	}
	r.c.errf("%s: %s cannot be read: %v\n", r.c.name, printable(name), err)
}

func (r *reading) flush() {
	if len(r.out) > 0 {
		r.c.outBytes(r.out)
		r.out = r.out[:0]
	}
}
