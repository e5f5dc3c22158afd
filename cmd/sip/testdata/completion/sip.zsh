#compdef sip
# zsh completion for sip: sip completion zsh > a folder of $fpath, as _sip
_sip() {
	local -a commands
	commands=(
		'parse:read messages from files and say what is wrong with them'
		'completion:print a script that completes sip'\''s commands and flags in a shell'
	)
	if (( CURRENT == 2 )); then
		_describe command commands
		return
	fi
	local name=$words[2]
	shift words
	(( CURRENT-- ))
	case $name in
	parse) _arguments '*-json[print one object on a line for each file]' '*-stream[read each file as a byte stream instead of one datagram]' '*:file:_files' ;;
	completion) _arguments '1:operand:(bash zsh fish)' ;;
	esac
}
_sip "$@"
