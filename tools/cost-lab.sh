#!/bin/sh
# SPDX-License-Identifier: MIT
# cost-lab.sh - the part of ./run bench --cost inside the laboratory: what a
# connect that needs no help costs, in instructions and in system calls, with
# libcurl alone and with curl-he. Each is counted for N and for 2 N connects,
# so that what a start costs cancels out. All threads count.
set -eu
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
url=http://s1.lab.test/
n=250
files=$(mktemp -d)
trap 'rm -rf "$files"' EXIT

healthy() { build/libtool --mode=execute "$@" "$url"; }

instructions() { # MODE N
  healthy valgrind --tool=callgrind --callgrind-out-file="$files/callgrind" \
    build/bench/healthy "$1" "$2" >"$files/said" 2>&1 ||
    { cat "$files/said" >&2; exit 1; }
  sed -n 's/^\(totals\|summary\): *//p' "$files/callgrind" | tail -n 1
}

calls() { # MODE N
  healthy strace -f -c -U name,calls -o "$files/strace" \
    build/bench/healthy "$1" "$2" >"$files/said" 2>&1 ||
    { cat "$files/said" >&2; exit 1; }
  awk '$1 == "total" { print $2 }' "$files/strace"
}

row() { # COUNT TITLE
  a1=$("$1" curl $n) a2=$("$1" curl $((2 * n)))
  h1=$("$1" easy $n) h2=$("$1" easy $((2 * n)))
  awk -v what="$2" -v n="$n" -v a=$((a2 - a1)) -v h=$((h2 - h1)) 'BEGIN {
    printf("cost: %s a healthy connect: libcurl %.1f, curl-he %.1f: %+.1f %%\n",
      what, a / n, h / n, (h / a - 1) * 100)
  }'
}

row instructions instructions
row calls "system calls"
