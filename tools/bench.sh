# SPDX-License-Identifier: MIT
# bench.sh - ./run bench [--quick] [--json] [SCENARIO...]: the scenarios,
# measured in one laboratory; the table goes to stdout. ./run bench --memory:
# the same when something is known. --share: how many connects stay on IPv6,
# by a model and, a few cells of it, in the laboratory.
# --crowd: fifty transfers at once to one slow host. --cost: what a healthy
# connect costs, counted. --clients: programs as they are, without the preload
# module and with it. --history: what the history costs; --store: what its
# file takes.
bench() {
  local word json= kind=
  for word in "$@"; do
    case $word in
      --quick) ;;
      --json) json=yes ;;
      --memory) kind=$word ;;
      --share|--crowd|--cost|--clients|--history|--store)
        [ $# -eq 1 ] || die "bench: $word stands alone"
        kind=$word ;;
      -*) die "bench: no such option: $word" ;;
      *[!0-9]*|'') die "bench: not a scenario's number: $word" ;;
    esac
  done
  [ -z "$json" ] || [ "$kind" != --memory ] ||
    die "bench: --memory has no --json"
  case $kind in
    --history|--store) bench_alone "bench/${kind#--}"; return ;;
  esac
  need_lab bench "$@"
  bench_programs "$kind" >&2
  case $kind in
    --cost) lab tools/cost-lab.sh ;;
    --clients) lab tools/clients-lab.sh ;;
    --crowd) lab build/bench/crowd s22.lab.test -s7.lab.test -s8.lab.test ;;
    --share)
      build/bench/share_model
      printf '\n'
      lab build/bench/share ;;
    --memory) lab tools/memory-lab.sh "$@" ;;
    *) lab tools/bench-lab.sh "$json" "$@" ;;
  esac
}

# bench_alone PROGRAM: measures what needs no laboratory.
bench_alone() {
  setup build >&2
  build_only "$1" >&2
  "build/$1"
}

# bench_programs KIND: makes ready, and says how long the measurement takes.
bench_programs() {
  case $1 in
    --cost) setup build lab count ;;
    --clients) setup build lab check clients ;;
    *) setup build lab ;;
  esac
  build_only bench
  case $1 in
    --cost) say "counting: about four minutes" ;;
    --clients) say "measuring: up to five minutes" ;;
    --crowd) say "measuring: half a minute" ;;
    --share) say "computing, then measuring: about a minute and a half" ;;
    --memory) say "measuring: up to five minutes, with --quick two" ;;
    *) say "measuring: up to three minutes, with --quick one" ;;
  esac
}

bench "$@"
