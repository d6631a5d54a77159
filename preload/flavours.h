/* SPDX-License-Identifier: MIT */
#ifndef HE_PRELOAD_FLAVOURS_H
#define HE_PRELOAD_FLAVOURS_H
/* flavours.h - the libcurls of this process. Debian has two, and a program's
 * libraries may use both. */
#include "base/object.h"
#include "curl/engine.h"

#include <stdbool.h>
#include <stdint.h>

/* A function of whatever kind: the tables hold each as its own. */
typedef void (*he_function)(void);

#define HE_FLAVOURS 8

/* How a call came: by a name with a symbol version ("": without any), or by
   what dlsym() said, which was of one libcurl. */
struct he_origin {
  const char *version;        /* NULL: by dlsym() */
  unsigned slot;              /* valid then */
};

/* The libcurl that a call is for, by the address that it returns to. *inside:
   libcurl itself called. NULL: none is found. Any thread. The first call from
   a place looks through the loaded objects, with the loader's lock. */
const struct he_flavour *he_flavour_of(const void *caller,
                                       const struct he_origin *origin,
                                       bool *inside);

/* Which slot has the libcurl that this function is a part of; `handle` is what
   dlsym() found it in. False: it is no libcurl's, or there are too many. */
bool he_flavour_slot(void *handle, const void *function, unsigned *slot);

/* The C library's definition behind the front's own. NULL: there is none. */
he_function he_behind(const char *name);

#endif
