# SPDX-License-Identifier: MIT
# Behaviour with a real libcurl, inside the laboratory.
if HAVE_CMOCKA
easy_tests = \
  tests/easy/scenarios_test.lab \
  tests/easy/transfers_test.lab \
  tests/easy/aside_test.lab \
  tests/easy/proxy_test.lab \
  tests/easy/passing_test.lab \
  tests/easy/steered_test.lab \
  tests/easy/lifetime_test.lab \
  tests/easy/known_test.lab \
  tests/easy/threads_test.lab \
  tests/easy/crowd_test.lab \
  tests/easy/history_test.lab \
  tests/easy/changes_test.lab \
  tests/easy/warm_test.lab \
  tests/easy/tls_test.lab \
  tests/easy/file_test.lab \
  tests/easy/share_test.lab \
  tests/easy/api_test.lab \
  tests/easy/options_test.lab \
  tests/easy/rules_test.lab \
  tests/easy/sockets_test.lab \
  tests/easy/log_test.lab \
  tests/easy/lookup_test.lab \
  tests/easy/lookup_history_test.lab \
  tests/easy/stats_test.lab tests/easy/stats_lookup_test.lab \
  tests/easy/lookup_sockets_test.lab \
  tests/easy/lookup_proxy_test.lab \
  tests/easy/lookup_netns_test.lab \
  tests/easy/lookup_fork_test.lab \
  tests/easy/nat64_test.lab tests/easy/nat64_lookup_test.lab \
  tests/easy/faults_test.lab tests/easy/faults_lookup_test.lab \
  tests/easy/books_test.lab tests/easy/books_lookup_test.lab
if CARES
easy_tests += tests/easy/resolver_test.lab tests/easy/resolver_lookup_test.lab \
  tests/easy/upstreams_test.lab tests/easy/upstreams_lookup_test.lab \
  tests/easy/services_lookup_test.lab tests/easy/ech_lookup_test.lab
endif
if OPENSSL
easy_tests += tests/easy/tls_upstream_lookup_test.lab
endif
if HAVE_CURL_GNUTLS
easy_tests += tests/easy/gnutls_test.lab
endif
check_PROGRAMS += $(easy_tests)
LAB_TESTS += $(easy_tests)
THREAD_TESTS += tests/easy/threads_test.lab tests/easy/lifetime_test.lab \
  tests/easy/sockets_test.lab tests/easy/crowd_test.lab \
  tests/easy/history_test.lab tests/easy/lookup_test.lab \
  tests/easy/lookup_sockets_test.lab

check_LTLIBRARIES += tests/easy/libharness.la
tests_easy_libharness_la_SOURCES = \
  tests/easy/harness.h tests/easy/harness.c \
  tests/easy/libcurls.h tests/easy/libcurls.c \
  tests/easy/cold.h tests/easy/taught.h tests/easy/taught.c \
  tests/easy/listener.h tests/easy/listener.c
tests_easy_libharness_la_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
easy_libs = tests/easy/libharness.la libcurl-he.la $(CURL_LIBS) \
  tests/lab/liblabctl.la $(CMOCKA_LIBS)

tests_easy_scenarios_test_lab_SOURCES = tests/easy/scenarios_test.c
tests_easy_scenarios_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_scenarios_test_lab_LDADD = $(easy_libs)

tests_easy_transfers_test_lab_SOURCES = tests/easy/transfers_test.c
tests_easy_transfers_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_transfers_test_lab_LDADD = $(easy_libs)

tests_easy_aside_test_lab_SOURCES = tests/easy/aside_test.c
tests_easy_aside_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_aside_test_lab_LDADD = $(easy_libs)

tests_easy_proxy_test_lab_SOURCES = tests/easy/proxy_test.c
tests_easy_proxy_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_proxy_test_lab_LDADD = $(easy_libs)

tests_easy_passing_test_lab_SOURCES = tests/easy/passing_test.c
tests_easy_passing_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_passing_test_lab_LDADD = $(easy_libs)

