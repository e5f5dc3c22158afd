# fish completion for sip
complete -c sip -f
complete -c sip -n __fish_use_subcommand -a serve -d 'answer calls, OPTIONS, MESSAGE and REGISTER, until SIGINT'
complete -c sip -n '__fish_seen_subcommand_from serve' -o advertise -d 'put [PROTO:]HOST[:PORT] into Via and Contact, not the bound address; repeatable' -x
complete -c sip -n '__fish_seen_subcommand_from serve' -o data -d 'keep registrations across restarts, in the folder DIR' -x
complete -c sip -n '__fish_seen_subcommand_from serve' -o debug -d 'serve gauges and profiles over HTTP at HOST:PORT' -x
complete -c sip -n '__fish_seen_subcommand_from serve' -o digest -d 'ask for passwords by ALGORITHM; repeatable, best first (default MD5)' -x
complete -c sip -n '__fish_seen_subcommand_from serve' -o domain -d 'serve this DOMAIN besides the own addresses; repeatable' -x
complete -c sip -n '__fish_seen_subcommand_from serve' -o echo -d 'the USER who answers; '\''*'\'' is every user of every domain' -x
complete -c sip -n '__fish_seen_subcommand_from serve' -o hep -d 'send the messages to HOST:PORT, a HOMER collector (HEP3 over UDP)' -x
complete -c sip -n '__fish_seen_subcommand_from serve' -o json -d 'print and log objects, one on a line'
complete -c sip -n '__fish_seen_subcommand_from serve' -o listen -d 'listen on PROTO:HOST:PORT (udp tcp tls ws wss), port 0 for any free one; repeatable' -x
complete -c sip -n '__fish_seen_subcommand_from serve' -o min-se -d 'accept no session interval below DUR (default 90s)' -x
complete -c sip -n '__fish_seen_subcommand_from serve' -o origin -d 'let only pages of ORIGIN, such as https://example.com, in over ws and wss; repeatable' -x
complete -c sip -n '__fish_seen_subcommand_from serve' -o pcap -d 'write the messages into FILE, for Wireshark and sngrep; what was in it is lost' -r -F
complete -c sip -n '__fish_seen_subcommand_from serve' -o secrets -d 'leave credentials and keys in what -pcap and -hep tell; else they are asterisks'
complete -c sip -n '__fish_seen_subcommand_from serve' -o session-expires -d 'end a call that is not refreshed within DUR; negative: never (default 30m)' -x
complete -c sip -n '__fish_seen_subcommand_from serve' -o t1 -d 'set T1 to DUR, T2 to 8*T1 and T4 to 10*T1 (default 500ms)' -x
complete -c sip -n '__fish_seen_subcommand_from serve' -o tls-cert -d 'the certificate chain in FILE (PEM), for tls and wss; read again when it changes' -r -F
complete -c sip -n '__fish_seen_subcommand_from serve' -o tls-client-ca -d 'take only clients with a certificate of an authority in FILE (PEM) over tls and wss' -r -F
complete -c sip -n '__fish_seen_subcommand_from serve' -o tls-key -d 'the key of -tls-cert in FILE (PEM)' -r -F
complete -c sip -n '__fish_seen_subcommand_from serve' -o trace -d 'show the messages as they pass, on stderr'
complete -c sip -n '__fish_seen_subcommand_from serve' -o users -d 'let only those in who have a password in FILE, user:password on a line' -r -F
complete -c sip -n __fish_use_subcommand -a call -d 'place a call, print its states, hang up'
complete -c sip -n '__fish_seen_subcommand_from call' -o dns -d 'look names up at the DNS server HOST[:PORT] (default those of this machine)' -x
complete -c sip -n '__fish_seen_subcommand_from call' -o for -d 'hang up DUR after the answer' -x
complete -c sip -n '__fish_seen_subcommand_from call' -o from -d 'the URI in From (default that of -user in the peer'\''s domain, else sip:ringback@ and
              the own address)' -x
