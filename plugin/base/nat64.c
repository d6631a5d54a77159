/* SPDX-License-Identifier: MIT */
/* nat64.c - where the four bytes of an IPv4 address stand (RFC 6052 section
 * 2.2); PL is the prefix, u byte 8, which is zero:
 *
 *   PL 32   prefix v4 v4 v4 v4 u  .  .  .  .  .  .  .
 *   PL 40   prefix    v4 v4 v4 u  v4 .  .  .  .  .  .
 *   PL 48   prefix       v4 v4 u  v4 v4 .  .  .  .  .
 *   PL 56   prefix          v4 u  v4 v4 v4 .  .  .  .
 *   PL 64   prefix             u  v4 v4 v4 v4 .  .  .
 *   PL 96   prefix                         v4 v4 v4 v4 */
#include "base/nat64.h"

#include <string.h>

#define U_BYTE 8
#define WHOLE 96              /* behind this prefix there is no u */

static const uint8_t lengths[] = { 96, 64, 56, 48, 40, 32 };
#define LENGTHS (sizeof(lengths) / sizeof(lengths[0]))

static bool is_length(unsigned bits)
{
  for(size_t i = 0; i < LENGTHS; i++) {
    if(lengths[i] == bits)
      return true;
  }
  return false;
}

/* Behind byte `at` of an IPv6 address: the next one that has a byte of the
   IPv4 address. */
static unsigned next_byte(unsigned at, unsigned bits)
{
  return ++at == U_BYTE && bits != WHOLE ? at + 1 : at;
}

static unsigned first_byte(unsigned bits)
{
  return bits / 8 == U_BYTE ? U_BYTE + 1 : bits / 8;
}

/* -- which addresses -- */

struct block {
  uint8_t ip[4];
  uint8_t bits;
};

/* Never through a translator: it is somebody else's machine, and link. */
static const struct block near[] = {
  { { 0 }, 8 }, { { 127 }, 8 }, { { 169, 254 }, 16 }, { { 224 }, 4 },
  { { 255, 255, 255, 255 }, 32 }
};

/* Not global: RFC 6052 section 3.1, by the list of RFC 6890. */
static const struct block private[] = {
  { { 10 }, 8 }, { { 100, 64 }, 10 }, { { 172, 16 }, 12 },
  { { 192, 0, 0 }, 24 }, { { 192, 0, 2 }, 24 }, { { 192, 88, 99 }, 24 },
  { { 192, 168 }, 16 }, { { 198, 18 }, 15 }, { { 198, 51, 100 }, 24 },
  { { 203, 0, 113 }, 24 }, { { 240 }, 4 }
};

static bool starts_with(const uint8_t *ip, const uint8_t *prefix,
                        unsigned bits)
{
  const unsigned whole = bits / 8, rest = bits % 8;
  return !memcmp(ip, prefix, whole) &&
         (!rest || !((ip[whole] ^ prefix[whole]) >> (8 - rest)));
}

static bool is_among(const struct block *list, size_t n, const uint8_t ip[4])
{
  for(size_t i = 0; i < n; i++) {
    if(starts_with(ip, list[i].ip, list[i].bits))
      return true;
  }
  return false;
}

bool he_nat64_may(const struct he_addr *v4)
{
  return v4->family == HE_IPV4 &&
         !is_among(near, sizeof(near) / sizeof(near[0]), v4->ip);
}

static bool is_well_known(const struct he_nat64_prefix *p)
{
  static const uint8_t ip[16] = { 0, 0x64, 0xff, 0x9b };
  return p->bits == 96 && !memcmp(p->ip, ip, sizeof(ip));
}

/* Does it begin with what no translator has? */
static bool is_taken(const uint8_t ip[16])
{
  static const uint8_t zero[10];
  return !memcmp(ip, zero, sizeof(zero)) || ip[0] == 0xff ||
         (ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80);
}

bool he_nat64_prefix(struct he_nat64_prefix *out, const uint8_t ip[16],
                     unsigned bits)
{
  struct he_nat64_prefix p = { .bits = (uint8_t)bits };
  if(!is_length(bits) || is_taken(ip))
    return false;
  memcpy(p.ip, ip, bits / 8);
  if(is_taken(p.ip))          /* its tail is gone */
    return false;
  *out = p;
  return true;
}

/* -- RFC 6052 -- */

