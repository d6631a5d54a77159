# SPDX-License-Identifier: MIT
# dist.sh - the tarball is complete: it builds from a read-only tree, passes
# the tests that need no laboratory, installs, uninstalls and cleans up.
. "$top_srcdir/tests/build/other.sh"
plain=$(list build list-tests | grep -v -e '\.lab$' -e '/lab\.test$' -e '-lab\.sh$' | tr '\n' ' ')
export XZ_OPT=-0 HE_QUICK=1
quiet build/log/distcheck make -C build -j"$at_once" distcheck TESTS="$plain" \
  DISTCHECK_CONFIGURE_FLAGS=CFLAGS=-O1 2>&1 | sed 's/^/# /'
result "${PIPESTATUS[0]}" "make distcheck"
echo "1..$n"
