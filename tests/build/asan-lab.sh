# SPDX-License-Identifier: MIT
# asan-lab.sh - the lab tests heavy on threads, under ASan and UBSan.
. "$top_srcdir/tests/build/other.sh"
other_prepare build-asan --enable-sanitizer=address,undefined "$quick_cflags"
# shellcheck disable=SC2046
set -- $(list build-asan list-threads)
other_build build-asan "they build with the sanitizer" "$@"
other_labs build-asan "under ASan and UBSan" "$@"
echo "1..$n"
