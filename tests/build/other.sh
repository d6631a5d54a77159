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

# other_tests DIR WHAT TEST...: runs each, one result a test program.
other_tests() {
  local dir=$1 what=$2 test passed failed skipped
  shift 2
  for test in "$@"; do
    rm -f "$(tap_files "$dir" "$test")"
    unrandomized make -C "$dir" check TESTS="$test" >"$dir/log/check" 2>&1
    read -r passed failed skipped < <(tap_count "$dir" "$test")
    tap_lines 'FAIL|ERROR|XPASS' "$dir" "$test" | sed 's/^/# /'
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

# ThreadSanitizer of this age cannot live with much address randomization.
unrandomized() {
  if setarch "$(uname -m)" -R true 2>/dev/null; then
    setarch "$(uname -m)" -R "$@"
  else
    "$@"
  fi
}

export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export TSAN_OPTIONS="second_deadlock_stack=1 suppressions=$top_srcdir/tests/tsan.supp"
