# SPDX-License-Identifier: MIT
# tsan.sh - the tests that need no laboratory, under TSan.
. "$top_srcdir/tests/build/other.sh"
other_prepare build-tsan --enable-sanitizer=thread "$quick_cflags"
# shellcheck disable=SC2046
set -- $(list_plain build-tsan)
other_build build-tsan "they build with the sanitizer" "$@"
other_tests build-tsan "under TSan" "$@"
echo "1..$n"
