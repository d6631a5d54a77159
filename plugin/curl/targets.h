/* SPDX-License-Identifier: MIT */
#ifndef HE_TARGETS_H
#define HE_TARGETS_H
/* targets.h - which names a known handle's next connect may make libcurl look
 * up: the URL's host, a proxy, what CURLOPT_CONNECT_TO names. What a SOCKS
 * proxy is only asked to reach is none of them: libcurl connects to the
 * proxy. */
#include "curl/handle.h"
#include "lookup/lookup.h"

struct he_targets {
  struct he_lookup_name names[HE_LOOKUP_NAMES];
  size_t count;
  bool any;               /* or another name: what Alt-Svc said, or how libcurl
                             writes a name that is not ASCII */
  bool others_follow;     /* once connected, libcurl looks up a name that is
                             none of these: a SOCKS proxy's business */
  bool proxied;
  char *owned[HE_LOOKUP_NAMES];
  size_t owned_count;
};

/* For the handle's current URL. On the handle's thread. To be freed by
   he_targets_free(); without memory names are missing. */
void he_targets_find(struct he_handle *h, const struct he_peer *p,
                     struct he_targets *out);
void he_targets_free(struct he_targets *t);

/* Adds what libcurl looks up where others_follow: what the SOCKS proxy is to
   reach. */
void he_targets_beyond(struct he_handle *h, const struct he_peer *p,
                       struct he_targets *t);

/* The proxy that libcurl takes from the environment for a scheme. NULL where
   libcurl takes none, or does not look: then this function does not look
   either. The environment's own text. */
const char *he_targets_environment(const struct he_declared *d,
                                   const char *scheme);
/* Is it at this port? */
bool he_targets_proxy_at(const struct he_declared *d, const char *scheme,
                         uint16_t port);

#endif
