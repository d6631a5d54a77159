# SPDX-License-Identifier: MIT
# For programs as they are. The front needs the C library alone, so that every
# process bears it; it loads libcurl-he.so where that is needed.
lib_LTLIBRARIES += libcurl-he-preload.la
libcurl_he_preload_la_SOURCES = \
  preload/flavours.h preload/flavours.c \
  preload/forking.h preload/forking.c \
  preload/load.h preload/load.c \
  preload/loader.h preload/loader.c \
  preload/needed.h preload/needed.c \
  preload/front.c \
  plugin/base/object.h plugin/base/object.c \
  plugin/base/report.h plugin/base/report.c
libcurl_he_preload_la_CFLAGS = $(HE_CFLAGS) -fvisibility=hidden
libcurl_he_preload_la_LDFLAGS = -module -avoid-version -shared \
  -Wl,--version-script=$(srcdir)/preload/preload.map -Wl,-z,nodelete
EXTRA_libcurl_he_preload_la_DEPENDENCIES = preload/preload.map
EXTRA_DIST += preload/preload.map
