# SPDX-License-Identifier: MIT
# The multi interface on event loops, inside the laboratory. The loops are
# those of examples/multi, watched by --wrap.
watch_wrap = -Wl,--wrap=curl_multi_perform,--wrap=curl_multi_socket_action \
  -Wl,--wrap=epoll_ctl

if HAVE_CMOCKA
multi_sources = tests/multi/fleet.h tests/multi/fleet.c \
  tests/multi/watch.h tests/multi/watch.c \
  examples/multi/transfers.h examples/multi/transfers.c
multi_cflags = $(HE_CFLAGS) $(CMOCKA_CFLAGS)

multi_tests = tests/multi/poll_test.lab tests/multi/epoll_test.lab \
  tests/multi/life_test.lab tests/multi/many_test.lab \
  tests/multi/crowd_poll_test.lab tests/multi/crowd_epoll_test.lab \
  tests/multi/lookup_poll_test.lab tests/multi/lookup_epoll_test.lab \
  tests/multi/lookup_life_poll_test.lab \
  tests/multi/lookup_life_epoll_test.lab \
  tests/multi/lookup_many_test.lab \
  tests/multi/add_poll_test.lab tests/multi/add_epoll_test.lab \
  tests/multi/add_life_poll_test.lab tests/multi/add_life_epoll_test.lab \
  tests/multi/prepare_test.lab tests/multi/prepare_lookup_test.lab
if HAVE_EVENT
multi_tests += tests/multi/event_test.lab tests/multi/lookup_event_test.lab
endif
if HAVE_UV
multi_tests += tests/multi/uv_test.lab tests/multi/lookup_uv_test.lab \
  tests/multi/add_uv_test.lab
endif
THREAD_TESTS += tests/multi/lookup_life_epoll_test.lab \
  tests/multi/lookup_many_test.lab tests/multi/add_epoll_test.lab \
  tests/multi/add_life_epoll_test.lab tests/multi/prepare_test.lab
check_PROGRAMS += $(multi_tests)
LAB_TESTS += $(multi_tests)

tests_multi_poll_test_lab_SOURCES = tests/multi/loops_test.c \
  tests/multi/poll.c $(multi_sources)
tests_multi_poll_test_lab_CPPFLAGS = $(AM_CPPFLAGS) \
  -DHE_LOOP='"curl_multi_poll"'
tests_multi_poll_test_lab_CFLAGS = $(multi_cflags)
tests_multi_poll_test_lab_LDFLAGS = $(watch_wrap)
tests_multi_poll_test_lab_LDADD = $(easy_libs)

tests_multi_epoll_test_lab_SOURCES = tests/multi/loops_test.c \
  examples/multi/epoll.c $(multi_sources)
tests_multi_epoll_test_lab_CPPFLAGS = $(AM_CPPFLAGS) -DHE_LOOP='"epoll"'
tests_multi_epoll_test_lab_CFLAGS = $(multi_cflags)
tests_multi_epoll_test_lab_LDFLAGS = $(watch_wrap)
tests_multi_epoll_test_lab_LDADD = $(easy_libs)

tests_multi_life_test_lab_SOURCES = tests/multi/life_test.c \
  examples/multi/epoll.c $(multi_sources)
tests_multi_life_test_lab_CFLAGS = $(multi_cflags)
tests_multi_life_test_lab_LDFLAGS = $(watch_wrap)
tests_multi_life_test_lab_LDADD = $(easy_libs)

tests_multi_many_test_lab_SOURCES = tests/multi/many_test.c \
  examples/multi/epoll.c $(multi_sources)
tests_multi_many_test_lab_CFLAGS = $(multi_cflags)
tests_multi_many_test_lab_LDFLAGS = $(watch_wrap)
tests_multi_many_test_lab_LDADD = $(easy_libs)

tests_multi_crowd_poll_test_lab_SOURCES = tests/multi/crowd_test.c \
  tests/multi/poll.c $(multi_sources)
tests_multi_crowd_poll_test_lab_CPPFLAGS = $(AM_CPPFLAGS) \
  -DHE_LOOP='"curl_multi_poll"'
tests_multi_crowd_poll_test_lab_CFLAGS = $(multi_cflags)
tests_multi_crowd_poll_test_lab_LDFLAGS = $(watch_wrap)
tests_multi_crowd_poll_test_lab_LDADD = $(easy_libs)

tests_multi_crowd_epoll_test_lab_SOURCES = tests/multi/crowd_test.c \
  examples/multi/epoll.c $(multi_sources)
