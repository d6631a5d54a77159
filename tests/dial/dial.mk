# SPDX-License-Identifier: MIT
# Connects that are not by libcurl, inside the laboratory; and the examples of
# these.
if HAVE_CMOCKA
check_PROGRAMS += tests/dial/connect_test.lab
LAB_TESTS += tests/dial/connect_test.lab
THREAD_TESTS += tests/dial/connect_test.lab
tests_dial_connect_test_lab_SOURCES = tests/dial/connect_test.c
tests_dial_connect_test_lab_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS)
tests_dial_connect_test_lab_LDADD = libcurl-he.la tests/lab/liblabctl.la \
  $(CMOCKA_LIBS)
endif
LAB_TESTS += tests/dial/socket_test.lab tests/dial/smtp_test.lab
EXTRA_DIST += tests/dial/socket_test.lab tests/dial/smtp_test.lab \
  tests/dial/smtpd.py
