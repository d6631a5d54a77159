# SPDX-License-Identifier: MIT
# without.sh - a build without what configure can leave out: races in libcurl's
# lookup, and hands on libcurl's functions. The race beside libcurl stays.
. "$top_srcdir/tests/build/other.sh"
other_build build-without "everything builds without lookup and interposition" \
  --enable-werror --disable-lookup --disable-interpose CFLAGS=-O0
# shellcheck disable=SC2046
other_tests build-without "without lookup and interposition" \
  tests/build/library.sh \
  $(list build-without list-tests |
    grep -v -e '\.lab$' -e '/lab\.test$' -e '\.sh$') \
  tests/easy/options_test.lab tests/easy/scenarios_test.lab
echo "1..$n"
