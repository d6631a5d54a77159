/* SPDX-License-Identifier: MIT */
#ifndef HE_PEER_H
#define HE_PEER_H
/* peer.h - whom a transfer talks to, by its URL, and whether a connect may be
 * one to that host at all. */
#include "curl/handle.h"

/* The host and port of the handle's current URL, kept with the handle until
   the URL changes. NULL where it has none that names a host, or no memory. */
const struct he_peer *he_peer_of(struct he_handle *h);

/* Why a connect of this handle to `port` may lead somewhere else than to its
   peer, or must not be raced; NULL where nothing speaks against it. Static. */
const char *he_peer_doubt(struct he_handle *h, const struct he_peer *p,
                          uint16_t port);

/* The proxy that libcurl takes from the environment for a scheme; NULL where it
   takes none, or does not look: then this does not either. */
const char *he_peer_environment_proxy(const struct he_declared *d,
                                      const char *scheme);

/* Is it declared, or in the environment, that the handle's connects go
   somewhere else than to its peer's addresses, or may, or that these are
   found in another way? Then what is known of the peer is no reason to
   connect otherwise. */
bool he_peer_led_away(struct he_handle *h, const struct he_peer *p);

/* Why nothing is done beside libcurl where he_handle_elsewhere(). */
extern const char he_elsewhere[];

#endif
