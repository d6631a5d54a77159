# SPDX-License-Identifier: MIT
# The engine under stress, on loopback: no laboratory, no privileges. HE_SEED
# repeats a walk, HE_SLOW=1 makes fewer rounds (valgrind; sanitizers know), and
# so does HE_QUICK=1 (./run check without --full).
if HAVE_CMOCKA
engine_tests = tests/engine/timers_test tests/engine/options_test \
  tests/engine/addr_test tests/engine/racer_test \
  tests/engine/nss_test tests/engine/kept_test tests/engine/resolver_test \
  tests/engine/answers_test tests/engine/gai_test \
  tests/engine/gai_parse_test \
  tests/engine/log_test tests/engine/log_flip_test \
  tests/engine/hang_test \
  tests/engine/network_test tests/engine/prefix64_test \
  tests/engine/keeper_test \
  tests/engine/sink_test tests/engine/message_test tests/engine/rrset_test
# Those that run, or are, several processes.
process_tests = tests/engine/dial_test tests/engine/connect_test \
  tests/engine/doh_test
if CARES
process_tests += tests/engine/chosen_test
endif
if OPENSSL
engine_tests += tests/engine/tls_stream_test
process_tests += tests/engine/tls_proof_test tests/engine/tls_life_test
endif
# The heap is measured where it is the C library's.
memory_tests =
# Races beside libcurl's own connects.
if BESIDE
engine_tests += tests/engine/beside_test tests/engine/life_test \
  tests/engine/pool_test tests/engine/scarce_test
process_tests += tests/engine/process_test
memory_tests += tests/engine/memory_test
endif
check_PROGRAMS += $(engine_tests) $(process_tests) $(memory_tests)
TESTS += $(engine_tests) $(process_tests) $(memory_tests)

engine_cflags = $(HE_CFLAGS) $(CMOCKA_CFLAGS) -pthread
engine_common = tests/engine/common.h tests/engine/common.c \
  tests/engine/asan_fork.c

tests_engine_timers_test_SOURCES = tests/engine/timers_test.c $(engine_common)
tests_engine_timers_test_CFLAGS = $(engine_cflags)
tests_engine_timers_test_LDFLAGS = -static -Wl,--wrap=realloc
tests_engine_timers_test_LDADD = libcurl-he.la $(CMOCKA_LIBS)

tests_engine_options_test_SOURCES = tests/engine/options_test.c \
  $(engine_common)
tests_engine_options_test_CFLAGS = $(engine_cflags)
tests_engine_options_test_LDADD = libhe-pure.la $(CMOCKA_LIBS)

tests_engine_addr_test_SOURCES = tests/engine/addr_test.c $(engine_common)
tests_engine_addr_test_CFLAGS = $(engine_cflags)
tests_engine_addr_test_LDADD = libhe-pure.la $(CMOCKA_LIBS)

# -static: what is tested is hidden in the shared library.
tests_engine_racer_test_SOURCES = tests/engine/racer_test.c $(engine_common)
tests_engine_racer_test_CFLAGS = $(engine_cflags)
tests_engine_racer_test_LDFLAGS = -static
tests_engine_racer_test_LDADD = libcurl-he.la $(CMOCKA_LIBS)

tests_engine_resolver_test_SOURCES = tests/engine/resolver_test.c \
  tests/engine/names.h tests/engine/names.c $(engine_common)
tests_engine_resolver_test_CFLAGS = $(engine_cflags)
tests_engine_resolver_test_LDFLAGS = -static -Wl,--wrap=pthread_create
tests_engine_resolver_test_LDADD = libcurl-he.la $(CMOCKA_LIBS) -ldl

# In namespaces of its own, where it may; HE_ROUNDS makes more rounds.
tests_engine_gai_test_SOURCES = tests/engine/gai_test.c $(engine_common)
tests_engine_gai_test_CFLAGS = $(engine_cflags)
tests_engine_gai_test_LDFLAGS = -static
tests_engine_gai_test_LDADD = libcurl-he.la $(CMOCKA_LIBS)

