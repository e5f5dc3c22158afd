package main

import (
	"flag"
	"fmt"
	"strings"
)

// appendOverview appends what `sip -h` prints.
func appendOverview(dst []byte) []byte {
	dst = append(dst, "sip - a SIP server, and the requests to try any server with\n\nUsage: sip COMMAND [flags] [operands]\n\nCommands:\n"...)
	for _, cmd := range commands() {
		dst = fmt.Appendf(dst, "  %-11s %s\n", cmd.name, cmd.brief)
	}
	return append(dst, `
Run "sip COMMAND -h" for a command's flags and examples. Flags stand before the operands.
With -json every command prints one object on a line. NO_COLOR in the environment turns
colours off.

Try it, in two terminals:
  sip serve
  sip call -for 1s sip:echo@127.0.0.1:5060
`...)
}

// appendHelp appends what `sip COMMAND -h` prints.
func appendHelp(dst []byte, cmd command) []byte {
	fs, _ := cmd.prepare()
	dst = fmt.Appendf(dst, "sip %s - %s\n\nUsage: sip %s", cmd.name, cmd.brief, cmd.name)
	flags := allFlags(fs)
	if len(flags) > 0 {
		dst = append(dst, " [flags]"...)
	}
	if cmd.operands != "" {
		dst = append(dst, " "+cmd.operands...)
	}
	dst = append(dst, "\n\n"+cmd.about+"\n"...)
	if len(flags) > 0 {
		dst = appendFlags(append(dst, "\nFlags:\n"...), flags)
	}
	dst = append(dst, "\nExit status: "+cmd.status+"\n\nExamples:\n"...)
	for _, e := range cmd.examples {
		dst = append(dst, "  "+e+"\n"...)
	}
	return dst
}

// appendFlags appends each flag: the value's name is what its usage has in back quotes. What does not fit before the
// column of the usages stands on a line of its own.
func appendFlags(dst []byte, flags []*flag.Flag) []byte {
	const column = 12
	for _, f := range flags {
		_, usage := flag.UnquoteUsage(f)
		left := spelling(f)
		if len(left) > column-2 {
			dst = fmt.Appendf(dst, "  %s\n", left)
			left = ""
		}
		dst = fmt.Appendf(dst, "  %-*s%s", column, left, usage)
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0s" {
			dst = fmt.Appendf(dst, " (default %s)", f.DefValue)
		}
		dst = append(dst, '\n')
	}
	return dst
}

// spelling returns "-for DUR", or "-json" of a flag without a value.
func spelling(f *flag.Flag) string {
	value, _ := flag.UnquoteUsage(f)
	return strings.TrimSpace("-" + f.Name + " " + value)
}

// allFlags returns the flags of fs in the order of their names.
func allFlags(fs *flag.FlagSet) []*flag.Flag {
	var flags []*flag.Flag
	fs.VisitAll(func(f *flag.Flag) { flags = append(flags, f) })
	return flags
}
