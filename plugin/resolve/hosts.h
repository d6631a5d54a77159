/* SPDX-License-Identifier: MIT */
#ifndef HE_HOSTS_H
#define HE_HOSTS_H
/* hosts.h - /etc/hosts, as hosts(5) describes it. */
#include "base/addr.h"

/* Has the file the name, in whichever family? Then *n addresses of this family
   are written, at most `most`, which may be none; without ports. May wait for a
   disk. */
bool he_hosts_find(const char *name, enum he_family f, struct he_addr *list,
                   size_t most, size_t *n);

/* The same of a text. */
bool he_hosts_read(const char *text, size_t len, const char *name,
                   enum he_family f, struct he_addr *list, size_t most,
                   size_t *n);

#endif