complete -c sip -n '__fish_seen_subcommand_from call' -o hep -d 'send the messages to HOST:PORT, a HOMER collector (HEP3 over UDP)' -x
complete -c sip -n '__fish_seen_subcommand_from call' -o json -d 'print objects, one on a line'
complete -c sip -n '__fish_seen_subcommand_from call' -o keys -d 'take keys from stdin, a line at a time, also when it is no terminal'
complete -c sip -n '__fish_seen_subcommand_from call' -o password -d 'the PASSWORD of -user, which others on this machine may see' -x
complete -c sip -n '__fish_seen_subcommand_from call' -o pcap -d 'write the messages into FILE, for Wireshark and sngrep; what was in it is lost' -r -F
complete -c sip -n '__fish_seen_subcommand_from call' -o proxy -d 'send by way of the outbound proxy URI' -x
complete -c sip -n '__fish_seen_subcommand_from call' -o secrets -d 'leave credentials and keys in what -pcap and -hep tell; else they are asterisks'
complete -c sip -n '__fish_seen_subcommand_from call' -o t1 -d 'set T1 to DUR, T2 to 8*T1 and T4 to 10*T1 (default 500ms)' -x
complete -c sip -n '__fish_seen_subcommand_from call' -o tls-ca -d 'trust the authorities in FILE (PEM) besides the system'\''s' -r -F
complete -c sip -n '__fish_seen_subcommand_from call' -o tls-cert -d 'the certificate chain in FILE (PEM), shown to a server that asks' -r -F
complete -c sip -n '__fish_seen_subcommand_from call' -o tls-key -d 'the key of -tls-cert in FILE (PEM)' -r -F
complete -c sip -n '__fish_seen_subcommand_from call' -o trace -d 'show the messages as they pass, on stderr'
complete -c sip -n '__fish_seen_subcommand_from call' -o user -d 'the NAME to answer a challenge with' -x
complete -c sip -n __fish_use_subcommand -a register -d 'register an address, and stay registered'
complete -c sip -n '__fish_seen_subcommand_from register' -o dns -d 'look names up at the DNS server HOST[:PORT] (default those of this machine)' -x
complete -c sip -n '__fish_seen_subcommand_from register' -o expires -d 'ask for SECONDS, or a duration such as 10m' -x
complete -c sip -n '__fish_seen_subcommand_from register' -o fetch -d 'print what is registered, and register nothing'
complete -c sip -n '__fish_seen_subcommand_from register' -o from -d 'the URI in From (default that of -user in the peer'\''s domain, else sip:ringback@ and
              the own address)' -x
complete -c sip -n '__fish_seen_subcommand_from register' -o hep -d 'send the messages to HOST:PORT, a HOMER collector (HEP3 over UDP)' -x
complete -c sip -n '__fish_seen_subcommand_from register' -o instance -d 'the URN of this user agent, such as urn:uuid:...: asks for GRUUs (RFC 5627)' -x
complete -c sip -n '__fish_seen_subcommand_from register' -o json -d 'print objects, one on a line'
complete -c sip -n '__fish_seen_subcommand_from register' -o once -d 'end after the answer'
complete -c sip -n '__fish_seen_subcommand_from register' -o password -d 'the PASSWORD of -user, which others on this machine may see' -x
complete -c sip -n '__fish_seen_subcommand_from register' -o pcap -d 'write the messages into FILE, for Wireshark and sngrep; what was in it is lost' -r -F
complete -c sip -n '__fish_seen_subcommand_from register' -o proxy -d 'send by way of the outbound proxy URI' -x
complete -c sip -n '__fish_seen_subcommand_from register' -o reg-id -d 'ask for an outbound binding with this NUMBER (RFC 5626); wants -instance' -x
complete -c sip -n '__fish_seen_subcommand_from register' -o remove-all -d 'remove all that is registered, by whomever'
complete -c sip -n '__fish_seen_subcommand_from register' -o secrets -d 'leave credentials and keys in what -pcap and -hep tell; else they are asterisks'
complete -c sip -n '__fish_seen_subcommand_from register' -o t1 -d 'set T1 to DUR, T2 to 8*T1 and T4 to 10*T1 (default 500ms)' -x
complete -c sip -n '__fish_seen_subcommand_from register' -o tls-ca -d 'trust the authorities in FILE (PEM) besides the system'\''s' -r -F
complete -c sip -n '__fish_seen_subcommand_from register' -o tls-cert -d 'the certificate chain in FILE (PEM), shown to a server that asks' -r -F
complete -c sip -n '__fish_seen_subcommand_from register' -o tls-key -d 'the key of -tls-cert in FILE (PEM)' -r -F
complete -c sip -n '__fish_seen_subcommand_from register' -o trace -d 'show the messages as they pass, on stderr'
complete -c sip -n '__fish_seen_subcommand_from register' -o user -d 'the NAME to answer a challenge with' -x
complete -c sip -n __fish_use_subcommand -a options -d 'ask a peer what it can do'
complete -c sip -n '__fish_seen_subcommand_from options' -o dns -d 'look names up at the DNS server HOST[:PORT] (default those of this machine)' -x
complete -c sip -n '__fish_seen_subcommand_from options' -o from -d 'the URI in From (default that of -user in the peer'\''s domain, else sip:ringback@ and
              the own address)' -x
