# SPDX-License-Identifier: MIT
# asan.sh - the tests that need no laboratory, under ASan and UBSan.
. "$top_srcdir/tests/build/other.sh"
other_prepare build-asan --enable-sanitizer=address,undefined "$quick_cflags"
# shellcheck disable=SC2046
set -- $(list_plain build-asan)
other_build build-asan "they build with the sanitizer" "$@"
other_tests build-asan "under ASan and UBSan" "$@"
echo "1..$n"
