/* SPDX-License-Identifier: MIT */
#include "nat64.h"
#include "scenarios.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#define V4_HLEN 20
#define V6_HLEN 40
#define MAPPED 12
#define ECHO_V4 8
#define ECHO_REPLY_V4 0
#define ECHO_V6 128
#define ECHO_REPLY_V6 129

static void put16(uint8_t *p, unsigned int v)
{
  p[0] = (uint8_t)(v >> 8);
  p[1] = (uint8_t)v;
}

/* -- prefixes -- */

static bool is_length(unsigned int bits)
{
  return bits == 96 || (bits >= 32 && bits <= 64 && !(bits % 8));
}

static bool read_prefix(const char *text, struct lab_nat64_prefix *out)
{
  return strchr(text, ':') && lab_prefix_parse(text, &out->ip, &out->bits) &&
         is_length(out->bits);
}

void lab_nat64_init(struct lab_nat64 *n)
{
  lab_nat64_set(n, LAB_NAT64);
}

bool lab_nat64_set(struct lab_nat64 *n, const char *words)
{
  struct lab_nat64_prefix list[LAB_NAT64_PREFIXES];
  char text[512];
  char *save = NULL;
  char *word;
  size_t count = 0;
  if(strlen(words) >= sizeof(text))
    return false;
  strcpy(text, words);
  word = strcmp(text, "off") ? strtok_r(text, " ", &save) : NULL;
  for(; word; word = strtok_r(NULL, " ", &save)) {
    if(count == LAB_NAT64_PREFIXES || !read_prefix(word, &list[count]))
      return false;
    count++;
  }
  memcpy(n->list, list, count * sizeof(*list));
  n->count = count;
  return true;
}

/* The four bytes of the IPv4 address stand behind the prefix, and byte 8 is
 * left out, but for a prefix of 96 bits. */
static unsigned int place(unsigned int bits, unsigned int i)
{
  const unsigned int at = bits / 8 + i;
  return bits != 96 && at >= 8 ? at + 1 : at;
}

static void take_v4(const struct lab_nat64_prefix *p, const uint8_t *ip,
                    uint8_t v4[4])
{
  unsigned int i;
  for(i = 0; i < 4; i++)
    v4[i] = ip[place(p->bits, i)];
}

static void put_v4(const struct lab_nat64_prefix *p, const uint8_t v4[4],
                   uint8_t *ip)
{
  unsigned int i;
  memset(ip, 0, 16);
  memcpy(ip, p->ip.b, p->bits / 8);
  for(i = 0; i < 4; i++)
    ip[place(p->bits, i)] = v4[i];
}

/* -- packets -- */

static uint32_t sum(uint32_t s, const uint8_t *p, size_t len)
{
  for(; len > 1; p += 2, len -= 2)
    s += (uint32_t)p[0] << 8 | p[1];
  if(len)
    s += (uint32_t)p[0] << 8;
  return s;
}

static unsigned int fold(uint32_t s)
{
  while(s >> 16)
    s = (s & 0xffff) + (s >> 16);
  return (unsigned int)~s & 0xffff;
}

/* Where the checksum stands; 0: nothing that is translated. */
static size_t checksum_at(int proto, size_t len)
{
  if(proto == IPPROTO_TCP && len >= 20)
    return 16;
  if(proto == IPPROTO_UDP && len >= 8)
    return 6;
  if((proto == IPPROTO_ICMP || proto == IPPROTO_ICMPV6) && len >= 8)
    return 2;
  return 0;
}

/* `src` and `dst` have `size` bytes each; ICMP for IPv4 sums neither. */
static void put_checksum(int proto, const uint8_t *src, const uint8_t *dst,
                         size_t size, uint8_t *l4, size_t len)
{
  uint8_t *at = l4 + checksum_at(proto, len);
  uint32_t s = 0;
  unsigned int result;
  if(proto != IPPROTO_ICMP)
    s = sum(sum((uint32_t)proto + (uint32_t)len, src, size), dst, size);
  put16(at, 0);
  result = fold(sum(s, l4, len));
  put16(at, result || proto != IPPROTO_UDP ? result : 0xffff);
}

