/* SPDX-License-Identifier: MIT */
/* record.c - the format of records, said once for both directions.
 *
 *   "HE", version, kind ('h' or 'n'), sum of the key and all that follows,
 *   fields
 *
 * Numbers are little-endian; a time is the wall clock's, in milliseconds since
 * 1970, or INT64_MIN for "never". Ages are rounded up, so that nothing gets
 * younger by being written. What is read is hostile until all of it is
 * checked: a record is taken whole or not at all. */
#include "policy/record.h"

#include <assert.h>
#include <string.h>

#define FORMAT 1
#define HEAD 8
#define MS HE_MS(1)
/* What was written by a clock this far ahead is let pass. */
#define FUTURE_MS 60000
#define YEAR_MS (365 * 86400000LL)

#define TRACK_BYTES (4 + 4 + 3 * 8 + HE_CHARGES * 15 + 3 * 4)
#define KNOWN_BYTES (1 + 16 + 4 + 1 + 4 + 8 + TRACK_BYTES)
#define HOST_BYTES (HEAD + 8 + 2 + HE_FAMILIES * (TRACK_BYTES + 20) + 1 + \
                    HE_HISTORY_ADDRS * KNOWN_BYTES)
static_assert(HOST_BYTES <= HE_RECORD_VALUE_MAX, "a host fits in a record");

struct wire {
  uint8_t *out;            /* written to; or NULL, and */
  const uint8_t *in;       /* read from */
  size_t size;
  size_t at;
  struct he_moment moment;
  bool bad;
};

static uint64_t number(struct wire *w, uint64_t v, unsigned bytes)
{
  uint64_t read = 0;
  if(w->size - w->at < bytes) {
    w->bad = true;
    return 0;
  }
  for(unsigned i = 0; i < bytes; i++) {
    if(w->out)
      w->out[w->at++] = (uint8_t)(v >> (8 * i));
    else
      read |= (uint64_t)w->in[w->at++] << (8 * i);
  }
  return w->out ? v : read;
}

static void u8(struct wire *w, uint8_t *v, uint8_t most)
{
  *v = (uint8_t)number(w, *v, 1);
  w->bad = w->bad || *v > most;
}

static void u16(struct wire *w, uint16_t *v)
{
  *v = (uint16_t)number(w, *v, 2);
}

static void u32(struct wire *w, uint32_t *v, uint32_t most)
{
  *v = (uint32_t)number(w, *v, 4);
  w->bad = w->bad || *v > most;
}

static int64_t to_wall(const struct wire *w, he_time_ns t)
{
  he_time_ns age = he_age(t, w->moment.now);
  if(age == HE_NEVER)
    return INT64_MIN;
  return w->moment.wall_ms - (age / MS + (age % MS > 0));
}

static void when(struct wire *w, he_time_ns *t)
{
  int64_t ms = w->out ? to_wall(w, *t) : 0;
  ms = (int64_t)number(w, (uint64_t)ms, 8);
  if(w->out)
    return;
  if(ms > w->moment.wall_ms + FUTURE_MS)
    w->bad = true;
  else if(ms < w->moment.wall_ms - YEAR_MS)
    *t = HE_LONG_AGO;
  else if(ms > w->moment.wall_ms)
    *t = w->moment.now;
  else
    *t = w->moment.now - (w->moment.wall_ms - ms) * MS;
}

static void estimate(struct wire *w, struct he_estimate *e,
                     he_time_ns *sampled)
{
  u32(w, &e->srtt_us, HE_SAMPLE_MAX / 1000);
  u32(w, &e->rttvar_us, HE_SAMPLE_MAX / 1000);
  when(w, sampled);
  if(!e->srtt_us)
    *sampled = HE_LONG_AGO;
}

static void track(struct wire *w, struct he_track *t)
{
  estimate(w, &t->rtt, &t->sampled);
  when(w, &t->good_at);
  when(w, &t->at);
  for(int i = 0; i < HE_CHARGES; i++) {
    struct he_charge *c = &t->charge[i];
    when(w, &c->at);
    u32(w, &c->by, UINT32_MAX);
    u16(w, &c->port);
    u8(w, &c->points, HE_POINTS_BAD);
  }
  u32(w, &t->successes, UINT32_MAX);
  u32(w, &t->failures, UINT32_MAX);
  u32(w, &t->losses, UINT32_MAX);
}

static void host_family(struct wire *w, struct he_host_family *f)
{
  uint32_t gap = f->gap / MS < UINT32_MAX ? (uint32_t)(f->gap / MS) :
                 UINT32_MAX;
  track(w, &f->track);
  when(w, &f->answered);
  when(w, &f->probed);
  u32(w, &gap, UINT32_MAX);
  if(!w->out)
    f->gap = gap * MS;
}

static void known(struct wire *w, struct he_known *k)
{
  static const uint8_t none[12];
  u8(w, &k->addr.family, HE_FAMILIES - 1);
  for(int i = 0; i < 16; i++)
    u8(w, &k->addr.ip[i], UINT8_MAX);
  u32(w, &k->addr.scope, UINT32_MAX);
  if(k->addr.family == HE_IPV4 &&
     (k->addr.scope || memcmp(k->addr.ip + 4, none, sizeof(none))))
    w->bad = true;
  u8(w, &k->place, UINT8_MAX);
  u32(w, &k->ttl, UINT32_MAX);
  when(w, &k->answered);
  track(w, &k->track);
}

