#!/bin/bash
# SPDX-License-Identifier: MIT
# resolve-lab.sh [--quick] - the part of ./run bench --resolve inside the
# laboratory: what a question over TLS takes, and 10,000 of them over one
# connection, beside dnsperf and kdig where these are installed. Ends with 1
# where questions stall.
set -eu
rounds=21
for word in "$@"; do
  case $word in
    --resolve) ;;
    --quick) rounds=5 ;;
    *) echo "resolve-lab: $word: not for --resolve" >&2; exit 2 ;;
  esac
done
keys="?name=dns.lab.test&ca=$HE_LAB_CA"
work=$(mktemp -d)
dnsdist=
leave() {
  [ -z "$dnsdist" ] || kill "$dnsdist" 2>/dev/null || true
  rm -rf "$work"
}
trap leave EXIT

names() {
  build/bench/resolve/names "$@"
}

row() {
  printf '%-52s %9s\n' "$1" "$2"
}

echo "A question over TLS, round trip 20 ms (median of $rounds), ms:"
row "nothing connected: TCP, TLS and question, 60" \
  "$(names "tls://[3fff:177::1],198.19.77.1$keys" cold "$rounds")"
row "the same, IPv6 dead: one delay more, 110" \
  "$(names "tls://[3fff:178::1],198.19.78.1$keys" cold "$rounds")"
row "over the connection that is kept, 20" \
  "$(names "tls://[3fff:177::1],198.19.77.1$keys" kept "$rounds")"

# A server on loopback that answers by itself.
run=$(dirname "$HE_LAB_CA")
many=10000
cat >"$work/dnsdist.conf" <<END
setSecurityPollSuffix("")
setLocal("127.0.0.1:5399")
addTLSLocal("127.0.0.1:8853", "$run/server.pem", "$run/server.key",
            {maxInFlight=1000})
addAction(AllRule(), SpoofAction("192.0.2.1"))
END
dnsdist --supervised --disable-syslog -C "$work/dnsdist.conf" >/dev/null 2>&1 &
dnsdist=$!
for _ in $(seq 100); do
  ! bash -c ': </dev/tcp/127.0.0.1/8853' 2>/dev/null || break
  sleep 0.1
done

# used COMMAND...: microseconds of processor time an answer.
used() {
  local times
  times=$(TIMEFORMAT='%U %S'; { time "$@" >"$work/out" 2>&1; } 2>&1)
  echo "$times" | awk -v n=$many '{ printf "%.1f", ($1 + $2) * 1e6 / n }'
}

echo
echo "$many names over one connection, a server on loopback:"
read -r all longest cpu < <(names "tls://127.0.0.1:8853$keys" many $many)
row "curl-he: all of it, ms" "$all"
row "curl-he: the longest time without an answer, ms" "$longest"
row "curl-he: processor time an answer, us" "$cpu"
for i in $(seq 0 $((many - 1))); do
  echo "n$i.lab.test A"
done >"$work/names"
if command -v dnsperf >/dev/null; then
  row "dnsperf -m dot: processor time an answer, us" \
    "$(used dnsperf -m dot -s 127.0.0.1 -p 8853 -c 1 -T 1 -q 1000 \
       -d "$work/names" -n 1)"
fi
if command -v kdig >/dev/null; then
  sed 's/ A$//' "$work/names" >"$work/plain"
  row "kdig +tls +keepopen: processor time an answer, us" \
    "$(used xargs -a "$work/plain" -n 500 kdig @127.0.0.1 -p 8853 +tls \
       +keepopen)"
fi
awk -v t="$longest" 'BEGIN { exit t > 1000 }'
