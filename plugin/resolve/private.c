/* SPDX-License-Identifier: MIT */
#include "resolve/private.h"

#include <string.h>

struct net {
  uint8_t ip[16];
  unsigned bits;
};

static const struct net nets4[] = {
  { { 0 }, 8 },               /* this network: RFC 791 */
  { { 10 }, 8 },              /* RFC 1918 */
  { { 100, 64 }, 10 },        /* a provider's own: RFC 6598 */
  { { 127 }, 8 },             /* loopback: RFC 1122 */
  { { 169, 254 }, 16 },       /* link-local: RFC 3927 */
  { { 172, 16 }, 12 },        /* RFC 1918 */
  { { 192, 0, 0 }, 24 },      /* protocols: RFC 6890 */
  { { 192, 168 }, 16 },       /* RFC 1918 */
  { { 224 }, 4 },             /* multicast: RFC 5771 */
  { { 240 }, 4 },             /* reserved, broadcast: RFC 1112 */
};

static const struct net nets6[] = {
  { { 0 }, 127 },             /* unspecified, loopback: RFC 4291 */
  { { 0x01 }, 64 },           /* discard: RFC 6666 */
  { { 0x00, 0x64, 0xff, 0x9b, 0x00, 0x01 }, 48 },   /* local NAT64: RFC 8215 */
  { { 0xfc }, 7 },            /* unique local: RFC 4193 */
  { { 0xfe, 0x80 }, 10 },     /* link-local: RFC 4291 */
  { { 0xfe, 0xc0 }, 10 },     /* site-local: RFC 3879 */
  { { 0xff }, 8 },            /* multicast: RFC 4291 */
};

/* Where an IPv6 address has an IPv4 one in it. */
static const struct {
  struct net net;
  unsigned at;                /* in bytes */
} within[] = {
  { { { [10] = 0xff, [11] = 0xff }, 96 }, 12 },   /* mapped: RFC 4291 */
  { { { 0 }, 96 }, 12 },      /* compatible: RFC 4291 */
  { { { 0x00, 0x64, 0xff, 0x9b }, 96 }, 12 },     /* NAT64: RFC 6052 */
  { { { 0x20, 0x02 }, 16 }, 2 },                  /* 6to4: RFC 3056 */
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static bool is_in(const uint8_t *ip, const struct net *n)
{
  const unsigned whole = n->bits / 8, rest = n->bits % 8;
  return !memcmp(ip, n->ip, whole) &&
         (!rest || !((ip[whole] ^ n->ip[whole]) >> (8 - rest)));
}

static bool is_in_any(const uint8_t *ip, const struct net *list, size_t n)
{
  for(size_t i = 0; i < n; i++)
    if(is_in(ip, &list[i]))
      return true;
  return false;
}

bool he_private_is(const struct he_addr *a)
{
  if(a->family == HE_IPV4)
    return is_in_any(a->ip, nets4, COUNT(nets4));
  for(size_t i = 0; i < COUNT(within); i++) {
    if(is_in(a->ip, &within[i].net) &&
       is_in_any(a->ip + within[i].at, nets4, COUNT(nets4)))
      return true;
  }
  return is_in_any(a->ip, nets6, COUNT(nets6));
}
