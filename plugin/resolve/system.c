/* SPDX-License-Identifier: MIT */
/* system.c - the C library's resolver, called, and its errors. */
#include "resolve/resolver.h"
#include "base/clock.h"
#include "net/network.h"
#include "resolve/behind.h"
#include "resolve/gai.h"
#include "resolve/sources.h"
#include "resolve/system.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#ifdef EAI_NODATA
const int he_system_none = EAI_NODATA;
#else
const int he_system_none = EAI_NONAME;
#endif

void he_resolver_source(struct he_candidate *c)
{
  c->has_source = he_network_source(&c->addr, &c->source);
}

/* What the families' order depends on. The file that says it is read here, on
   a thread that may wait for a disk, so that it is known to all others. */
static void judge(struct he_candidate *list, size_t n)
{
  he_policy_unref(he_gai_policy());
  if(n)
    he_sources_judge(list, n);
}

void he_system_complete(struct he_candidate *list, size_t n, uint16_t port)
{
  for(size_t i = 0; i < n; i++) {
    list[i].addr.port = port;
    he_resolver_source(&list[i]);
  }
  judge(list, n);
}

/* What getaddrinfo()'s list has of a family, as candidates; 0 or an EAI_
   value */
static int convert(const struct addrinfo *ai, uint16_t port,
                   enum he_family f, struct he_candidate **list, size_t *n)
{
  size_t most = 0;
  for(const struct addrinfo *i = ai; i; i = i->ai_next)
    most++;
  *list = calloc(most, sizeof(**list));
  if(!*list)
    return EAI_MEMORY;
  for(; ai; ai = ai->ai_next) {
    struct he_addr *a = &(*list)[*n].addr;
    if(he_addr_from_sockaddr(a, ai->ai_addr, ai->ai_addrlen) && a->family == f)
      ++*n;
  }
  he_system_complete(*list, *n, port);
  if(!*n) {
    free(*list);
    *list = NULL;
  }
  return *n ? 0 : he_system_none;
}

void he_system_ask(const char *name, uint16_t port, enum he_ask what,
                   struct he_asked *out)
{
  static const int families[] = {
    [HE_ASK_IPV6] = AF_INET6, [HE_ASK_IPV4] = AF_INET,
    [HE_ASK_BOTH] = AF_UNSPEC
  };
  const he_getaddrinfo ask = he_getaddrinfo_used();
  const he_time_ns start = he_clock_now();
  struct addrinfo hints, *ai = NULL;
  memset(&hints, 0, sizeof(hints));
  memset(out, 0, sizeof(*out));
  hints.ai_family = families[what];
  hints.ai_socktype = SOCK_STREAM;
  out->error = ask ? ask(name, NULL, &hints, &ai) : EAI_SYSTEM;
  out->took = he_clock_now() - start;
  for(int f = 0; f < HE_FAMILIES; f++)
    out->family[f].error = out->error ? out->error :
      convert(ai, port, (enum he_family)f, &out->family[f].list,
              &out->family[f].n);
  if(ai)
    freeaddrinfo(ai);
}

bool he_system_silent(const struct he_asked *a)
{
  return a->error && a->took >= HE_MS(1000);
}

/* -- errors -- */

bool he_resolver_says_none(int error)
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

int he_resolver_error(int error6, int error4)
{
  const bool none6 = he_resolver_says_none(error6);
  const bool none4 = he_resolver_says_none(error4);
  if(!error6 || !error4 || error6 == error4)
    return error6 && error4 ? error6 : 0;
  if(error6 == HE_EAI_UNPROVEN || error4 == HE_EAI_UNPROVEN)
    return HE_EAI_UNPROVEN;
  if(error6 == EAI_NONAME || error4 == EAI_NONAME)
    return EAI_NONAME;
  if(none6 && none4)
    return he_system_none;
  if(none6 || none4)
    return none6 ? error6 : error4;
  return error4 == EAI_AGAIN ? error4 : error6;
}
