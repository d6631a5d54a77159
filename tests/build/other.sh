# SPDX-License-Identifier: MIT
# other.sh - what the builds of another kind share. Read by bash scripts that
# speak TAP, with $top_srcdir set.
set -u
# What make was told for this build must not leak into the other.
unset MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL TESTS
cd "$top_srcdir" || exit 1
. tools/common.sh
. tools/tap.sh
n=0

result() {
  n=$((n + 1))
  if [ "$1" -eq 0 ]; then
    echo "ok $n - $2"
  else
    echo "not ok $n - $2"
  fi
}

# The main build has the optimizer look at everything; these have more to do.
quick_cflags='CFLAGS=-g -O1'

# other_build DIR WHAT CONFIGURE-ARGUMENT...: builds all, tests too.
other_build() {
  local dir=$1 what=$2
  shift 2
  jobs=1
  build "$dir" "$@" 2>&1 | sed 's/^/# /'
  result "${PIPESTATUS[0]}" "$what"
}

# run_one DIR TEST: sets passed, failed and skipped.
run_one() {
  rm -f "$(tap_files "$1" "$2")"
  unrandomized make -C "$1" check TESTS="$2" >"$1/log/check" 2>&1
  read -r passed failed skipped < <(tap_count "$1" "$2")
  tap_lines 'FAIL|ERROR|XPASS' "$1" "$2" | sed 's/^/# /'
}

# spoilt DIR TEST: did a laboratory's timeline go wrong, and nothing else? Not
# where the sanitizer found an error, or the test hung. A leak alone may be what
# a test lost that was broken off: run again, it shows again if it is one.
spoilt() {
  local log
  case $2 in
    *.lab) ;;
    *) return 1 ;;
  esac
  log=$(tap_files "$1" "$2")
  ! grep -qE 'ERROR: AddressSanitizer|ThreadSanitizer|runtime error|Bail out' \
    "${log%.trs}.log"
}

# other_tests DIR WHAT TEST...: runs each, one result a test program.
other_tests() {
  local dir=$1 what=$2 test passed failed skipped
  shift 2
  for test in "$@"; do
    run_one "$dir" "$test"
    if [ "$failed" -gt 0 ] && spoilt "$dir" "$test"; then
      echo "# once more: $test"
      run_one "$dir" "$test"
    fi
    if [ "$passed" -eq 0 ] && [ "$failed" -eq 0 ]; then
      result 0 "$test $what # SKIP $(tap_lines SKIP "$dir" "$test" | head -n 1)"
    else
      result "$failed" "$test $what"
    fi
  done
}

# list DIR TARGET: the tests a build has.
list() {
  make -s --no-print-directory -C "$1" "$2"
}

# list_plain DIR: those that need no laboratory, and are programs.
list_plain() {
  list "$1" list-tests | grep -v -e '\.lab$' -e '/lab\.test$' -e '\.sh$'
}

# ThreadSanitizer of this age cannot live with much address randomization.
unrandomized() {
  if setarch "$(uname -m)" -R true 2>/dev/null; then
    setarch "$(uname -m)" -R "$@"
  else
    "$@"
  fi
}

export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0
export LSAN_OPTIONS="suppressions=$top_srcdir/tests/lsan.supp print_suppressions=0"
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export TSAN_OPTIONS="second_deadlock_stack=1 suppressions=$top_srcdir/tests/tsan.supp"
