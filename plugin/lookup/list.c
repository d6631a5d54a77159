/* SPDX-License-Identifier: MIT */
/* list.c - the list that libcurl gets back from its call. glibc's
 * freeaddrinfo() frees each node by itself, and with it the address, which
 * stands in the same piece of memory. */
#include "lookup/list.h"
#include "lookup/known.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <sys/socket.h>

struct node {
  struct addrinfo ai;         /* first */
  struct sockaddr_storage sa;
};

static struct addrinfo *node_of(const struct he_addr *a, uint16_t port,
                                const struct addrinfo *hints)
{
  struct node *n = calloc(1, sizeof(*n));
  struct he_addr addr = *a;
  if(!n)
    return NULL;
  addr.port = port;
  n->ai.ai_flags = hints->ai_flags;
  n->ai.ai_family = a->family == HE_IPV4 ? AF_INET : AF_INET6;
  n->ai.ai_socktype = hints->ai_socktype;
  n->ai.ai_protocol = hints->ai_protocol ? hints->ai_protocol : IPPROTO_TCP;
  n->ai.ai_addr = (struct sockaddr *)&n->sa;
  n->ai.ai_addrlen = (socklen_t)he_addr_to_sockaddr(&addr, n->ai.ai_addr,
                                                    sizeof(n->sa));
  return &n->ai;
}

static bool wanted(const struct addrinfo *hints, enum he_family f)
{
  return hints->ai_family == AF_UNSPEC ||
         hints->ai_family == (f == HE_IPV4 ? AF_INET : AF_INET6);
}

/* Why there is nothing. A family that may not be used has no say. */
static int why_none(const struct he_lookup *l, const struct addrinfo *hints)
{
  int error[HE_FAMILIES];
  bool any[HE_FAMILIES];
  for(int f = 0; f < HE_FAMILIES; f++) {
    any[f] = wanted(hints, (enum he_family)f) && l->config.race.allowed[f];
    error[f] = l->answers[f].error;
    if(!l->answers[f].there)   /* the time was up before */
      error[f] = EAI_AGAIN;
  }
  if(any[HE_IPV6] && any[HE_IPV4])
    return he_resolver_error(error[HE_IPV6], error[HE_IPV4]);
  return any[HE_IPV4] ? error[HE_IPV4] :
         any[HE_IPV6] ? error[HE_IPV6] : EAI_NONAME;
}

int he_lookup_list(struct he_lookup *l, const struct addrinfo *hints,
                   struct addrinfo **res)
{
  const bool of[HE_FAMILIES] = {
    [HE_IPV6] = wanted(hints, HE_IPV6), [HE_IPV4] = wanted(hints, HE_IPV4)
  };
  size_t n;
  struct he_candidate *all = he_lookup_all(l, of, HE_PREFER_SYSTEM, &n);
  struct addrinfo *list = NULL, **end = &list;
  int rc = 0;
  if(!n)
    return why_none(l, hints);
  for(size_t i = 0; all && i < n && !rc; i++) {
    *end = node_of(&all[i].addr, l->port, hints);
    if(*end)
      end = &(*end)->ai_next;
    else
      rc = EAI_MEMORY;
  }
  if(!all || rc) {
    if(list)
      freeaddrinfo(list);
    rc = EAI_MEMORY;
  }
  else
    *res = list;
  free(all);
  return rc;
}
