# fish completion for mprof-c: the commands and options are asked of the program itself.

# What the option $argv[1] takes, of the lines that follow: its placeholder, then the words it may be. Fails when it is
# no option.
function __mprof_c_option
    for line in $argv[2..]
        set -l fields (string split \t -- $line)
        set -l names (string split ' ' -- $fields[1])
        contains -- $argv[1] $names; or continue
        string match -q -- '-*' $names[-1]; or echo $names[-1]
        test (count $fields) -lt 3; or string split ' ' -- $fields[3]
        return 0
    end
    return 1
end

# The words that an option may be, of what __mprof_c_option tells; where commas part them, one more behind those of $argv[1].
function __mprof_c_words
    if not string match -q -- '*,*' $argv[2]
        printf '%s\n' $argv[2..]
        return
    end
    set -l before (string replace -r '[^,]*$' '' -- $argv[1])
    for word in (string split , -- $argv[2])
        string match -q -- "*,$word,*" ",$before"; or echo $before$word
    end
end

function __mprof_c_recordings
    set -l i 0
    for file in mprofile_*.dat mprofile_*.dat.gz
        string match -qr '^mprofile_\d{14}\.dat(\.gz)?$' -- $file; and echo $file
    end | sort | while read -l file
        printf '%s\t%s\n' $i $file
        set i (math $i + 1)
    end
    __fish_complete_suffix .dat
    __fish_complete_suffix .dat.gz
end

function __mprof_c_processes
    for folder in /proc/*
        string match -qr '^/proc/\d+$' -- $folder; or continue
        set -l name (cat $folder/comm 2>/dev/null)
        string match -qr '^\w[\w.+-]*$' -- "$name"; or continue
        printf '%s\t%s\n' (string replace /proc/ '' -- $folder) $name
        printf '%s\tname\n' $name
    end
end

# Where the recorded program stands among the words, which ends the options; nothing when it is not yet given. $argv: how
# many words there are, the words, the options.
function __mprof_c_program
    set -l words $argv[2..(math $argv[1] + 1)]
    set -l options $argv[(math $argv[1] + 2)..]
    set -l i 3
    while test $i -le $argv[1]
        set -l word $words[$i]
        switch $word
            case --
                test $i -lt $argv[1]; and echo (math $i + 1)
                return
            case '--*=*'
            case '-*'
                string match -q -- '--*' $word; or set word -(string sub -s -1 -- $word)
                set -l takes (__mprof_c_option $word $options)
                test -n "$takes"; and set i (math $i + 1)
            case '*'
                echo $i
                return
        end
        set i (math $i + 1)
    end
end

function __mprof_c_run --argument-names at
    set -l words (commandline -opc) (commandline -ct)
    if test -z "$at"
        __fish_complete_path (commandline -ct)
        test -z (commandline -ct); or test -n "$argv[2]"; or __fish_complete_command
    else
        complete -C (string join ' ' -- (string escape -- $words[$at..-2]) $words[-1])
    end
end

function __mprof_c_options
    for line in $argv
        set -l fields (string split \t -- $line)
        for name in (string split ' ' -- $fields[1])
            string match -q -- '-*' $name; and printf '%s\t%s\n' $name $fields[2]
        end
    end
end

function __mprof_c
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    if test (count $words) -eq 1
        $words[1] --commands 2>/dev/null | string replace -r '\t[^\t]*$' ''
        printf '%s\n' --help --version
        return
    end
    set -l options ($words[1] $words[2] --options 2>/dev/null)
    set -l at
    set -l usage ($words[1] --commands 2>/dev/null | string match -r "^$words[2]\t.*" | string replace -r '.*\t' '')
    string match -qr 'PROGRAM|SCRIPT' -- $usage; and set at (__mprof_c_program (count $words) $words $options)
    set -l takes
    set -l option ''
    if test -z "$at"
        set takes (__mprof_c_option $words[-1] $options)
        if string match -q -- '--*=*' $current
            set takes (__mprof_c_option (string replace -r '=.*' '' -- $current) $options)
            set option (string replace -r '=.*' '=' -- $current)
            set current (string replace -r '^[^=]*=' '' -- $current)
        end
    end
    if test (count $takes) -gt 1
        printf '%s\n' $option(__mprof_c_words $current $takes[2..])
    else if test "$takes" = FILE
        __fish_complete_path $current
    else if test "$takes" = DIR
        __fish_complete_directories $current
    else if test -n "$takes"
        return
    else if test -z "$at"; and string match -q -- '-*' $current
        __mprof_c_options $options
    else
        switch "$usage"
            case '*PROFILE*' '*INDEX*'
                __mprof_c_recordings
                if string match -q '*SNAPSHOT*' "$usage"
                    __fish_complete_suffix .pickle
                    __fish_complete_suffix .pickle.gz
                end
                string match -q '*PID*' "$usage"; and __mprof_c_processes
            case '*PID*'
                __mprof_c_processes
            case '*DIR*'
                __fish_complete_directories $current
            case '*PROGRAM*' '*SCRIPT*'
                __mprof_c_run "$at" (string match -r SCRIPT -- $usage)
        end
    end
end

complete -c mprof-c -f -a '(__mprof_c)'