bool he_nat64_embed(const struct he_nat64_prefix *p, const struct he_addr *v4,
                    struct he_addr *out)
{
  struct he_addr a = { .family = HE_IPV6, .port = v4->port };
  unsigned at = first_byte(p->bits);
  if(!is_length(p->bits) || !he_nat64_may(v4) ||
     (is_well_known(p) &&
      is_among(private, sizeof(private) / sizeof(private[0]), v4->ip)))
    return false;
  memcpy(a.ip, p->ip, p->bits / 8);
  for(int i = 0; i < 4; i++, at = next_byte(at, p->bits))
    a.ip[at] = v4->ip[i];
  *out = a;
  return true;
}

bool he_nat64_extract(const struct he_nat64_prefix *p,
                      const struct he_addr *v6, struct he_addr *out)
{
  struct he_addr a = { .family = HE_IPV4, .port = v6->port };
  unsigned at = first_byte(p->bits);
  if(!is_length(p->bits) || v6->family != HE_IPV6 ||
     memcmp(v6->ip, p->ip, p->bits / 8) ||
     (p->bits != WHOLE && v6->ip[U_BYTE]))
    return false;
  for(int i = 0; i < 4; i++, at = next_byte(at, p->bits))
    a.ip[i] = v6->ip[at];
  *out = a;
  return true;
}

/* -- RFC 8781 -- */

bool he_nat64_option(const uint8_t *option, size_t len,
                     struct he_nat64_prefix *out, unsigned *lifetime_s)
{
  uint8_t ip[16] = { 0 };
  unsigned scaled, code;
  if(len < 16 || option[0] != HE_NAT64_OPTION || option[1] != 2)
    return false;
  scaled = ((unsigned)option[2] << 8 | option[3]) & ~7u;   /* by 8 seconds */
  code = option[3] & 7;
  memcpy(ip, option + 4, 12);
  if(code >= LENGTHS || !he_nat64_prefix(out, ip, lengths[code]))
    return false;
  *lifetime_s = scaled;
  return true;
}

/* -- RFC 7050 -- */

/* Does it have one of the well-known addresses behind a prefix of this length?
   *other is the last byte of the one that it does not have. */
static bool has_well_known(const struct he_addr *a, unsigned bits,
                           struct he_nat64_prefix *p, uint8_t *other)
{
  static const uint8_t known[3] = { 192, 0, 0 };
  struct he_addr v4;
  if(a->family != HE_IPV6 || !he_nat64_prefix(p, a->ip, bits) ||
     !he_nat64_extract(p, a, &v4) || memcmp(v4.ip, known, sizeof(known)) ||
     (v4.ip[3] != 170 && v4.ip[3] != 171))
    return false;
  *other = v4.ip[3] ^ 1;
  return true;
}

/* Is the counterpart in the list, too? */
static bool is_confirmed(const struct he_nat64_prefix *p, uint8_t other,
                         const struct he_addr *list, size_t n)
{
  for(size_t i = 0; i < n; i++) {
    struct he_addr v4;
    if(he_nat64_extract(p, &list[i], &v4) && v4.ip[0] == 192 && !v4.ip[1] &&
       !v4.ip[2] && v4.ip[3] == other)
      return true;
  }
  return false;
}

/* The one prefix that an address tells. */
static bool told_by(const struct he_addr *a, const struct he_addr *list,
                    size_t n, struct he_nat64_prefix *out)
{
  unsigned places = 0, confirmed = 0;
  struct he_nat64_prefix p, sure = { .bits = 0 };
  uint8_t other;
  for(size_t i = 0; i < LENGTHS; i++) {
    if(!has_well_known(a, lengths[i], &p, &other))
      continue;
    places++;
    *out = p;
    if(is_confirmed(&p, other, list, n)) {
      confirmed++;
      sure = p;
    }
  }
  if(places > 1)
    *out = sure;
  return places == 1 || confirmed == 1;
}

size_t he_nat64_discover(const struct he_addr *list, size_t n,
                         struct he_nat64_prefix out[HE_NAT64_PREFIXES])
{
  size_t found = 0;
  for(size_t i = 0; i < n && found < HE_NAT64_PREFIXES; i++) {
    struct he_nat64_prefix p;
    size_t same = 0;
    if(!told_by(&list[i], list, n, &p))
      continue;
    while(same < found && !he_nat64_equal(&out[same], &p))
      same++;
    if(same == found)
      out[found++] = p;
  }
  return found;
}
