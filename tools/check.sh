# SPDX-License-Identifier: MIT
# check.sh - ./run check: builds, runs every test, counts every test case.
#   1. what needs no network, side by side
#   2. the other builds (tests/build), two at a time
#   3. the laboratories, four at a time: they mostly wait
#   4. laboratories that failed once more, alone
. tools/tap.sh

# run_tests JOBS TEST...: failures are counted afterwards, from the results.
run_tests() {
  local jobs=$1
  shift
  [ $# -gt 0 ] || return 0
  make -C build -j"$jobs" check TESTS="$*" >>build/log/check 2>&1 </dev/null ||
    true
}

# left_out TEST...: did make stop before it ran them?
left_out() {
  local trs
  for trs in $(tap_files build "$@"); do
    [ -f "$trs" ] || return 0
  done
  return 1
}

# again_alone TEST...: a laboratory's timeline is spoilt where the programs that
# run beside it keep the processors for long. What fails then and passes alone
# is told, and has passed; where many fail it is not for that reason.
again_alone() {
  local trs failed=()
  mapfile -t failed < <(tap_failed build "$@" | grep '\.lab$')
  [ ${#failed[@]} -gt 0 ] && [ ${#failed[@]} -le 3 ] || return 0
  tap_lines 'FAIL|ERROR|XPASS' build "${failed[@]}"
  show_logs "${failed[@]}"
  say "once more, alone: ${failed[*]}"
  for trs in $(tap_files build "${failed[@]}"); do
    mv -f "${trs%.trs}.log" "${trs%.trs}.log.beside" || true
    rm -f "$trs"
  done
  run_tests 1 "${failed[@]}"
}

# show_logs TEST...: the ends of those that failed, for whoever has nothing but
# this output.
show_logs() {
  local log
  for log in $(tap_files build $(tap_failed build "$@")); do
    log=${log%.trs}.log
    say "the end of $log:"
    tail -n 60 "$log" || true
  done
}

check() {
  local test plain=() builds=() labs=() all=()
  local passed failed skipped
  build build --enable-werror
  for test in $(make -s --no-print-directory -C build list-tests); do
    case $test in
      *.lab|*/lab.test) labs+=("$test") ;;
      *) plain+=("$test") ;;
    esac
  done
  for test in $(make -s --no-print-directory -C build list-builds); do
    case $test in
      *-lab.sh) labs=("$test" "${labs[@]}") ;;   # the longest first
      *) builds+=("$test") ;;
    esac
  done
  all=("${plain[@]}" "${builds[@]}" "${labs[@]}")

  # Results of an earlier run must not pass for results of this one.
  : >build/log/check
  tap_files build "${all[@]}" | while read -r trs; do
    rm -f "$trs" "${trs%.trs}.log"
  done

  say "running ${#plain[@]} test programs"
  run_tests "$jobs" "${plain[@]}"
  say "running ${#builds[@]} other builds: some minutes"
  run_tests 2 "${builds[@]}"
  say "running ${#labs[@]} test programs in the laboratory: some minutes"
  run_tests 4 "${labs[@]}"
  again_alone "${labs[@]}"

  if left_out "${all[@]}"; then
    say "some tests were not run; the end of build/log/check:"
    tail -n 25 build/log/check
  fi
  show_logs "${all[@]}"
  tap_lines 'FAIL|ERROR|XPASS' build "${all[@]}"
  tap_lines SKIP build "${all[@]}"
  read -r passed failed skipped < <(tap_count build "${all[@]}")
  if [ "${CI:-}" = true ] && [ "$skipped" -gt 0 ]; then
    say "CI=true: the $skipped skipped count as failed, for the reasons above"
    failed=$((failed + skipped)) skipped=0
  fi
  say "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ]
}

check
