# SPDX-License-Identifier: MIT
# curl-he, the command. It needs jansson, for what it reads and writes as JSON.
if HAVE_JANSSON
bin_PROGRAMS += curl-he
endif
curl_he_SOURCES = \
  tools/curl-he/command.h tools/curl-he/command.c \
  tools/curl-he/plain.h tools/curl-he/plain.c \
  tools/curl-he/story.h tools/curl-he/story.c tools/curl-he/story_step.c \
  tools/curl-he/spread.h tools/curl-he/spread.c \
  tools/curl-he/saved.h tools/curl-he/saved.c \
  tools/curl-he/summary.h tools/curl-he/summary.c \
  tools/curl-he/draw.h tools/curl-he/axis.c \
  tools/curl-he/draw_text.c tools/curl-he/draw_svg.c \
  tools/curl-he/draw_html.c tools/curl-he/draw_json.c \
  tools/curl-he/svg.h tools/curl-he/svg.c tools/curl-he/svg_story.c \
  tools/curl-he/svg_panels.c \
  tools/curl-he/sentences.h tools/curl-he/sentences.c \
  tools/curl-he/outfile.h tools/curl-he/outfile.c \
  tools/curl-he/pictures.h tools/curl-he/pictures.c \
  tools/curl-he/target.h tools/curl-he/target.c \
  tools/curl-he/racing.h tools/curl-he/racing.c tools/curl-he/alone.c \
  tools/curl-he/race.c \
  tools/curl-he/line.h tools/curl-he/line.c \
  tools/curl-he/reading.h tools/curl-he/reading.c \
  tools/curl-he/perfetto.h tools/curl-he/perfetto.c \
  tools/curl-he/gallery.h tools/curl-he/gallery.c \
  tools/curl-he/trace.c \
  tools/curl-he/program.h tools/curl-he/program.c \
  tools/curl-he/run.c \
  tools/curl-he/main.c
curl_he_CPPFLAGS = $(AM_CPPFLAGS) -DHE_LIBDIR='"$(libdir)"'
curl_he_CFLAGS = $(HE_CFLAGS) $(JANSSON_CFLAGS)
curl_he_LDADD = libcurl-he.la $(CURL_LIBS) $(JANSSON_LIBS)