tests_multi_crowd_epoll_test_lab_CPPFLAGS = $(AM_CPPFLAGS) -DHE_LOOP='"epoll"'
tests_multi_crowd_epoll_test_lab_CFLAGS = $(multi_cflags)
tests_multi_crowd_epoll_test_lab_LDFLAGS = $(watch_wrap)
tests_multi_crowd_epoll_test_lab_LDADD = $(easy_libs)

tests_multi_event_test_lab_SOURCES = tests/multi/loops_test.c \
  examples/multi/event.c $(multi_sources)
tests_multi_event_test_lab_CPPFLAGS = $(AM_CPPFLAGS) -DHE_LOOP='"libevent"'
tests_multi_event_test_lab_CFLAGS = $(multi_cflags) $(EVENT_CFLAGS)
tests_multi_event_test_lab_LDFLAGS = $(watch_wrap)
tests_multi_event_test_lab_LDADD = $(easy_libs) $(EVENT_LIBS)

tests_multi_uv_test_lab_SOURCES = tests/multi/loops_test.c \
  examples/multi/uv.c $(multi_sources)
tests_multi_uv_test_lab_CPPFLAGS = $(AM_CPPFLAGS) -DHE_LOOP='"libuv"'
tests_multi_uv_test_lab_CFLAGS = $(multi_cflags) $(UV_CFLAGS)
tests_multi_uv_test_lab_LDFLAGS = $(watch_wrap)
tests_multi_uv_test_lab_LDADD = $(easy_libs) $(UV_LIBS)

# The same loops, with races in libcurl's lookup.

tests_multi_lookup_many_test_lab_SOURCES = \
  tests/multi/lookup_many_test.c tests/multi/pool.h \
  examples/multi/epoll.c $(multi_sources)
tests_multi_lookup_many_test_lab_CFLAGS = $(multi_cflags)
tests_multi_lookup_many_test_lab_LDFLAGS = $(watch_wrap)
tests_multi_lookup_many_test_lab_LDADD = $(easy_libs)

tests_multi_lookup_poll_test_lab_SOURCES = tests/multi/lookup_test.c \
  tests/multi/poll.c tests/multi/pool.h $(multi_sources)
tests_multi_lookup_poll_test_lab_CPPFLAGS = $(AM_CPPFLAGS) \
  -DHE_LOOP='"curl_multi_poll"'
tests_multi_lookup_poll_test_lab_CFLAGS = $(multi_cflags)
tests_multi_lookup_poll_test_lab_LDFLAGS = $(watch_wrap)
tests_multi_lookup_poll_test_lab_LDADD = $(easy_libs)

tests_multi_lookup_epoll_test_lab_SOURCES = tests/multi/lookup_test.c \
  examples/multi/epoll.c tests/multi/pool.h $(multi_sources)
tests_multi_lookup_epoll_test_lab_CPPFLAGS = $(AM_CPPFLAGS) \
  -DHE_LOOP='"epoll"'
tests_multi_lookup_epoll_test_lab_CFLAGS = $(multi_cflags)
tests_multi_lookup_epoll_test_lab_LDFLAGS = $(watch_wrap)
tests_multi_lookup_epoll_test_lab_LDADD = $(easy_libs)

tests_multi_lookup_event_test_lab_SOURCES = tests/multi/lookup_test.c \
  examples/multi/event.c tests/multi/pool.h $(multi_sources)
tests_multi_lookup_event_test_lab_CPPFLAGS = $(AM_CPPFLAGS) \
  -DHE_LOOP='"libevent"'
tests_multi_lookup_event_test_lab_CFLAGS = $(multi_cflags) $(EVENT_CFLAGS)
tests_multi_lookup_event_test_lab_LDFLAGS = $(watch_wrap)
tests_multi_lookup_event_test_lab_LDADD = $(easy_libs) $(EVENT_LIBS)

tests_multi_lookup_uv_test_lab_SOURCES = tests/multi/lookup_test.c \
  examples/multi/uv.c tests/multi/pool.h $(multi_sources)
tests_multi_lookup_uv_test_lab_CPPFLAGS = $(AM_CPPFLAGS) \
  -DHE_LOOP='"libuv"'
tests_multi_lookup_uv_test_lab_CFLAGS = $(multi_cflags) $(UV_CFLAGS)
tests_multi_lookup_uv_test_lab_LDFLAGS = $(watch_wrap)
tests_multi_lookup_uv_test_lab_LDADD = $(easy_libs) $(UV_LIBS)

tests_multi_lookup_life_poll_test_lab_SOURCES = tests/multi/lookup_life_test.c \
  tests/multi/poll.c $(multi_sources)
tests_multi_lookup_life_poll_test_lab_CPPFLAGS = $(AM_CPPFLAGS) \
  -DHE_LOOP='"curl_multi_poll"'
