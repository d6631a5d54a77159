/* SPDX-License-Identifier: MIT */
#ifndef HE_AHEAD_H
#define HE_AHEAD_H
/* ahead.h - races ahead of libcurl's first socket, in its lookup
 * (lookup/lookup.h): what such a race is told, and how libcurl gets what came
 * of it. In libcurl's callbacks, on the thread that uses the handle. */
#include "curl/handle.h"

/* libcurl is about to look a name up: for a connect of this handle to `p`, or
   to a proxy or another host that leads there. */
void he_ahead_expect(struct he_handle *h, const struct he_peer *p);

/* libcurl asks for a socket to `addr`, its first one after a lookup. True where
   that lookup has raced: then *connect is the connect of this connect, with a
   reference (NULL without memory), and *fd a connected socket to *addr, which
   may be another address than before, or -1. */
bool he_ahead_looked_up(struct he_handle *h, struct he_addr *addr,
                        struct he_connect **connect, curl_socket_t *fd);

/* A lookup that nobody but he_lookup_run() will run; `wanted` is asked whether
   anybody waits for it. With a reference; NULL without memory, and where the
   context is gone. */
struct he_lookup *he_ahead_alone(struct he_handle *h, const struct he_peer *p,
                                 bool (*wanted)(void *arg), void *arg);

/* What came of it. */
struct he_stood {
  struct he_addr addr;        /* where `fd` is connected, or is to be */
  int fd;                     /* libcurl's; -1: none */
  bool refused;               /* it is not connected: connect() tells why */
  struct he_connect *connect; /* of that race, with a reference; or NULL */
};
/* False, and *out as it was, where the result is gone. The rest as of
   he_ahead_looked_up(). */
bool he_ahead_take(struct he_handle *h, struct he_lookup *l,
                   const struct he_addr *asked, struct he_stood *out);

/* libcurl's cache may keep names again, as the application has it. */
void he_ahead_leave_names(struct he_handle *h);

#endif
