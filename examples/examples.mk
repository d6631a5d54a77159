# SPDX-License-Identifier: MIT
# he-rest: the Cloudflare and Telegram APIs, as a program that one can keep.
if HAVE_JANSSON
noinst_PROGRAMS += examples/rest/he-rest
endif
examples_rest_he_rest_SOURCES = \
  examples/rest/main.c \
  examples/rest/api.h examples/rest/api.c \
  examples/rest/cloudflare.c examples/rest/telegram.c \
  examples/rest/http.h examples/rest/http.c \
  examples/rest/input.h examples/rest/input.c \
  examples/rest/print.h examples/rest/print.c \
  examples/rest/text.h examples/rest/text.c \
  examples/rest/timeline.h examples/rest/timeline.c
examples_rest_he_rest_CFLAGS = $(HE_CFLAGS) $(JANSSON_CFLAGS)
examples_rest_he_rest_LDADD = libcurl-he.la $(CURL_LIBS) $(JANSSON_LIBS)
EXTRA_DIST += examples/rest/README.md

# libcurl's multi interface on event loops: fetch.c with one loop each.
multi_fetch = examples/multi/fetch.c \
  examples/multi/transfers.h examples/multi/transfers.c
multi_libs = libcurl-he.la $(CURL_LIBS)
noinst_PROGRAMS += examples/multi/he-epoll
examples_multi_he_epoll_SOURCES = $(multi_fetch) examples/multi/epoll.c
examples_multi_he_epoll_LDADD = $(multi_libs)
if HAVE_EVENT
noinst_PROGRAMS += examples/multi/he-event
endif
examples_multi_he_event_SOURCES = $(multi_fetch) examples/multi/event.c
examples_multi_he_event_CFLAGS = $(HE_CFLAGS) $(EVENT_CFLAGS)
examples_multi_he_event_LDADD = $(multi_libs) $(EVENT_LIBS)
if HAVE_UV
noinst_PROGRAMS += examples/multi/he-uv
endif
examples_multi_he_uv_SOURCES = $(multi_fetch) examples/multi/uv.c
examples_multi_he_uv_CFLAGS = $(HE_CFLAGS) $(UV_CFLAGS)
examples_multi_he_uv_LDADD = $(multi_libs) $(UV_LIBS)
EXTRA_DIST += examples/multi/README.md

# The delay of each host by hand, on a live handle.
noinst_PROGRAMS += examples/tuning/he-tuning
examples_tuning_he_tuning_SOURCES = examples/tuning/main.c
examples_tuning_he_tuning_LDADD = libcurl-he.la $(CURL_LIBS)
EXTRA_DIST += examples/tuning/README.md

# One connect without libcurl's transfer: a plain socket, and a mail.
noinst_PROGRAMS += examples/socket/he-socket examples/smtp/he-smtp
examples_socket_he_socket_SOURCES = examples/socket/main.c
examples_socket_he_socket_LDADD = libcurl-he.la
examples_smtp_he_smtp_SOURCES = examples/smtp/main.c
examples_smtp_he_smtp_LDADD = libcurl-he.la $(CURL_LIBS)
EXTRA_DIST += examples/socket/README.md examples/smtp/README.md
