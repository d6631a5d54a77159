/* SPDX-License-Identifier: MIT */
#ifndef HE_BEHIND_H
#define HE_BEHIND_H
/* behind.h - the getaddrinfo() that curl-he calls, which is never the one that
 * the shared library exports (lookup/getaddrinfo.c).
 *
 * A program, or what it preloads, may have a getaddrinfo() of its own, and a
 * sanitizer has one. Each of them is used, whether it stands before or behind
 * curl-he in the order of symbols. Any thread may call; both functions look
 * once a process. */

struct addrinfo;

typedef int (*he_getaddrinfo)(const char *node, const char *service,
                              const struct addrinfo *hints,
                              struct addrinfo **res);

/* The preload module's front stands in curl-he's place in the order of symbols,
   and tells which one is behind it. Called before any other thread may ask. */
void he_getaddrinfo_preloaded(he_getaddrinfo next);

/* The one behind curl-he's: a call that is none of curl-he's goes on there.
   NULL: there is none. */
he_getaddrinfo he_getaddrinfo_next(void);

/* The one that a call from any library reaches. Where that is curl-he's: the
   one behind it. NULL: there is none. */
he_getaddrinfo he_getaddrinfo_used(void);

#endif
