# SPDX-License-Identifier: MIT
# without-lab.sh - some laboratories of the builds that lack something.
. "$top_srcdir/tests/build/other.sh"
build_without
other_labs build-without "without lookup and interposition" \
  tests/easy/options_test.lab tests/easy/scenarios_test.lab
build_alone
other_labs build-alone "without the race beside libcurl" \
  tests/easy/lookup_test.lab tests/easy/lookup_proxy_test.lab \
  tests/easy/lookup_sockets_test.lab tests/multi/lookup_poll_test.lab
echo "1..$n"
