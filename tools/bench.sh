# SPDX-License-Identifier: MIT
# bench.sh - ./run bench [--quick] [--json] [SCENARIO...]: the scenarios,
# measured in one laboratory; the table goes to stdout. ./run bench --memory:
# the same when something is known. --share: how many connects stay on IPv6,
# by a model and, a few cells of it, in the laboratory.
# --crowd: fifty transfers at once to one slow host. --cost: what a healthy
# connect costs, counted. --clients: programs as they are, without the preload
# module and with it. --connect: curl_he_connect() beside others' connects.
# --resolve: questions over TLS.
# --history: what the history costs; --store: what its
# file takes.
bench() {
  local word json= kind=
  for word in "$@"; do
    case $word in
      --quick) ;;
      --json) json=yes ;;
      --memory|--connect|--resolve) kind=$word ;;
      --share|--crowd|--cost|--clients|--history|--store)
        [ $# -eq 1 ] || die "bench: $word stands alone"
        kind=$word ;;
      -*) die "bench: no such option: $word" ;;
      *[!0-9]*|'') die "bench: not a scenario's number: $word" ;;
    esac
  done
  case $json$kind in
    yes--*) die "bench: $kind has no --json" ;;
  esac
  case $kind in
    --history|--store) bench_alone "bench/${kind#--}"; return ;;
  esac
  need_lab bench "$@"
  bench_programs "$kind" >&2
  case $kind in
    --cost) lab tools/cost-lab.sh ;;
    --clients) lab tools/clients-lab.sh ;;
    --connect) lab tools/dial-lab.sh "$@" ;;
    --resolve) encrypted=yes lab tools/resolve-lab.sh "$@" ;;
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
    --connect) setup build lab dialers ;;
    --resolve) setup build lab askers ;;
    *) setup build lab ;;
  esac
  build_only bench
  [ "$1" != --connect ] || build_go
  case $1 in
    --cost) say "counting: about four minutes" ;;
    --clients) say "measuring: up to five minutes" ;;
    --connect) say "measuring: up to four minutes, with --quick two" ;;
    --resolve) say "measuring: half a minute" ;;
    --crowd) say "measuring: half a minute" ;;
    --share) say "computing, then measuring: about a minute and a half" ;;
    --memory) say "measuring: up to five minutes, with --quick two" ;;
    *) say "measuring: up to three minutes, with --quick one" ;;
  esac
}

# From the standard library alone: nothing is fetched.
build_go() {
  GO111MODULE=off GOFLAGS= GOCACHE=$TMPDIR/go quiet build/log/go \
    go build -o build/bench/dial/dial-go bench/dial/dial.go
}

bench "$@"
