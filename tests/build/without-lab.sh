# SPDX-License-Identifier: MIT
# without-lab.sh - some laboratories of the builds that lack something.
. "$top_srcdir/tests/build/other.sh"
other_build build-without "everything builds without lookup and interposition" \
  --enable-werror --disable-lookup --disable-interpose CFLAGS=-O0
other_tests build-without "without lookup and interposition" \
  tests/easy/options_test.lab tests/easy/scenarios_test.lab
other_build build-alone "everything builds without the race beside libcurl" \
  --enable-werror --disable-beside CFLAGS=-O0
other_tests build-alone "without the race beside libcurl" \
  tests/easy/lookup_test.lab tests/easy/lookup_proxy_test.lab \
  tests/easy/lookup_sockets_test.lab tests/multi/lookup_poll_test.lab
echo "1..$n"