static void network_family(struct wire *w, struct he_network_family *f)
{
  estimate(w, &f->rtt, &f->sampled);
  for(int c = 0; c < HE_NETWORK_CHARGES; c++) {
    when(w, &f->refuted[c]);
    for(int i = 0; i < HE_WITNESSES; i++) {
      struct he_witness *one = &f->witness[c][i];
      one->host = number(w, one->host, 8);
      u32(w, &one->addr, UINT32_MAX);
      when(w, &one->at);
    }
  }
}

/* -- heads -------------------------------------------------------------- */

static uint32_t sum(const uint8_t *key, size_t key_len, const uint8_t *value,
                    size_t value_len)
{
  return (uint32_t)he_hash(he_hash(value[3], key, key_len), value + HEAD,
                           value_len - HEAD);
}

static struct wire writer(struct he_record *r, uint8_t kind,
                          struct he_moment m)
{
  struct wire w = { .out = r->value, .size = sizeof(r->value), .moment = m };
  memcpy(r->value, "HE", 2);
  r->value[2] = FORMAT;
  r->value[3] = kind;
  w.at = HEAD;
  return w;
}

static void finish(struct he_record *r, struct wire *w)
{
  r->value_len = w->at;
  w->at = 4;
  number(w, sum(r->key, r->key_len, r->value, r->value_len), 4);
}

static bool reader(struct wire *w, uint8_t kind, const uint8_t *key,
                   size_t key_len, const uint8_t *value, size_t value_len,
                   struct he_moment m)
{
  *w = (struct wire){ .in = value, .size = value_len, .at = 4, .moment = m };
  return value_len > HEAD && value_len <= HE_RECORD_VALUE_MAX &&
         !memcmp(value, "HE", 2) && value[2] == FORMAT && value[3] == kind &&
         number(w, 0, 4) == sum(key, key_len, value, value_len);
}

/* -- hosts -------------------------------------------------------------- */

static int compare(const struct he_addr *a, const struct he_addr *b)
{
  if(a->family != b->family)
    return a->family < b->family ? -1 : 1;
  if(a->scope != b->scope)
    return a->scope < b->scope ? -1 : 1;
  return memcmp(a->ip, b->ip, sizeof(a->ip));
}

/* In an order of its own, so that what is the same gives the same bytes. */
static void write_known(struct wire *w, const struct he_host *host)
{
  const struct he_known *sorted[HE_HISTORY_ADDRS];
  for(unsigned i = 0; i < host->n; i++) {
    unsigned at = i;
    for(; at && compare(&host->known[i].addr, &sorted[at - 1]->addr) < 0; at--)
      sorted[at] = sorted[at - 1];
    sorted[at] = &host->known[i];
  }
  for(unsigned i = 0; i < host->n; i++) {
    struct he_known one = *sorted[i];
    known(w, &one);
  }
}

void he_record_write_host(struct he_record *out, const struct he_host *host,
                          struct he_moment m)
{
  struct wire w = writer(out, 'h', m);
  he_time_ns used = host->used;
  uint16_t port = host->port;
  uint8_t n = host->n;
  when(&w, &used);
  u16(&w, &port);
  for(int f = 0; f < HE_FAMILIES; f++) {
    struct he_host_family one = host->family[f];
    host_family(&w, &one);
  }
  u8(&w, &n, HE_HISTORY_ADDRS);
  write_known(&w, host);
  assert(!w.bad);
  finish(out, &w);
}

/* In that order, which also says that none is there twice; and no family has
   too many. */
static bool fits(const struct he_host_record *r)
{
  unsigned of[HE_FAMILIES] = { 0 };
  for(unsigned i = 0; i < r->n; i++) {
    const struct he_addr *a = &r->known[i].addr;
    if(++of[a->family] > HE_HISTORY_ADDRS / HE_FAMILIES ||
       (i && compare(&r->known[i - 1].addr, a) >= 0))
      return false;
  }
  return true;
}

bool he_record_read_host(struct he_host_record *out, const uint8_t *key,
                         size_t key_len, const uint8_t *value,
                         size_t value_len, struct he_moment m)
{
  struct wire w;
  if(!reader(&w, 'h', key, key_len, value, value_len, m))
    return false;
  memset(out, 0, sizeof(*out));
  when(&w, &out->used);
  u16(&w, &out->port);
  for(int f = 0; f < HE_FAMILIES; f++)
    host_family(&w, &out->family[f]);
  u8(&w, &out->n, HE_HISTORY_ADDRS);
  for(unsigned i = 0; i < out->n && !w.bad; i++)
    known(&w, &out->known[i]);
  return !w.bad && w.at == w.size && fits(out);
}

/* -- networks ----------------------------------------------------------- */

void he_record_write_network(struct he_record *out,
                             const struct he_network *n, struct he_moment m)
{
  struct wire w = writer(out, 'n', m);
  for(int f = 0; f < HE_FAMILIES; f++) {
    struct he_network_family one = n->family[f];
    network_family(&w, &one);
  }
  assert(!w.bad);
  finish(out, &w);
}

bool he_record_read_network(struct he_network *out, const uint8_t *key,
                            size_t key_len, const uint8_t *value,
                            size_t value_len, struct he_moment m)
{
  struct wire w;
  if(!reader(&w, 'n', key, key_len, value, value_len, m))
    return false;
  memset(out, 0, sizeof(*out));
  for(int f = 0; f < HE_FAMILIES; f++)
    network_family(&w, &out->family[f]);
  return !w.bad && w.at == w.size;
}
