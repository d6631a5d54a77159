#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# demo-live.sh - ./run demo --live: the same client against the real APIs,
# without credentials: their refusal comes over a connection like any other.
set -eu
. tools/measure.sh
rounds=5

for host in api.cloudflare.com api.telegram.org; do
  if ! timeout 20 getent ahosts "$host" >/dev/null; then
    echo "run: there is no network here: $host has no address" >&2
    exit 1
  fi
done
[ -z "${https_proxy:-}${HTTPS_PROXY:-}${all_proxy:-}${ALL_PROXY:-}" ] ||
  echo "a proxy is set in the environment: curl-he stands aside"

# middle NAME: the median of its rounds.
middle() {
  for round in $(seq $rounds); do
    connected "$1$round"
  done | sort -n | awk '{ line[NR] = $0 }
    END { if(NR) print line[int((NR + 1) / 2)] }'
}

for api in cloudflare telegram; do
  case $api in
    cloudflare) base=https://api.cloudflare.com ;;
    telegram) base=https://api.telegram.org ;;
  esac
  for round in $(seq $rounds); do
    ask "$api-alone$round" "$base" "$api" --no-he
    ask "$api-he$round" "$base" "$api" --trace
  done
done

for api in cloudflare telegram; do
  [ -n "$(middle "$api-he")$(middle "$api-alone")" ] || {
    echo "run: $api cannot be reached from here:" \
      "$(grep -m 1 '^he-rest: ' "$files/$api-he1")" >&2
    exit 1
  }
done
printf '\nFrom the call to the connected socket, median of %d processes:\n\n' \
  "$rounds"
heading "   API" 40
row "   api.cloudflare.com" 40 "$(middle cloudflare-alone)" \
  "$(middle cloudflare-he)"
row "   api.telegram.org" 40 "$(middle telegram-alone)" \
  "$(middle telegram-he)"
printf '\nThe last race to api.telegram.org:\n\n'
grep -v -e '^dns ' -e '^he-rest: ' -e '^error' "$files/telegram-he$rounds" ||
  true
