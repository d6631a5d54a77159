# SPDX-License-Identifier: MIT
# dist.sh - the tarball is complete: it builds from a read-only tree, passes
# the tests that need no laboratory, installs, uninstalls and cleans up.
. "$top_srcdir/tests/build/other.sh"
plain=$(list build list-tests | grep -v -e '\.lab$' -e '/lab\.test$' -e '-lab\.sh$' | tr '\n' ' ')
export XZ_OPT=-0
quiet build/log/distcheck make -C build distcheck TESTS="$plain" \
  DISTCHECK_CONFIGURE_FLAGS=--enable-werror 2>&1 | sed 's/^/# /'
result "${PIPESTATUS[0]}" "make distcheck"
echo "1..$n"
