#!/bin/sh
# SPDX-License-Identifier: MIT
# cost-lab.sh - the part of ./run bench --cost inside the laboratory: what a
# connect that needs no help costs, in instructions, system calls and
# milliseconds, beside libcurl alone (the same program, linked without
# libcurl-he). Instructions and calls are counted for N and for 2 N requests,
# so that what a start costs cancels out. All threads count.
set -eu
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
n=60
files=$(mktemp -d)
trap 'rm -rf "$files"' EXIT

# The hosts m00 to m59, or one.
url() { [ "$1" = new ] && echo http://m%.lab.test/ || echo http://s1.lab.test/; }

# quietly COMMAND...: what it says counts only where it fails.
quietly() {
  build/libtool --mode=execute "$@" >"$files/said" 2>&1 ||
    { cat "$files/said" >&2; exit 1; }
}

instructions() { # PROGRAM MODE KIND N
  quietly valgrind --tool=callgrind \
    --callgrind-out-file="$files/callgrind" \
    build/bench/"$1" "$2" "$3" "$4" "$(url "$3")"
  sed -n 's/^\(totals\|summary\): *//p' "$files/callgrind" | tail -n 1
}

calls() { # PROGRAM MODE KIND N
  quietly strace -f -c -U name,calls -o "$files/strace" \
    build/bench/"$1" "$2" "$3" "$4" "$(url "$3")"
  awk '$1 == "total" { print $2 }' "$files/strace"
}

# count NAME PROGRAM MODE KIND: counts it, once. Environment: what it runs with.
count() {
  name=$1
  shift
  for what in instructions calls; do
    once=$($what "$@" $n)
    echo $(($($what "$@" $((2 * n))) - once)) >"$files/$name.$what"
  done
}

# The times of N requests more.
time_of() {
  name=$1
  shift
  quietly build/bench/"$1" "$2" "$3" $n "$(url "$3")"
  cat "$files/said" >>"$files/$name.ms"
}

median() {
  sort -n "$1" | awk '{ a[NR] = $1 }
    END { print NR % 2 ? a[(NR + 1) / 2] : (a[NR / 2] + a[NR / 2 + 1]) / 2 }'
}

# row NAME BASE TITLE: beside BASE; BASE itself in figures.
row() {
  awk -v title="$3" -v n=$n -v i="$(cat "$files/$1.instructions")" \
    -v c="$(cat "$files/$1.calls")" -v ms="$(median "$files/$1.ms")" \
    -v bi="$(cat "$files/$2.instructions")" \
    -v bc="$(cat "$files/$2.calls")" -v bms="$(median "$files/$2.ms")" \
    -v base="$([ "$1" = "$2" ] && echo yes)" 'BEGIN {
    if(base)
      printf("%-42s %12.0f %8.1f %9.2f ms\n", title, i / n, c / n, ms)
    else
      printf("%-42s %+10.1f %% %+6.1f %% %+9.2f ms\n", title,
        (i / bi - 1) * 100, (c / bc - 1) * 100, ms - bms)
  }'
}

# Times are taken in turns, so that all meet the same noise.
measure() { # KIND
  count alone healthy_alone curl "$1"
  count easy healthy easy "$1"
  CURL_HE_LOOKUP=off count beside healthy easy "$1"
  count linked healthy curl "$1"
  for _ in 1 2 3; do
    time_of alone healthy_alone curl "$1"
    time_of easy healthy easy "$1"
    CURL_HE_LOOKUP=off time_of beside healthy easy "$1"
    time_of linked healthy curl "$1"
  done
}

table() {
  printf '\n%-42s %12s %8s %12s\n' "$1" instructions calls time
  row alone alone "libcurl alone"
  row easy alone "$2"
  row beside alone "set up, CURL_HE_LOOKUP=off"
  row linked alone "linked, the handle not set up"
  rm -f "$files"/*.ms
}

measure new
table "a healthy request, its name looked up" "set up: raced in the lookup"
measure kept
table "a healthy request, its name in the cache" "set up"
