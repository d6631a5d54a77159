# SPDX-License-Identifier: MIT
# check.sh - ./run check [--full] [PATTERN...]: builds, runs the tests, counts
# every test case.
#   1. what needs no network, side by side
#   2. with --full: the other builds (tests/build), two at a time
#   3. the laboratories, four at a time: they mostly wait
#   4. laboratories that failed once more, alone
# Without --full, tests that repeat themselves make fewer rounds (HE_QUICK).
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
# is told, and has passed; where many fail it is not for that reason. Nor where
# one hangs: its log shows where.
again_alone() {
  local trs test failed=()
  for test in $(tap_failed build "$@" | grep '\.lab$'); do
    trs=$(tap_files build "$test")
    grep -qs '^Bail out!' "${trs%.trs}.log" || failed+=("$test")
  done
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

# listed TARGET: tests that the build has.
listed() {
  make -s --no-print-directory -C build "$1"
}

# chosen PATTERN...: those of the tests on stdin whose name has one of the
# patterns in it. Without a pattern: all.
chosen() {
  local test pattern
  while read -r test; do
    [ $# -gt 0 ] || say "$test"
    for pattern in "$@"; do
      # shellcheck disable=SC2254
      case $test in
        *$pattern*) say "$test"; break ;;
      esac
    done
  done
}

# selected FULL PATTERN...: the names of the tests to run. What only --full
# runs is run by a pattern, too.
selected() {
  local full=$1
  shift
  if [ -n "$full" ] || [ $# -gt 0 ]; then
    { listed list-builds; listed list-tests; } | chosen "$@"
  else
    listed list-tests | grep -vxF "$(listed list-full)"
  fi
}

# choose FULL PATTERN...: sets plain, builds and labs.
choose() {
  local test
  for test in $(selected "$@"); do
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

# without_lab: says first what the end would say, if the laboratory cannot run.
without_lab() {
  local obstacle
  obstacle=$(lab_obstacle)
  [ -n "$obstacle" ] || return 1
  say "the laboratory cannot run here: $obstacle"
  say "its tests will be skipped"
  lab_advice check "$@" | sed 's/^run: //'
}

# unmatched PATTERN...: ends a check that nothing was chosen for.
unmatched() {
  local names
  names=$(printf ' or %s' "$@")
  die "check: no test has a name with ${names# or } in it"
}

# make_ready FULL PATTERN...: installs, chooses, builds.
make_ready() {
  local full=$1 parts="build client loops tests"
  shift
  without_lab ${full:+--full} "$@" || parts="$parts lab check"
  [ -z "$full" ] || [ $# -gt 0 ] || parts="$parts full"
  # shellcheck disable=SC2086
  setup $parts
  prepare build --enable-werror
  choose "$full" "$@"
  [ $((${#plain[@]} + ${#builds[@]} + ${#labs[@]})) -gt 0 ] || unmatched "$@"
  [ ${#builds[@]} -eq 0 ] || setup full
  build build --enable-werror
}

# forget TEST...: results of an earlier run must not pass for results of this
# one.
forget() {
  local trs
  : >build/log/check
  tap_files build "$@" | while read -r trs; do
    rm -f "$trs" "${trs%.trs}.log"
  done
}

run_all() {
  if [ ${#plain[@]} -gt 0 ]; then
    say "running ${#plain[@]} test programs"
    run_tests $((2 * jobs)) "${plain[@]}"
  fi
  if [ ${#builds[@]} -gt 0 ]; then
    say "running ${#builds[@]} other builds: some minutes"
    run_tests 2 "${builds[@]}"
  fi
  if [ ${#labs[@]} -gt 0 ]; then
    say "running ${#labs[@]} test programs in the laboratory: some minutes"
    run_tests 4 "${labs[@]}"
    again_alone "${labs[@]}"
  fi
}

# result TEST...: what failed, what was skipped, and how many of all.
result() {
  local passed failed skipped
  if left_out "$@"; then
    say "some tests were not run; the end of build/log/check:"
    tail -n 25 build/log/check
  fi
  show_logs "$@"
  tap_lines 'FAIL|ERROR|XPASS' build "$@"
  tap_lines SKIP build "$@"
  read -r passed failed skipped < <(tap_count build "$@")
  if [ "${CI:-}" = true ] && [ "$skipped" -gt 0 ]; then
    say "CI=true: the $skipped skipped count as failed, for the reasons above"
    failed=$((failed + skipped)) skipped=0
  fi
  say "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ]
}

check() {
  local word full= plain=() builds=() labs=() patterns=()
  for word in "$@"; do
    case $word in
      --full) full=yes ;;
      '') die "check: a pattern cannot be empty" ;;
      -*) die "check: no such option: $word" ;;
      *) patterns+=("$word") ;;
    esac
  done
  make_ready "$full" "${patterns[@]}"
  forget "${plain[@]}" "${builds[@]}" "${labs[@]}"
  [ -n "$full" ] || export HE_QUICK=1
  run_all
  result "${plain[@]}" "${builds[@]}" "${labs[@]}"
}

check "$@"
