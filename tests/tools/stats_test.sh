#!/bin/sh
# SPDX-License-Identifier: MIT
# stats_test.sh - curl-he stats: figures of a trace, for people and for
# Prometheus. TAP. Run by make check: $top_srcdir and $top_builddir are set.
. "${top_srcdir:-.}/tests/tools/tap.sh"
sample=${top_srcdir:-.}/tests/tools/sample.trace
export XDG_CACHE_HOME="$files/cache"

# line METRIC VALUE: is that a whole line of what was printed?
line() { grep -qxF "curl_he_$1 $2" "$files/out"; }
# parses: whoever reads this format takes it.
parses() {
  /usr/bin/python3 -c '
import sys
from prometheus_client.parser import text_string_to_metric_families as parse
families = list(parse(open(sys.argv[1]).read()))
sys.exit(not families or any(not f.documentation or not f.samples
                             for f in families))' "$files/out"
}
# read_by_others WHAT: the last output, before another program's parser.
read_by_others() {
  if /usr/bin/python3 -c 'import prometheus_client' 2>/dev/null; then
    ok "$1: python3-prometheus-client reads it" parses
  else
    ok "$1: read # SKIP no python3-prometheus-client" true
  fi
}

he stats "$sample"
ok "a trace is summed up" both 0 "connects over IPv6 1"
ok "what failed" says "failed 1"
he stats --prometheus "$sample"
ok "for Prometheus" is 0
ok "connects, by family" line 'connects_total{family="ipv6"}' 1
ok "what failed" line connects_failed_total 1
ok "races" line races_total 1
ok "attempts, by who made them" line 'attempts_total{by="curl-he"}' 3
ok "asides" line asides_total 1
ok "buckets are added up" line \
  'connect_seconds_bucket{family="ipv6",le="10"}' 1
ok "how many there were" line 'connect_seconds_count{family="ipv6"}' 1
read_by_others "a trace"

printf 'no line\n{"v":1,"event":"dropped","pid":1,"count":7}\n' >"$files/trace"
he stats --prometheus "$files/trace"
ok "lines that are missing" line trace_dropped_lines_total 7
ok "lines that are damaged" line trace_damaged_lines_total 1
read_by_others "a trace without a race"
"$curl_he" stats --prometheus - <"$sample" >"$files/out" 2>"$files/err"
ok "standard input" line connects_failed_total 1

he stats --prometheus
ok "without a file: the history" is 0
ok "of which nothing is there" line 'addresses{verdict="bad"}' 0
read_by_others "a history"

he stats "$files/none"
ok "a file that is not there" is 1
ok "is told" errs "No such file"
he stats a b
ok "two files" is 2
he stats --json "$sample"
ok "JSON" json 'j["v"] == 1 and j["ipv6"] == 1 and j["lost"] == 1 and
  j["attempts_by_curl_he"] == 3 and j["aside"] == 1'
he stats --json
ok "JSON of a history" json 'j["addresses"]["bad"] == 0'
he stats --json --prometheus
ok "both forms at once" is 2
he stats --nonsense
ok "a wrong option" is 2
echo "1..$count"
