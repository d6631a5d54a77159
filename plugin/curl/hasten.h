/* SPDX-License-Identifier: MIT */
#ifndef HE_HASTEN_H
#define HE_HASTEN_H
/* hasten.h - libcurl's second family without its delay, where races of the
 * same host have just found the first one dead and the second one working, or
 * history knows so. In libcurl's callbacks, on the handle's thread. */
#include "curl/handle.h"

/* libcurl resolves this peer's name and connects then. */
void he_hasten_begin(struct he_handle *h, const struct he_peer *p);

/* libcurl has asked for its first socket: the next connect is another
   matter. */
void he_hasten_end(struct he_handle *h);

#endif