tests_engine_gai_parse_test_SOURCES = tests/engine/gai_parse_test.c \
  $(engine_common)
tests_engine_gai_parse_test_CFLAGS = $(engine_cflags)
tests_engine_gai_parse_test_LDFLAGS = -static \
  -Wl,--wrap=malloc,--wrap=realloc
tests_engine_gai_parse_test_LDADD = libcurl-he.la $(CMOCKA_LIBS)

tests_engine_kept_test_SOURCES = tests/engine/kept_test.c $(engine_common)
tests_engine_kept_test_CFLAGS = $(engine_cflags)
tests_engine_kept_test_LDFLAGS = -static
tests_engine_kept_test_LDADD = libcurl-he.la $(CMOCKA_LIBS)

tests_engine_nss_test_SOURCES = tests/engine/nss_test.c $(engine_common)
tests_engine_nss_test_CFLAGS = $(engine_cflags)
tests_engine_nss_test_LDFLAGS = -static
tests_engine_nss_test_LDADD = libcurl-he.la $(CMOCKA_LIBS)

tests_engine_answers_test_SOURCES = tests/engine/answers_test.c \
  tests/engine/nameserver.h tests/engine/nameserver.c $(engine_common)
tests_engine_answers_test_CFLAGS = $(engine_cflags)
tests_engine_answers_test_LDFLAGS = -static
tests_engine_answers_test_LDADD = libcurl-he.la $(CMOCKA_LIBS)

tests_engine_chosen_test_SOURCES = tests/engine/chosen_test.c \
  tests/engine/messages.h tests/engine/messages.c \
  tests/engine/nameserver.h tests/engine/nameserver.c $(engine_common)
tests_engine_chosen_test_CFLAGS = $(engine_cflags)
tests_engine_chosen_test_LDFLAGS = -static
tests_engine_chosen_test_LDADD = libcurl-he.la $(CMOCKA_LIBS)

tests_engine_dial_test_SOURCES = tests/engine/dial_test.c $(engine_common)
tests_engine_dial_test_CFLAGS = $(engine_cflags)
tests_engine_dial_test_LDFLAGS = -static \
  -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
tests_engine_dial_test_LDADD = libcurl-he.la $(CMOCKA_LIBS)

tests_engine_message_test_SOURCES = tests/engine/message_test.c \
  tests/engine/messages.h tests/engine/messages.c $(engine_common)
tests_engine_message_test_CFLAGS = $(engine_cflags)
tests_engine_message_test_LDFLAGS = -static
tests_engine_message_test_LDADD = libcurl-he.la $(CMOCKA_LIBS)

tests_engine_rrset_test_SOURCES = tests/engine/rrset_test.c \
  tests/engine/messages.h tests/engine/messages.c $(engine_common)
tests_engine_rrset_test_CFLAGS = $(engine_cflags)
tests_engine_rrset_test_LDFLAGS = -static
tests_engine_rrset_test_LDADD = libcurl-he.la $(CMOCKA_LIBS)

# The shared library, and no libcurl.
tests_engine_connect_test_SOURCES = tests/engine/connect_test.c \
  tests/engine/names.h tests/engine/names.c $(engine_common)
tests_engine_connect_test_CFLAGS = $(engine_cflags)
tests_engine_connect_test_LDADD = libcurl-he.la libhe-pure.la $(CMOCKA_LIBS) \
  -ldl
# DNS over TLS, with a server of the tests' own.
engine_dot = tests/engine/dot.h tests/engine/dot.c \
  tests/engine/dotcert.h tests/engine/dotcert.c \
  tests/engine/dotask.h tests/engine/dotask.c $(engine_common)
engine_dot_cflags = $(engine_cflags) $(OPENSSL_CFLAGS)
engine_dot_libs = libcurl-he.la $(OPENSSL_LIBS) $(CMOCKA_LIBS)
tests_engine_tls_proof_test_SOURCES = tests/engine/tls_proof_test.c \
  $(engine_dot)
