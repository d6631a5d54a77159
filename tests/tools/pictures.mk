# SPDX-License-Identifier: MIT
# curl-he race and curl-he trace.
if HAVE_JANSSON
if HAVE_CMOCKA
pictures_tests = tests/tools/story_test tests/tools/reading_test
check_PROGRAMS += $(pictures_tests)
TESTS += $(pictures_tests)

tests_tools_story_test_SOURCES = tests/tools/story_test.c $(he_story_sources)
tests_tools_story_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tools/curl-he \
  -I$(top_srcdir)/tools/curl-he/pictures
tests_tools_story_test_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS) $(JANSSON_CFLAGS)
tests_tools_story_test_LDADD = $(CMOCKA_LIBS) $(JANSSON_LIBS)

tests_tools_reading_test_SOURCES = tests/tools/reading_test.c \
  $(he_story_sources)
tests_tools_reading_test_CPPFLAGS = $(AM_CPPFLAGS) \
  -I$(top_srcdir)/tools/curl-he/pictures
tests_tools_reading_test_CFLAGS = $(HE_CFLAGS) $(CMOCKA_CFLAGS) \
  $(JANSSON_CFLAGS)
tests_tools_reading_test_LDADD = $(CMOCKA_LIBS) $(JANSSON_LIBS)
endif
endif
if HAVE_JANSSON
LAB_TESTS += tests/tools/race_test.lab tests/tools/trace_test.lab \
  tests/tools/pictures_test.lab
endif
EXTRA_DIST += tests/tools/race_test.lab tests/tools/trace_test.lab \
  tests/tools/pictures_test.lab tests/tools/look.py tests/tools/sample.trace
