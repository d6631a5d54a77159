# SPDX-License-Identifier: MIT
# The scenarios, measured: ./run bench. Nothing here is a test.
bench_programs = bench/connect bench/connect_alone bench/cost bench/bench \
  bench/healthy bench/healthy_alone bench/loop bench/history bench/store \
  bench/crowd bench/again bench/memory bench/share bench/share_model \
  bench/start bench/dial/dial

if OPENSSL
bench_programs += bench/resolve/names
endif
noinst_PROGRAMS += $(bench_programs)
bench_client = bench/alone.h bench/client.h bench/client.c \
  examples/multi/transfers.h examples/multi/transfers.c examples/multi/epoll.c

bench_resolve_names_SOURCES = bench/resolve/names.c
bench_resolve_names_CFLAGS = $(HE_CFLAGS) -pthread
bench_resolve_names_LDFLAGS = -static
bench_resolve_names_LDADD = libcurl-he.la

bench_connect_SOURCES = bench/connect.c $(bench_client)
bench_connect_LDADD = libcurl-he.la $(CURL_LIBS)

# libcurl alone: the same, without libcurl-he
bench_connect_alone_SOURCES = bench/connect.c $(bench_client)
bench_connect_alone_CPPFLAGS = $(AM_CPPFLAGS) -DALONE
bench_connect_alone_LDADD = $(CURL_LIBS)

bench_cost_SOURCES = bench/cost.c
bench_cost_LDADD = libcurl-he.la $(CURL_LIBS)

bench_bench_SOURCES = bench/bench.c bench/series.h bench/series.c \
  bench/sample.h bench/sample.c bench/print.c
bench_bench_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
bench_bench_LDADD = tests/lab/liblabctl.la

bench_again_SOURCES = bench/again.c $(bench_client)
bench_again_LDADD = libcurl-he.la $(CURL_LIBS)

bench_memory_SOURCES = bench/memory.c bench/course.h bench/course.c \
  bench/sample.h bench/sample.c
bench_memory_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
bench_memory_LDADD = tests/lab/liblabctl.la

bench_share_SOURCES = bench/share.c tests/easy/many.h tests/easy/many.c
bench_share_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
bench_share_LDADD = libcurl-he.la $(CURL_LIBS) tests/lab/liblabctl.la

bench_share_model_SOURCES = bench/share_model.c \
  tests/unit/shares.h tests/unit/shares.c
bench_share_model_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
bench_share_model_LDADD = libhe-pure.la -lm

bench_healthy_SOURCES = bench/healthy.c bench/alone.h
bench_healthy_LDADD = libcurl-he.la $(CURL_LIBS)

# libcurl alone: the same, without libcurl-he
bench_healthy_alone_SOURCES = bench/healthy.c bench/alone.h
bench_healthy_alone_CPPFLAGS = $(AM_CPPFLAGS) -DALONE
bench_healthy_alone_LDADD = $(CURL_LIBS)

bench_crowd_SOURCES = bench/crowd.c \
  examples/multi/transfers.h examples/multi/transfers.c examples/multi/epoll.c
bench_crowd_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
bench_crowd_LDADD = libcurl-he.la $(CURL_LIBS) tests/lab/liblabctl.la

bench_loop_SOURCES = bench/loop.c tests/multi/watch.h tests/multi/watch.c \
  tests/easy/libcurls.h tests/easy/libcurls.c \
  examples/multi/transfers.h examples/multi/transfers.c examples/multi/epoll.c
bench_loop_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
bench_loop_LDFLAGS = $(watch_wrap)
bench_loop_LDADD = libcurl-he.la $(CURL_LIBS) tests/lab/liblabctl.la

bench_history_SOURCES = bench/history.c
bench_history_LDADD = libhe-pure.la

bench_store_SOURCES = bench/store.c
bench_store_LDFLAGS = -static
bench_store_LDADD = libcurl-he.la

# ./run bench --connect: beside asyncio, Go and Node.
bench_dial_dial_SOURCES = bench/dial/dial.c
bench_dial_dial_LDADD = libcurl-he.la
EXTRA_DIST += bench/dial/dial.py bench/dial/dial.js bench/dial/dial.go

bench_start_SOURCES = bench/start.c
