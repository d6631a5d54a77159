# SPDX-License-Identifier: MIT
# tsan-lab.sh - the lab tests heavy on threads, under TSan.
. "$top_srcdir/tests/build/other.sh"
other_prepare build-tsan --enable-sanitizer=thread "$quick_cflags"
# shellcheck disable=SC2046
set -- $(list build-tsan list-threads)
other_build build-tsan "they build with the sanitizer" "$@"
other_labs build-tsan "under TSan" "$@"
echo "1..$n"
