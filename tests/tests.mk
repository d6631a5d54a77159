# SPDX-License-Identifier: MIT
include tests/build/build.mk

# Unit tests: scripted time, no network.
if HAVE_CMOCKA
unit_tests = tests/unit/order_test tests/unit/race_test \
  tests/unit/ports_test \
  tests/unit/race_memory_test tests/unit/race_model_test \
  tests/unit/replay_test tests/unit/nat64_test tests/unit/endpoints_test \
  tests/unit/rules_test tests/unit/resolvers_test tests/unit/shares_test \
  tests/unit/upstream_test \
  tests/unit/history_test tests/unit/history_api_test \
  tests/unit/history_record_test \
  tests/unit/history_memory_test tests/unit/history_model_test
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)

tests_unit_order_test_SOURCES = tests/unit/order_test.c
tests_unit_order_test_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_order_test_LDADD = libhe-pure.la $(CMOCKA_LIBS)

tests_unit_ports_test_SOURCES = tests/unit/ports_test.c
tests_unit_ports_test_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_ports_test_LDADD = libhe-pure.la $(CMOCKA_LIBS)

tests_unit_race_test_SOURCES = tests/unit/race_test.c
tests_unit_race_test_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_race_test_LDADD = libhe-pure.la $(CMOCKA_LIBS)

tests_unit_nat64_test_SOURCES = tests/unit/nat64_test.c
tests_unit_nat64_test_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_nat64_test_LDADD = libhe-pure.la $(CMOCKA_LIBS)

tests_unit_endpoints_test_SOURCES = tests/unit/endpoints_test.c
tests_unit_endpoints_test_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_endpoints_test_LDADD = libhe-pure.la $(CMOCKA_LIBS)

tests_unit_replay_test_SOURCES = tests/unit/replay_test.c
tests_unit_replay_test_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_replay_test_LDADD = libhe-pure.la $(CMOCKA_LIBS)

tests_unit_race_memory_test_SOURCES = tests/unit/race_memory_test.c
tests_unit_race_memory_test_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_race_memory_test_LDADD = libhe-pure.la $(CMOCKA_LIBS)
tests_unit_race_memory_test_LDFLAGS = \
  -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free

# HE_SEED repeats a walk, HE_ROUNDS makes more of them.
tests_unit_race_model_test_SOURCES = tests/unit/race_model_test.c
tests_unit_race_model_test_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_race_model_test_LDADD = libhe-pure.la $(CMOCKA_LIBS)

tests_unit_shares_test_SOURCES = tests/unit/shares_test.c \
  tests/unit/shares.h tests/unit/shares.c
tests_unit_shares_test_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_shares_test_LDADD = libhe-pure.la $(CMOCKA_LIBS) -lm

tests_unit_rules_test_SOURCES = tests/unit/rules_test.c \
  tests/engine/common.h tests/engine/common.c
tests_unit_rules_test_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS) -pthread
tests_unit_rules_test_LDADD = libhe-pure.la $(CMOCKA_LIBS)
tests_unit_rules_test_LDFLAGS = -Wl,--wrap=malloc,--wrap=realloc

tests_unit_resolvers_test_SOURCES = tests/unit/resolvers_test.c \
  tests/engine/common.h tests/engine/common.c
tests_unit_resolvers_test_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS) -pthread
tests_unit_resolvers_test_LDADD = libhe-pure.la $(CMOCKA_LIBS)

tests_unit_upstream_test_SOURCES = tests/unit/upstream_test.c
tests_unit_upstream_test_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_upstream_test_LDADD = libhe-pure.la $(CMOCKA_LIBS)

tests_unit_history_test_SOURCES = tests/unit/history_test.c
tests_unit_history_test_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_history_test_LDADD = libhe-pure.la $(CMOCKA_LIBS)

tests_unit_history_api_test_SOURCES = tests/unit/history_api_test.c
tests_unit_history_api_test_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_history_api_test_LDADD = libhe-pure.la $(CMOCKA_LIBS)

tests_unit_history_record_test_SOURCES = tests/unit/history_record_test.c
tests_unit_history_record_test_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_history_record_test_LDADD = libhe-pure.la $(CMOCKA_LIBS)

tests_unit_history_memory_test_SOURCES = tests/unit/history_memory_test.c
tests_unit_history_memory_test_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_history_memory_test_LDADD = libhe-pure.la $(CMOCKA_LIBS)
tests_unit_history_memory_test_LDFLAGS = \
  -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free

tests_unit_history_model_test_SOURCES = tests/unit/history_model_test.c
tests_unit_history_model_test_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_history_model_test_LDADD = libhe-pure.la $(CMOCKA_LIBS)
endif

dist_check_SCRIPTS += tests/unit/pure_test.sh
TESTS += tests/unit/pure_test.sh

include tests/lab/lab.mk
include tests/rest/rest.mk
include tests/engine/engine.mk
include tests/fuzz/fuzz.mk
include tests/easy/easy.mk
include tests/dial/dial.mk
include tests/multi/multi.mk
include tests/preload/preload.mk
include tests/tools/tools.mk
include tests/docs/docs.mk
