# SPDX-License-Identifier: MIT
# completion_test.sh - every flag of every command is completed in each shell,
# as the help has them; and what the shells do with what stands in its place. The
# man pages have the same. TAP. Run by make check: $top_builddir is set.
set -u
export LC_ALL=C
top=$(cd "$top_builddir" && pwd)
command=$top/curl-he
[ -x "$command" ] || { echo "1..0 # SKIP built without curl-he"; exit 0; }
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 99
. "$top_srcdir/tests/is.sh"

# skip NAME WHY
skip() {
  n=$((n + 1))
  echo "ok $n - $1 # SKIP $2"
}

# The commands, and the flags of one, by what the help prints.
commands=$("$command" --help | sed -n 's/^  \([a-z]*\) .*/\1/p' | sort)
flags_of() {
  "$command" "$1" --help | sed -nE 's/^  (-.,|   ) (--[a-z-]+).*/\2/p' | sort
}

# all SHELL-FUNCTION: "COMMAND FLAG..." a line, as what is given says.
all() {
  local c
  for c in $commands; do
    echo "$c" $("$@" "$c" | sort)
  done
}
wanted=$(all flags_of)

for shell in bash zsh fish; do
  "$command" completion "$shell" >"$dir/$shell"
done
touch here.json
mkdir folder

# -- bash --

# in_bash WORD...: what is offered for the last word.
in_bash() {
  bash --norc -c '. "$0"/bash
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    _curl_he 2>/dev/null
    printf "%s\n" "${COMPREPLY[@]}"' "$dir" curl-he "$@" | sort
}
bash_flags() {
  in_bash "$1" --
}
is "bash: it can be read" "" "$(bash -n bash 2>&1)"
is "bash: the commands" "$(printf '%s\n' --help --version $commands | sort)" \
  "$(in_bash "")"
is "bash: each flag of each command" "$wanted" "$(all bash_flags)"
is "bash: one of some words" "zsh" "$(in_bash completion z)"
is "bash: a program to run" "bash" "$(in_bash run bas | grep -x bash | sort -u)"
is "bash: the files of a program that is run" "here.json" \
  "$(in_bash run cat her)"
is "bash: a flag's file" "here.json" "$(in_bash history --file her)"
is "bash: a flag's file behind =" "here.json" "$(in_bash history --file = her)"

# -- zsh --

# What would be given to _arguments, which is zsh's own.
zsh_flags() {
  zsh -f -c '. ./zsh
    _arguments() {
      [ "$1" = -C ] && { state=argument; words=("$COMMAND"); return }
      print -l -- "$@"
    }
    _curl-he' 2>&1 | sed -nE 's/^\*?(--[a-z-]+)(=?\[.*|=?)$/\1/p'
}
# in_zsh LINE: what stands there after a tab, in a terminal.
in_zsh() {
  zsh -f -c 'zmodload zsh/zpty
    zpty z "TERM=dumb zsh -f -i"
    zpty -w z "PS1=; fpath=($PWD/functions \$fpath); autoload -U compinit
      compinit -D; cd '"$dir"'; unsetopt zle_bracketed_paste; echo re\ady"
    until zpty -r z line "*ready*"; do :; done
    zpty -n -w z "$1	"
    repeat 100; do
      sleep 0.1
      while zpty -r -t z line; do all+=$line; done
      [[ $all = *$2* ]] && { print -r -- "$2"; break }
    done
    zpty -d z' zsh "$1" "$2"
}
if ! command -v zsh >/dev/null; then
  skip "zsh: each flag of each command" "there is no zsh"
else
  mkdir functions
  cp zsh functions/_curl-he
  is "zsh: it can be read" "" "$(zsh -n zsh 2>&1)"
  is "zsh: each flag of each command" "$wanted" \
    "$(for c in $commands; do
         echo "$c" $(COMMAND=$c zsh_flags | sort)
       done)"
  is "zsh: a command" "curl-he completion" \
    "$(in_zsh "curl-he compl" "curl-he completion")"
  is "zsh: a flag" "curl-he completion --help" \
    "$(in_zsh "curl-he completion --he" "curl-he completion --help")"
  is "zsh: one of some words" "curl-he completion fish" \
    "$(in_zsh "curl-he completion fi" "curl-he completion fish")"
fi

# -- fish --

in_fish() {
  HOME=$dir fish --no-config -c 'source ./fish; complete -C "$argv"' -- "$1" |
    cut -f 1 | sort
}
fish_flags() {
  in_fish "curl-he $1 --"
}
if ! command -v fish >/dev/null; then
  skip "fish: each flag of each command" "there is no fish"
else
  is "fish: it can be read" "" "$(fish --no-config -n fish 2>&1)"
  is "fish: the commands" "$commands" "$(in_fish "curl-he ")"
  is "fish: each flag of each command" "$wanted" "$(all fish_flags)"
  is "fish: one of some words" "zsh" "$(in_fish "curl-he completion z")"
  is "fish: a flag's file" "here.json" "$(in_fish "curl-he history --file her")"
  is "fish: a program to run" "bash" \
    "$(in_fish "curl-he run bas" | grep -x bash | sort -u)"
fi

# -- man pages --

pages=$dir/pages
mkdir "$pages"
"$command" manual "$top_srcdir/docs/commands" "$pages"
man_flags() {
  sed -n '/^\.SH OPTIONS/,/^\.SH "EXIT/p' "$pages/curl-he-$1.1" |
    sed -nE '/^\.IP/{s/\\-/-/g;s/.*(--[a-z-]+).*/\1/p;}'
}
is "man: a page for each command" \
  "$(for c in $commands; do echo "curl-he-$c.1"; done; echo curl-he.1)" \
  "$(ls "$pages")"
is "man: each flag of each command" "$wanted" "$(all man_flags)"
is "man: each page of prose is a command's" "" \
  "$(for f in "$top_srcdir"/docs/commands/*.man; do
       f=$(basename "$f" .man)
       [ "$f" = curl-he ] || echo "$commands" | grep -qx "$f" || echo "$f"
     done)"
is "man: no line of prose is longer than 79 columns" "" \
  "$(grep -nE '^.{80}' "$top_srcdir"/docs/commands/*.man | grep -v ':\.IP')"
if command -v groff >/dev/null; then
  is "man: groff warns of nothing" "" \
    "$(groff -ww -man -Tutf8 -z "$pages"/*.1 2>&1)"
else
  skip "man: groff warns of nothing" "there is no groff"
fi
for name in NAME SYNOPSIS DESCRIPTION OPTIONS "EXIT STATUS" "SEE ALSO"; do
  is "man: each command's page has $name" "" \
    "$(grep -LE "^\.SH \"?$name\"?$" "$pages"/curl-he-*.1)"
done
echo "1..$n"
