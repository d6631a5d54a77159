# SPDX-License-Identifier: MIT
# tsan.sh - the tests that need no laboratory, under TSan.
. "$top_srcdir/tests/build/other.sh"
other_build build-tsan "everything builds with the sanitizer" \
  --enable-sanitizer=thread "$quick_cflags"
# shellcheck disable=SC2046
other_tests build-tsan "under TSan" $(list_plain build-tsan)
echo "1..$n"
