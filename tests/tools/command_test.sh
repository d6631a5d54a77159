#!/bin/sh
# SPDX-License-Identifier: MIT
# command_test.sh - what all commands of curl-he have in common: help, errors,
# exit statuses, and standard streams that are full or closed. TAP. Run by make
# check: $top_srcdir and $top_builddir are set.
. "${top_srcdir:-.}/tests/tools/tap.sh"
sample=${top_srcdir:-.}/tests/tools/sample.trace
commands="race run trace stats history lab doctor completion"
export XDG_CACHE_HOME="$files/cache"

# only WORD: is that the one line on stderr, and nothing on stdout?
only() { [ "$(cat "$files/err")" = "$*" ] && [ ! -s "$files/out" ]; }

he
ok "no command" is 2
ok "is said" only "curl-he: no command; see curl-he --help"
he --help
ok "help" is 0
for c in $commands; do
  ok "help lists $c" says "$c "
done
for c in $commands; do
  he help "$c"
  cp "$files/out" "$files/help"
  he "$c" --help
  ok "$c: help" both 0 "Usage: curl-he $c "
  ok "$c: the other way, too" cmp "$files/help" "$files/out"
  ok "$c: in 79 columns" test -z "$(grep '.\{80\}' "$files/out")"
  he "$c" --nonsense
  ok "$c: a wrong option" is 2
  ok "$c: is said" only \
    "curl-he: $c: --nonsense: no such option; see curl-he $c --help"
done
for c in race trace stats history lab doctor; do
  he "$c" --help
  ok "$c: JSON" says "-j, --json print JSON"
  he "$c" --json=x
  ok "$c: no argument goes with it" is 2
done
for c in race lab doctor; do
  he "$c" --help
  ok "$c: a limit" says "-t, --timeout SECONDS"
  for limit in 0 -1 nan 0x10 5x 3601 ''; do
    he "$c" --timeout="$limit" word
    ok "$c: '$limit' is none" is 2
    ok "$c: is said" only "curl-he: $c: --timeout $limit: not a number of" \
      "seconds from 0.1 to 3600"
  done
done

evil=$(printf 'a\033[2J\n')
for words in "$evil" "race $evil b" "history $evil" "trace $evil" \
  "stats $evil" "doctor --timeout=$evil" "run $evil" "lab -s $evil x"; do
  # shellcheck disable=SC2086
  he $words
  ok "what others wrote is plain: ${words%% *}" \
    test -z "$(tr -d '\n -~' <"$files/err")"
done

for words in --help --version "help run" "completion zsh" "history" \
  "doctor --symptoms" "lab --list" "stats $sample" "trace $sample"; do
  # shellcheck disable=SC2086
  "$curl_he" $words >/dev/full 2>"$files/err"
  status=$?
  ok "a full disk: $words" is 1
  ok "is said" errs "standard output: "
done
for words in history "stats $sample" "trace $sample"; do
  # shellcheck disable=SC2086
  "$curl_he" $words >&- 2>"$files/err"
  status=$?
  ok "a closed stdout: $words" is 1
  ok "is said" errs "standard output: "
done
he trace "$sample" --svg - --perfetto -
ok "two files on stdout" is 2

echo 'echo "by sh"; exit 7' >"$files/script"
chmod +x "$files/script"
he run "$files/script"
ok "run: a script without #!" both 7 "by sh"
he run --check "$files/script"
ok "run --check: likewise" both 7 "by sh"
mkdir "$files/bin"
echo >"$files/bin/unfit"
PATH="$files/bin:$PATH" he run unfit
ok "run: what cannot be run" is 126
he run no-such-program
ok "run: what is not there" is 127
echo "1..$count"
