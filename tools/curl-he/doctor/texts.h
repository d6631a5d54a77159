/* SPDX-License-Identifier: MIT */
#ifndef HE_DOCTOR_TEXTS_H
#define HE_DOCTOR_TEXTS_H
/* texts.h - what the machine's files say. Pure: texts in, facts out. The texts
 * may be anything. */
#include "facts.h"

/* /etc/hosts: the first line that has this host, from 1, and its address. 0:
   there is none. */
unsigned he_text_hosts(const char *text, const char *host,
                       char address[HE_ADDRESS_TEXT]);

/* gai.conf: the line that puts IPv4 before IPv6, from 1; 0: none does. */
unsigned he_text_gai(const char *text);

/* nsswitch.conf: the sources of its hosts line ("": none), and whether one of
   them asks name servers. */
void he_text_nsswitch(const char *text, char *sources, size_t size,
                      bool *asks_dns);

/* resolv.conf: how many name servers it has. */
unsigned he_text_resolv(const char *text);

/* A line of /proc/net/tcp, or (`six`) of tcp6. */
struct he_socket {
  char remote[HE_ADDRESS_TEXT + 8];  /* with port */
  unsigned long inode;
};
/* Is it a socket in SYN-SENT whose SYN was sent again? */
bool he_text_stuck(const char *line, bool six, struct he_socket *out);

/* Is this the path of a libcurl, and not of curl-he? */
bool he_text_is_libcurl(const char *path);

/* Its version, as the file's bytes have it, "libcurl/7.88.1"; into *l. False:
   it is not there. */
bool he_text_version(const char *bytes, size_t len, struct he_libcurl *l);

#endif
