# The network laboratory: check programs, and the library for tests in it. What
# curl-he lab needs is installed with it.
noinst_LTLIBRARIES += tests/lab/liblabctl.la
tests_lab_liblabctl_la_SOURCES = \
  tests/lab/labctl.h tests/lab/labctl.c tests/lab/synsent.c \
  tests/lab/scenarios.h tests/lab/scenarios.c

if HAVE_JANSSON
pkglibexec_PROGRAMS = tests/lab/lab
labdir = $(pkgdatadir)/lab
dist_lab_DATA = tests/lab/nsd.conf.in tests/lab/dnsdist.conf.in \
  tests/lab/nginx.conf.in
else
check_PROGRAMS += tests/lab/lab
EXTRA_DIST += tests/lab/nsd.conf.in tests/lab/dnsdist.conf.in \
  tests/lab/nginx.conf.in
endif
check_PROGRAMS += tests/lab/labctl
tests_lab_lab_SOURCES = tests/lab/lab.c \
  tests/lab/run.h tests/lab/run.c \
  tests/lab/netns.h tests/lab/netns.c \
  tests/lab/servers.h tests/lab/servers.c \
  tests/lab/socks.h tests/lab/socks.c \
  tests/lab/relay.h tests/lab/relay.c \
  tests/lab/emulator.h tests/lab/emulator.c \
  tests/lab/control.h tests/lab/control.c \
  tests/lab/nat64.h tests/lab/nat64.c \
  tests/lab/record.h tests/lab/record.c \
  tests/lab/packet.h tests/lab/packet.c \
  tests/lab/queue.h tests/lab/queue.c \
  tests/lab/rules.h tests/lab/rules.c
tests_lab_lab_CPPFLAGS = $(AM_CPPFLAGS) \
  -DLAB_DIR='"$(pkgdatadir)/lab"'
tests_lab_lab_LDADD = tests/lab/liblabctl.la -lm
tests_lab_labctl_SOURCES = tests/lab/labctl_main.c
tests_lab_labctl_LDADD = tests/lab/liblabctl.la

EXTRA_DIST += tests/lab/tinyproxy.conf.in tests/lab/resolvers.conf.in

dist_check_SCRIPTS += tests/lab/lab.test
TESTS += tests/lab/lab.test
if HAVE_CMOCKA
check_PROGRAMS += tests/lab/unit.test
TESTS += tests/lab/unit.test
tests_lab_unit_test_SOURCES = tests/lab/unit.c \
  tests/lab/nat64.h tests/lab/nat64.c \
  tests/lab/rules.h tests/lab/rules.c \
  tests/lab/packet.h tests/lab/packet.c \
  tests/lab/queue.h tests/lab/queue.c
tests_lab_unit_test_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_lab_unit_test_LDADD = tests/lab/liblabctl.la $(CMOCKA_LIBS) -lm
endif
