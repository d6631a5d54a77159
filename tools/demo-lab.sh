#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# demo-lab.sh - the part of ./run demo inside the laboratory: six networks,
# each met by a process that knows nothing of it.
set -eu
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
. tools/measure.sh

titles=(
  [1]="healthy, IPv6 and IPv4"
  [2]="IPv6 a black hole"
  [3]="IPv6 refused"
  [6]="IPv6 and the first IPv4 black holes"
  [9]="IPv4 only, the first a black hole"
  [13]="the answer for IPv6 is lost"
)
short="1 2 3"
long="6 9 13"

# The long waits of libcurl alone go on while the others are measured.
waits=()
for n in $long; do
  ask "alone$n" "http://s$n.lab.test" cloudflare --no-he &
  waits+=($!)
done
for n in $short; do
  ask "alone$n" "http://s$n.lab.test" cloudflare --no-he
done
for n in $short $long; do
  ask "he$n" "http://s$n.lab.test" cloudflare --trace
done
echo "waiting for libcurl alone in scenarios 6, 9 and 13: about 21 s"
wait "${waits[@]}"

printf '\nFrom the call to the connected socket, the first request of a process:\n\n'
heading "   scenario" 40
for n in $short $long; do
  row "$(printf '%2d' "$n") ${titles[$n]}" 40 \
    "$(connected "alone$n")" "$(connected "he$n")"
done

printf '\nScenario 6 with curl-he, as it went:\n\n'
# The race, without the line of times.
grep -v '^dns ' "$files/he6" | grep -v '^he-rest: '
