# SPDX-License-Identifier: MIT
# valgrind.sh - tests/engine in this build, under valgrind: memory. (The tests
# count descriptors themselves.) Where a test runs several processes each of
# them is looked at, but not for leaks: what the threads of its parent had is
# lost to a child, and what runs at exit() is lost.
. "$top_srcdir/tests/build/other.sh"
if ! valgrind --version >/dev/null 2>&1; then
  echo "1..0 # SKIP valgrind is not installed"
  exit 0
fi
export HE_SLOW=1 CMOCKA_MESSAGE_OUTPUT=TAP

dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT

# looked_at TEST OPTION...: what was said is in a file, with the status behind
# it: a child that the test leaves would hold a pipe open.
looked_at() {
  local test=$1 to=$dir/${1##*/} status=0
  shift
  timeout -k 10 600 "$top_builddir/libtool" --mode=execute valgrind -q "$@" \
    --error-exitcode=9 "$top_builddir/$test" >"$to" 2>&1 || status=$?
  [ "$status" -ne 124 ] || echo "not done after 600 s" >>"$to"
  echo "$status" >"$to.status"
}

# under OPTION TEST...: looks at some at once, and tells what came of each.
under() {
  local options=$1 test status
  shift
  for test in "$@"; do
    [ "$(jobs -rp | wc -l)" -lt "$at_once" ] || wait -n
    # shellcheck disable=SC2086
    looked_at "$test" $options &
  done
  wait
  for test in "$@"; do
    status=$(cat "$dir/${test##*/}.status")
    [ "$status" -eq 0 ] || sed 's/^/# /' "$dir/${test##*/}"
    result "$status" "$test under valgrind"
  done
}

# shellcheck disable=SC2046
under "--leak-check=full --show-leak-kinds=definite,indirect,possible" \
  $(list "$top_builddir" list-engine)
# shellcheck disable=SC2046
under "--leak-check=no --trace-children=yes" \
  $(list "$top_builddir" list-processes)
echo "1..$n"
