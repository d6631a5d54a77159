# SPDX-License-Identifier: MIT
# curl-he, the command. It needs jansson, for what it reads and writes as JSON.
if HAVE_JANSSON
bin_PROGRAMS += curl-he
endif
curl_he_SOURCES = \
  tools/curl-he/command.h tools/curl-he/command.c \
  tools/curl-he/program.h tools/curl-he/program.c \
  tools/curl-he/report.h tools/curl-he/report.c \
  tools/curl-he/watched.h tools/curl-he/watched.c \
  tools/curl-he/run.c \
  tools/curl-he/main.c
curl_he_CPPFLAGS = $(AM_CPPFLAGS) -DHE_LIBDIR='"$(libdir)"'
curl_he_CFLAGS = $(HE_CFLAGS) $(JANSSON_CFLAGS)
curl_he_LDADD = libcurl-he.la $(CURL_LIBS) $(JANSSON_LIBS)
