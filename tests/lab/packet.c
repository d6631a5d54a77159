/* SPDX-License-Identifier: MIT */
#include "packet.h"
#include "scenarios.h"

#include <ctype.h>
#include <netinet/in.h>
#include <string.h>

#define V4_HLEN 20
#define V6_HLEN 40
#define TCP_HLEN 20
#define ICMP_HLEN 8
#define UDP_HLEN 8
#define DNS_HLEN 12
#define DNS_PORT 53
#define MAPPED 12 /* bytes before the IPv4 address in its mapped form */

static unsigned int get16(const uint8_t *p)
{
  return (unsigned int)p[0] << 8 | p[1];
}

static uint32_t get32(const uint8_t *p)
{
  return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static void put16(uint8_t *p, unsigned int v)
{
  p[0] = (uint8_t)(v >> 8);
  p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
  put16(p, v >> 16);
  put16(p + 2, v & 0xffff);
}

static void map_v4(struct lab_ip *ip, const uint8_t *p)
{
  memset(ip->b, 0, 10);
  memset(ip->b + 10, 255, 2);
  memcpy(ip->b + MAPPED, p, 4);
}

static bool parse_v4(struct lab_view *v)
{
  v->hlen = (size_t)(v->data[0] & 15) * 4;
  if(v->hlen < V4_HLEN || v->len < v->hlen)
    return false;
  v->family = AF_INET;
  v->proto = v->data[9];
  map_v4(&v->src, v->data + 12);
  map_v4(&v->dst, v->data + 16);
  return true;
}

static bool parse_v6(struct lab_view *v)
{
  if(v->len < V6_HLEN)
    return false;
  v->hlen = V6_HLEN;
  v->family = AF_INET6;
  v->proto = v->data[6];
  memcpy(v->src.b, v->data + 8, 16);
  memcpy(v->dst.b, v->data + 24, 16);
  return true;
}

bool lab_view_parse(const uint8_t *data, size_t len, struct lab_view *view)
{
  const uint8_t *l4;
  memset(view, 0, sizeof(*view));
  view->data = data;
  view->len = len;
  if(len < V4_HLEN)
    return false;
  switch(data[0] >> 4) {
  case 4:
    if(!parse_v4(view))
      return false;
    break;
  case 6:
    if(!parse_v6(view))
      return false;
    break;
  default:
    return false;
  }
  l4 = data + view->hlen;
  if((view->proto == IPPROTO_TCP && len >= view->hlen + TCP_HLEN) ||
     (view->proto == IPPROTO_UDP && len >= view->hlen + 8)) {
    view->sport = get16(l4);
    view->dport = get16(l4 + 2);
    if(view->proto == IPPROTO_TCP) {
      const size_t before = view->hlen + 4u * (l4[12] >> 4);
      view->flags = l4[13];
      view->payload = len > before ? len - before : 0;
    }
  }
  return true;
}

/* Writes the name at `at`. Returns what follows it, or NULL. */
static const uint8_t *read_name(const uint8_t *at, const uint8_t *end,
                                char out[LAB_NAME_MAX])
{
  size_t len = 0;
  while(at < end && *at) {
    size_t label = *at++;
    if(label > 63 || label >= (size_t)(end - at) ||
       len + label + 1 >= LAB_NAME_MAX)
      return NULL;
    if(len)
      out[len++] = '.';
    for(; label; label--, at++)
      out[len++] = (char)(*at > ' ' && *at < 127 ? tolower(*at) : '?');
  }
  if(!len)
    out[len++] = '.';
  out[len] = 0;
  return at < end ? at + 1 : NULL;
}

bool lab_view_question(const struct lab_view *view, struct lab_question *out)
{
  const uint8_t *dns = view->data + view->hlen + UDP_HLEN;
  const uint8_t *end = view->data + view->len;
  const uint8_t *at;
  if(view->proto != IPPROTO_UDP || view->len < view->hlen + UDP_HLEN +
     DNS_HLEN || (view->sport != DNS_PORT && view->dport != DNS_PORT) ||
     get16(dns + 4) != 1)
    return false;
  at = read_name(dns + DNS_HLEN, end, out->name);
  if(!at || end - at < 4)
    return false;
  out->id = get16(dns);
  out->rcode = dns[3] & 15;
  out->answers = get16(dns + 6);
  out->type = get16(at);
  return true;
}

bool lab_view_is_syn(const struct lab_view *view)
{
  return view->proto == IPPROTO_TCP &&
    (view->flags & (LAB_TCP_SYN | LAB_TCP_ACK)) == LAB_TCP_SYN;
}

bool lab_view_is_multicast(const struct lab_view *view)
{
  if(view->family == AF_INET)
    return view->dst.b[MAPPED] >= 224;
  return view->dst.b[0] == 255;
}

static uint32_t sum(uint32_t s, const uint8_t *p, size_t len)
{
  for(; len > 1; p += 2, len -= 2)
    s += get16(p);
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

/* Writes the IP header; the payload follows it at the returned place. */
static uint8_t *put_header(uint8_t *out, int family, int proto,
                           const struct lab_ip *src,
                           const struct lab_ip *dst, size_t payload)
{
  if(family == AF_INET) {
    memset(out, 0, V4_HLEN);
    out[0] = 0x45;
    put16(out + 2, (unsigned int)(V4_HLEN + payload));
    out[6] = 0x40; /* do not fragment */
    out[8] = 64;
    out[9] = (uint8_t)proto;
    memcpy(out + 12, src->b + MAPPED, 4);
    memcpy(out + 16, dst->b + MAPPED, 4);
    put16(out + 10, fold(sum(0, out, V4_HLEN)));
    return out + V4_HLEN;
  }
  memset(out, 0, V6_HLEN);
  out[0] = 0x60;
  put16(out + 4, (unsigned int)payload);
  out[6] = (uint8_t)proto;
  out[7] = 64;
  memcpy(out + 8, src->b, 16);
  memcpy(out + 24, dst->b, 16);
  return out + V6_HLEN;
}

/* The sum over the pseudo header and the payload. */
static unsigned int checksum(int family, int proto, const struct lab_ip *src,
                             const struct lab_ip *dst, const uint8_t *payload,
                             size_t len)
{
  size_t skip = family == AF_INET ? MAPPED : 0;
  uint32_t s = (uint32_t)proto + (uint32_t)len;
  s = sum(s, src->b + skip, 16 - skip);
  s = sum(s, dst->b + skip, 16 - skip);
  return fold(sum(s, payload, len));
}

size_t lab_answer_reset(const struct lab_view *view,
                        uint8_t out[LAB_ANSWER_MAX])
{
  const uint8_t *from = view->data + view->hlen;
  uint8_t *tcp = put_header(out, view->family, IPPROTO_TCP, &view->dst,
                            &view->src, TCP_HLEN);
  memset(tcp, 0, TCP_HLEN);
  put16(tcp, view->dport);
  put16(tcp + 2, view->sport);
  if(view->flags & LAB_TCP_ACK)
    put32(tcp + 4, get32(from + 8));
  put32(tcp + 8, get32(from + 4) + 1);
  tcp[12] = TCP_HLEN / 4 << 4;
  tcp[13] = LAB_TCP_RST | LAB_TCP_ACK;
  put16(tcp + 16, checksum(view->family, IPPROTO_TCP, &view->dst, &view->src,
                           tcp, TCP_HLEN));
  return (size_t)(tcp - out) + TCP_HLEN;
}

size_t lab_answer_icmp(const struct lab_view *view, enum lab_action action,
                       uint8_t out[LAB_ANSWER_MAX])
{
  bool v4 = view->family == AF_INET;
  bool admin = action == LAB_PROHIBIT;
  int proto = v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
  /* RFC 792 and 4443: as much of the packet as fits */
  size_t most = v4 ? 548 : LAB_ANSWER_MAX - V6_HLEN - ICMP_HLEN;
  size_t quoted = view->len < most ? view->len : most;
  size_t len = ICMP_HLEN + quoted;
  struct lab_ip router;
  unsigned int bits;
  uint8_t *icmp;
  if(!lab_prefix_parse(v4 ? LAB_ROUTER_V4 : LAB_ROUTER_V6, &router, &bits))
    return 0;
  icmp = put_header(out, view->family, proto, &router, &view->src, len);
  memset(icmp, 0, ICMP_HLEN);
  icmp[0] = v4 ? 3 : 1;
  icmp[1] = v4 ? (admin ? 13 : 1) : (admin ? 1 : 3);
  memcpy(icmp + ICMP_HLEN, view->data, quoted);
  put16(icmp + 2, v4 ? fold(sum(0, icmp, len)) :
        checksum(view->family, proto, &router, &view->src, icmp, len));
  return (size_t)(icmp - out) + len;
}