tests_easy_steered_test_lab_SOURCES = tests/easy/steered_test.c
tests_easy_steered_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_steered_test_lab_LDADD = $(easy_libs)

tests_easy_lifetime_test_lab_SOURCES = tests/easy/lifetime_test.c \
  tests/engine/asan_fork.c
tests_easy_lifetime_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_lifetime_test_lab_LDADD = $(easy_libs)

tests_easy_known_test_lab_SOURCES = tests/easy/known_test.c
tests_easy_known_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS) -pthread
tests_easy_known_test_lab_LDADD = $(easy_libs)

tests_easy_threads_test_lab_SOURCES = tests/easy/threads_test.c
tests_easy_threads_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_threads_test_lab_LDADD = $(easy_libs)

tests_easy_history_test_lab_SOURCES = tests/easy/history_test.c
tests_easy_history_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_history_test_lab_LDADD = $(easy_libs)

tests_easy_changes_test_lab_SOURCES = tests/easy/changes_test.c
tests_easy_changes_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_changes_test_lab_LDADD = $(easy_libs)

tests_easy_warm_test_lab_SOURCES = tests/easy/warm_test.c
tests_easy_warm_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_warm_test_lab_LDADD = $(easy_libs)

tests_easy_tls_test_lab_SOURCES = tests/easy/tls_test.c
tests_easy_tls_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_tls_test_lab_LDADD = $(easy_libs)

tests_easy_file_test_lab_SOURCES = tests/easy/file_test.c
tests_easy_file_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_file_test_lab_LDADD = $(easy_libs)

tests_easy_share_test_lab_SOURCES = tests/easy/share_test.c \
  tests/easy/many.h tests/easy/many.c
tests_easy_share_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS) -pthread
tests_easy_share_test_lab_LDADD = $(easy_libs)

tests_easy_crowd_test_lab_SOURCES = tests/easy/crowd_test.c
tests_easy_crowd_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_crowd_test_lab_LDADD = $(easy_libs)

tests_easy_api_test_lab_SOURCES = tests/easy/api_test.c
tests_easy_api_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_api_test_lab_LDADD = $(easy_libs)

tests_easy_options_test_lab_SOURCES = tests/easy/options_test.c
tests_easy_options_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_options_test_lab_LDADD = $(easy_libs)

tests_easy_lookup_test_lab_SOURCES = tests/easy/lookup_test.c
tests_easy_lookup_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS) -pthread
tests_easy_lookup_test_lab_LDADD = $(easy_libs)

tests_easy_stats_test_lab_SOURCES = tests/easy/stats_test.c
tests_easy_stats_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_stats_test_lab_LDADD = $(easy_libs)

tests_easy_stats_lookup_test_lab_SOURCES = tests/easy/stats_test.c
tests_easy_stats_lookup_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_stats_lookup_test_lab_LDADD = $(easy_libs)

tests_easy_lookup_history_test_lab_SOURCES = tests/easy/lookup_history_test.c
tests_easy_lookup_history_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_lookup_history_test_lab_LDADD = $(easy_libs)

tests_easy_lookup_proxy_test_lab_SOURCES = tests/easy/lookup_proxy_test.c
tests_easy_lookup_proxy_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_lookup_proxy_test_lab_LDADD = $(easy_libs)

tests_easy_lookup_netns_test_lab_SOURCES = tests/easy/lookup_netns_test.c
tests_easy_lookup_netns_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS) \
  -pthread
tests_easy_lookup_netns_test_lab_LDADD = $(easy_libs)

tests_easy_lookup_fork_test_lab_SOURCES = tests/easy/lookup_fork_test.c \
  tests/engine/asan_fork.c
tests_easy_lookup_fork_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS) \
  -pthread
tests_easy_lookup_fork_test_lab_LDADD = $(easy_libs)

# Beside libcurl's own connects, and in its lookup.
tests_easy_faults_test_lab_SOURCES = tests/easy/faults_test.c
tests_easy_faults_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS) -pthread
tests_easy_faults_test_lab_LDADD = $(easy_libs)

