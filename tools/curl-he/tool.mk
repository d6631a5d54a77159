# SPDX-License-Identifier: MIT
# curl-he, the command.
bin_PROGRAMS += curl-he
curl_he_SOURCES = \
  tools/curl-he/command.h tools/curl-he/command.c \
  tools/curl-he/program.h tools/curl-he/program.c \
  tools/curl-he/run.c \
  tools/curl-he/main.c
curl_he_CPPFLAGS = $(AM_CPPFLAGS) -DHE_LIBDIR='"$(libdir)"'
