/* SPDX-License-Identifier: MIT */
#include "resolve/dns.h"
#include "resolve/gai.h"

#include <stdlib.h>

struct he_candidate *he_dns_candidates(const struct he_addr *list, size_t n,
                                       uint16_t port, uint32_t ttl)
{
  struct he_candidate *c = calloc(n, sizeof(*c));
  if(!c)
    return NULL;
  for(size_t i = 0; i < n; i++) {
    c[i].addr = list[i];
    /* what is not valid at all was when it came: 0 means something else */
    c[i].lasts = (uint8_t)(!ttl ? 1 : ttl < UINT8_MAX ? ttl : UINT8_MAX);
  }
  he_system_complete(c, n, port);
  if(n > 1) {
    const struct he_policy *policy = he_gai_policy();
    he_order_family(c, n, policy);
    he_policy_unref(policy);
  }
  return c;
}

#ifdef __GLIBC__
#include "resolve/behind.h"
#include "resolve/resolver.h"
#include "base/clock.h"

#include <netinet/in.h>
#include <arpa/nameser.h>
#include <dlfcn.h>
#include <netdb.h>
#include <resolv.h>
#include <string.h>
#include <strings.h>

/* Longer ones, which come by TCP, are getaddrinfo()'s to ask for again. */
#define MESSAGE_MOST 8192
/* Bytes that a record with an address takes: two for the name, ten for type,
   class, TTL and length, four for the address. */
#define RECORD_LEAST 16

/* -- is getaddrinfo() the C library's? -- */

static const void *base_of(const void *at)
{
  Dl_info info;
  return dladdr(at, &info) ? info.dli_fbase : NULL;
}

/* A sanitizer's getaddrinfo() calls the C library's, and changes nothing. */
static bool is_sanitizers(const void *getaddrinfo_here)
{
  const void *of = dlsym(RTLD_DEFAULT, "__asan_init");
  if(!of)
    of = dlsym(RTLD_DEFAULT, "__tsan_init");
  return of && base_of(of) == base_of(getaddrinfo_here);
}

static bool find_out(void)
{
  const he_getaddrinfo used = he_getaddrinfo_used();
  const void *libc = base_of(dlsym(RTLD_DEFAULT, "gnu_get_libc_version"));
  const void *at;
  memcpy(&at, &used, sizeof(at));
  return libc && at && (base_of(at) == libc || is_sanitizers(at));
}

static int usable_here = -1;

static bool is_usable(void)
{
  int is = __atomic_load_n(&usable_here, __ATOMIC_RELAXED);
  if(is < 0) {
    is = find_out();
    __atomic_store_n(&usable_here, is, __ATOMIC_RELAXED);
  }
  return is;
}

void he_dns_assume(int usable)
{
  __atomic_store_n(&usable_here, usable, __ATOMIC_RELAXED);
}

/* -- resolv.conf; _res is this thread's alone -- */

bool he_dns_begin(struct he_dns_conf *c)
{
  if(!is_usable() || res_ninit(&_res))
    return false;
  c->ndots = _res.ndots;
  c->rounds = _res.retry > 0 ? (unsigned)_res.retry : 1;
  return true;
}

void he_dns_rounds(unsigned n)
{
  _res.retry = (int)n;
}

const char *he_dns_domain(unsigned i)
{
  _Static_assert(HE_DNS_DOMAINS <= MAXDNSRCH, "the length of dnsrch");
  return i < HE_DNS_DOMAINS && _res.options & RES_DNSRCH ? _res.dnsrch[i] :
         NULL;
}

/* -- an answer -- */

struct reader {
  const unsigned char *message, *at, *end;
};

struct record {
  char owner[NS_MAXDNAME];
  unsigned type, class;
  uint32_t ttl;
  const unsigned char *data;
  size_t len;
};

static unsigned two_bytes(const unsigned char *p)
{
  return (unsigned)p[0] << 8 | p[1];
}

static bool skip_question(struct reader *r)
{
  const int n = dn_skipname(r->at, r->end);
  if(n < 0 || r->end - r->at < n + NS_QFIXEDSZ)
    return false;
  r->at += n + NS_QFIXEDSZ;
  return true;
}

static bool next_record(struct reader *r, struct record *rec)
{
  const int n = dn_expand(r->message, r->end, r->at, rec->owner,
                          sizeof(rec->owner));
  if(n < 0 || r->end - r->at < n + NS_RRFIXEDSZ)
    return false;
  r->at += n;
  rec->type = two_bytes(r->at);
  rec->class = two_bytes(r->at + 2);
  rec->ttl = (uint32_t)two_bytes(r->at + 4) << 16 | two_bytes(r->at + 6);
  if(rec->ttl >> 31)          /* RFC 2181 section 8 */
    rec->ttl = 0;
  rec->len = two_bytes(r->at + 8);
  r->at += NS_RRFIXEDSZ;
  rec->data = r->at;
  if((size_t)(r->end - r->at) < rec->len)
    return false;
  r->at += rec->len;
  return true;
}

/* An alias that is no host name means something else to each version of the C
   library. */
