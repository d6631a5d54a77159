# SPDX-License-Identifier: MIT
# valgrind.sh - the engine's tests in this build, under valgrind: memory, and
# descriptors (the tests count them too).
. "$top_srcdir/tests/build/other.sh"
if ! valgrind --version >/dev/null 2>&1; then
  echo "1..0 # SKIP valgrind is not installed"
  exit 0
fi
export HE_SLOW=1 CMOCKA_MESSAGE_OUTPUT=TAP
for test in $(list "$top_builddir" list-engine); do
  said=$("$top_builddir/libtool" --mode=execute valgrind -q \
    --leak-check=full --show-leak-kinds=definite,indirect,possible \
    --track-fds=yes --error-exitcode=9 "$top_builddir/$test" 2>&1)
  status=$?
  [ "$status" -eq 0 ] || printf '%s\n' "$said" | sed 's/^/# /'
  result "$status" "$test under valgrind"
done
echo "1..$n"