tests_engine_tls_proof_test_CFLAGS = $(engine_dot_cflags)
tests_engine_tls_proof_test_LDFLAGS = -static
tests_engine_tls_proof_test_LDADD = $(engine_dot_libs)

tests_engine_tls_stream_test_SOURCES = tests/engine/tls_stream_test.c \
  $(engine_dot)
tests_engine_tls_stream_test_CFLAGS = $(engine_dot_cflags)
tests_engine_tls_stream_test_LDFLAGS = -static
tests_engine_tls_stream_test_LDADD = $(engine_dot_libs)

tests_engine_tls_life_test_SOURCES = tests/engine/tls_life_test.c \
  $(engine_dot)
tests_engine_tls_life_test_CFLAGS = $(engine_dot_cflags)
tests_engine_tls_life_test_LDFLAGS = -static
tests_engine_tls_life_test_LDADD = $(engine_dot_libs)

tests_engine_doh_test_SOURCES = tests/engine/doh_test.c \
  tests/engine/doh_server.h tests/engine/doh_server.c \
  tests/engine/nameserver.h tests/engine/nameserver.c \
  tests/engine/folder.h tests/engine/folder.c $(engine_common)
tests_engine_doh_test_CFLAGS = $(engine_cflags) \
  -DDOH_FILES='"$(abs_top_srcdir)/tests/engine"'
tests_engine_doh_test_LDFLAGS = -static
tests_engine_doh_test_LDADD = libcurl-he.la $(CURL_LIBS) $(CMOCKA_LIBS)
EXTRA_DIST += tests/engine/doh_nginx.conf tests/engine/doh_locations.conf \
  tests/engine/doh_nginx.js

tests_engine_beside_test_SOURCES = tests/engine/beside_test.c $(engine_common)
tests_engine_beside_test_CFLAGS = $(engine_cflags)
tests_engine_beside_test_LDFLAGS = -static
tests_engine_beside_test_LDADD = libcurl-he.la $(CMOCKA_LIBS)

# With the shared library, as programs have it.
engine_real = tests/engine/real.h tests/engine/real.c \
  tests/easy/libcurls.h tests/easy/libcurls.c \
  tests/engine/server.h tests/engine/server.c \
  tests/engine/names.h tests/engine/names.c $(engine_common)
engine_real_libs = libcurl-he.la libhe-pure.la $(CURL_LIBS) $(CMOCKA_LIBS) -ldl
tests_engine_life_test_SOURCES = tests/engine/life_test.c $(engine_real)
tests_engine_life_test_CFLAGS = $(engine_cflags)
tests_engine_life_test_LDADD = $(engine_real_libs)

tests_engine_pool_test_SOURCES = tests/engine/pool_test.c $(engine_real)
tests_engine_pool_test_CFLAGS = $(engine_cflags)
tests_engine_pool_test_LDADD = $(engine_real_libs)

tests_engine_memory_test_SOURCES = tests/engine/memory_test.c $(engine_real)
tests_engine_memory_test_CFLAGS = $(engine_cflags)
tests_engine_memory_test_LDADD = $(engine_real_libs)

tests_engine_scarce_test_SOURCES = tests/engine/scarce_test.c $(engine_real)
tests_engine_scarce_test_CFLAGS = $(engine_cflags)
tests_engine_scarce_test_LDADD = $(engine_real_libs)

tests_engine_process_test_SOURCES = tests/engine/process_test.c $(engine_real)
tests_engine_process_test_CFLAGS = $(engine_cflags)
tests_engine_process_test_LDADD = $(engine_real_libs)

tests_engine_sink_test_SOURCES = tests/engine/sink_test.c \
  tests/engine/folder.h tests/engine/folder.c $(engine_common)
tests_engine_sink_test_CFLAGS = $(engine_cflags)
tests_engine_sink_test_LDFLAGS = -static
tests_engine_sink_test_LDADD = libcurl-he.la $(CMOCKA_LIBS)

