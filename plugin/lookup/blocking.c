/* SPDX-License-Identifier: MIT */
#include "lookup/blocking.h"
#include "resolve/gai.h"
#include "resolve/sources.h"

#include <netdb.h>
#include <stdlib.h>
#include <sys/socket.h>

static size_t count(const struct addrinfo *ai)
{
  size_t n = 0;
  for(; ai; ai = ai->ai_next)
    n++;
  return n;
}

/* A family's part of getaddrinfo()'s list; 0 or an EAI_ value. */
static int convert(const struct addrinfo *ai, enum he_family f, uint16_t port,
                   struct he_candidate **list, size_t *n)
{
  *list = calloc(count(ai), sizeof(**list));
  if(!*list)
    return EAI_MEMORY;
  for(; ai; ai = ai->ai_next) {
    struct he_candidate *c = &(*list)[*n];
    if(he_addr_from_sockaddr(&c->addr, ai->ai_addr, ai->ai_addrlen) &&
       c->addr.family == f) {
      c->addr.port = port;
      he_resolver_source(c);
      ++*n;
    }
  }
  if(*n)
    he_sources_judge(*list, *n);
  return 0;
}

static bool means_none(int error)
{
#ifdef EAI_NODATA
  if(error == EAI_NODATA)
    return true;
#endif
#ifdef EAI_ADDRFAMILY
  if(error == EAI_ADDRFAMILY)
    return true;
#endif
  return error == EAI_NONAME;
}

void he_blocking_ask(const char *host, uint16_t port,
                     const bool allowed[HE_FAMILIES],
                     he_resolver_answer answer, void *arg)
{
  struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *ai = NULL;
  int error;
  hints.ai_family = allowed[HE_IPV6] && allowed[HE_IPV4] ? AF_UNSPEC :
                    allowed[HE_IPV4] ? AF_INET : AF_INET6;
  /* without a port: no handle expects this call */
  error = getaddrinfo(host, NULL, &hints, &ai);
  he_policy_unref(he_gai_policy());   /* the families' order is known now */
  for(int f = 0; f < HE_FAMILIES; f++) {
    struct he_candidate *list = NULL;
    size_t n = 0;
    int why = means_none(error) ? 0 : error;
    if(!allowed[f])
      continue;
    if(!error)
      why = convert(ai, (enum he_family)f, port, &list, &n);
    answer(arg, (enum he_family)f, why, list, n);
  }
  if(ai)
    freeaddrinfo(ai);
}
