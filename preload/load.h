/* SPDX-License-Identifier: MIT */
#ifndef HE_PRELOAD_LOAD_H
#define HE_PRELOAD_LOAD_H
/* load.h - the engine, which is loaded when a process makes its first easy
 * handle. Any thread. */
#include "curl/engine.h"

#include <stdbool.h>

/* Before the program may go to another folder: the engine is looked for beside
   the front, whose name may be relative. */
void he_load_begin(void);

/* The engine for handles of this libcurl; NULL: they are passed on. `first`: an
   easy handle is about to be made, so the engine is loaded, if it is not. */
const struct he_engine *he_engine_for(const struct he_flavour *libcurl,
                                      bool first);

/* getaddrinfo() as the engines have it, one after the other, and then the C
   library. */
int he_engines_getaddrinfo(const char *node, const char *service,
                           const struct addrinfo *hints,
                           struct addrinfo **res);

#endif
