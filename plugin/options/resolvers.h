/* SPDX-License-Identifier: MIT */
#ifndef HE_RESOLVERS_H
#define HE_RESOLVERS_H
/* resolvers.h - what CURLHEOPT_RESOLVER may say. Pure.
 *
 *   system                             what getaddrinfo() says
 *   dns://ADDRESS[:PORT][,ADDRESS[:PORT]...]
 *                                      these servers, by c-ares; port 53 where
 *                                      none is given; an IPv6 address with a
 *                                      port stands in brackets
 *
 * A value that was understood gets a number, so that options stay plain
 * numbers. 0 is `system`. Two texts that mean the same servers in the same
 * order have one number. Numbers live as long as the process: there are 255,
 * far more than anybody configures. */
#include "base/addr.h"

/* Servers of one value. */
#define HE_SERVERS_MAX 8
/* The numbers that values may have: those below. */
#define HE_RESOLVERS_MAX 256

struct he_servers {
  size_t n;                   /* 0: the system's own resolver */
  struct he_addr list[HE_SERVERS_MAX];   /* in the order of asking */
};

/* Reads a value, which is from outside and need not end in NUL. False where it
   is none: then *why says so, static, and *at is where it is wrong, in bytes
   from the beginning. */
bool he_resolvers_read(const char *text, size_t len, struct he_servers *out,
                       size_t *at, const char **why);

/* The number of these servers; -1 without memory, or where all are taken. Any
   thread. */
long he_resolvers_number(const struct he_servers *s);

/* The servers of a number; NULL: of none, or of 0. Constant, static. Any
   thread. */
const struct he_servers *he_resolvers_servers(long number);

#endif
