# SPDX-License-Identifier: MIT
# alone.sh - a build without the race beside libcurl's own connects: the tests
# that need no laboratory.
. "$top_srcdir/tests/build/other.sh"
build_alone
# shellcheck disable=SC2046
other_tests build-alone "without the race beside libcurl" \
  tests/build/library.sh $(list_plain build-alone)
echo "1..$n"
