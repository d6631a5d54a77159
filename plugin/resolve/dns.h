/* SPDX-License-Identifier: MIT */
#ifndef HE_DNS_H
#define HE_DNS_H
/* dns.h - name servers, asked for one family of a name by the C library's own
 * resolver: as getaddrinfo() asks them, without the sources around them. That
 * is a third of the instructions.
 *
 * Only for names of which nothing but name servers can know (nss.h). */
#include "resolve/system.h"

/* As resolv.conf says. */
struct he_dns_conf {
  unsigned ndots;
  unsigned rounds;            /* over all name servers, at least 1 */
};

/* Reads what holds now, once on a thread, before the functions below. False
   where name servers may not be asked in this way: where something stands
   between curl-he and the C library's getaddrinfo(), as proxies that are
   preloaded do, and where the C library has no such functions. */
bool he_dns_begin(struct he_dns_conf *c);

/* For tests: 1: they may, 0: they may not, -1: as it is found. */
void he_dns_assume(int usable);

/* From now on each call on this thread makes so many rounds, those of
   getaddrinfo(), too. */
void he_dns_rounds(unsigned n);

/* The i-th domain by which names are completed; NULL: there is none. There may
   be more than HE_DNS_DOMAINS, of which nothing is known. */
#define HE_DNS_DOMAINS 6
const char *he_dns_domain(unsigned i);

/* Asks for the name as it stands, without a search list. Sources are filled
   in, as by he_system_ask(). False: what came is not understood, and
   getaddrinfo() is to say what it means. Blocks. */
bool he_dns_ask(const char *name, uint16_t port, enum he_family f,
                struct he_asked *out);

/* Addresses as candidates, in the order in which getaddrinfo() gives them,
   complete; the caller's to free. ttl: seconds. NULL without memory. May block
   for a disk, and for the kernel's tables. */
struct he_candidate *he_dns_candidates(const struct he_addr *list, size_t n,
                                       uint16_t port, uint32_t ttl);

/* -- for the above, and its tests -- */

/* Reads a name server's answer: the addresses of the name, of the end of its
   aliases, without ports. How many there are, at most `most` of which are
   written; -1: not understood. *ttl: how many seconds they are valid, where
   there are any. Any bytes may come. */
int he_dns_parse(const unsigned char *message, size_t len, const char *name,
                 enum he_family f, struct he_addr *list, size_t most,
                 uint32_t *ttl);

#endif
