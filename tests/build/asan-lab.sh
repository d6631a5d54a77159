# SPDX-License-Identifier: MIT
# asan-lab.sh - the lab tests heavy on threads, under ASan and UBSan.
. "$top_srcdir/tests/build/other.sh"
other_build build-asan "everything builds with the sanitizer" \
  --enable-sanitizer=address,undefined "$quick_cflags"
# shellcheck disable=SC2046
other_tests build-asan "under ASan and UBSan" $(list build-asan list-threads)
echo "1..$n"
