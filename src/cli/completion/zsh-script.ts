/** The script that zsh loads as `_gantry`, or sources. */
export function zshScript(program: string): string {
  return `#compdef ${program}
# zsh completion for ${program}

_${program}() {
  local line directive value flag word=\${words[CURRENT]}
  local -a lines described extra
  lines=("\${(@f)$(\${words[1]} __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  directive=\${lines[-1]#:}
  [[ $word == -*=* ]] && flag=\${word%%=*}=
  for line in "\${(@)lines[1,-2]}"; do
    value=$flag\${line%%$'\\t'*}
    # A colon parts the value from its description.
    value=\${value//:/\\\\:}
    [[ $line == *$'\\t'* ]] && value+=:\${line#*$'\\t'}
    described+=("$value")
  done
  ((directive & 2)) && extra+=(-S '')
  if ((\${#described})); then
    _describe -t values '${program}' described "\${extra[@]}"
  elif (((directive & 5) == 0)); then
    _files
  fi
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _${program} "$@"
else
  compdef _${program} ${program}
fi
`;
}
