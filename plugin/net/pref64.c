/* SPDX-License-Identifier: MIT */
#include "net/pref64.h"
#include "base/forks.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netinet/icmp6.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>

#include "net/network_route.h"

/* NLMSG_NEXT() counts down an int by an unsigned length. */
#pragma GCC diagnostic ignored "-Wsign-conversion"

/* -- messages -- */

/* The options of one advertisement: each has its length, by 8 bytes, in its
   second byte. */
static void read_options(const uint8_t *at, size_t left, unsigned device,
                         void (*found)(void *arg, const struct he_pref64 *p),
                         void *arg)
{
  while(left >= 2 && at[1]) {
    const size_t len = (size_t)at[1] * 8;
    struct he_pref64 p = { .device = device };
    if(len > left)
      return;
    if(he_nat64_option(at, len, &p.prefix, &p.lifetime_s))
      found(arg, &p);
    at += len;
    left -= len;
  }
}

static void read_message(const struct nlmsghdr *h,
                         void (*found)(void *arg, const struct he_pref64 *p),
                         void *arg)
{
  const uint8_t *data = (const uint8_t *)h + NLMSG_HDRLEN;
  struct nduseroptmsg m;
  size_t left;
  if(h->nlmsg_type != RTM_NEWNDUSEROPT ||
     h->nlmsg_len < NLMSG_LENGTH(sizeof(m)))
    return;
  memcpy(&m, data, sizeof(m));
  left = h->nlmsg_len - NLMSG_LENGTH(sizeof(m));
  if(m.nduseropt_family != AF_INET6 || m.nduseropt_ifindex <= 0 ||
     m.nduseropt_icmp_type != ND_ROUTER_ADVERT || m.nduseropt_icmp_code ||
     m.nduseropt_opts_len > left)
    return;
  read_options(data + sizeof(m), m.nduseropt_opts_len,
               (unsigned)m.nduseropt_ifindex, found, arg);
}

void he_pref64_read(const void *messages, size_t len,
                    void (*found)(void *arg, const struct he_pref64 *p),
                    void *arg)
{
  const struct nlmsghdr *h = messages;
  int left = (int)len;
  for(; he_route_whole(h, left); h = NLMSG_NEXT(h, left))
    read_message(h, found, arg);
}

/* -- what was heard -- */

#define ROOM 16
/* An advertisement comes before the way out that it makes is seen: addresses
   are checked for a second or two first (RFC 4862 section 5.4). What was heard
   so shortly before is taken to be of the new network. */
#define ARRIVING HE_MS(10000)

struct heard {
  struct he_nat64_prefix prefix;
  unsigned device;
  he_time_ns heard;
  he_time_ns until;           /* HE_NEVER is not used: 0: the place is free */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct heard table[ROOM];
static struct he_pref64_place place;   /* the lock's, as the table */
static unsigned network;      /* atomic, written with the lock */
static bool any;              /* atomic, written with the lock */

static bool is_same(const struct heard *h, const struct he_pref64 *p)
{
  return h->until && h->device == p->device &&
         he_nat64_equal(&h->prefix, &p->prefix);
}

/* Where it stands; else a free place, or that of the one which ends first. */
static struct heard *place_locked(const struct he_pref64 *p)
{
  struct heard *least = table;
  for(int i = 0; i < ROOM; i++) {
    if(is_same(&table[i], p))
      return &table[i];
    if(table[i].until < least->until)
      least = &table[i];
  }
  return least;
}

void he_pref64_told(const struct he_pref64 *p, he_time_ns now)
{
  struct heard *h;
  he_fork_hold(HE_FORK_PREF64, &lock);
  pthread_mutex_lock(&lock);
  h = place_locked(p);
  if(p->lifetime_s)
    *h = (struct heard){
      .prefix = p->prefix, .device = p->device, .heard = now,
      .until = he_time_add(now, HE_MS(1000) * p->lifetime_s)
    };
  else if(is_same(h, p))
    h->until = 0;
  if(p->lifetime_s)
    __atomic_store_n(&any, true, __ATOMIC_RELEASE);
  pthread_mutex_unlock(&lock);
}

static void leave_locked(he_time_ns now)
{
  for(int i = 0; i < ROOM; i++) {
    if(table[i].until && now - table[i].heard >= ARRIVING)
      table[i].until = 0;
  }
}

void he_pref64_here(const struct he_pref64_place *p, he_time_ns now)
{
  he_fork_hold(HE_FORK_PREF64, &lock);
  pthread_mutex_lock(&lock);
  if(place.id && p->way != place.way)
    leave_locked(now);
  if(place.id && p->id != place.id)
    __atomic_fetch_add(&network, 1, __ATOMIC_RELEASE);
  place = *p;
  pthread_mutex_unlock(&lock);
}

unsigned he_pref64_network(void)
{
  return __atomic_load_n(&network, __ATOMIC_ACQUIRE);
}

bool he_pref64_any(void)
{
  return __atomic_load_n(&any, __ATOMIC_ACQUIRE);
}

size_t he_pref64_known(struct he_nat64_prefix out[HE_NAT64_PREFIXES],
                       he_time_ns now)
{
  size_t n = 0;
  if(!he_pref64_any())
    return 0;
  pthread_mutex_lock(&lock);
  for(int i = 0; i < ROOM && n < HE_NAT64_PREFIXES; i++) {
    if(table[i].until > now &&
       (!place.device || table[i].device == place.device))
      out[n++] = table[i].prefix;
  }
  pthread_mutex_unlock(&lock);
  return n;
}