complete -c sip -n '__fish_seen_subcommand_from options' -o hep -d 'send the messages to HOST:PORT, a HOMER collector (HEP3 over UDP)' -x
complete -c sip -n '__fish_seen_subcommand_from options' -o json -d 'print objects, one on a line'
complete -c sip -n '__fish_seen_subcommand_from options' -o password -d 'the PASSWORD of -user, which others on this machine may see' -x
complete -c sip -n '__fish_seen_subcommand_from options' -o pcap -d 'write the messages into FILE, for Wireshark and sngrep; what was in it is lost' -r -F
complete -c sip -n '__fish_seen_subcommand_from options' -o proxy -d 'send by way of the outbound proxy URI' -x
complete -c sip -n '__fish_seen_subcommand_from options' -o secrets -d 'leave credentials and keys in what -pcap and -hep tell; else they are asterisks'
complete -c sip -n '__fish_seen_subcommand_from options' -o t1 -d 'set T1 to DUR, T2 to 8*T1 and T4 to 10*T1 (default 500ms)' -x
complete -c sip -n '__fish_seen_subcommand_from options' -o tls-ca -d 'trust the authorities in FILE (PEM) besides the system'\''s' -r -F
complete -c sip -n '__fish_seen_subcommand_from options' -o tls-cert -d 'the certificate chain in FILE (PEM), shown to a server that asks' -r -F
complete -c sip -n '__fish_seen_subcommand_from options' -o tls-key -d 'the key of -tls-cert in FILE (PEM)' -r -F
complete -c sip -n '__fish_seen_subcommand_from options' -o trace -d 'show the messages as they pass, on stderr'
complete -c sip -n '__fish_seen_subcommand_from options' -o user -d 'the NAME to answer a challenge with' -x
complete -c sip -n __fish_use_subcommand -a message -d 'send a text message'
complete -c sip -n '__fish_seen_subcommand_from message' -o dns -d 'look names up at the DNS server HOST[:PORT] (default those of this machine)' -x
complete -c sip -n '__fish_seen_subcommand_from message' -o from -d 'the URI in From (default that of -user in the peer'\''s domain, else sip:ringback@ and
              the own address)' -x
complete -c sip -n '__fish_seen_subcommand_from message' -o hep -d 'send the messages to HOST:PORT, a HOMER collector (HEP3 over UDP)' -x
complete -c sip -n '__fish_seen_subcommand_from message' -o json -d 'print objects, one on a line'
complete -c sip -n '__fish_seen_subcommand_from message' -o password -d 'the PASSWORD of -user, which others on this machine may see' -x
complete -c sip -n '__fish_seen_subcommand_from message' -o pcap -d 'write the messages into FILE, for Wireshark and sngrep; what was in it is lost' -r -F
complete -c sip -n '__fish_seen_subcommand_from message' -o proxy -d 'send by way of the outbound proxy URI' -x
complete -c sip -n '__fish_seen_subcommand_from message' -o secrets -d 'leave credentials and keys in what -pcap and -hep tell; else they are asterisks'
complete -c sip -n '__fish_seen_subcommand_from message' -o t1 -d 'set T1 to DUR, T2 to 8*T1 and T4 to 10*T1 (default 500ms)' -x
complete -c sip -n '__fish_seen_subcommand_from message' -o tls-ca -d 'trust the authorities in FILE (PEM) besides the system'\''s' -r -F
complete -c sip -n '__fish_seen_subcommand_from message' -o tls-cert -d 'the certificate chain in FILE (PEM), shown to a server that asks' -r -F
complete -c sip -n '__fish_seen_subcommand_from message' -o tls-key -d 'the key of -tls-cert in FILE (PEM)' -r -F
complete -c sip -n '__fish_seen_subcommand_from message' -o trace -d 'show the messages as they pass, on stderr'
complete -c sip -n '__fish_seen_subcommand_from message' -o user -d 'the NAME to answer a challenge with' -x
complete -c sip -n __fish_use_subcommand -a parse -d 'read messages from files and say what is wrong with them'
complete -c sip -n '__fish_seen_subcommand_from parse' -o json -d 'print one object on a line for each file'
complete -c sip -n '__fish_seen_subcommand_from parse' -o stream -d 'read each file as a byte stream instead of one datagram'
complete -c sip -n '__fish_seen_subcommand_from parse' -F
complete -c sip -n __fish_use_subcommand -a completion -d 'print a script that completes sip'\''s commands and flags in a shell'
complete -c sip -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'
