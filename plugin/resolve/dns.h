/* SPDX-License-Identifier: MIT */
#ifndef HE_DNS_H
#define HE_DNS_H
/* dns.h - name servers, asked for one family of a name by the C library's own
 * resolver: as getaddrinfo() asks them, without the sources around them. That
 * is a third of the instructions.
 *
 * Only for names of which nothing but name servers can know (nss.h). */
#include "resolve/system.h"

/* May name servers be asked in this way? Not where something stands between
   curl-he and the C library's getaddrinfo(), as proxies that are preloaded do,
   nor where the C library has no such functions. */
bool he_dns_usable(void);

/* For tests: 1: it is, 0: it is not, -1: as it is found. */
void he_dns_assume(int usable);

/* Asks for the name as it stands, without a search list, in as many rounds as
   he_system_rounds() says, after he_system_conf(). Sources are filled in, as
   by he_system_ask(). False: what came is not understood, and getaddrinfo() is
   to say what it means. Blocks. */
bool he_dns_ask(const char *name, uint16_t port, enum he_family f,
                struct he_asked *out);

/* -- for the above, and its tests -- */

/* Reads a name server's answer: the addresses of the name, of the end of its
   aliases, without ports. How many there are, at most `most` of which are
   written; -1: not understood. *ttl: how many seconds they are valid, where
   there are any. Any bytes may come. */
int he_dns_parse(const unsigned char *message, size_t len, const char *name,
                 enum he_family f, struct he_addr *list, size_t most,
                 uint32_t *ttl);

#endif
