/* SPDX-License-Identifier: MIT */
/* svcb.c - HTTPS records in a name server's answer. libresolv walks the
 * message. */
#include "resolve/svcb.h"

#include <netinet/in.h>
#include <arpa/nameser.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define TYPE_HTTPS 65

/* Bytes before the target: the priority. */
#define PRIORITY_SIZE 2

/* Letters, digits, "-", "_" and dots between labels: what may be asked for, and
   shown, without a second thought. */
static bool is_hosts(const char *name)
{
  if(!*name || *name == '.')
    return false;
  for(const char *p = name; *p; p++) {
    const bool word = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
                      (*p >= '0' && *p <= '9') || *p == '-' || *p == '_';
    if(!word && (*p != '.' || p[1] == '.'))
      return false;
  }
  return true;
}

/* Without its final dot. False, and out "", where there is no room: escaped, a
   name may be four times as long as it is. */
static bool copy_name(char out[HE_SVCB_NAME], const char *name)
{
  size_t len = strlen(name);
  if(len && name[len - 1] == '.')
    len--;
  if(len >= HE_SVCB_NAME)
    len = 0;
  memcpy(out, name, len);
  out[len] = 0;
  return len || !*name || !strcmp(name, ".");
}

/* The bytes of an uncompressed name of DNS; 0 where it is none. A target is not
   compressed (section 2.2), so a label's length has no high bits. */
static size_t name_size(const uint8_t *at, size_t len)
{
  size_t n = 0;
  while(n < len && n < NS_MAXCDNAME) {
    if(!at[n])
      return n + 1;
    if(at[n] > NS_MAXLABEL)
      return 0;
    n += 1u + at[n];
  }
  return 0;
}

/* -- one record -- */

/* AliasMode: priority 0. Its parameters are ignored (section 2.4.2). */
struct found {
  bool alias;
  struct he_svcb_record record;
};

/* False: malformed. */
static bool read_record(const uint8_t *data, size_t len, struct found *f)
{
  char text[NS_MAXDNAME];
  struct he_svcb_record *r = &f->record;
  size_t size;
  if(len < PRIORITY_SIZE)
    return false;
  r->priority = (uint16_t)((unsigned)data[0] << 8 | data[1]);
  f->alias = !r->priority;
  data += PRIORITY_SIZE;
  len -= PRIORITY_SIZE;
  size = name_size(data, len);
  if(!size || ns_name_ntop(data, text, sizeof(text)) < 0)
    return false;
  r->usable = copy_name(r->target, text) && (size == 1 || is_hosts(r->target));
  if(f->alias)
    return true;
  return he_svcb_params_read(data + size, len - size, &r->params);
}

/* -- all records -- */

struct reading {
  struct he_svcb *out;
  unsigned pick;
  unsigned aliases;           /* AliasMode records of use so far */
  bool has_alias;             /* there is one, be it of no use */
};

/* Behind those of the same priority. */
static void insert(struct he_svcb *s, const struct he_svcb_record *r)
{
  size_t i = s->n;
  while(i && s->records[i - 1].priority > r->priority)
    i--;
  if(i == HE_SVCB_MOST)
    return;
  if(s->n == HE_SVCB_MOST)
    s->n--;
  memmove(&s->records[i + 1], &s->records[i],
          (s->n - i) * sizeof(s->records[0]));
  s->records[i] = *r;
  s->n++;
}

/* How many there are is known when all have been seen: the second time one is
   taken. */
static void note_alias(struct reading *rd, const struct he_svcb_record *r,
                       bool second_time)
{
  rd->has_alias = true;
  if(!r->usable || !*r->target)
    return;                   /* ".": there is no such service */
  if(second_time && rd->aliases == rd->pick)
    memcpy(rd->out->alias, r->target, sizeof(rd->out->alias));
  rd->aliases++;
}

/* Is it of the name that the aliases have led to? */
static bool is_ours(const struct reading *rd, const ns_rr *rr)
{
  char owner[HE_SVCB_NAME];
  return ns_rr_class(*rr) == ns_c_in && copy_name(owner, ns_rr_name(*rr)) &&
         !strcasecmp(owner, rd->out->owner);
}

