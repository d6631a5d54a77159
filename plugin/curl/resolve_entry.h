/* SPDX-License-Identifier: MIT */
#ifndef HE_RESOLVE_ENTRY_H
#define HE_RESOLVE_ENTRY_H
/* resolve_entry.h - a host's addresses as CURLOPT_RESOLVE wants them. A
 * value. */
#include "resolve/resolver.h"

struct he_resolve_entry {
  char *text;
  size_t len;
  size_t room;
  size_t counts[HE_FAMILIES];
  struct he_addr first;
};

/* `spares`: how often the last address of each family is repeated. libcurl asks
   for a socket once an address. False without memory, or where no address can
   be written so: there is no text then. Else the caller frees l->text. */
bool he_resolve_entry_write(struct he_resolve_entry *l, const char *host,
                            uint16_t port, const struct he_candidate *c,
                            size_t n, int spares);

#endif
