# SPDX-License-Identifier: MIT
# The preload module, under programs as Debian has them.
preload_tests = \
  tests/preload/curl_test.lab \
  tests/preload/proxy_test.lab \
  tests/preload/git_test.lab \
  tests/preload/failing_test.lab \
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

# And under programs and plug-ins of our own, that do what is hard to bear.
LAB_TESTS += tests/preload/safe_test.lab tests/preload/check_test.lab
EXTRA_DIST += tests/preload/safe_test.lab tests/preload/check_test.lab \
  tests/preload/common.sh
check_PROGRAMS += tests/preload/linked tests/preload/own tests/preload/late
tests_preload_linked_SOURCES = tests/preload/linked.c \
  tests/preload/fetch.h tests/preload/fetch.c
tests_preload_linked_CFLAGS = $(HE_CFLAGS)
tests_preload_linked_LDADD = $(CURL_LIBS)
tests_preload_own_SOURCES = $(tests_preload_linked_SOURCES)
tests_preload_own_CFLAGS = $(HE_CFLAGS)
tests_preload_own_LDADD = libcurl-he.la $(CURL_LIBS)
tests_preload_own_LDFLAGS = -Wl,--no-as-needed
tests_preload_late_SOURCES = tests/preload/late.c \
  tests/preload/fetch.h tests/preload/fetch.c
tests_preload_late_CFLAGS = $(HE_CFLAGS)
tests_preload_late_LDFLAGS = -Wl,--enable-new-dtags \
  -Wl,-rpath,$(abs_builddir)/tests/preload/.libs

check_LTLIBRARIES += tests/preload/plugin.la tests/preload/first.la \
  tests/preload/second.la
preload_module = -module -avoid-version -shared -rpath /nowhere
tests_preload_plugin_la_SOURCES = tests/preload/plugin.c \
  tests/preload/fetch.h tests/preload/fetch.c
tests_preload_plugin_la_LIBADD = $(CURL_LIBS)
tests_preload_plugin_la_CFLAGS = $(HE_CFLAGS)
tests_preload_plugin_la_LDFLAGS = $(preload_module)
tests_preload_first_la_SOURCES = tests/preload/next.c
tests_preload_first_la_CPPFLAGS = $(AM_CPPFLAGS) -DWHO='"first"'
tests_preload_first_la_CFLAGS = $(HE_CFLAGS)
tests_preload_first_la_LDFLAGS = $(preload_module)
tests_preload_second_la_SOURCES = tests/preload/next.c
tests_preload_second_la_CPPFLAGS = $(AM_CPPFLAGS) -DWHO='"second"'
tests_preload_second_la_CFLAGS = $(HE_CFLAGS)
tests_preload_second_la_LDFLAGS = $(preload_module)
# A plug-in that links libcurl-he, in a program that does not.
check_LTLIBRARIES += tests/preload/plugin_own.la
tests_preload_plugin_own_la_SOURCES = tests/preload/plugin.c \
  tests/preload/fetch.h tests/preload/fetch.c
tests_preload_plugin_own_la_LIBADD = libcurl-he.la $(CURL_LIBS)
tests_preload_plugin_own_la_CFLAGS = $(HE_CFLAGS)
tests_preload_plugin_own_la_LDFLAGS = $(preload_module) -Wl,--no-as-needed
if HAVE_CURL_GNUTLS
check_LTLIBRARIES += tests/preload/plugin_gnutls.la
tests_preload_plugin_gnutls_la_SOURCES = tests/preload/plugin.c \
  tests/preload/fetch.h tests/preload/fetch.c
tests_preload_plugin_gnutls_la_LIBADD = $(CURL_GNUTLS_LIBS)
tests_preload_plugin_gnutls_la_CFLAGS = $(HE_CFLAGS)
tests_preload_plugin_gnutls_la_LDFLAGS = $(preload_module)
endif

# What outlives a process.
LAB_TESTS += tests/preload/remember_test.lab
EXTRA_DIST += tests/preload/remember_test.lab
if CARES
LAB_TESTS += tests/preload/resolver_test.lab
endif
EXTRA_DIST += tests/preload/resolver_test.lab

# The front's own files, in a program: sanitizers can watch that.
if HAVE_CMOCKA
check_PROGRAMS += tests/preload/engines_test
TESTS += tests/preload/engines_test
tests_preload_engines_test_SOURCES = tests/preload/engines_test.c \
  preload/flavours.c preload/load.c preload/forking.c \
  plugin/base/object.c plugin/base/report.c
tests_preload_engines_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/preload \
  -DHE_OTHER_LIBCURL='"libcurl-gnutls.so.4"' \
  -DHE_ENGINES='"$(abs_builddir)/.libs"'
tests_preload_engines_test_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS) -pthread
tests_preload_engines_test_LDADD = $(CURL_LIBS) $(CMOCKA_LIBS)
tests_preload_engines_test_LDFLAGS = -Wl,--wrap=getauxval \
  -Wl,--no-as-needed
endif
