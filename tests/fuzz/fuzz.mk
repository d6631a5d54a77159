# SPDX-License-Identifier: MIT
# Targets for libFuzzer, by name: tests/fuzz/NAME_fuzz.c with its corpus in
# tests/fuzz/corpus/NAME/. make check runs each over its corpus; with
# ./configure --enable-fuzzer, which clang alone can build, they are fuzzers.
fuzz_programs = tests/fuzz/answer_fuzz tests/fuzz/svcb_fuzz \
  tests/fuzz/nat64_fuzz tests/fuzz/pref64_fuzz tests/fuzz/message_fuzz \
  tests/fuzz/resolvers_fuzz tests/fuzz/stream_fuzz tests/fuzz/age_fuzz
check_PROGRAMS += $(fuzz_programs)
EXTRA_DIST += tests/fuzz/corpus

fuzz_common = tests/fuzz/fuzz.h
if FUZZER
fuzz_ldflags = -static -fsanitize=fuzzer
else
fuzz_common += tests/fuzz/over.c
fuzz_ldflags = -static
TESTS += $(fuzz_programs)
endif

tests_fuzz_answer_fuzz_SOURCES = tests/fuzz/answer_fuzz.c $(fuzz_common)
tests_fuzz_answer_fuzz_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_answer_fuzz_LDADD = libcurl-he.la

tests_fuzz_age_fuzz_SOURCES = tests/fuzz/age_fuzz.c $(fuzz_common)
tests_fuzz_age_fuzz_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_age_fuzz_LDADD = libcurl-he.la $(CURL_LIBS)

tests_fuzz_message_fuzz_SOURCES = tests/fuzz/message_fuzz.c $(fuzz_common)
tests_fuzz_message_fuzz_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_message_fuzz_LDADD = libcurl-he.la

tests_fuzz_resolvers_fuzz_SOURCES = tests/fuzz/resolvers_fuzz.c $(fuzz_common)
tests_fuzz_resolvers_fuzz_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_resolvers_fuzz_LDADD = libhe-pure.la

tests_fuzz_stream_fuzz_SOURCES = tests/fuzz/stream_fuzz.c $(fuzz_common)
tests_fuzz_stream_fuzz_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_stream_fuzz_LDADD = libhe-pure.la

tests_fuzz_svcb_fuzz_SOURCES = tests/fuzz/svcb_fuzz.c $(fuzz_common)
tests_fuzz_svcb_fuzz_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_svcb_fuzz_LDADD = libcurl-he.la

tests_fuzz_nat64_fuzz_SOURCES = tests/fuzz/nat64_fuzz.c $(fuzz_common)
tests_fuzz_nat64_fuzz_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_nat64_fuzz_LDADD = libcurl-he.la

tests_fuzz_pref64_fuzz_SOURCES = tests/fuzz/pref64_fuzz.c $(fuzz_common)
tests_fuzz_pref64_fuzz_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_pref64_fuzz_LDADD = libcurl-he.la

# HTTPS records beside another parser.
check_PROGRAMS += tests/fuzz/svcb_show
dist_check_SCRIPTS += tests/fuzz/svcb_compare.sh
EXTRA_DIST += tests/fuzz/svcb_compare.py
TESTS += tests/fuzz/svcb_compare.sh
tests_fuzz_svcb_show_SOURCES = tests/fuzz/svcb_show.c
tests_fuzz_svcb_show_LDFLAGS = -static
tests_fuzz_svcb_show_LDADD = libcurl-he.la

fuzz-programs: $(fuzz_programs)
list-fuzz:
	@for test in $(fuzz_programs); do echo $$test; done
.PHONY: fuzz-programs list-fuzz
