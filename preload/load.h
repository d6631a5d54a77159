/* SPDX-License-Identifier: MIT */
#ifndef HE_PRELOAD_LOAD_H
#define HE_PRELOAD_LOAD_H
/* load.h - the engine, which is loaded when a process makes its first easy
 * handle. Any thread. */
#include "curl/engine.h"

#include <stdbool.h>

/* The engine for handles of this libcurl; NULL: they are passed on. `first`: an
   easy handle is about to be made, so the engine is loaded, if it is not. */
const struct he_engine *he_engine_for(const struct he_flavour *libcurl,
                                      bool first);

/* The engine's, or the C library's. NULL: there is none. */
he_front_getaddrinfo he_engine_getaddrinfo(void);

#endif
