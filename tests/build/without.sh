# SPDX-License-Identifier: MIT
# without.sh - builds without what configure can leave out: races in libcurl's
# lookup and hands on libcurl's functions; and races beside libcurl's connects.
. "$top_srcdir/tests/build/other.sh"

# plain DIR: the tests that need no laboratory.
plain() {
  list "$1" list-tests | grep -v -e '\.lab$' -e '/lab\.test$' -e '\.sh$'
}

other_build build-without "everything builds without lookup and interposition" \
  --enable-werror --disable-lookup --disable-interpose CFLAGS=-O0
# shellcheck disable=SC2046
other_tests build-without "without lookup and interposition" \
  tests/build/library.sh $(plain build-without) \
  tests/easy/options_test.lab tests/easy/scenarios_test.lab
other_build build-alone "everything builds without the race beside libcurl" \
  --enable-werror --disable-beside CFLAGS=-O0
# shellcheck disable=SC2046
other_tests build-alone "without the race beside libcurl" \
  tests/build/library.sh $(plain build-alone) \
  tests/easy/lookup_test.lab tests/easy/lookup_proxy_test.lab \
  tests/easy/lookup_sockets_test.lab tests/multi/lookup_poll_test.lab
echo "1..$n"
