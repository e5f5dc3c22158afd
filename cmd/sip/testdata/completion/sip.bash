# bash completion for sip: source <(sip completion bash)
_sip() {
	local cur=${COMP_WORDS[COMP_CWORD]} flags='' words='' files=''
	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		COMPREPLY=($(compgen -W 'serve call register options message parse completion help' -- "$cur"))
		return
	fi
	case ${COMP_WORDS[1]} in
	serve) flags='-h -advertise -data -debug -digest -domain -echo -hep -json -listen -min-se -origin -pcap -secrets -session-expires -t1 -tls-cert -tls-client-ca -tls-key -trace -users' ;;
	call) flags='-h -dns -for -from -hep -json -keys -password -pcap -proxy -secrets -t1 -tls-ca -tls-cert -tls-key -trace -user' ;;
	register) flags='-h -dns -expires -fetch -from -hep -instance -json -once -password -pcap -proxy -reg-id -remove-all -secrets -t1 -tls-ca -tls-cert -tls-key -trace -user' ;;
	options) flags='-h -dns -from -hep -json -password -pcap -proxy -secrets -t1 -tls-ca -tls-cert -tls-key -trace -user' ;;
	message) flags='-h -dns -from -hep -json -password -pcap -proxy -secrets -t1 -tls-ca -tls-cert -tls-key -trace -user' ;;
	parse) flags='-h -json -stream' files=yes ;;
	completion) flags='-h' words='bash zsh fish' ;;
	help) words='serve call register options message parse completion' ;;
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
