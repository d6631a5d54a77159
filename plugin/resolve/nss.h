/* SPDX-License-Identifier: MIT */
#ifndef HE_NSS_H
#define HE_NSS_H
/* nss.h - may the two families of a name be asked for apart?
 *
 * getaddrinfo() asks one source after the other (nsswitch.conf), and the first
 * one that has the name, in any family, has the last word. Asked for one
 * family alone it would go on to a source that has the name in that family. So
 * apart may only be asked what one source alone can have: the name servers. */
#include <stdbool.h>

/* What the hosts line of nsswitch.conf comes to. */
enum he_nss {
  HE_NSS_WHOLE,     /* families have to be asked for together: it names a
                       source, or says something, of which nothing is known;
                       or there is no such line */
  HE_NSS_VAGUE,     /* they may be asked for apart, but what failed does not
                       tell why, for the last source's reason counts for all:
                       dns is not the last one, or others that have a few names
                       are there, too, mdns*_minimal or myhostname */
  HE_NSS_APART      /* files, if that, and dns */
};

/* Reads the file's text, which is written to. Pure. */
enum he_nss he_nss_parse(char *text);

/* Does the hosts file of this text have the name, in whatever case of letters?
   A line that the C library would not accept counts, too. Pure. */
bool he_nss_in_hosts(const char *text, const char *host);

/* Has this name a form in which only name servers may know it: no address, no
   ".local" or ".localhost", at least one dot, no letter that is none of a
   host's? Pure. */
bool he_nss_is_ordinary(const char *host);

/* May the families of this name be asked for apart, each for the name as it
   stands? HE_NSS_WHOLE where it is not known. Reads nsswitch.conf and the
   hosts file, as getaddrinfo() does each time: may wait for a disk, and is not
   for the race's thread. How many dots make a name complete is the caller's to
   check (ndots of resolv.conf). */
enum he_nss he_nss_of(const char *host);

#endif