tests_easy_faults_lookup_test_lab_SOURCES = tests/easy/faults_test.c
tests_easy_faults_lookup_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS) \
  -pthread
tests_easy_faults_lookup_test_lab_LDADD = $(easy_libs)

tests_easy_nat64_test_lab_SOURCES = tests/easy/nat64_test.c
tests_easy_nat64_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_nat64_test_lab_LDADD = $(easy_libs)

tests_easy_nat64_lookup_test_lab_SOURCES = tests/easy/nat64_test.c
tests_easy_nat64_lookup_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_nat64_lookup_test_lab_LDADD = $(easy_libs)

tests_easy_upstreams_test_lab_SOURCES = tests/easy/upstreams_test.c
tests_easy_upstreams_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_upstreams_test_lab_LDADD = $(easy_libs)

tests_easy_upstreams_lookup_test_lab_SOURCES = tests/easy/upstreams_test.c
tests_easy_upstreams_lookup_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_upstreams_lookup_test_lab_LDADD = $(easy_libs)

tests_easy_resolver_test_lab_SOURCES = tests/easy/resolver_test.c
tests_easy_resolver_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_resolver_test_lab_LDADD = $(easy_libs)

tests_easy_resolver_lookup_test_lab_SOURCES = tests/easy/resolver_test.c
tests_easy_resolver_lookup_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_resolver_lookup_test_lab_LDADD = $(easy_libs)

tests_easy_tls_upstream_lookup_test_lab_SOURCES = \
  tests/easy/tls_upstream_lookup_test.c
tests_easy_tls_upstream_lookup_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_tls_upstream_lookup_test_lab_LDADD = $(easy_libs)

tests_easy_services_lookup_test_lab_SOURCES = tests/easy/services_test.c
tests_easy_services_lookup_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_services_lookup_test_lab_LDADD = $(easy_libs)

# A libcurl with CURLOPT_ECH: such a libcurl is rare.
if CARES
check_LTLIBRARIES += tests/easy/libech.la
endif
tests_easy_libech_la_SOURCES = tests/easy/ech.h tests/easy/ech.c
tests_easy_libech_la_CFLAGS = $(HE_CFLAGS)
tests_easy_libech_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere
tests_easy_libech_la_LIBADD = -ldl
tests_easy_ech_lookup_test_lab_SOURCES = tests/easy/ech_test.c
tests_easy_ech_lookup_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_ech_lookup_test_lab_LDADD = tests/easy/libharness.la \
  libcurl-he.la tests/easy/libech.la $(CURL_LIBS) tests/lab/liblabctl.la \
  $(CMOCKA_LIBS)

tests_easy_books_test_lab_SOURCES = tests/easy/books_test.c
tests_easy_books_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_books_test_lab_LDADD = $(easy_libs)

tests_easy_books_lookup_test_lab_SOURCES = tests/easy/books_test.c
tests_easy_books_lookup_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_books_lookup_test_lab_LDADD = $(easy_libs)

tests_easy_log_test_lab_SOURCES = tests/easy/log_test.c
tests_easy_log_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_log_test_lab_LDADD = $(easy_libs)

# The same libcurl-he with Debian's other libcurl.
tests_easy_gnutls_test_lab_SOURCES = tests/easy/scenarios_test.c
tests_easy_gnutls_test_lab_CPPFLAGS = $(AM_CPPFLAGS) \
  -DHE_FLAVOUR='"GnuTLS"'
tests_easy_gnutls_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_gnutls_test_lab_LDADD = tests/easy/libharness.la libcurl-he.la \
  $(CURL_GNUTLS_LIBS) tests/lab/liblabctl.la $(CMOCKA_LIBS)

tests_easy_sockets_test_lab_SOURCES = tests/easy/sockets_test.c \
  tests/engine/asan_fork.c \
  tests/easy/ledger.h tests/easy/ledger.c
