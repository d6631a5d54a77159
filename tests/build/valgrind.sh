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

out=$(mktemp) || exit 99
trap 'rm -f "$out"' EXIT

# under TEST OPTION...: into a file, for a child that the test leaves would hold
# a pipe open.
under() {
  local test=$1 status
  shift
  timeout -k 10 600 "$top_builddir/libtool" --mode=execute valgrind -q "$@" \
    --error-exitcode=9 "$top_builddir/$test" >"$out" 2>&1
  status=$?
  [ "$status" -ne 124 ] || echo "not done after 600 s" >>"$out"
  [ "$status" -eq 0 ] || sed 's/^/# /' "$out"
  result "$status" "$test under valgrind"
}

for test in $(list "$top_builddir" list-engine); do
  under "$test" --leak-check=full \
    --show-leak-kinds=definite,indirect,possible
done
for test in $(list "$top_builddir" list-processes); do
  under "$test" --leak-check=no --trace-children=yes
done
echo "1..$n"
