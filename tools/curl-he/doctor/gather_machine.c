/* SPDX-License-Identifier: MIT */
/* gather_machine.c - addresses, routes, and the files of the resolver. */
#include "gather.h"
#include "texts.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

static bool in_net(const struct in6_addr *a, unsigned char first,
                   unsigned char mask)
{
  return (a->s6_addr[0] & mask) == first;
}

static void note_address(const struct sockaddr *sa, struct he_facts *f)
{
  struct he_way *w = &f->way[sa->sa_family == AF_INET6 ? HE_SIX : HE_FOUR];
  const struct in6_addr *six = &((const struct sockaddr_in6 *)sa)->sin6_addr;
  const bool local = sa->sa_family == AF_INET6 && in_net(six, 0xfc, 0xfe);
  if(sa->sa_family == AF_INET6 && !local && !in_net(six, 0x20, 0xe0))
    return;                   /* only 2000::/3 is given out */
  if(!w->global)
    he_gather_address(sa, w->address);
  if(local)
    w->local++;
  else
    w->global++;
}

static void gather_addresses(struct he_facts *f)
{
  struct ifaddrs *list = NULL;
  if(getifaddrs(&list))
    return;
  for(const struct ifaddrs *i = list; i; i = i->ifa_next) {
    if(i->ifa_addr && !(i->ifa_flags & IFF_LOOPBACK) &&
       (i->ifa_addr->sa_family == AF_INET ||
        i->ifa_addr->sa_family == AF_INET6))
      note_address(i->ifa_addr, f);
  }
  freeifaddrs(list);
}

/* Towards a root name server of each family: nobody has a reason to route
   these in a way of their own. */
static void gather_routes(struct he_facts *f)
{
  struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = 53 };
  struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = 53 };
  char from[HE_ADDRESS_TEXT];
  inet_pton(AF_INET6, "2001:503:ba3e::2:30", &six.sin6_addr);
  inet_pton(AF_INET, "198.41.0.4", &four.sin_addr);
  f->way[HE_SIX].route = he_gather_way((struct sockaddr *)&six, sizeof(six),
                                       from);
  f->way[HE_FOUR].route = he_gather_way((struct sockaddr *)&four,
                                        sizeof(four),
                                        f->way[HE_FOUR].address);
}

static void gather_files(struct he_facts *f)
{
  char *text = he_gather_file("/proc/sys/net/ipv6/conf/all/disable_ipv6");
  f->ipv6_disabled = text && *text == '1';
  free(text);
  text = he_gather_file("/etc/gai.conf");
  if(text)
    f->gai_line = he_text_gai(text);
  free(text);
  text = he_gather_file("/etc/nsswitch.conf");
  if(text)
    he_text_nsswitch(text, f->hosts_sources, sizeof(f->hosts_sources),
                     &f->asks_dns);
  free(text);
  text = he_gather_file("/etc/resolv.conf");
  f->has_resolv = text != NULL;
  if(text)
    f->servers = he_text_resolv(text);
  free(text);
}

static void gather_proxy(struct he_facts *f)
{
  /* those that libcurl reads */
  static const char *const names[] = { "https_proxy", "HTTPS_PROXY",
                                       "http_proxy", "all_proxy",
                                       "ALL_PROXY" };
  for(size_t i = 0; i < sizeof(names) / sizeof(*names) && !*f->proxy; i++) {
    const char *value = getenv(names[i]);
    if(value && *value)
      snprintf(f->proxy, sizeof(f->proxy), "%s", names[i]);
  }
}

void he_gather_machine(struct he_facts *f)
{
  gather_addresses(f);
  gather_routes(f);
  gather_files(f);
  gather_proxy(f);
}
