/** The script that `source <(gantry completion bash)` reads; it needs bash 4 and no other package. */
export function bashScript(program: string): string {
  return `# bash completion for ${program}

__${program}_complete() {
  local line=\${COMP_LINE:0:COMP_POINT} reply directive value description entry
  local -a words=() lines=() values=() descriptions=()
  # Not COMP_WORDS: bash has parted those at = and : too.
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  mapfile -t lines < <("\${1/#\\~/$HOME}" __complete "\${words[@]:1}" 2>/dev/null)
  ((\${#lines[@]} > 0)) || return
  directive=\${lines[-1]#:}
  unset 'lines[-1]'

  # A flag with its value is one word for us and not for the reply.
  local word=\${words[-1]} flag=
  if [[ $word == -*=* ]]; then
    flag=\${word%%=*}=
  fi
  for entry in "\${lines[@]}"; do
    value=$flag\${entry%%$'\\t'*}
    description=
    [[ $entry == *$'\\t'* ]] && description=\${entry#*$'\\t'}
    [[ $value == "$word"* ]] || continue
    values+=("$value")
    descriptions+=("$description")
  done

  # readline replaces only what follows the last character that parts words.
  local head= char
  for char in = :; do
    [[ $COMP_WORDBREAKS == *"$char"* && $word == *"$char"* ]] || continue
    reply=\${word%"$char"*}$char
    ((\${#reply} > \${#head})) && head=$reply
  done
  COMPREPLY=("\${values[@]#"$head"}")

  # Descriptions are shown where bash lists, and never inserted.
  if ((\${#values[@]} > 1)) && [[ \${COMP_TYPE:-} == 63 ]]; then
    local at
    for at in "\${!values[@]}"; do
      [[ -z \${descriptions[at]} ]] || printf -v 'COMPREPLY[at]' '%s  (%s)' "\${COMPREPLY[at]}" "\${descriptions[at]}"
    done
  fi
  if ((directive & 2)); then
    compopt -o nospace 2>/dev/null
  fi
  if ((\${#values[@]} == 0 && (directive & 5) == 0)); then
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "\${word#"$head"}")
  fi
}

complete -F __${program}_complete ${program}
`;
}
