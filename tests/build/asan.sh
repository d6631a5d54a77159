# SPDX-License-Identifier: MIT
# asan.sh - the tests that need no laboratory, under ASan and UBSan.
. "$top_srcdir/tests/build/other.sh"
other_build build-asan "everything builds with the sanitizer" \
  --enable-sanitizer=address,undefined "$quick_cflags"
# shellcheck disable=SC2046
other_tests build-asan "under ASan and UBSan" $(list_plain build-asan)
echo "1..$n"
