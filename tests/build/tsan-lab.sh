# SPDX-License-Identifier: MIT
# tsan-lab.sh - the lab tests heavy on threads, under TSan.
. "$top_srcdir/tests/build/other.sh"
other_build build-tsan "everything builds with the sanitizer" \
  --enable-sanitizer=thread "$quick_cflags"
# shellcheck disable=SC2046
other_tests build-tsan "under TSan" $(list build-tsan list-threads)
echo "1..$n"
