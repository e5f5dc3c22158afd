package main

import (
	"context"
	"flag"
	"fmt"
	"strings"
)

func completionCommand() command {
	return command{
		name:     "completion",
		operands: "bash|zsh|fish",
		brief:    "print a script that completes sip's commands and flags in a shell",
		about: `Prints the script on stdout. It knows the commands and flags of the program that printed it:
make it anew after an update.`,
		status:   "0; 2 wrong usage.",
		examples: []string{"source <(sip completion bash)", "sip completion zsh > ~/.zfunc/_sip", "sip completion fish > ~/.config/fish/completions/sip.fish"},
		words:    []string{"bash", "zsh", "fish"},
		setup:    func(*flag.FlagSet) runner { return printCompletion },
	}
}

func printCompletion(_ context.Context, c *console, args []string) int {
	if !c.operands(args, "the shell's name (bash, zsh or fish)") {
		return exitUsage
	}
	switch args[0] {
	case "bash":
		c.outBytes(appendBash(nil))
	case "zsh":
		c.outBytes(appendZsh(nil))
	case "fish":
		c.outBytes(appendFish(nil))
	default:
		return c.misuse("%q is not a shell that is known: want bash, zsh or fish", args[0])
	}
	return exitYes
}

// appendBash appends the script for bash: nothing in it needs more than bash 3.
func appendBash(dst []byte) []byte {
	dst = append(dst, `# bash completion for sip: source <(sip completion bash)
_sip() {
	local cur=${COMP_WORDS[COMP_CWORD]} flags='' words='' files=''
	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		COMPREPLY=($(compgen -W '`+strings.Join(append(names(), "help"), " ")+`' -- "$cur"))
		return
	fi
	case ${COMP_WORDS[1]} in
`...)
	for _, cmd := range commands() {
		fs, _ := cmd.prepare()
		flags := []string{"-h"}
		for _, f := range allFlags(fs) {
			flags = append(flags, "-"+f.Name)
		}
		dst = fmt.Appendf(dst, "\t%s) flags='%s'", cmd.name, strings.Join(flags, " "))
		if len(cmd.words) > 0 {
			dst = fmt.Appendf(dst, " words='%s'", strings.Join(cmd.words, " "))
		}
		if cmd.files {
			dst = append(dst, " files=yes"...)
		}
		dst = append(dst, " ;;\n"...)
	}
	return append(dst, `	help) words='`+strings.Join(names(), " ")+`' ;;
	esac
	case $cur in
	-*) COMPREPLY=($(compgen -W "$flags" -- "$cur")) ;;
	*)
		COMPREPLY=($(compgen -W "$words" -- "$cur"))
		if [ -n "$files" ]; then
			local IFS=$'\n'
			COMPREPLY=($(compgen -f -- "$cur"))
		fi
		;;
	esac
}
complete -o filenames -F _sip sip
`...)
}

// appendZsh appends the script for zsh.
func appendZsh(dst []byte) []byte {
	dst = append(dst, `#compdef sip
# zsh completion for sip: sip completion zsh > a folder of $fpath, as _sip
_sip() {
	local -a commands
	commands=(
`...)
	for _, cmd := range commands() {
		dst = fmt.Appendf(dst, "\t\t%s\n", quote(cmd.name+":"+cmd.brief))
	}
	dst = append(dst, `	)
	if (( CURRENT == 2 )); then
		_describe command commands
		return
	fi
	local name=$words[2]
	shift words
	(( CURRENT-- ))
	case $name in
`...)
	for _, cmd := range commands() {
		fs, _ := cmd.prepare()
		dst = fmt.Appendf(dst, "\t%s) _arguments", cmd.name)
		for _, f := range allFlags(fs) {
			value, usage := flag.UnquoteUsage(f)
			spec := "*-" + f.Name + "[" + zshText(usage) + "]"
			if value != "" {
				spec += ":" + zshText(value) + ":"
			}
			if value == fileValue {
				spec += "_files"
			}
			dst = append(dst, " "+quote(spec)...)
		}
		switch {
		case cmd.files:
			dst = append(dst, ` '*:file:_files'`...)
		case len(cmd.words) > 0:
			dst = fmt.Appendf(dst, " %s", quote("1:operand:("+strings.Join(cmd.words, " ")+")"))
		}
		dst = append(dst, " ;;\n"...)
	}
	return append(dst, "\tesac\n}\n_sip \"$@\"\n"...)
}

// fileValue is what the usage of a flag calls a value that names a file.
const fileValue = "FILE"

// zshText escapes what would end the description of a flag in a specification of _arguments.
func zshText(s string) string {
	return strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`, ":", `\:`).Replace(s)
}

// appendFish appends the script for fish.
func appendFish(dst []byte) []byte {
	dst = append(dst, "# fish completion for sip\ncomplete -c sip -f\n"...)
	for _, cmd := range commands() {
		fs, _ := cmd.prepare()
		dst = fmt.Appendf(dst, "complete -c sip -n __fish_use_subcommand -a %s -d %s\n", cmd.name, quote(cmd.brief))
		inside := quote("__fish_seen_subcommand_from " + cmd.name)
		for _, f := range allFlags(fs) {
			value, usage := flag.UnquoteUsage(f)
			dst = fmt.Appendf(dst, "complete -c sip -n %s -o %s -d %s", inside, f.Name, quote(usage))
			switch value {
			case "":
			case fileValue:
				dst = append(dst, " -r -F"...)
			default:
				dst = append(dst, " -x"...)
			}
			dst = append(dst, '\n')
		}
		if cmd.files {
			dst = fmt.Appendf(dst, "complete -c sip -n %s -F\n", inside)
		}
		if len(cmd.words) > 0 {
			dst = fmt.Appendf(dst, "complete -c sip -n %s -a %s\n", inside, quote(strings.Join(cmd.words, " ")))
		}
	}
	return dst
}

// quote puts s in single quotes, for each of the shells.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
