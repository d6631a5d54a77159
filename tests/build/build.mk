# SPDX-License-Identifier: MIT
# How tests run. A program that needs no laboratory is only timed. One in
# LAB_TESTS, with a name that ends in .lab, program or script, runs inside a
# laboratory of its own: TESTS for what needs none, LAB_TESTS for the others.
LAB_TESTS =
TEST_EXTENSIONS = .lab .sh .test
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) \
  $(top_srcdir)/build-aux/tap-driver.sh
LAB_LOG_DRIVER = $(LOG_DRIVER)
SH_LOG_DRIVER = $(LOG_DRIVER)
TEST_LOG_DRIVER = $(LOG_DRIVER)
LOG_COMPILER = $(SHELL) $(top_srcdir)/tests/plain-run
LAB_LOG_COMPILER = $(SHELL) $(top_srcdir)/tests/lab-run
AM_LAB_LOG_FLAGS = $(top_builddir)/tests/lab/lab$(EXEEXT)
SH_LOG_COMPILER = bash
AM_TESTS_ENVIRONMENT = \
  top_srcdir='$(abs_top_srcdir)'; top_builddir='$(abs_top_builddir)'; \
  CMOCKA_MESSAGE_OUTPUT=TAP; \
  CURL_HE_CONFIG=; unset CURL_HE_OPTIONS; HE_WITHOUT='$(HE_WITHOUT)'; \
  export top_srcdir top_builddir CMOCKA_MESSAGE_OUTPUT CURL_HE_CONFIG \
  HE_WITHOUT;

# Tests that look at what was built.
dist_check_SCRIPTS += tests/build/library.sh tests/build/run_test.sh \
  tests/build/checksrc.sh tests/build/house.sh
EXTRA_DIST += tests/build/none.sh tests/build/asked.c tests/build/linked.c \
  tests/build/loaded.c
TESTS += tests/build/library.sh tests/build/run_test.sh \
  tests/build/checksrc.sh tests/build/house.sh $(LAB_TESTS)

# Builds of another kind, and the tests in them: too much for make check, and
# run by ./run check --full beside it. Those that end in -lab.sh run with the
# laboratories.
OTHER_BUILDS = \
  tests/build/valgrind.sh \
  tests/build/dist.sh \
  tests/build/asan.sh \
  tests/build/tsan.sh \
  tests/build/fuzz.sh \
  tests/build/without.sh \
  tests/build/alone.sh \
  tests/build/without-lab.sh \
  tests/build/asan-lab.sh \
  tests/build/tsan-lab.sh

EXTRA_DIST += $(OTHER_BUILDS) tests/build/other.sh \
  tests/lab-run tests/plain-run tests/timed.sh tests/is.sh \
  tests/tsan.supp tests/lsan.supp \
  tools/common.sh tools/able.sh tools/setup.sh tools/install.sh tools/tap.sh \
  tools/suite.sh tools/check.sh tools/fuzz.sh tools/compat.sh tools/page.sh \
  tools/bench.sh tools/bench-lab.sh tools/memory-lab.sh tools/cost-lab.sh \
  tools/clients-lab.sh tools/dial-lab.sh \
  tools/measure.sh tools/demo.sh tools/demo-lab.sh tools/demo-live.sh

# What ./run check leaves to ./run check --full: the same sources as another
# test, with another event loop or the other libcurl.
FULL_TESTS = tests/multi/poll_test.lab tests/multi/event_test.lab \
  tests/multi/uv_test.lab tests/easy/gnutls_test.lab

# The lab tests worth running under the sanitizers: those heavy on threads.
THREAD_TESTS = tests/multi/life_test.lab tests/rest/rest_test.lab

# What ./run demo, ./run demo --live and ./run bench build of all this.
demo: demo-live tests/lab/lab$(EXEEXT)
demo-live: examples/rest/he-rest$(EXEEXT)
bench: $(bench_programs) libcurl-he-preload.la tests/lab/lab$(EXEEXT)
.PHONY: demo demo-live bench

list-tests:
	@for test in $(TESTS); do echo $$test; done
list-full:
	@for test in $(FULL_TESTS); do echo $$test; done
list-builds:
	@for test in $(OTHER_BUILDS); do echo $$test; done
list-threads:
	@for test in $(THREAD_TESTS); do echo $$test; done
.PHONY: list-tests list-full list-builds list-threads
