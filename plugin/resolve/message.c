/* SPDX-License-Identifier: MIT */
#include "resolve/message.h"

#include <netinet/in.h>
#include <arpa/nameser.h>
#include <limits.h>
#include <resolv.h>
#include <string.h>
#include <strings.h>

/* What a message is read with. */
struct reader {
  ns_msg m;
  const char *name;           /* of the question */
  uint16_t type;
  char at[NS_MAXDNAME];       /* the last alias's target */
  uint32_t ttl;               /* the least so far */
};

static int rcode_of(const struct reader *r)
{
  return ns_msg_getflag(r->m, ns_f_rcode);
}

/* A TTL with the highest bit set is a long one: RFC 8767 section 4. */
static void lessen(struct reader *r, uint32_t ttl)
{
  if(ttl < r->ttl)
    r->ttl = ttl;
}

static int count(const struct reader *r, ns_sect section)
{
  const int n = ns_msg_count(r->m, section);
  return n < HE_MESSAGE_RECORDS ? n : HE_MESSAGE_RECORDS;
}

static bool is_answer_to(struct reader *r)
{
  ns_rr q;
  return ns_msg_getflag(r->m, ns_f_qr) && !ns_msg_getflag(r->m, ns_f_opcode) &&
         !ns_msg_getflag(r->m, ns_f_tc) && ns_msg_count(r->m, ns_s_qd) == 1 &&
         !ns_parserr(&r->m, ns_s_qd, 0, &q) && ns_rr_class(q) == ns_c_in &&
         ns_rr_type(q) == r->type && !strcasecmp(ns_rr_name(q), r->name);
}

static bool begin(struct reader *r, const unsigned char *message, size_t len,
                  const char *name, enum he_dns_type type)
{
  memset(r, 0, sizeof(*r));
  r->name = name;
  r->type = (uint16_t)type;
  r->ttl = UINT32_MAX;
  if(!message || len > INT_MAX || strlen(name) >= sizeof(r->at) ||
     ns_initparse(message, (int)len, &r->m) < 0)
    return false;
  memcpy(r->at, name, strlen(name) + 1);
  return is_answer_to(r);
}

/* The next record of a type that r->at owns, from *i on, which is left behind
   it. */
static bool next(struct reader *r, uint16_t type, int *i, ns_rr *out)
{
  while(*i < count(r, ns_s_an)) {
    if(ns_parserr(&r->m, ns_s_an, (*i)++, out))
      return false;
    if(ns_rr_type(*out) == type && ns_rr_class(*out) == ns_c_in &&
       !strcasecmp(ns_rr_name(*out), r->at))
      return true;
  }
  return false;
}

static bool read_alias(const struct reader *r, const ns_rr *rr,
                       char out[NS_MAXDNAME])
{
  const unsigned char *data = ns_rr_rdata(*rr);
  const int n = dn_expand(ns_msg_base(r->m), ns_msg_end(r->m), data, out,
                          NS_MAXDNAME);
  return n >= 0 && n == ns_rr_rdlen(*rr);
}

/* Goes to the end of the aliases: r->at is the name that has the records, or is
   to have. False where there is no end. */
static bool follow(struct reader *r)
{
  for(int aliases = 0; aliases <= HE_MESSAGE_ALIASES; aliases++) {
    char to[NS_MAXDNAME];
    int i = 0;
    ns_rr rr;
    if(next(r, r->type, &i, &rr))
      return true;
    i = 0;
    if(!next(r, ns_t_cname, &i, &rr))
      return true;
    if(aliases == HE_MESSAGE_ALIASES || !read_alias(r, &rr, to))
      return false;
    lessen(r, ns_rr_ttl(rr));
    memcpy(r->at, to, sizeof(to));
  }
  return false;
}

/* For how long "there is none" holds: the lesser one of a SOA record's TTL and
   its last number (RFC 2308 section 5). */
static uint32_t negative_ttl(struct reader *r)
{
  for(int i = 0; i < count(r, ns_s_ns); i++) {
    ns_rr rr;
    if(ns_parserr(&r->m, ns_s_ns, i, &rr))
      return 0;
    if(ns_rr_type(rr) == ns_t_soa && ns_rr_rdlen(rr) >= 22) {
      const unsigned char *p = ns_rr_rdata(rr) + ns_rr_rdlen(rr) - 4;
      lessen(r, ns_rr_ttl(rr));
      lessen(r, (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
                (uint32_t)p[2] << 8 | p[3]);
      return r->ttl;
    }
  }
  return 0;
}

/* An address of another length is none. */
static bool is_sound(const struct reader *r, const ns_rr *rr)
{
  return r->type == ns_t_a ? ns_rr_rdlen(*rr) == NS_INADDRSZ :
         r->type == ns_t_aaaa ? ns_rr_rdlen(*rr) == NS_IN6ADDRSZ : true;
}

static enum he_message_says look(struct reader *r)
{
  const int rcode = rcode_of(r);
  bool found = false, broken = false;
  int i = 0;
  ns_rr rr;
  if(rcode != ns_r_noerror && rcode != ns_r_nxdomain)
    return HE_MESSAGE_FAILURE;
  if(!follow(r))
    return HE_MESSAGE_NONSENSE;
  while(next(r, r->type, &i, &rr)) {
    if(is_sound(r, &rr)) {
      lessen(r, ns_rr_ttl(rr));
      found = true;
    }
    else
      broken = true;
  }
  if(found && rcode == ns_r_noerror)
    return HE_MESSAGE_FOUND;
  if(broken && rcode == ns_r_noerror)
    return HE_MESSAGE_NONSENSE;
  return rcode == ns_r_nxdomain ? HE_MESSAGE_NO_NAME : HE_MESSAGE_NONE;
}

struct he_message he_message_read(const unsigned char *message, size_t len,
                                  const char *name, enum he_dns_type type)
{
  struct he_message out = { HE_MESSAGE_NONSENSE, 0 };
  struct reader r;
  if(!begin(&r, message, len, name, type))
    return out;
  out.says = look(&r);
  switch(out.says) {
  case HE_MESSAGE_FOUND:
    out.ttl = r.ttl;
    break;
  case HE_MESSAGE_NONE:
  case HE_MESSAGE_NO_NAME:
    out.ttl = negative_ttl(&r);
    break;
  case HE_MESSAGE_FAILURE:
  case HE_MESSAGE_NONSENSE:
    break;
  }
  return out;
}

size_t he_message_addresses(const unsigned char *message, size_t len,
                            const char *name, enum he_dns_type type,
                            struct he_addr list[HE_MESSAGE_ADDRESSES])
{
  const size_t size = type == HE_DNS_A ? NS_INADDRSZ : NS_IN6ADDRSZ;
  struct reader r;
  size_t n = 0;
  int i = 0;
  ns_rr rr;
  if(!begin(&r, message, len, name, type) || !follow(&r))
    return 0;
  while(n < HE_MESSAGE_ADDRESSES && next(&r, r.type, &i, &rr)) {
    struct he_addr *a = &list[n];
    if(!is_sound(&r, &rr))
      continue;
    memset(a, 0, sizeof(*a));
    memcpy(a->ip, ns_rr_rdata(rr), size);
    a->family = type == HE_DNS_A ? HE_IPV4 : HE_IPV6;
    n++;
  }
  return n;
}
