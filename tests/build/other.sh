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
# Most tests wait most of the time.
at_once=3

# other_prepare DIR CONFIGURE-ARGUMENT...: configures. list can tell its tests.
other_prepare() {
  prepare "$@" 2>&1 | sed 's/^/# /'
}

# other_make DIR LOG TESTS MAKE-ARGUMENT...: make check, where the tests named
# are all there are. With none named it builds all.
other_make() {
  local dir=$1 log=$2 tests=$3
  shift 3
  unrandomized make -C "$dir" check \
    ${tests:+check_PROGRAMS="tests/lab/labctl $tests"} \
    "$@" >"$dir/log/$log" 2>&1 </dev/null
}

# other_build DIR WHAT [TEST...]: builds the library, its programs and the tests:
# those named, or all.
other_build() {
  local dir=$1 what=$2 status=0
  shift 2
  other_make "$dir" make "$*" TESTS= || status=$?
  [ "$status" -eq 0 ] || tail -n 25 "$dir/log/make" | sed 's/^/# /'
  result "$status" "$what"
}

# The builds that lack something are clang's where it is there: between them it
# has no complaint about anything.
lacking_cc=CC=$(command -v clang || echo cc)

build_without() {
  other_prepare build-without "$lacking_cc" --enable-werror --disable-lookup \
    --disable-interpose CFLAGS=-O0
  other_build build-without "everything builds without lookup and interposition"
}

build_alone() {
  other_prepare build-alone "$lacking_cc" --enable-werror --disable-beside \
    CFLAGS=-O0
  other_build build-alone "everything builds without the race beside libcurl"
}

# run_of DIR JOBS TEST...
run_of() {
  local dir=$1 jobs=$2
  shift 2
  # shellcheck disable=SC2046
  rm -f $(tap_files "$dir" "$@")
  other_make "$dir" check "$*" -j"$jobs" TESTS="$*"
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

# told DIR WHAT TEST: the result of one test program.
told() {
  local dir=$1 what=$2 test=$3 passed failed skipped
  read -r passed failed skipped < <(tap_count "$dir" "$test")
  if [ "$failed" -gt 0 ] && spoilt "$dir" "$test"; then
    tap_lines 'FAIL|ERROR|XPASS' "$dir" "$test" | sed 's/^/# /'
    echo "# once more: $test"
    run_of "$dir" 1 "$test"
    read -r passed failed skipped < <(tap_count "$dir" "$test")
  fi
  tap_lines 'FAIL|ERROR|XPASS' "$dir" "$test" | sed 's/^/# /'
  if [ "$passed" -eq 0 ] && [ "$failed" -eq 0 ]; then
    result 0 "$test $what # SKIP $(tap_lines SKIP "$dir" "$test" | head -n 1)"
  else
    result "$failed" "$test $what"
  fi
}

# other_tests DIR WHAT TEST...: runs them, some at once, and tells one result a
# test program.
other_tests() {
  local dir=$1 what=$2 test
  shift 2
  run_of "$dir" "$at_once" "$@"
  for test in "$@"; do
    told "$dir" "$what" "$test"
  done
}

# other_labs DIR WHAT TEST...: the same, one after the other.
other_labs() {
  at_once=1 other_tests "$@"
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
