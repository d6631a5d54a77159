# SPDX-License-Identifier: MIT
# The preload module, under programs as Debian has them.
preload_tests = \
  tests/preload/curl_test.lab \
  tests/preload/proxy_test.lab \
  tests/preload/scripts_test.lab \
  tests/preload/bindings_test.lab
LAB_TESTS += $(preload_tests)
EXTRA_DIST += $(preload_tests) tests/preload/clients.sh \
  tests/preload/clients/easy.py tests/preload/clients/multi.py \
  tests/preload/clients/loop.py tests/preload/clients/web.py \
  tests/preload/clients/foreign.py tests/preload/clients/easy.php \
  tests/preload/clients/multi.php tests/preload/clients/easy.pl \
  tests/preload/clients/easy.lua tests/preload/clients/easy.tcl \
  tests/preload/clients/easy.cpp tests/preload/clients/download.cmake
