/* SPDX-License-Identifier: MIT */
#ifndef HE_DOUBT_H
#define HE_DOUBT_H
/* doubt.h - whether a connect of a handle may be raced. On the handle's
 * thread. */
#include "curl/handle.h"

/* Why a connect of this handle to `port` may lead somewhere else than to its
   peer, or must not be raced; NULL where nothing speaks against it. Static. */
const char *he_doubt_of(struct he_handle *h, const struct he_peer *p,
                        uint16_t port);

/* Is it declared, or in the environment, that the handle's connects go
   somewhere else than to its peer's addresses, or may, or that these are
   found in another way? Then what is known of the peer is no reason to
   connect otherwise. */
bool he_doubt_led_away(struct he_handle *h, const struct he_peer *p);

/* Does this handle race in libcurl's lookups, as far as is known before there
   is one? */
bool he_doubt_races_ahead(struct he_handle *h, const struct he_peer *p);

/* Where it does not: does curl-he answer libcurl's lookup all the same, because
   a resolver is configured that libcurl would not ask? */
bool he_doubt_answers(struct he_handle *h, const struct he_peer *p);

#endif