tests_easy_sockets_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_sockets_test_lab_LDADD = $(easy_libs)

tests_easy_lookup_sockets_test_lab_SOURCES = tests/easy/sockets_test.c \
  tests/easy/ledger.h tests/easy/ledger.c
tests_easy_lookup_sockets_test_lab_CPPFLAGS = $(AM_CPPFLAGS) -DHE_IN_LOOKUP
tests_easy_lookup_sockets_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_lookup_sockets_test_lab_LDADD = $(easy_libs)

tests_easy_rules_test_lab_SOURCES = tests/easy/rules_test.c
tests_easy_rules_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_rules_test_lab_LDADD = $(easy_libs)

# These need no laboratory. -static: what is tested is hidden in the shared
# library, and a setuid copy of the test has to find it.
check_PROGRAMS += tests/easy/config_test
TESTS += tests/easy/config_test
tests_easy_config_test_SOURCES = tests/easy/config_test.c
tests_easy_config_test_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS) -pthread
tests_easy_config_test_LDFLAGS = -static \
  -Wl,--wrap=malloc,--wrap=realloc
tests_easy_config_test_LDADD = libcurl-he.la libhe-pure.la $(CURL_LIBS) \
  $(CMOCKA_LIBS)

check_PROGRAMS += tests/easy/remember_test
TESTS += tests/easy/remember_test
tests_easy_remember_test_SOURCES = tests/easy/remember_test.c \
  tests/engine/asan_fork.c
tests_easy_remember_test_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS) -pthread
tests_easy_remember_test_LDFLAGS = -static
tests_easy_remember_test_LDADD = libcurl-he.la libhe-pure.la $(CURL_LIBS) \
  $(CMOCKA_LIBS)

# This one needs no laboratory either. -static: the library is to find the
# test's curl_version_info().
check_PROGRAMS += tests/easy/old_test
TESTS += tests/easy/old_test
tests_easy_old_test_SOURCES = tests/easy/old_test.c \
  tests/engine/asan_fork.c
tests_easy_old_test_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_old_test_LDFLAGS = -static
tests_easy_old_test_LDADD = libcurl-he.la $(CURL_LIBS) $(CMOCKA_LIBS)
endif

# Nor these. The shared library's names, and the same by <curl_he/wrap.h> in the
# archive; -static, too: what declared_test looks at is hidden.
if HAVE_CMOCKA
seen_tests = tests/easy/wrapped_test
if INTERPOSE
seen_tests += tests/easy/seen_test
endif
check_PROGRAMS += $(seen_tests) tests/easy/declared_test
TESTS += $(seen_tests) tests/easy/declared_test
seen_sources = tests/easy/seen_test.c \
  tests/easy/libcurls.h tests/easy/libcurls.c
tests_easy_seen_test_SOURCES = $(seen_sources)
tests_easy_seen_test_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS) -pthread
tests_easy_seen_test_LDADD = libcurl-he.la $(CURL_LIBS) $(CMOCKA_LIBS)
tests_easy_wrapped_test_SOURCES = $(seen_sources)
tests_easy_wrapped_test_CPPFLAGS = $(AM_CPPFLAGS) -DHE_WRAPPED
tests_easy_wrapped_test_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS) -pthread
tests_easy_wrapped_test_LDFLAGS = -static
tests_easy_declared_test_SOURCES = tests/easy/declared_test.c
tests_easy_declared_test_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_easy_declared_test_LDFLAGS = -static -Wl,--wrap=strdup,--wrap=free
tests_easy_declared_test_LDADD = libcurl-he.la libhe-pure.la $(CURL_LIBS) \
  $(CMOCKA_LIBS)
tests_easy_wrapped_test_LDADD = libcurl-he.la libhe-pure.la $(CURL_LIBS) \
  $(CMOCKA_LIBS)
endif

# An example, from outside.
LAB_TESTS += tests/easy/tuning_test.lab
EXTRA_DIST += tests/easy/tuning_test.lab
