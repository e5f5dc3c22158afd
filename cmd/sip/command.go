package main

import (
	"context"
	"flag"
)

// runner does a command's work with what stands after its flags and returns the exit status.
type runner func(ctx context.Context, c *console, args []string) int

// command is one row of the table that everything is made from: dispatch, help and completion.
type command struct {
	name     string
	operands string   // what stands after the flags: "URI TEXT"
	brief    string   // one line, without a full stop
	about    string   // paragraphs of the help text
	status   string   // what the exit statuses mean
	examples []string // whole command lines
	words    []string // operands that completion offers
	files    bool     // the operands are files
	setup    func(fs *flag.FlagSet) runner
}

// commands returns the table, in the order of the help text.
func commands() []command {
	return []command{
		serveCommand(),
		callCommand(),
		registerCommand(),
		optionsCommand(),
		messageCommand(),
		parseCommand(),
		completionCommand(),
	}
}

// lookup returns the command called name.
func lookup(name string) (command, bool) {
	for _, cmd := range commands() {
		if cmd.name == name {
			return cmd, true
		}
	}
	return command{}, false
}

// names returns the names of all commands.
func names() []string {
	var s []string
	for _, cmd := range commands() {
		s = append(s, cmd.name)
	}
	return s
}
