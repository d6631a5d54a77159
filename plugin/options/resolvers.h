/* SPDX-License-Identifier: MIT */
#ifndef HE_RESOLVERS_H
#define HE_RESOLVERS_H
/* resolvers.h - what CURLHEOPT_RESOLVER may say. Pure.
 *
 *   system                 what getaddrinfo() says; alone
 * or 1 to 4 of these, with blanks between them, in the order of asking:
 *   dns://SERVER[,SERVER...][?KEYS]     by c-ares, port 53
 *   tls://SERVER[,SERVER...][?KEYS]     DNS over TLS, port 853
 *   https://HOST[:PORT]/PATH[?KEYS]     DNS over HTTPS
 *   fixed:ADDRESS[,ADDRESS...][?KEYS]   nobody is asked
 *
 * SERVER: ADDRESS[:PORT]; an IPv6 address with a port stands in brackets.
 * KEYS: KEY=VALUE, with & between them; a value is percent-decoded.
 *   name=HOST              tls: whom the certificate must name
 *   pin=sha256//BASE64     tls, https: of the public key; also several, each
 *                          with its own key or with ; between them
 *   ca=PATH                tls, https: the authorities that may have signed it,
 *                          in a file or a folder; else the system's, of https
 *                          libcurl's
 *   opportunistic=yes|no   tls, https: is it no fault that it cannot prove who
 *                          it is?
 *   bootstrap=VALUE        https: where HOST is no address, who is asked for
 *                          it: another value, percent-encoded
 *   stale=allow|never      may an answer be used when its time is over?
 *   private=allow|refuse   may an answer have private-use addresses?
 *   hosts=yes|no           for the whole value: is /etc/hosts looked at first?
 *   search=DOMAIN          for the whole value: a name without a dot gets it
 * Of an https URL keys that are none of these stay in it.
 *
 * A value that was understood gets a number, so that options stay plain
 * numbers. 0 is `system`. Two texts that mean the same have one number. Numbers
 * live as long as the process: there are 254, far more than anybody
 * configures. */
#include "options/upstream.h"

/* Upstreams of one value. */
#define HE_UPSTREAMS_MAX 4
/* The numbers that values may have: those below. */
#define HE_RESOLVERS_MAX 256
/* The number of a value that was not understood: who has it asks nobody. */
#define HE_RESOLVERS_REFUSED (HE_RESOLVERS_MAX - 1)
/* A bootstrap's bootstrap's bootstrap may not have one. */
#define HE_BOOTSTRAPS_MAX 3

struct he_upstreams {
  size_t n;                   /* 0: the system's own resolver */
  bool hosts;                 /* /etc/hosts first */
  char search[HE_UPSTREAM_NAME];   /* "": none */
  struct he_upstream list[HE_UPSTREAMS_MAX];   /* in the order of asking */
};

/* Reads a value, which is from outside and need not end in NUL. False where it
   is none: then *why says so, static, and *at is where it is wrong, in bytes
   from the beginning. A bootstrap's value gets its number. Any thread. */
bool he_resolvers_read(const char *text, size_t len, struct he_upstreams *out,
                       size_t *at, const char **why);

/* The number of what was read; -1 without memory, or where all are taken. Any
   thread. */
long he_resolvers_number(const struct he_upstreams *u);

/* The upstreams of a number; NULL: of none, of 0, or of
   HE_RESOLVERS_REFUSED. Constant, static. Any thread. */
const struct he_upstreams *he_resolvers_upstreams(long number);

#endif
