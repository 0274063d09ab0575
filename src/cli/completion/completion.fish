function __skerry_complete
    set -l tokens (commandline -opc) (commandline -ct)
    set -l answer ($tokens[1] __complete -- $tokens[2..-1] 2>/dev/null)
    set -l current $tokens[-1]
    set -l prefix ''
    if string match -q -- '--*=*' $current
        set prefix (string replace -r '=.*' '=' -- $current)
        set current (string replace -r '^[^=]*=' '' -- $current)
    end
    test (count $answer) -gt 1; and printf '%s\n' $answer[2..-1]
    switch "$answer[1]"
        case ':files'
            for path in (__fish_complete_path $current)
                printf '%s%s\n' $prefix $path
            end
        case ':folders'
            for path in (__fish_complete_directories $current '')
                printf '%s%s\n' $prefix $path
            end
        case ':command *'
            set -l from (math (string replace ':command ' '' -- $answer[1]) + 2)
            complete -C (string join ' ' -- (string escape -- $tokens[$from..-2]) (commandline -ct))
    end
end
complete -c skerry -f -a '(__skerry_complete)'