tests_multi_lookup_life_poll_test_lab_CFLAGS = $(multi_cflags)
tests_multi_lookup_life_poll_test_lab_LDFLAGS = $(watch_wrap)
tests_multi_lookup_life_poll_test_lab_LDADD = $(easy_libs)

tests_multi_lookup_life_epoll_test_lab_SOURCES = tests/multi/lookup_life_test.c \
  examples/multi/epoll.c $(multi_sources)
tests_multi_lookup_life_epoll_test_lab_CPPFLAGS = $(AM_CPPFLAGS) \
  -DHE_LOOP='"epoll"'
tests_multi_lookup_life_epoll_test_lab_CFLAGS = $(multi_cflags)
tests_multi_lookup_life_epoll_test_lab_LDFLAGS = $(watch_wrap)
tests_multi_lookup_life_epoll_test_lab_LDADD = $(easy_libs)

# curl_he_multi_add(), on the same loops.

tests_multi_add_poll_test_lab_SOURCES = tests/multi/add_test.c \
  tests/multi/poll.c $(multi_sources)
tests_multi_add_poll_test_lab_CPPFLAGS = $(AM_CPPFLAGS) \
  -DHE_LOOP='"curl_multi_poll"'
tests_multi_add_poll_test_lab_CFLAGS = $(multi_cflags)
tests_multi_add_poll_test_lab_LDFLAGS = $(watch_wrap)
tests_multi_add_poll_test_lab_LDADD = $(easy_libs)

tests_multi_add_epoll_test_lab_SOURCES = tests/multi/add_test.c \
  examples/multi/epoll.c $(multi_sources)
tests_multi_add_epoll_test_lab_CPPFLAGS = $(AM_CPPFLAGS) \
  -DHE_LOOP='"epoll"'
tests_multi_add_epoll_test_lab_CFLAGS = $(multi_cflags)
tests_multi_add_epoll_test_lab_LDFLAGS = $(watch_wrap)
tests_multi_add_epoll_test_lab_LDADD = $(easy_libs)

tests_multi_add_uv_test_lab_SOURCES = tests/multi/add_test.c \
  examples/multi/uv.c $(multi_sources)
tests_multi_add_uv_test_lab_CPPFLAGS = $(AM_CPPFLAGS) \
  -DHE_LOOP='"libuv"'
tests_multi_add_uv_test_lab_CFLAGS = $(multi_cflags) $(UV_CFLAGS)
tests_multi_add_uv_test_lab_LDFLAGS = $(watch_wrap)
tests_multi_add_uv_test_lab_LDADD = $(easy_libs) $(UV_LIBS)

tests_multi_add_life_poll_test_lab_SOURCES = tests/multi/add_life_test.c \
  tests/multi/poll.c $(multi_sources)
tests_multi_add_life_poll_test_lab_CPPFLAGS = $(AM_CPPFLAGS) \
  -DHE_LOOP='"curl_multi_poll"'
tests_multi_add_life_poll_test_lab_CFLAGS = $(multi_cflags)
tests_multi_add_life_poll_test_lab_LDFLAGS = $(watch_wrap)
tests_multi_add_life_poll_test_lab_LDADD = $(easy_libs)

tests_multi_add_life_epoll_test_lab_SOURCES = tests/multi/add_life_test.c \
  examples/multi/epoll.c $(multi_sources)
tests_multi_add_life_epoll_test_lab_CPPFLAGS = $(AM_CPPFLAGS) \
  -DHE_LOOP='"epoll"'
tests_multi_add_life_epoll_test_lab_CFLAGS = $(multi_cflags)
tests_multi_add_life_epoll_test_lab_LDFLAGS = $(watch_wrap)
tests_multi_add_life_epoll_test_lab_LDADD = $(easy_libs)

tests_multi_prepare_test_lab_SOURCES = tests/multi/prepare_test.c \
  examples/multi/epoll.c $(multi_sources)
tests_multi_prepare_test_lab_CFLAGS = $(multi_cflags)
tests_multi_prepare_test_lab_LDFLAGS = $(watch_wrap)
tests_multi_prepare_test_lab_LDADD = $(easy_libs)

tests_multi_prepare_lookup_test_lab_SOURCES = tests/multi/prepare_test.c \
  examples/multi/epoll.c $(multi_sources)
tests_multi_prepare_lookup_test_lab_CFLAGS = $(multi_cflags)
tests_multi_prepare_lookup_test_lab_LDFLAGS = $(watch_wrap)
tests_multi_prepare_lookup_test_lab_LDADD = $(easy_libs)
endif