static enum he_svcb_verdict read_all(ns_msg *m, struct reading *rd,
                                     bool second_time)
{
  const int count = ns_msg_count(*m, ns_s_an);
  for(int i = 0; i < count; i++) {
    struct found f;
    ns_rr rr;
    if(ns_parserr(m, ns_s_an, i, &rr))
      return HE_SVCB_NOT_UNDERSTOOD;
    if(ns_rr_type(rr) != TYPE_HTTPS || !is_ours(rd, &rr))
      continue;
    memset(&f, 0, sizeof(f));
    if(!read_record(ns_rr_rdata(rr), ns_rr_rdlen(rr), &f))
      return HE_SVCB_MALFORMED;
    if(ns_rr_ttl(rr) < rd->out->ttl)
      rd->out->ttl = ns_rr_ttl(rr);
    if(f.alias)
      note_alias(rd, &f.record, second_time);
    else if(!second_time)
      insert(rd->out, &f.record);
  }
  return HE_SVCB_OK;
}

/* -- aliases of the name itself -- */

/* The target of a CNAME of the present owner becomes the owner. 1: so it was,
   0: there is none, -1: not understood. */
static int follow(ns_msg *m, struct reading *rd)
{
  const int count = ns_msg_count(*m, ns_s_an);
  for(int i = 0; i < count; i++) {
    char text[NS_MAXDNAME];
    ns_rr rr;
    if(ns_parserr(m, ns_s_an, i, &rr))
      return -1;
    if(ns_rr_type(rr) != ns_t_cname || !is_ours(rd, &rr))
      continue;
    if(ns_name_uncompress(ns_msg_base(*m), ns_msg_end(*m), ns_rr_rdata(rr),
                          text, sizeof(text)) < 0 ||
       !copy_name(rd->out->owner, text) || !is_hosts(rd->out->owner))
      return -1;
    if(ns_rr_ttl(rr) < rd->out->ttl)
      rd->out->ttl = ns_rr_ttl(rr);
    return 1;
  }
  return 0;
}

/* One question, for the HTTPS records of that name; the answer to it. */
static bool is_answer(ns_msg *m, const char *name)
{
  char asked[HE_SVCB_NAME];
  ns_rr q;
  return ns_msg_getflag(*m, ns_f_qr) && ns_msg_count(*m, ns_s_qd) == 1 &&
         !ns_parserr(m, ns_s_qd, 0, &q) && ns_rr_type(q) == TYPE_HTTPS &&
         ns_rr_class(q) == ns_c_in && copy_name(asked, ns_rr_name(q)) &&
         !strcasecmp(asked, name);
}

enum he_svcb_verdict he_svcb_read(const uint8_t *message, size_t len,
                                  const char *name, unsigned pick,
                                  struct he_svcb *out)
{
  struct reading rd = { .out = out };
  enum he_svcb_verdict v;
  unsigned follows = 0;
  int more = 1;
  ns_msg m;
  memset(out, 0, sizeof(*out));
  out->ttl = UINT32_MAX;
  if(len > INT32_MAX || ns_initparse(message, (int)len, &m) ||
     !is_answer(&m, name) || !copy_name(out->owner, name))
    return HE_SVCB_NOT_UNDERSTOOD;
  for(; more > 0 && follows <= HE_SVCB_CNAMES; follows++)
    more = follow(&m, &rd);
  if(more)
    return HE_SVCB_NOT_UNDERSTOOD;
  v = read_all(&m, &rd, false);
  if(v == HE_SVCB_OK && rd.has_alias) {
    out->n = 0;               /* section 2.4.1: those records are ignored */
    rd.pick = rd.aliases ? pick % rd.aliases : 0;
    rd.aliases = 0;
    v = read_all(&m, &rd, true);
  }
  if(out->ttl > INT32_MAX)    /* none, or RFC 2181 section 8 */
    out->ttl = 0;
  return v;
}

/* -- asking -- */

bool he_svcb_question(const char *host, uint16_t port, char out[HE_SVCB_NAME])
{
  const size_t len = strlen(host);
  const int n = (int)(len - (len && host[len - 1] == '.'));
  const int wrote = len >= HE_SVCB_NAME ? -1 : port == 443 ?
    snprintf(out, HE_SVCB_NAME, "%.*s", n, host) :
    snprintf(out, HE_SVCB_NAME, "_%u._https.%.*s", (unsigned)port, n, host);
  return wrote > 0 && wrote < HE_SVCB_NAME;
}
