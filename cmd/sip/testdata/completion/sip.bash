# bash completion for sip: source <(sip completion bash)
_sip() {
	local cur=${COMP_WORDS[COMP_CWORD]} flags='' words='' files=''
	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		COMPREPLY=($(compgen -W 'parse completion help' -- "$cur"))
		return
	fi
	case ${COMP_WORDS[1]} in
	parse) flags='-h -json -stream' files=yes ;;
	completion) flags='-h' words='bash zsh fish' ;;
	help) words='parse completion' ;;
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
