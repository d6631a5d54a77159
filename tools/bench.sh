# SPDX-License-Identifier: MIT
# bench.sh - ./run bench [--quick] [--json] [SCENARIO...]: the scenarios,
# measured in one laboratory; the table goes to stdout. ./run bench --memory:
# the same when something is known. --share: how many connects stay on IPv6,
# by a model and, a few cells of it, in the laboratory.
# --cost: what a healthy connect costs, counted. --history: what the history
# costs; --store: what a record of the store takes.
bench() {
  local word json= cost= history= store= memory= share=
  for word in "$@"; do
    case $word in
      --quick) ;;
      --json) json=yes ;;
      --memory) memory=yes ;;
      --share) share=yes ;;
      --cost) cost=yes ;;
      --history) history=yes ;;
      --store) store=yes ;;
      *[!0-9]*|'') die "bench: not a scenario's number: $word" ;;
    esac
  done
  build build --enable-werror >&2
  if [ -n "$store" ]; then
    [ $# -eq 1 ] || die "bench: --store stands alone"
    build/bench/store
    return
  fi
  if [ -n "$cost" ]; then
    [ $# -eq 1 ] || die "bench: --cost stands alone"
    say "counting: about four minutes" >&2
    lab tools/cost-lab.sh
    return
  fi
  if [ -n "$history" ]; then
    [ $# -eq 1 ] || die "bench: --history stands alone"
    build/bench/history
    return
  fi
  if [ -n "$share" ]; then
    [ $# -eq 1 ] || die "bench: --share stands alone"
    say "computing, then measuring: about a minute and a half" >&2
    build/bench/share_model
    printf '\n'
    lab build/bench/share
    return
  fi
  if [ -n "$memory" ]; then
    [ -z "$json" ] || die "bench: --memory has no --json"
    say "measuring: up to five minutes, with --quick two" >&2
    lab tools/memory-lab.sh "$@"
    return
  fi
  say "measuring: up to three minutes, with --quick one" >&2
  lab tools/bench-lab.sh "$json" "$@"
}

bench "$@"
