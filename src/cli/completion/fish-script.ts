/** The script that `gantry completion fish | source` reads. */
export function fishScript(program: string): string {
  return `# fish completion for ${program}

function __${program}_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l lines (command $words[1] __complete $words[2..] "$word" 2>/dev/null)
    test (count $lines) -gt 0; or return
    set -l directive (string sub -s 2 -- $lines[-1])
    set -e lines[-1]
    set -l flag (string match -r '^-[^=]*=' -- "$word")
    for line in $lines
        echo "$flag$line"
    end
    # Files, where nothing else was named and they are not unwanted.
    if test (count $lines) -eq 0; and test (math "bitand($directive, 5)") -eq 0
        __fish_complete_path (string replace -r '^-[^=]*=' '' -- "$word")
    end
end

complete -c ${program} -f -a '(__${program}_complete)'
`;
}
