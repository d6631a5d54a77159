# SPDX-License-Identifier: MIT
# The manual against the header, curl-he's tables, groff and the compiler.
dist_check_SCRIPTS += tests/docs/docs_test.sh
TESTS += tests/docs/docs_test.sh

check_PROGRAMS += tests/docs/tables
tests_docs_tables_SOURCES = tests/docs/tables.c
tests_docs_tables_LDADD = libcurl-he.la libhe-pure.la $(CURL_LIBS)
