#!/bin/bash
# SPDX-License-Identifier: MIT
# dial-lab.sh [--quick] [SCENARIO...] - the part of ./run bench --connect inside
# the laboratory: curl_he_connect() beside asyncio, Go and Node, each connect in
# a process of its own. The best of some rounds counts: what the others took
# more is the machine's, which is busy with something else. Ends with 1 where
# curl-he is slower in any scenario, by more than a timer's slack.
set -eu
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
rounds=5
scenarios=
for word in "$@"; do
  case $word in
    --connect) ;;
    --quick) rounds=1 ;;
    *) scenarios="$scenarios $word" ;;
  esac
done
: "${scenarios:=1 2 3 4 5 6 7 8 9}"
noise=5
limit=40

dial() {
  case $1 in
    curl-he) set -- build/bench/dial/dial "$2" ;;
    asyncio) set -- /usr/bin/python3 bench/dial/dial.py "$2" ;;
    Go) set -- build/bench/dial/dial-go "$2" ;;
    Node) set -- node bench/dial/dial.js "$2" ;;
  esac
  timeout "$limit" "$@" 80 2>/dev/null || echo -
}

declare -A best

# better WHO MS: keeps the best time; what failed once has failed.
better() {
  case ${best[$1]:=$2}$2 in
    *-*) best[$1]=- ;;
    *) best[$1]=$(printf '%s\n' "${best[$1]}" "$2" | sort -n | head -n 1) ;;
  esac
}

# measure SCENARIO: by turns, so that all meet the same machine. What takes
# seconds is measured once.
measure() {
  local who
  best=()
  for _ in $(seq "$rounds"); do
    for who in curl-he asyncio Go Node; do
      case ${best[$who]:-} in
        -|?????*.*) ;;
        *) better "$who" "$(dial "$who" "s$1.lab.test")" ;;
      esac
    done
  done
}

# beside OURS THEIRS: theirs, and as a multiple of ours.
beside() {
  awk -v a="$1" -v b="$2" 'BEGIN {
    if(b == "-" || a == "-") { printf "  %8s %7s", b, ""; exit }
    printf "  %8.1f %6.1fx", b, b / a }'
}

worse=
echo "Milliseconds from the call to the connected socket, cold; and how many
times what curl_he_connect() takes. The best of $rounds.

 #   curl-he   asyncio             Go               Node"
for n in $scenarios; do
  measure "$n"
  ours=${best[curl-he]}
  printf '%2d  %8s' "$n" "$ours"
  for who in asyncio Go Node; do
    theirs=${best[$who]}
    beside "$ours" "$theirs"
    awk -v a="$ours" -v b="$theirs" -v noise="$noise" 'BEGIN {
      exit !(b != "-" && (a == "-" || a > b + noise)) }' &&
      worse="$worse $n($who)"
  done
  printf '\n'
done
if [ -n "$worse" ]; then
  echo
  echo "slower in$worse"
  exit 1
fi
echo
echo "nowhere slower"
