#compdef sip
# zsh completion for sip: sip completion zsh > a folder of $fpath, as _sip
_sip() {
	local -a commands
	commands=(
		'serve:answer calls, OPTIONS and MESSAGE, until SIGINT'
		'call:place a call, print its states, hang up'
		'options:ask a peer what it can do'
		'message:send a text message'
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
	serve) _arguments '*-advertise[put \[PROTO\:\]HOST\[\:PORT\] into Via and Contact, not the bound address; repeatable]:\[PROTO\:\]HOST\[\:PORT\]:' '*-debug[serve gauges and profiles over HTTP at HOST\:PORT]:HOST\:PORT:' '*-domain[serve this DOMAIN besides the own addresses; repeatable]:DOMAIN:' '*-echo[the USER who answers; '\''*'\'' is every user of every domain]:USER:' '*-hep[send the messages to HOST\:PORT, a HOMER collector (HEP3 over UDP)]:HOST\:PORT:' '*-json[print and log objects, one on a line]' '*-listen[listen on PROTO\:HOST\:PORT (udp tcp tls ws wss), port 0 for any free one; repeatable]:PROTO\:HOST\:PORT:' '*-origin[let only pages of ORIGIN, such as https\://example.com, in over ws and wss; repeatable]:ORIGIN:' '*-pcap[write the messages into FILE, for Wireshark and sngrep; what was in it is lost]:FILE:_files' '*-secrets[leave credentials and keys in what -pcap and -hep tell; else they are asterisks]' '*-t1[set T1 to DUR, T2 to 8*T1 and T4 to 10*T1 (default 500ms)]:DUR:' '*-tls-cert[the certificate chain in FILE (PEM), for tls and wss; read again when it changes]:FILE:_files' '*-tls-client-ca[take only clients with a certificate of an authority in FILE (PEM) over tls and wss]:FILE:_files' '*-tls-key[the key of -tls-cert in FILE (PEM)]:FILE:_files' '*-trace[show the messages as they pass, on stderr]' ;;
	call) _arguments '*-dns[look names up at the DNS server HOST\[\:PORT\] (default those of this machine)]:HOST\[\:PORT\]:' '*-for[hang up DUR after the answer]:DUR:' '*-from[the URI in From (default sip\:ringback@ and the own address)]:URI:' '*-hep[send the messages to HOST\:PORT, a HOMER collector (HEP3 over UDP)]:HOST\:PORT:' '*-json[print objects, one on a line]' '*-pcap[write the messages into FILE, for Wireshark and sngrep; what was in it is lost]:FILE:_files' '*-secrets[leave credentials and keys in what -pcap and -hep tell; else they are asterisks]' '*-t1[set T1 to DUR, T2 to 8*T1 and T4 to 10*T1 (default 500ms)]:DUR:' '*-tls-ca[trust the authorities in FILE (PEM) besides the system'\''s]:FILE:_files' '*-tls-cert[the certificate chain in FILE (PEM), shown to a server that asks]:FILE:_files' '*-tls-key[the key of -tls-cert in FILE (PEM)]:FILE:_files' '*-trace[show the messages as they pass, on stderr]' ;;
	options) _arguments '*-dns[look names up at the DNS server HOST\[\:PORT\] (default those of this machine)]:HOST\[\:PORT\]:' '*-from[the URI in From (default sip\:ringback@ and the own address)]:URI:' '*-hep[send the messages to HOST\:PORT, a HOMER collector (HEP3 over UDP)]:HOST\:PORT:' '*-json[print objects, one on a line]' '*-pcap[write the messages into FILE, for Wireshark and sngrep; what was in it is lost]:FILE:_files' '*-secrets[leave credentials and keys in what -pcap and -hep tell; else they are asterisks]' '*-t1[set T1 to DUR, T2 to 8*T1 and T4 to 10*T1 (default 500ms)]:DUR:' '*-tls-ca[trust the authorities in FILE (PEM) besides the system'\''s]:FILE:_files' '*-tls-cert[the certificate chain in FILE (PEM), shown to a server that asks]:FILE:_files' '*-tls-key[the key of -tls-cert in FILE (PEM)]:FILE:_files' '*-trace[show the messages as they pass, on stderr]' ;;
	message) _arguments '*-dns[look names up at the DNS server HOST\[\:PORT\] (default those of this machine)]:HOST\[\:PORT\]:' '*-from[the URI in From (default sip\:ringback@ and the own address)]:URI:' '*-hep[send the messages to HOST\:PORT, a HOMER collector (HEP3 over UDP)]:HOST\:PORT:' '*-json[print objects, one on a line]' '*-pcap[write the messages into FILE, for Wireshark and sngrep; what was in it is lost]:FILE:_files' '*-secrets[leave credentials and keys in what -pcap and -hep tell; else they are asterisks]' '*-t1[set T1 to DUR, T2 to 8*T1 and T4 to 10*T1 (default 500ms)]:DUR:' '*-tls-ca[trust the authorities in FILE (PEM) besides the system'\''s]:FILE:_files' '*-tls-cert[the certificate chain in FILE (PEM), shown to a server that asks]:FILE:_files' '*-tls-key[the key of -tls-cert in FILE (PEM)]:FILE:_files' '*-trace[show the messages as they pass, on stderr]' ;;
	parse) _arguments '*-json[print one object on a line for each file]' '*-stream[read each file as a byte stream instead of one datagram]' '*:file:_files' ;;
	completion) _arguments '1:operand:(bash zsh fish)' ;;
	esac
}
_sip "$@"
