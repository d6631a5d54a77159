#!/bin/sh
# SPDX-License-Identifier: MIT
# clients-lab.sh - the part of ./run bench --clients inside the laboratory: how
# long programs as they are take for one file, without the preload module and
# with it, and what the module adds to the start of a process.
set -eu
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
export top_srcdir=. top_builddir=build
. tests/preload/clients.sh
rounds=5
scenarios="1 2 11 13 6"

clients=
for name in curl py_easy py_multi py_loop py_tornado py_ctypes php_easy \
  php_multi perl lua tcl curlpp cmake; do
  ! has "$name" || clients="$clients $name"
done

median() {
  sort -n | awk '{ a[NR] = $1 }
    END { print NR % 2 ? a[(NR + 1) / 2] : (a[NR / 2] + a[NR / 2 + 1]) / 2 }'
}

# measured CLIENT SCENARIO [with_module]: the milliseconds, into the file of
# that name.
measured() {
  pair="$files/$1-$2"
  round=0
  # where libcurl alone waits for many seconds noise is nothing
  case $2-${3:-} in
    6- | 13-) last=1 ;;
    *) last=$rounds ;;
  esac
  while [ $((round += 1)) -le "$last" ]; do
    (${3:-timed} "$pair-$round" run "$1" "$(url "$2" /big)")
    [ "$(cat "$pair-$round.status")" -eq 0 ] || {
      echo "$1 failed in scenario $2" >&2
      cat "$pair-$round.err" >&2
      exit 1
    }
  done
  cat "$pair"-*.ms | median >"$pair${3:-}.median"
  rm -f "$pair"-*.ms
}

# The long waits go on beside each other, and come first.
for n in 6 13; do
  for name in $clients; do
    measured "$name" "$n" &
  done
done
wait
for name in $clients; do
  for n in 1 2 11; do
    measured "$name" "$n"
  done
  for n in $scenarios; do
    measured "$name" "$n" with_module
  done
done

# The start of a process: without, with, the difference.
start() {
  title=$1
  shift
  # shellcheck disable=SC2046
  printf '%-30s %8.2f %8.2f %+8.2f ms\n' "$title" \
    $(build/bench/start "$module" "$@")
}

printf '%-11s' "scenario"
for n in $scenarios; do printf ' %12s' "$n "; done
printf '\n'
for name in $clients; do
  printf '%-11s' "$name"
  for n in $scenarios; do
    without=$(cat "$files/$name-$n.median")
    with=$(cat "$files/$name-$n""with_module.median")
    printf ' %6.0f %5.2f' "$without" \
      "$(awk -v a="$with" -v b="$without" 'BEGIN { print a / b }')"
  done
  printf '\n'
done
echo "milliseconds without the module, and the share of them that it takes" \
  "with it"
printf '\n%-30s %8s %8s %8s\n' "the start of a process" without with added
start "no libcurl (true)" 500 /bin/true
start "curl --version" 300 curl --version
start "git --version" 300 git --version
start "curl of a local file" 300 curl -s file:///dev/null
