#!/bin/bash
# SPDX-License-Identifier: MIT
# dial-lab.sh [--quick] [SCENARIO...] - the part of ./run bench --connect inside
# the laboratory: curl_he_connect() beside asyncio, Go and Node, each connect in
# a process of its own. Ends with 1 where curl-he is slower in any scenario, by
# more than what two runs of one program differ.
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
noise=10
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

# measured WHO SCENARIO: the median, in ms. What takes seconds is measured once.
measured() {
  local times='' took
  for _ in $(seq "$rounds"); do
    took=$(dial "$1" "s$2.lab.test")
    times="$times$took
"
    case $took in
      -) break ;;
      ????*.*) break ;;
    esac
  done
  case $times in
    *-*) echo - ;;
    *) printf '%s' "$times" | sort -n |
         awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }' ;;
  esac
}

# beside OURS THEIRS: theirs, and as a multiple of ours.
beside() {
  awk -v a="$1" -v b="$2" 'BEGIN {
    if(b == "-" || a == "-") { printf "  %8s %7s", b, ""; exit }
    printf "  %8.1f %6.1fx", b, b / a }'
}

worse=
echo "Milliseconds from the call to the connected socket, cold; and how many
times what curl_he_connect() takes. Medians of $rounds.

 #   curl-he   asyncio             Go               Node"
for n in $scenarios; do
  ours=$(measured curl-he "$n")
  printf '%2d  %8s' "$n" "$ours"
  for who in asyncio Go Node; do
    theirs=$(measured "$who" "$n")
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
