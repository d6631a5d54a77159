# SPDX-License-Identifier: MIT
# curl-he, the command. It needs jansson, for what it reads and writes as JSON.
include tools/curl-he/pictures/pictures.mk
if HAVE_JANSSON
bin_PROGRAMS += curl-he
endif
curl_he_SOURCES = \
  tools/curl-he/command.h tools/curl-he/command.c \
  tools/curl-he/program.h tools/curl-he/program.c \
  tools/curl-he/values.h tools/curl-he/values.c \
  tools/curl-he/run.c \
  tools/curl-he/completion.h tools/curl-he/completion.c \
  tools/curl-he/complete_bash.c \
  tools/curl-he/complete_zsh.c \
  tools/curl-he/complete_fish.c \
  tools/curl-he/manual.c \
  tools/curl-he/colour.h tools/curl-he/colour.c \
  tools/curl-he/remembered.h tools/curl-he/remembered.c \
  tools/curl-he/history.c \
  tools/curl-he/history_print.c tools/curl-he/history_json.c \
  $(he_picture_sources) \
  tools/curl-he/main.c
curl_he_CPPFLAGS = $(AM_CPPFLAGS) -DHE_LIBDIR='"$(libdir)"'
curl_he_CFLAGS = $(HE_CFLAGS) $(JANSSON_CFLAGS)
curl_he_LDADD = libcurl-he.la $(CURL_LIBS) $(JANSSON_LIBS)

include tools/curl-he/made.mk
