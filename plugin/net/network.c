/* SPDX-License-Identifier: MIT */
/* network.c - asks the kernel for its way to some addresses far away.
 *
 * Not by going through its tables: which of several default routes, tables and
 * rules counts, and which source address (RFC 6724 section 5), is the kernel's
 * to say, and "ip route get" costs the same beside a million routes. A
 * connect() of a UDP socket, which sends nothing, tells the source address
 * where NETLINK_ROUTE may not be used. By hand rather than with libmnl: it is
 * one question and one answer. */
#include "net/network.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/clock.h"
#include "base/fds.h"
#include "base/hash.h"
#include "net/network_route.h"
#include "net/pref64.h"
#include "net/tcp.h"

/* Two a family, of IPv4 one in each half of all addresses: a root name server
   and some other that hosts have no reason to route in a way of its own.
   Nothing is sent there. */
static const struct {
  enum he_family family;
  const char *ip;
} targets[] = {
  { HE_IPV6, "2001:503:ba3e::2:30" },
  { HE_IPV6, "2801:1b8:10::b" },
  { HE_IPV4, "198.41.0.4" },
  { HE_IPV4, "20.0.0.1" }
};
#define TARGETS (sizeof(targets) / sizeof(targets[0]))

struct he_network {
  int watched;          /* tells of changes, -1: none */
  int asked;            /* answers questions, -1: none */
  uint32_t seq;
  uint64_t id;
  unsigned device;      /* IPv6 leaves by the one of this index; 0: unknown */
};

/* What goes into the number; all zero but what is known. */
struct way {
  uint8_t family;
  uint8_t by_kernel;    /* router and device are known, too */
  uint8_t source[16];   /* of IPv6 8 bytes */
  uint8_t gateway[HE_ROUTE_GATEWAY];
  char device[IF_NAMESIZE];
};

/* -- netlink -- */

static int open_netlink(uint32_t groups)
{
  struct sockaddr_nl own = { .nl_family = AF_NETLINK, .nl_groups = groups };
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
                  NETLINK_ROUTE);
  if(fd >= 0 && bind(fd, (struct sockaddr *)&own, sizeof(own))) {
    close(fd);
    return -1;
  }
  if(fd < 0)
    return -1;
  fd = he_wire_raise(fd);
  he_fds_begin();
  return he_fds_end(fd);
}

/* One datagram; its length, 0 for one that is not the kernel's, -1 with errno.
   A longer one sets *cut. */
static ssize_t receive(int fd, void *buf, size_t size, bool *cut)
{
  struct sockaddr_nl from;
  struct iovec part = { .iov_base = buf, .iov_len = size };
  struct msghdr m = {
    .msg_name = &from, .msg_namelen = sizeof(from),
    .msg_iov = &part, .msg_iovlen = 1
  };
  ssize_t n;
  do
    n = recvmsg(fd, &m, MSG_DONTWAIT);
  while(n < 0 && errno == EINTR);
  *cut = n >= 0 && m.msg_flags & MSG_TRUNC;
  if(n > 0 && (m.msg_namelen != sizeof(from) || from.nl_pid))
    return 0;
  return n;
}

/* The kernel answers before send() returns. */
static enum he_route_answer ask(struct he_network *n, enum he_family f,
                                const void *ip, struct he_route *out)
{
  struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
  unsigned char question[HE_ROUTE_QUESTION];
  union {
    struct nlmsghdr align;
    char bytes[4096];
  } buf;
  enum he_route_answer answer = HE_ROUTE_OTHER;
  size_t len = he_route_question(question, f, ip, ++n->seq);
  if(n->asked < 0 ||
     sendto(n->asked, question, len, MSG_DONTWAIT,
            (struct sockaddr *)&kernel, sizeof(kernel)) != (ssize_t)len)
    return HE_ROUTE_REFUSED;
  for(int i = 0; i < 16 && answer == HE_ROUTE_OTHER; i++) {
    bool cut;
    ssize_t got = receive(n->asked, &buf, sizeof(buf), &cut);
    if(got < 0)
      break;
    answer = he_route_parse(&buf, (size_t)got, f, n->seq, out);
  }
  return answer == HE_ROUTE_OTHER ? HE_ROUTE_REFUSED : answer;
}

