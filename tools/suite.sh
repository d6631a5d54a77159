# SPDX-License-Identifier: MIT
# suite.sh - runs the tests of one build, and says what came of them. $tree is
# that build's folder. Read by bash.
. tools/tap.sh

# run_tests JOBS TEST...: failures are counted afterwards, from the results.
run_tests() {
  local jobs=$1
  shift
  [ $# -gt 0 ] || return 0
  make -C "$tree" -j"$jobs" check TESTS="$*" >>"$tree/log/check" 2>&1 \
    </dev/null || true
}

# left_out TEST...: did make stop before it ran them?
left_out() {
  local trs
  for trs in $(tap_files "$tree" "$@"); do
    [ -f "$trs" ] || return 0
  done
  return 1
}

# again_alone TEST...: a laboratory's timeline is spoilt where the programs that
# run beside it keep the processors for long. What fails then and passes alone
# is told, and has passed; where many fail it is not for that reason. Nor where
# one hangs: its log shows where.
again_alone() {
  local trs test failed=()
  for test in $(tap_failed "$tree" "$@" | grep '\.lab$'); do
    trs=$(tap_files "$tree" "$test")
    grep -qs '^Bail out!' "${trs%.trs}.log" || failed+=("$test")
  done
  [ ${#failed[@]} -gt 0 ] && [ ${#failed[@]} -le 3 ] || return 0
  tap_lines 'FAIL|ERROR|XPASS' "$tree" "${failed[@]}"
  show_logs "${failed[@]}"
  say "once more, alone: ${failed[*]}"
  for trs in $(tap_files "$tree" "${failed[@]}"); do
    mv -f "${trs%.trs}.log" "${trs%.trs}.log.beside" || true
    rm -f "$trs"
  done
  run_tests 1 "${failed[@]}"
}

# show_logs TEST...: the ends of those that failed, for whoever has nothing but
# this output.
show_logs() {
  local log
  for log in $(tap_files "$tree" $(tap_failed "$tree" "$@")); do
    log=${log%.trs}.log
    say "the end of $log:"
    tail -n 60 "$log" || true
  done
}

# listed TARGET: tests that the build has.
listed() {
  make -s --no-print-directory -C "$tree" "$1"
}

# listed_quick: those that need no --full.
listed_quick() {
  listed list-tests | grep -vxF "$(listed list-full)"
}

# choose TEST...: sets plain, builds and labs.
choose() {
  local test
  plain=() builds=() labs=()
  for test in "$@"; do
    case $test in
      *.lab|*/lab.test|*-lab.sh) labs+=("$test") ;;
      *)
        # All of it is read: make complains of a pipe that is closed early.
        if listed list-builds | grep -xF "$test" >/dev/null; then
          builds+=("$test")
        else
          plain+=("$test")
        fi ;;
    esac
  done
}

# forget TEST...: results of an earlier run must not pass for results of this
# one.
forget() {
  local trs
  : >"$tree/log/check"
  tap_files "$tree" "$@" | while read -r trs; do
    rm -f "$trs" "${trs%.trs}.log"
  done
}

# run_all: those that choose() found.
run_all() {
  if [ ${#plain[@]} -gt 0 ]; then
    say "running ${#plain[@]} test programs"
    run_tests $((3 * jobs)) "${plain[@]}"
  fi
  if [ ${#builds[@]} -gt 0 ]; then
    say "running ${#builds[@]} other builds: some minutes"
    run_tests 2 "${builds[@]}"
  fi
  if [ ${#labs[@]} -gt 0 ]; then
    say "running ${#labs[@]} test programs in the laboratory: some minutes"
    run_tests 8 "${labs[@]}"     # they wait, mostly
    again_alone "${labs[@]}"
  fi
}

# result TEST...: what failed, what was skipped; sets passed, failed and
# skipped.
result() {
  if left_out "$@"; then
    say "some tests were not run; the end of $tree/log/check:"
    tail -n 25 "$tree/log/check"
  fi
  show_logs "$@"
  tap_lines 'FAIL|ERROR|XPASS' "$tree" "$@"
  tap_lines SKIP "$tree" "$@"
  read -r passed failed skipped < <(tap_count "$tree" "$@")
  if [ "${CI:-}" = true ] && [ "$skipped" -gt 0 ]; then
    say "CI=true: the $skipped skipped count as failed, for the reasons above"
    failed=$((failed + skipped)) skipped=0
  fi
}
