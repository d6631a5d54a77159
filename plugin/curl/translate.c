/* SPDX-License-Identifier: MIT */
#include "curl/translate.h"
#include "curl/settled.h"
#include "net/network.h"
#include "net/tcp.h"
#include "resolve/prefix64.h"

#include <netinet/in.h>
#include <sys/socket.h>

void he_translate_write(struct curl_sockaddr *sa, const struct he_addr *a)
{
  /* libcurl has room for a sockaddr_storage behind `addr` */
  sa->addrlen = (unsigned)he_addr_to_sockaddr(a, &sa->addr,
                                          sizeof(struct sockaddr_storage));
  sa->family = a->family == HE_IPV4 ? AF_INET : AF_INET6;
}

/* Nothing is known of another network namespace than the racer's. */
static bool is_elsewhere(struct he_handle *h)
{
  struct he_racer *r = he_context_racer(h->he);
  const bool yes = !r || he_racer_elsewhere(r, h->netns);
  he_racer_unref(r);
  return yes;
}

/* libcurl would bind() an IPv6 socket to an IPv4 address, or what it gives for
   a device: that is an error where alone it would connect, or fail. */
static bool is_bound(struct he_handle *h)
{
  return he_handle_declared(h)->interface;
}

bool he_translate(struct he_handle *h, struct curl_sockaddr *sa)
{
  const struct he_peer *p;
  const char *host;
  struct he_addr a, source;
  if(sa->family != AF_INET || !he_prefix64_any() ||
     !he_addr_from_sockaddr(&a, &sa->addr, sa->addrlen) || !he_nat64_may(&a))
    return false;
  p = he_settled_peer(h);
  host = p ? p->host : NULL;
  if(!he_settled_option(h, host, HE_OPT_NAT64) || is_bound(h) ||
     is_elsewhere(h) || he_network_source(&a, &source) ||
     !he_prefix64_lacks_ipv4() ||
     !he_prefix64_through(he_settled_resolver(h, host), &a, &a))
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
