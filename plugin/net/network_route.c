/* SPDX-License-Identifier: MIT */
#include "net/network_route.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* NLMSG_NEXT() and RTA_NEXT() count down an int by an unsigned length. */
#pragma GCC diagnostic ignored "-Wsign-conversion"

/* A "default" route may be two halves (0.0.0.0/1 and 128.0.0.0/1, as VPNs set
   them above the real one) or all that is given out of IPv6 (2000::/3). */
#define WIDE_PREFIX 3

size_t he_route_question(unsigned char out[HE_ROUTE_QUESTION],
                         enum he_family f, const void *ip, uint32_t seq)
{
  const size_t len = f == HE_IPV6 ? 16 : 4;
  struct nlmsghdr h = {
    .nlmsg_len = (uint32_t)(NLMSG_LENGTH(sizeof(struct rtmsg)) +
                            RTA_SPACE(len)),
    .nlmsg_type = RTM_GETROUTE,
    .nlmsg_flags = NLM_F_REQUEST,
    .nlmsg_seq = seq
  };
  struct rtmsg m = {
    .rtm_family = f == HE_IPV6 ? AF_INET6 : AF_INET,
    .rtm_dst_len = (unsigned char)(len * 8)
  };
  struct rtattr a = {
    .rta_len = (unsigned short)RTA_LENGTH(len),
    .rta_type = RTA_DST
  };
  unsigned char *p = out;
  memset(out, 0, HE_ROUTE_QUESTION);
  memcpy(p, &h, sizeof(h));
  memcpy(p += NLMSG_HDRLEN, &m, sizeof(m));
  memcpy(p += NLMSG_ALIGN(sizeof(m)), &a, sizeof(a));
  memcpy(p + RTA_LENGTH(0), ip, len);
  return h.nlmsg_len;
}

static void take_attribute(const struct rtattr *a, size_t ip_len,
                           struct he_route *out)
{
  const void *data = (const char *)a + RTA_LENGTH(0);
  size_t len = a->rta_len - RTA_LENGTH(0);
  switch(a->rta_type) {
  case RTA_PREFSRC:
    if(len == ip_len)
      memcpy(out->source, data, len);
    break;
  case RTA_GATEWAY:
    if(len == ip_len)
      memcpy(out->gateway, data, len);
    break;
  case RTA_VIA:           /* IPv4 by way of an IPv6 router */
    if(len <= sizeof(out->gateway))
      memcpy(out->gateway, data, len);
    break;
  case RTA_OIF:
    if(len == sizeof(out->device))
      memcpy(&out->device, data, len);
    break;
  }
}

/* The payload of a message, NULL where it is shorter than `least`. */
static const void *payload(const struct nlmsghdr *h, size_t least)
{
  return h->nlmsg_len >= NLMSG_LENGTH(least) ?
         (const char *)h + NLMSG_HDRLEN : NULL;
}

static enum he_route_answer take_route(const struct nlmsghdr *h,
                                       enum he_family f, struct he_route *out)
{
  const struct rtmsg *m = payload(h, sizeof(*m));
  const struct rtattr *a;
  int left = m ? (int)RTM_PAYLOAD(h) : 0;
  memset(out, 0, sizeof(*out));
  if(!m || m->rtm_family != (f == HE_IPV6 ? AF_INET6 : AF_INET))
    return HE_ROUTE_REFUSED;
  if(m->rtm_type != RTN_UNICAST)
    return HE_ROUTE_NONE;
  for(a = RTM_RTA(m); RTA_OK(a, left); a = RTA_NEXT(a, left))
    take_attribute(a, f == HE_IPV6 ? 16 : 4, out);
  return left < (int)sizeof(*a) ? HE_ROUTE_FOUND : HE_ROUTE_REFUSED;
}

static enum he_route_answer take_error(const struct nlmsghdr *h)
{
  const struct nlmsgerr *e = payload(h, sizeof(e->error));
  if(!e)
    return HE_ROUTE_REFUSED;
  switch(-e->error) {
  case ENETUNREACH:
  case EHOSTUNREACH:
  case EACCES:            /* a prohibit route */
  case EINVAL:            /* a blackhole route */
    return HE_ROUTE_NONE;
  default:
    return HE_ROUTE_REFUSED;
  }
}

enum he_route_answer he_route_parse(const void *messages, size_t len,
                                    enum he_family f, uint32_t seq,
                                    struct he_route *out)
{
  const struct nlmsghdr *h = messages;
  int left = (int)len;
  for(; he_route_whole(h, left); h = NLMSG_NEXT(h, left)) {
    if(h->nlmsg_seq != seq)
      continue;
    if(h->nlmsg_type == NLMSG_ERROR)
      return take_error(h);
    if(h->nlmsg_type == RTM_NEWROUTE)
      return take_route(h, f, out);
  }
  return HE_ROUTE_OTHER;
}

static bool is_news(const struct nlmsghdr *h)
{
  const struct ifaddrmsg *addr;
  const struct rtmsg *route;
  switch(h->nlmsg_type) {
  case RTM_NEWADDR:
  case RTM_DELADDR:
    addr = payload(h, sizeof(*addr));
    return addr && addr->ifa_scope < RT_SCOPE_LINK;
  case RTM_NEWROUTE:
  case RTM_DELROUTE:
    route = payload(h, sizeof(*route));
    return route && route->rtm_dst_len <= WIDE_PREFIX;
  case RTM_NEWLINK:       /* going down, it takes its routes without a word */
  case RTM_DELLINK:
  case RTM_NEWRULE:
  case RTM_DELRULE:
    return true;
  default:
    return false;
  }
}

bool he_route_news(const void *messages, size_t len)
{
  const struct nlmsghdr *h = messages;
  int left = (int)len;
  for(; he_route_whole(h, left); h = NLMSG_NEXT(h, left)) {
    if(is_news(h))
      return true;
  }
  return false;
}
