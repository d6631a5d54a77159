/* SPDX-License-Identifier: MIT */
/* sources.c - this machine's own addresses (RFC 6724 rules 3, 4 and 7), from
 * one RTM_GETADDR dump, as glibc's check_pf.c and check_native.c have them. */
#include "resolve/sources.h"
#include "net/network_route.h"

#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* NLMSG_NEXT() and RTA_NEXT() count down an int by an unsigned length. */
#pragma GCC diagnostic ignored "-Wsign-conversion"

/* Room for what the kernel says at a time. */
#define ROOM 8192

struct own {
  uint8_t ip[16];        /* IPv4 as ::ffff:a.b.c.d */
  uint8_t flags;         /* IFA_F_ */
  unsigned interface;
  uint8_t bits;               /* of its subnet */
};

struct owns {
  struct own *list;
  size_t n;
  size_t room;
  bool has_ipv6;         /* other than ::1 */
};

static void map(uint8_t out[16], const void *ip4)
{
  static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
  memcpy(out, mapped, sizeof(mapped));
  memcpy(out + sizeof(mapped), ip4, 4);
}

static bool keep(struct owns *o, const struct own *one)
{
  if(o->n == o->room) {
    const size_t room = o->room ? 2 * o->room : 16;
    struct own *list = realloc(o->list, room * sizeof(*list));
    if(!list)
      return false;
    o->list = list;
    o->room = room;
  }
  o->list[o->n++] = *one;
  return true;
}

/* The address of a message, IFA_ADDRESS before IFA_LOCAL: of a point-to-point
   interface of IPv4 that is the peer's, and glibc takes it all the same. NULL
   where there is none of this length. */
static const void *address_of(const struct nlmsghdr *h, size_t want)
{
  const struct rtattr *a = IFA_RTA(NLMSG_DATA(h));
  int left = (int)IFA_PAYLOAD(h);
  const void *local = NULL;
  for(; RTA_OK(a, left); a = RTA_NEXT(a, left)) {
    if(a->rta_len != RTA_LENGTH(want))
      continue;
    if(a->rta_type == IFA_ADDRESS)
      return RTA_DATA(a);
    if(a->rta_type == IFA_LOCAL)
      local = RTA_DATA(a);
  }
  return local;
}

/* False without memory. */
static bool take_address(struct owns *o, const struct nlmsghdr *h)
{
  static const uint8_t loopback[16] = { [15] = 1 };
  struct ifaddrmsg m;
  struct own one;
  const void *ip;
  if(h->nlmsg_type != RTM_NEWADDR || h->nlmsg_len < NLMSG_LENGTH(sizeof(m)))
    return true;
  memcpy(&m, (const char *)h + NLMSG_HDRLEN, sizeof(m));
  if(m.ifa_family != AF_INET && m.ifa_family != AF_INET6)
    return true;
  ip = address_of(h, m.ifa_family == AF_INET ? 4 : 16);
  if(!ip)
    return true;
  if(m.ifa_family == AF_INET)
    map(one.ip, ip);
  else {
    memcpy(one.ip, ip, 16);
    o->has_ipv6 = o->has_ipv6 || memcmp(ip, loopback, 16) != 0;
  }
  one.flags = m.ifa_flags;
  one.bits = m.ifa_prefixlen;
  one.interface = m.ifa_index;
  return keep(o, &one);
}

enum dump { MORE, DONE, FAILED };

static enum dump take_messages(struct owns *o, const void *at, size_t len)
{
  const struct nlmsghdr *h = at;
  int left = (int)len;
  for(; he_route_whole(h, left); h = NLMSG_NEXT(h, left)) {
    if(h->nlmsg_type == NLMSG_DONE)
      return DONE;
    if(h->nlmsg_type == NLMSG_ERROR || !take_address(o, h))
      return FAILED;
  }
  return left < (int)sizeof(*h) ? MORE : FAILED;
}

static bool dump(int fd, struct owns *o)
{
  _Alignas(struct nlmsghdr) char buf[ROOM];
  /* the kernel answers at once, or never */
  const struct timeval patience = { .tv_sec = 1 };
  struct {
    struct nlmsghdr head;
    struct ifaddrmsg body;
  } q;
  enum dump went = MORE;
  memset(&q, 0, sizeof(q));
  q.head.nlmsg_len = sizeof(q);
  q.head.nlmsg_type = RTM_GETADDR;
  q.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  if(send(fd, &q, sizeof(q), 0) != (ssize_t)sizeof(q))
    return false;
  while(went == MORE) {
    const ssize_t got = recv(fd, buf, sizeof(buf), MSG_TRUNC);
    if(got <= 0 || (size_t)got > sizeof(buf))
      return false;
    went = take_messages(o, buf, (size_t)got);
  }
  return went == DONE;
}

/* Any socket will do for the question. */
static bool is_native(int fd, unsigned interface)
{
  struct ifreq r;
  memset(&r, 0, sizeof(r));
  r.ifr_ifindex = (int)interface;
  if(ioctl(fd, SIOCGIFNAME, &r) || ioctl(fd, SIOCGIFHWADDR, &r))
    return false;
  switch(r.ifr_hwaddr.sa_family) {
  case ARPHRD_TUNNEL:
  case ARPHRD_TUNNEL6:
  case ARPHRD_SIT:
    return false;
  default:
    return true;
  }
}

/* The source of a candidate among this machine's; NULL: none of them. */
static const struct own *find(const struct owns *o,
                              const struct he_candidate *c)
{
  uint8_t ip[16];
  if(c->source.family == HE_IPV6)
    memcpy(ip, c->source.ip, 16);
  else
    map(ip, c->source.ip);
  for(size_t i = 0; i < o->n; i++) {
    if(!memcmp(o->list[i].ip, ip, sizeof(ip)))
      return &o->list[i];
  }
  return NULL;
}

void he_sources_judge(struct he_candidate *list, size_t n)
{
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  struct owns o = { .list = NULL };
  const bool known = fd >= 0 && dump(fd, &o) && o.has_ipv6;
  unsigned interface = 0;     /* the last one that was asked about */
  bool native = false;
  for(size_t i = 0; i < n; i++) {
    struct he_candidate *c = &list[i];
    const struct own *own = known && c->has_source ? find(&o, c) : NULL;
    if(own && own->interface != interface) {
      interface = own->interface;
      native = is_native(fd, interface);
    }
    c->source_deprecated =
      own && (own->flags & (IFA_F_DEPRECATED | IFA_F_OPTIMISTIC));
    c->source_bits = own ? own->bits : 0;
    c->source_home = own && (own->flags & IFA_F_HOMEADDRESS);
    c->source_native = own && native;
  }
  if(fd >= 0)
    close(fd);
  free(o.list);
}