size_t lab_nat64_out(struct lab_nat64 *n, const struct lab_view *v6,
                     uint8_t out[LAB_PACKET_MAX])
{
  const size_t len = v6->len - v6->hlen;
  const int proto = v6->proto == IPPROTO_ICMPV6 ? IPPROTO_ICMP : v6->proto;
  uint8_t *l4 = out + V4_HLEN;
  struct lab_ip own;
  unsigned int bits;
  size_t i = 0;
  while(i < n->count && (v6->family != AF_INET6 ||
                         memcmp(v6->dst.b, n->list[i].ip.b,
                                n->list[i].bits / 8)))
    i++;
  if(i == n->count || !checksum_at(proto, len) ||
     !lab_prefix_parse(LAB_NAT64_CLIENT_V4, &own, &bits))
    return 0;
  n->client = v6->src;
  n->used[v6->sport] = (uint8_t)i;
  memset(out, 0, V4_HLEN);
  out[0] = 0x45;
  put16(out + 2, (unsigned int)(V4_HLEN + len));
  out[6] = 0x40; /* do not fragment */
  out[8] = v6->data[7];
  out[9] = (uint8_t)proto;
  memcpy(out + 12, own.b + MAPPED, 4);
  take_v4(&n->list[i], v6->dst.b, out + 16);
  put16(out + 10, fold(sum(0, out, V4_HLEN)));
  memcpy(l4, v6->data + v6->hlen, len);
  if(proto == IPPROTO_ICMP && l4[0] != ECHO_V6)
    return 0;
  if(proto == IPPROTO_ICMP)
    l4[0] = ECHO_V4;
  put_checksum(proto, out + 12, out + 16, 4, l4, len);
  return V4_HLEN + len;
}

size_t lab_nat64_in(const struct lab_nat64 *n, const struct lab_view *v4,
                    uint8_t out[LAB_PACKET_MAX])
{
  const size_t len = v4->len - v4->hlen;
  const int proto = v4->proto == IPPROTO_ICMP ? IPPROTO_ICMPV6 : v4->proto;
  uint8_t *l4 = out + V6_HLEN;
  struct lab_ip own;
  unsigned int bits;
  const size_t i = n->used[v4->dport];
  if(i >= n->count || v4->family != AF_INET || !checksum_at(proto, len) ||
     V6_HLEN + len > LAB_PACKET_MAX ||
     !lab_prefix_parse(LAB_NAT64_CLIENT_V4, &own, &bits) ||
     memcmp(own.b, v4->dst.b, 16))
    return 0;
  memset(out, 0, V6_HLEN);
  out[0] = 0x60;
  put16(out + 4, (unsigned int)len);
  out[6] = (uint8_t)proto;
  out[7] = v4->data[8];
  put_v4(&n->list[i], v4->src.b + MAPPED, out + 8);
  memcpy(out + 24, n->client.b, 16);
  memcpy(l4, v4->data + v4->hlen, len);
  if(proto == IPPROTO_ICMPV6 && l4[0] != ECHO_REPLY_V4)
    return 0;
  if(proto == IPPROTO_ICMPV6)
    l4[0] = ECHO_REPLY_V6;
  put_checksum(proto, out + 8, out + 24, 16, l4, len);
  return V6_HLEN + len;
}

/* -- router advertisements -- */

size_t lab_nat64_advertise(const char *prefix, unsigned int lifetime_s,
                           uint8_t out[LAB_ANSWER_MAX])
{
  static const unsigned int codes[] = { 96, 64, 56, 48, 40, 32 };
  uint8_t *ra = out + V6_HLEN, *option = ra + 16;
  struct lab_nat64_prefix p;
  unsigned int code = 0;
  if(!read_prefix(prefix, &p) || lifetime_s > 65528 || lifetime_s % 8)
    return 0;
  while(codes[code] != p.bits)
    code++;
  memset(out, 0, V6_HLEN + 32);
  out[0] = 0x60;
  put16(out + 4, 32);
  out[6] = IPPROTO_ICMPV6;
  out[7] = 255;
  out[8] = 0xfe; /* fe80::1 */
  out[9] = 0x80;
  out[23] = 1;
  out[24] = 0xff; /* ff02::1 */
  out[25] = 2;
  out[39] = 1;
  ra[0] = 134; /* no default router, nothing configured */
  option[0] = 38;
  option[1] = 2;
  put16(option + 2, lifetime_s | code);
  memcpy(option + 4, p.ip.b, 12);
  put_checksum(IPPROTO_ICMPV6, out + 8, out + 24, 16, ra, 32);
  return V6_HLEN + 32;
}
