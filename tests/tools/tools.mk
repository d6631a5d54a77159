# SPDX-License-Identifier: MIT
# The command curl-he.
EXTRA_DIST += tests/tools/tap.sh
dist_check_SCRIPTS += tests/tools/command_test.sh
TESTS += tests/tools/command_test.sh
dist_check_SCRIPTS += tests/tools/completion_test.sh
TESTS += tests/tools/completion_test.sh
dist_check_SCRIPTS += tests/tools/doctor_test.sh
TESTS += tests/tools/doctor_test.sh
LAB_TESTS += tests/tools/history_test.lab
EXTRA_DIST += tests/tools/history_test.lab
include tests/tools/pictures.mk
dist_check_SCRIPTS += tests/tools/lab_command-lab.sh
TESTS += tests/tools/lab_command-lab.sh
if HAVE_JANSSON
if HAVE_CMOCKA
check_PROGRAMS += tests/tools/lab_seen_test
TESTS += tests/tools/lab_seen_test
tests_tools_lab_seen_test_SOURCES = tests/tools/lab_seen_test.c \
  tools/curl-he/command.h tools/curl-he/command.c \
  tools/curl-he/plain.h tools/curl-he/plain.c \
  tools/curl-he/lab/seen.h tools/curl-he/lab/seen.c \
  tools/curl-he/lab/facts.h tools/curl-he/lab/facts.c \
  tools/curl-he/lab/expect.h tools/curl-he/lab/expect.c
tests_tools_lab_seen_test_CPPFLAGS = $(AM_CPPFLAGS) \
  -I$(top_srcdir)/tools/curl-he -I$(top_srcdir)/tests/lab
tests_tools_lab_seen_test_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_tools_lab_seen_test_LDADD = tests/lab/liblabctl.la $(CMOCKA_LIBS)
endif
endif
LAB_TESTS += tests/tools/trace_proxy_test.lab
EXTRA_DIST += tests/tools/trace_proxy_test.lab tests/tools/valid_trace.py
LAB_TESTS += tests/tools/doctor_test.lab
EXTRA_DIST += tests/tools/doctor_test.lab
if HAVE_CMOCKA
check_PROGRAMS += tests/tools/judge_test
TESTS += tests/tools/judge_test
endif
tests_tools_judge_test_SOURCES = tests/tools/judge_test.c $(doctor_judges) \
  tools/curl-he/plain.h tools/curl-he/plain.c
tests_tools_judge_test_CPPFLAGS = $(AM_CPPFLAGS) \
  -I$(top_srcdir)/tools/curl-he/doctor
tests_tools_judge_test_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_tools_judge_test_LDADD = $(CMOCKA_LIBS)
dist_check_SCRIPTS += tests/tools/stats_test.sh
TESTS += tests/tools/stats_test.sh
