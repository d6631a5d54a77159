/* SPDX-License-Identifier: MIT */
#ifndef HE_NETWORK_ROUTE_H
#define HE_NETWORK_ROUTE_H
/* network_route.h - the kernel's messages about routes (NETLINK_ROUTE), taken
 * apart. What comes in may be of any length and content. */
#include "base/base.h"

#include <linux/netlink.h>
#include <net/if.h>
#include <sys/socket.h>

/* Is there a whole message in the `left` bytes at h? They may be less than 0,
   since NLMSG_NEXT() rounds lengths up. */
static inline bool he_route_whole(const struct nlmsghdr *h, int left)
{
  return left > 0 && NLMSG_OK(h, (unsigned)left);
}

#define HE_ROUTE_GATEWAY 20     /* bytes: RTA_VIA with an IPv6 address */

/* The way to an address. What is not there is all zero. */
struct he_route {
  uint8_t source[16];           /* network order, IPv4 in the first four */
  uint8_t gateway[HE_ROUTE_GATEWAY];
  unsigned device;              /* index */
};

/* The question "which way to `ip`?" (4 bytes or 16, network order), written
   to `out`. Returns its length. */
#define HE_ROUTE_QUESTION 64
size_t he_route_question(unsigned char out[HE_ROUTE_QUESTION],
                         enum he_family f, const void *ip, uint32_t seq);

enum he_route_answer {
  HE_ROUTE_FOUND,
  HE_ROUTE_NONE,                /* the kernel says that there is no way */
  HE_ROUTE_REFUSED,             /* the kernel does not answer that */
  HE_ROUTE_OTHER                /* not the answer to question `seq` */
};

/* What `len` bytes, aligned for struct nlmsghdr, say. */
enum he_route_answer he_route_parse(const void *messages, size_t len,
                                    enum he_family f, uint32_t seq,
                                    struct he_route *out);

/* Do these messages tell of something by which the way out, or the address
   used for it, may have changed? */
bool he_route_news(const void *messages, size_t len);

#endif
