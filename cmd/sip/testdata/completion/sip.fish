# fish completion for sip
complete -c sip -f
complete -c sip -n __fish_use_subcommand -a parse -d 'read messages from files and say what is wrong with them'
complete -c sip -n '__fish_seen_subcommand_from parse' -o json -d 'print one object on a line for each file'
complete -c sip -n '__fish_seen_subcommand_from parse' -o stream -d 'read each file as a byte stream instead of one datagram'
complete -c sip -n '__fish_seen_subcommand_from parse' -F
complete -c sip -n __fish_use_subcommand -a completion -d 'print a script that completes sip'\''s commands and flags in a shell'
complete -c sip -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'