/* -- without netlink -- */

bool he_network_source(const struct he_addr *to, struct he_addr *source)
{
  struct sockaddr_storage sa;
  socklen_t len = (socklen_t)he_addr_to_sockaddr(to, (struct sockaddr *)&sa,
                                                 sizeof(sa));
  int fd = socket(sa.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  bool found;
  if(fd < 0)
    return false;
  /* connect() of a datagram socket chooses route and source, no more */
  found = !connect(fd, (struct sockaddr *)&sa, len);
  len = sizeof(sa);
  found = found && !getsockname(fd, (struct sockaddr *)&sa, &len) &&
          he_addr_from_sockaddr(source, (struct sockaddr *)&sa, len);
  close(fd);
  return found;
}

/* -- the number -- */

/* Neither link-local nor loopback nor none. */
static bool is_global(enum he_family f, const uint8_t ip[16])
{
  static const uint8_t none[15];
  switch(f) {
  case HE_IPV4:
    return ip[0] && ip[0] != 127 && (ip[0] != 169 || ip[1] != 254);
  case HE_IPV6:
    return memcmp(ip, none, sizeof(none)) &&
           (ip[0] != 0xfe || (ip[1] & 0xc0) != 0x80);
  }
  return false;
}

/* What of an address belongs to the network. */
static void take_source(struct way *w, enum he_family f, const uint8_t ip[16])
{
  w->family = f == HE_IPV6 ? 6 : 4;
  memcpy(w->source, ip, f == HE_IPV6 ? 8 : 4);
}

/* By the number of a device its name: the numbers differ after each boot. */
static void take_device(struct he_network *n, struct way *w, unsigned device)
{
  struct ifreq req;
  memset(&req, 0, sizeof(req));
  req.ifr_ifindex = (int)device;
  if(!ioctl(n->asked, SIOCGIFNAME, &req))
    memcpy(w->device, req.ifr_name, strnlen(req.ifr_name, IF_NAMESIZE));
}

static bool find_way(struct he_network *n, enum he_family f, const char *text,
                     struct way *w)
{
  struct he_route route;
  struct he_addr to, own;
  enum he_route_answer answer;
  memset(w, 0, sizeof(*w));
  if(!he_addr_parse(&to, text))
    return false;
  to.port = 443;
  answer = ask(n, f, to.ip, &route);
  if(answer == HE_ROUTE_REFUSED) {
    if(!he_network_source(&to, &own) || !is_global(f, own.ip))
      return false;
    take_source(w, f, own.ip);
    return true;
  }
  if(answer != HE_ROUTE_FOUND || !is_global(f, route.source))
    return false;
  take_source(w, f, route.source);
  w->by_kernel = 1;
  memcpy(w->gateway, route.gateway, sizeof(w->gateway));
  take_device(n, w, route.device);
  if(f == HE_IPV6 && !n->device)
    n->device = route.device;
  return true;
}

static int by_bytes(const void *a, const void *b)
{
  return memcmp(a, b, sizeof(struct way));
}

/* A network on its own: what addresses there are. */
static size_t list_addresses(struct way *out, size_t max)
{
  struct ifaddrs *all = NULL;
  size_t n = 0;
  if(getifaddrs(&all))
    return 0;
  for(const struct ifaddrs *i = all; i && n < max; i = i->ifa_next) {
    struct he_addr a;
    if(!i->ifa_addr || !(i->ifa_flags & IFF_UP) ||
       i->ifa_flags & IFF_LOOPBACK ||
       !he_addr_from_sockaddr(&a, i->ifa_addr,
                              i->ifa_addr->sa_family == AF_INET6 ?
                              sizeof(struct sockaddr_in6) :
                              sizeof(struct sockaddr_in)) ||
       !is_global((enum he_family)a.family, a.ip))
      continue;
    memset(&out[n], 0, sizeof(out[n]));
    take_source(&out[n], (enum he_family)a.family, a.ip);
    memcpy(out[n].device, i->ifa_name, strnlen(i->ifa_name, IF_NAMESIZE));
    n++;
  }
  freeifaddrs(all);
  return n;
}

/* Sorted, each once: a set. */
static uint64_t hash_of(struct way *ways, size_t n)
{
  uint64_t h = HE_HASH_BEGIN;
  qsort(ways, n, sizeof(*ways), by_bytes);
  for(size_t i = 0; i < n; i++) {
    if(!i || memcmp(&ways[i], &ways[i - 1], sizeof(*ways)))
      h = he_hash(h, &ways[i], sizeof(*ways));
  }
  return h ? h : 1;
}

/* The ways are sorted: those of IPv6 stand last. */
static void tell_place(const struct he_network *n, struct way *ways,
                       size_t found)
{
  struct he_pref64_place p = { .id = n->id, .device = n->device };
  size_t i = 0;
  while(i < found && ways[i].family != 6)
    i++;
  p.way = hash_of(ways + i, found - i);
  he_pref64_here(&p, he_clock_boot());
}

bool he_network_refresh(struct he_network *n)
{
  struct way ways[64];
  uint64_t before = n->id;
  size_t found = 0;
  n->device = 0;
  for(size_t i = 0; i < TARGETS; i++) {
    if(find_way(n, targets[i].family, targets[i].ip, &ways[found]))
      found++;
  }
  if(!found)
    found = list_addresses(ways, sizeof(ways) / sizeof(ways[0]));
  n->id = hash_of(ways, found);
  tell_place(n, ways, found);
  return n->id != before;
}

/* -- the rest -- */

struct he_network *he_network_open(void)
{
  const uint32_t groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR |
    RTMGRP_IPV4_ROUTE | RTMGRP_IPV4_RULE | RTMGRP_IPV6_IFADDR |
    RTMGRP_IPV6_ROUTE | 1u << (RTNLGRP_IPV6_RULE - 1) |
    1u << (RTNLGRP_ND_USEROPT - 1);
  struct he_network *n = calloc(1, sizeof(*n));
  if(!n)
    return NULL;
  he_fds_watch_forks();
  n->asked = open_netlink(0);
  n->watched = open_netlink(groups);    /* before the kernel is asked */
  he_network_refresh(n);
  return n;
}

void he_network_close(struct he_network *n)
{
  if(!n)
    return;
  if(n->watched >= 0)
    he_fd_close(n->watched);
  if(n->asked >= 0)
    he_fd_close(n->asked);
  free(n);
}

int he_network_fd(const struct he_network *n)
{
  return n->watched;
}

static void on_pref64(void *now, const struct he_pref64 *p)
{
  he_pref64_told(p, *(const he_time_ns *)now);
}

bool he_network_readable(struct he_network *n)
{
  const he_time_ns now = he_clock_boot();
  union {
    struct nlmsghdr align;
    char bytes[8192];
  } buf;
  bool news = false;
  /* a flood is left to the next call */
  for(int i = 0; i < 256; i++) {
    bool cut;
    ssize_t got = receive(n->watched, &buf, sizeof(buf), &cut);
    if(got < 0) {
      /* ENOBUFS: there was more than the kernel keeps for us */
      news = news || (errno != EAGAIN && errno != EWOULDBLOCK);
      if(errno == ENOBUFS)
        continue;
      break;
    }
    news = news || cut || he_route_news(&buf, (size_t)got);
    he_pref64_read(&buf, (size_t)got, on_pref64, (void *)&now);
  }
  return news && he_network_refresh(n);
}

uint64_t he_network_id(const struct he_network *n)
{
  return n->id;
}