static bool follow(const struct reader *r, const struct record *rec,
                   char wanted[NS_MAXDNAME])
{
  return dn_expand(r->message, r->at, rec->data, wanted, NS_MAXDNAME) > 0 &&
         res_hnok(wanted);
}

/* What is looked for, and was found. */
struct search {
  char wanted[NS_MAXDNAME];   /* the name; of aliases, the last one's target */
  enum he_family family;
  struct he_addr *list;
  size_t most, found;
  uint32_t ttl;               /* the shortest of those that led there */
  bool astray;                /* there was a record of another name */
};

/* Of its class and of a type that matters. False: not understood. */
static bool heed(struct search *s, const struct reader *r,
                 const struct record *rec)
{
  const size_t size = s->family == HE_IPV4 ? NS_INADDRSZ : NS_IN6ADDRSZ;
  if(strcasecmp(rec->owner, s->wanted)) {
    s->astray = true;
    return true;
  }
  if(rec->ttl < s->ttl)
    s->ttl = rec->ttl;
  if(rec->type == ns_t_cname)
    return follow(r, rec, s->wanted);
  if(rec->len != size)
    return false;
  if(s->found < s->most) {
    struct he_addr *a = &s->list[s->found];
    memset(a, 0, sizeof(*a));
    memcpy(a->ip, rec->data, size);
    a->family = (uint8_t)s->family;
  }
  s->found++;
  return true;
}

static bool parse(struct search *s, const unsigned char *message, size_t len)
{
  const unsigned type = s->family == HE_IPV4 ? ns_t_a : ns_t_aaaa;
  struct reader r = { message, message + NS_HFIXEDSZ, message + len };
  unsigned count;
  if(len < NS_HFIXEDSZ)
    return false;
  for(count = two_bytes(message + 4); count; count--)
    if(!skip_question(&r))
      return false;
  for(count = two_bytes(message + 6); count; count--) {
    struct record rec;
    if(!next_record(&r, &rec))
      return false;
    if(rec.class == ns_c_in && (rec.type == type || rec.type == ns_t_cname) &&
       !heed(s, &r, &rec))
      return false;
  }
  return true;
}

/* Records come in the order in which aliases lead to each other. Where they do
   not, and nothing is found therefore, it is not understood. */
int he_dns_parse(const unsigned char *message, size_t len, const char *name,
                 enum he_family f, struct he_addr *list, size_t most,
                 uint32_t *ttl)
{
  struct search s = { .family = f, .list = list, .most = most,
                      .ttl = UINT32_MAX };
  const size_t n = strlen(name);
  if(n >= sizeof(s.wanted))
    return -1;
  memcpy(s.wanted, name, n + 1);
  if(n && s.wanted[n - 1] == '.')
    s.wanted[n - 1] = 0;
  if(!parse(&s, message, len))
    return -1;
  *ttl = s.ttl;
  return s.found || !s.astray ? (int)s.found : -1;
}

/* -- asking -- */

/* An alias of nothing is "none"; versions differ in what they call it. */
static bool take(const unsigned char *message, size_t len, const char *name,
                 uint16_t port, enum he_family f, struct he_asked *out)
{
  struct he_addr list[MESSAGE_MOST / RECORD_LEAST];
  uint32_t ttl = 0;
  const int n = he_dns_parse(message, len, name, f, list,
                             sizeof(list) / sizeof(list[0]), &ttl);
  struct he_candidate *c;
  if(n < 0)
    return false;
  c = n ? he_dns_candidates(list, (size_t)n, port, ttl) : NULL;
  out->vague = !n;
  out->error = out->family[f].error = c ? 0 : n ? EAI_MEMORY : he_system_none;
  out->family[f].list = c;
  out->family[f].n = c ? (size_t)n : 0;
  return true;
}

static int error_of(int herrno)
{
  switch(herrno) {
  case HOST_NOT_FOUND:
    return EAI_NONAME;
  case NO_DATA:
    return EAI_NODATA;
  case TRY_AGAIN:
    return EAI_AGAIN;
  default:
    return 0;
  }
}

bool he_dns_ask(const char *name, uint16_t port, enum he_family f,
                struct he_asked *out)
{
  unsigned char message[MESSAGE_MOST];
  const he_time_ns start = he_clock_now();
  int n = res_nquery(&_res, name, ns_c_in, f == HE_IPV4 ? ns_t_a : ns_t_aaaa,
                     message, sizeof(message));
  memset(out, 0, sizeof(*out));
  out->took = he_clock_now() - start;
  if(n > (int)sizeof(message))
    return false;
  if(n >= 0)
    return take(message, (size_t)n, name, port, f, out);
  out->error = out->family[f].error = error_of(_res.res_h_errno);
  return out->error != 0;
}

#else

bool he_dns_begin(struct he_dns_conf *c)
{
  (void)c;
  return false;
}

void he_dns_assume(int usable)
{
  (void)usable;
}

void he_dns_rounds(unsigned n)
{
  (void)n;
}

const char *he_dns_domain(unsigned i)
{
  (void)i;
  return NULL;
}

bool he_dns_ask(const char *name, uint16_t port, enum he_family f,
                struct he_asked *out)
{
  (void)name, (void)port, (void)f, (void)out;
  return false;
}

#endif
