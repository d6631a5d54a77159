/* SPDX-License-Identifier: MIT */
/* resolve_entry.c - "+HOST:PORT:ADDRESS,ADDRESS,...". The plus has libcurl drop
 * the addresses when an answer of its own resolver would be too old. */
#include "curl/resolve_entry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_address(struct he_resolve_entry *l, const struct he_addr *a)
{
  char ip[HE_ADDR_TEXT];
  const char *format = a->family == HE_IPV4 ? "%s%s" : "%s[%s]";
  bool first = !l->counts[HE_IPV4] && !l->counts[HE_IPV6];
  l->len += (size_t)snprintf(l->text + l->len, l->room - l->len, format,
                             first ? "" : ",", he_addr_text(a, ip));
  if(first)
    l->first = *a;
  l->counts[a->family]++;
}

static void add_spares(struct he_resolve_entry *l,
                       const struct he_candidate *c, size_t n,
                       enum he_family f, int spares)
{
  const struct he_addr *last = NULL;
  for(size_t i = 0; i < n; i++) {
    if(c[i].addr.family == f && !c[i].addr.scope)
      last = &c[i].addr;
  }
  for(int i = 0; last && i < spares; i++)
    add_address(l, last);
}

bool he_resolve_entry_write(struct he_resolve_entry *l, const char *host,
                            uint16_t port, const struct he_candidate *c,
                            size_t n, int spares)
{
  memset(l, 0, sizeof(*l));
  l->room = strlen(host) + 16 +
            (n + HE_FAMILIES * (size_t)spares) * HE_ADDR_TEXT;
  l->text = malloc(l->room);
  if(!l->text)
    return false;
  l->len = (size_t)snprintf(l->text, l->room, "+%s:%u:", host,
                            (unsigned)port);
  for(size_t i = 0; i < n; i++) {
    if(!c[i].addr.scope)   /* CURLOPT_RESOLVE knows no scopes */
      add_address(l, &c[i].addr);
  }
  add_spares(l, c, n, HE_IPV6, spares);
  add_spares(l, c, n, HE_IPV4, spares);
  if(l->counts[HE_IPV4] || l->counts[HE_IPV6])
    return true;
  free(l->text);
  l->text = NULL;
  return false;
}