tests_engine_log_test_SOURCES = tests/engine/log_test.c \
  tests/engine/log_common.h tests/engine/log_common.c \
  tests/engine/folder.h tests/engine/folder.c $(engine_common)
tests_engine_log_test_CFLAGS = $(engine_cflags)
tests_engine_log_test_LDFLAGS = -static \
  -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=pread
tests_engine_log_test_LDADD = libcurl-he.la $(CMOCKA_LIBS)

tests_engine_log_flip_test_SOURCES = tests/engine/log_flip_test.c \
  tests/engine/log_common.h tests/engine/log_common.c \
  tests/engine/folder.h tests/engine/folder.c $(engine_common)
tests_engine_log_flip_test_CFLAGS = $(engine_cflags)
tests_engine_log_flip_test_LDFLAGS = -static
tests_engine_log_flip_test_LDADD = libcurl-he.la $(CMOCKA_LIBS)

tests_engine_network_test_SOURCES = tests/engine/network_test.c \
  $(engine_common)
tests_engine_network_test_CFLAGS = $(engine_cflags)
tests_engine_network_test_LDFLAGS = -static
tests_engine_network_test_LDADD = libcurl-he.la $(CMOCKA_LIBS)

tests_engine_prefix64_test_SOURCES = tests/engine/prefix64_test.c \
  $(engine_common)
tests_engine_prefix64_test_CFLAGS = $(engine_cflags)
tests_engine_prefix64_test_LDFLAGS = -static
tests_engine_prefix64_test_LDADD = libcurl-he.la $(CMOCKA_LIBS)

tests_engine_keeper_test_SOURCES = tests/engine/keeper_test.c \
  tests/engine/keeping.h tests/engine/keeping.c \
  tests/engine/folder.h tests/engine/folder.c $(engine_common)
tests_engine_keeper_test_CFLAGS = $(engine_cflags)
tests_engine_keeper_test_LDFLAGS = -static
tests_engine_keeper_test_LDADD = libcurl-he.la $(CMOCKA_LIBS)

tests_engine_hang_test_SOURCES = tests/engine/hang_test.c \
  tests/engine/keeping.h tests/engine/keeping.c \
  tests/engine/folder.h tests/engine/folder.c $(engine_common)
tests_engine_hang_test_CFLAGS = $(engine_cflags)
tests_engine_hang_test_LDFLAGS = -static \
  -Wl,--wrap=openat,--wrap=fstat,--wrap=pread,--wrap=write,--wrap=flock \
  -Wl,--wrap=renameat,--wrap=fsync,--wrap=mkdir,--wrap=close
tests_engine_hang_test_LDADD = libcurl-he.la $(CMOCKA_LIBS)

# In a network that moves: the laboratory's client may change it.
check_PROGRAMS += tests/engine/moving_test.lab
LAB_TESTS += tests/engine/moving_test.lab
tests_engine_moving_test_lab_SOURCES = tests/engine/moving_test.c \
  $(engine_common)
tests_engine_moving_test_lab_CFLAGS = $(engine_cflags)
tests_engine_moving_test_lab_LDFLAGS = -static
tests_engine_moving_test_lab_LDADD = libcurl-he.la $(CMOCKA_LIBS)

check_PROGRAMS += tests/engine/healing_test.lab
LAB_TESTS += tests/engine/healing_test.lab
tests_engine_healing_test_lab_SOURCES = tests/engine/healing_test.c \
  tests/engine/keeping.h tests/engine/keeping.c \
  tests/engine/folder.h tests/engine/folder.c $(engine_common)
tests_engine_healing_test_lab_CFLAGS = $(engine_cflags)
tests_engine_healing_test_lab_LDFLAGS = -static
tests_engine_healing_test_lab_LDADD = libcurl-he.la \
  tests/lab/liblabctl.la $(CMOCKA_LIBS)
endif

list-engine:
	@for test in $(engine_tests); do echo $$test; done
list-processes:
	@for test in $(process_tests); do echo $$test; done
.PHONY: list-engine list-processes
