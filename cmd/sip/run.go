package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
)

// The exit statuses of every command.
const (
	exitYes     = 0 // a 2xx, or every message is good
	exitNo      = 1 // the peer said no, or a message is bad
	exitUsage   = 2 // wrong usage, or something on this side: a file that cannot be read, a port that is taken
	exitSilence = 3 // nobody answered
)

// run executes the command that args name and returns the exit status. The end of ctx is the user's wish to
// stop. run keeps none of its arguments and leaves nothing running.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	c := newConsole(stdin, stdout, stderr)
	code := dispatch(ctx, c, args)
	if err := c.writeError(); err != nil && code == exitYes {
		c.errf("sip: the result could not be written: %v\n", err)
		return exitUsage
	}
	return code
}

// dispatch finds the command and hands it what stands after its flags.
func dispatch(ctx context.Context, c *console, args []string) int {
	if len(args) == 0 {
		c.errBytes(appendOverview(nil))
		return exitUsage
	}
	name, args := args[0], args[1:]
	switch name {
	case "-h", "-help", "--help":
		c.outBytes(appendOverview(nil))
		return exitYes
	case "help":
		if len(args) == 0 {
			c.outBytes(appendOverview(nil))
			return exitYes
		}
		name, args = args[0], []string{"-h"}
	}
	cmd, ok := lookup(name)
	if !ok {
		c.errf("sip: there is no command %q: want one of %s; run \"sip -h\" for what they do\n", name, strings.Join(names(), ", "))
		return exitUsage
	}
	c.name = "sip " + cmd.name
	fs, do := cmd.prepare()
	switch err := fs.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		c.outBytes(appendHelp(nil, cmd))
		return exitYes
	case err != nil:
		return c.misuse("%v", err)
	}
	return do(ctx, c, fs.Args())
}

// prepare returns the command's flags, ready to parse, and what runs it after that.
func (cmd command) prepare() (*flag.FlagSet, runner) {
	fs := flag.NewFlagSet(cmd.name, flag.ContinueOnError)
	fs.SetOutput(io.Discard) // what is wrong is said by misuse, once
	fs.Usage = func() {}
	return fs, cmd.setup(fs)
}

// misuse reports wrong usage and returns its exit status.
func (c *console) misuse(format string, args ...any) int {
	c.errf("%s: %s\nRun \"%s -h\" for its flags and examples.\n", c.name, fmt.Sprintf(format, args...), c.name)
	return exitUsage
}

// operands checks the number of arguments after the flags: one for each word of want.
func (c *console) operands(args []string, want ...string) bool {
	switch {
	case len(args) < len(want):
		c.misuse("%s is missing", want[len(args)])
	case len(args) > len(want) && len(want) > 0 && strings.HasPrefix(args[len(want)], "-"):
		c.misuse("%s stands after %s: flags go before it", args[len(want)], want[len(want)-1])
	case len(args) > len(want):
		c.misuse("%q is one argument too many: put quotes around a text with spaces", args[len(want)])
	default:
		return true
	}
	return false
}
