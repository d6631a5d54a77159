# SPDX-License-Identifier: MIT
# check.sh - ./run check [--full] [PATTERN...]: builds, runs the tests, counts
# every test case.
#   1. what needs no network, side by side
#   2. with --full: the other builds (tests/build), two at a time
#   3. the laboratories, eight at a time: they mostly wait
#   4. laboratories that failed once more, alone
# Without --full, tests that repeat themselves make fewer rounds (HE_QUICK).
. tools/suite.sh

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
    listed_quick
  fi
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
  without_lab ${full:+--full} "$@" || parts="$parts lab check clients"
  [ -z "$full" ] || [ $# -gt 0 ] || parts="$parts full pictures"
  # shellcheck disable=SC2086
  setup $parts
  prepare "$tree" --enable-werror
  choose $(selected "$full" "$@")
  [ $((${#plain[@]} + ${#builds[@]} + ${#labs[@]})) -gt 0 ] || unmatched "$@"
  [ ${#builds[@]} -eq 0 ] || setup full
  build "$tree" --enable-werror
}

check() {
  local word full= patterns=() tree=build
  local plain builds labs passed failed skipped
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
  say "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ]
}

check "$@"
