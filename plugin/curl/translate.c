/* SPDX-License-Identifier: MIT */
#include "curl/translate.h"
#include "base/clock.h"
#include "curl/known.h"
#include "curl/settled.h"
#include "net/lacking.h"
#include "net/listening.h"
#include "net/tcp.h"
#include "resolve/prefix64.h"

#include <netinet/in.h>
#include <sys/socket.h>

/* For a prefix that the connect would fail without. */
#define PATIENCE HE_MS(1000)

void he_translate_write(struct curl_sockaddr *sa, const struct he_addr *a)
{
  /* libcurl has room for a sockaddr_storage behind `addr` */
  sa->addrlen = (unsigned)he_addr_to_sockaddr(a, &sa->addr,
                                          sizeof(struct sockaddr_storage));
  sa->family = a->family == HE_IPV4 ? AF_INET : AF_INET6;
}

/* libcurl would bind() an IPv6 socket to an IPv4 address, or what it gives for
   a device: that is an error where alone it would connect, or fail. */
static bool is_bound(struct he_handle *h)
{
  return he_handle_declared(h)->interface;
}

/* Does the thread do nothing but this transfer? */
static bool may_wait(const struct he_handle *h)
{
  return h->performing.runs || (h->known && h->record && h->record->alone);
}

/* Is the prefix known? A router may tell it later. Of another network namespace
   than the racer's nothing is known. */
static bool is_known(struct he_handle *h, const struct he_resolver *resolver)
{
  struct he_racer *r = he_context_racer(h->he);
  const bool here = r && !he_racer_elsewhere(r, h->netns);
  if(here)
    he_listening_begin(r);
  he_racer_unref(r);
  if(!here)
    return false;
  return (may_wait(h) ?
          he_prefix64_wait(resolver, he_time_add(he_clock_now(), PATIENCE)) :
          he_prefix64_ask(resolver, NULL)) == HE_PREFIX64_KNOWN;
}

bool he_translate(struct he_handle *h, struct curl_sockaddr *sa)
{
  const struct he_resolver *resolver;
  const struct he_peer *p;
  const char *host;
  struct he_addr a;
  if(sa->family != AF_INET || is_bound(h) ||
     !he_addr_from_sockaddr(&a, &sa->addr, sa->addrlen) ||
     !he_nat64_may(&a) || !he_lacking_seems(he_clock_now()))
    return false;
  p = he_settled_peer(h);
  host = p ? p->host : NULL;
  resolver = he_settled_resolver(h, host);
  if(!he_settled_option(h, host, HE_OPT_NAT64) || !is_known(h, resolver) ||
     !he_prefix64_instead(resolver, &a, &a))
    return false;
  he_translate_write(sa, &a);
  return true;
}

void he_translate_peer(int fd, struct he_addr *a)
{
  struct he_addr peer;
  if(a->family == HE_IPV4 && he_prefix64_any() && he_wire_peer(fd, &peer))
    *a = peer;
}
