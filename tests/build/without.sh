# SPDX-License-Identifier: MIT
# without.sh - a build without races in libcurl's lookup, and without libcurl's
# functions handed on: the tests that need no laboratory.
. "$top_srcdir/tests/build/other.sh"
build_without
# shellcheck disable=SC2046
other_tests build-without "without lookup and interposition" \
  tests/build/library.sh $(list_plain build-without)
echo "1..$n"
