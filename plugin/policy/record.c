/* SPDX-License-Identifier: MIT */
/* record.c - the format of records, said once for both directions: the tables
 * below name each field, and a section of a line is what its tables say.
 *
 *   host NETWORK NAME TIME used=AGO port=443 ipv6 FIELDS ipv4 FIELDS
 *        2001:db8::1 FIELDS 192.0.2.1 FIELDS sum=1a2b3c4d
 *   network NETWORK TIME ipv6 FIELDS ipv4 FIELDS sum=1a2b3c4d
 *   forget TIME NAME-HASH sum=1a2b3c4d          (or "all")
 *
 * TIME is when the line was written, AGO how long before: -1500ms. Ages are
 * rounded up to a millisecond, so that nothing gets younger by being written.
 * A field that says nothing is left out, and so is what the last connect says
 * by itself. A field of an unknown name is skipped: a later version may add
 * one. A line is taken whole or not at all. */
#include "policy/record.h"

#include <string.h>

#define FORMAT 1                 /* seeds the checksum of every line */
#define MS HE_MS(1)
/* What was written by a clock this far ahead is let pass. */
#define FUTURE_MS 60000
#define YEAR_MS (365 * 86400000LL)
#define US_MAX (HE_SAMPLE_MAX / 1000)

/* -- the fields --------------------------------------------------------- */

enum type {
  A_U8, A_U16, A_U32,            /* 0 is left out */
  A_TIME,                        /* he_time_ns; HE_LONG_AGO is left out */
  A_SPAN,                        /* he_time_ns, written in ms; 0 is left out */
  A_CHARGE,                      /* POINTS,AGO,PORT,ADDRESS-HASH, or 0,AGO */
  A_WITNESS                      /* NAME-HASH,ADDRESS-HASH,AGO */
};

struct field {
  const char *name;
  enum type type;
  size_t at;                     /* in its struct */
  uint64_t most;
};

#define F(owner, name, type, member, most) \
  { name, type, offsetof(struct owner, member), most }

static const struct field of_host[] = {
  F(he_host_record, "used", A_TIME, used, 0),
  F(he_host_record, "port", A_U16, port, UINT16_MAX)
};

static const struct field of_track[] = {
  F(he_track, "rtt_us", A_U32, rtt.srtt_us, US_MAX),
  F(he_track, "rttvar_us", A_U32, rtt.rttvar_us, US_MAX),
  F(he_track, "measured", A_TIME, sampled, 0),
  F(he_track, "connected", A_TIME, good_at, 0),
  F(he_track, "seen", A_TIME, at, 0),
  F(he_track, "silent", A_CHARGE, charge[HE_CHARGE_SILENT], 0),
  F(he_track, "refused", A_CHARGE, charge[HE_CHARGE_REFUSED], 0),
  F(he_track, "tls", A_CHARGE, charge[HE_CHARGE_TLS], 0),
  F(he_track, "successes", A_U32, successes, UINT32_MAX),
  F(he_track, "failures", A_U32, failures, UINT32_MAX),
  F(he_track, "losses", A_U32, losses, UINT32_MAX)
};

static const struct field of_family[] = {
  F(he_host_family, "answered", A_TIME, answered, 0),
  F(he_host_family, "probed", A_TIME, probed, 0),
  F(he_host_family, "probe_gap_ms", A_SPAN, gap, UINT32_MAX)
};

static const struct field of_known[] = {
  F(he_known, "answered", A_TIME, answered, 0),
  F(he_known, "place", A_U8, place, UINT8_MAX),
  F(he_known, "ttl", A_U32, ttl, UINT32_MAX)
};

#define REFUTED(name, kind) \
  F(he_network_family, name "_refuted", A_TIME, refuted[kind], 0)
#define WITNESS(name, kind, i) \
  F(he_network_family, name, A_WITNESS, witness[kind][i], 0)

static const struct field of_network[] = {
  F(he_network_family, "rtt_us", A_U32, rtt.srtt_us, US_MAX),
  F(he_network_family, "rttvar_us", A_U32, rtt.rttvar_us, US_MAX),
  F(he_network_family, "measured", A_TIME, sampled, 0),
  REFUTED("silent", HE_NETWORK_SILENT),
  WITNESS("silent1", HE_NETWORK_SILENT, 0),
  WITNESS("silent2", HE_NETWORK_SILENT, 1),
  WITNESS("silent3", HE_NETWORK_SILENT, 2),
  REFUTED("tls", HE_NETWORK_TLS),
  WITNESS("tls1", HE_NETWORK_TLS, 0),
  WITNESS("tls2", HE_NETWORK_TLS, 1),
  WITNESS("tls3", HE_NETWORK_TLS, 2)
};

#define N(table) (sizeof(table) / sizeof(*(table)))

/* A part of a line and what it is about: one or two tables, each with the
   struct that its fields lie in. */
struct section {
  struct {
    const struct field *table;
    size_t n;
    void *in;
  } part[2];
};

static struct section host_section(struct he_host_record *r)
{
  return (struct section){ { { of_host, N(of_host), r } } };
}

static struct section family_section(struct he_host_family *f)
{
  return (struct section){ { { of_family, N(of_family), f },
                             { of_track, N(of_track), &f->track } } };
}

static struct section known_section(struct he_known *k)
{
  return (struct section){ { { of_known, N(of_known), k },
                             { of_track, N(of_track), &k->track } } };
}

static struct section network_section(struct he_network_family *f)
{
  return (struct section){ { { of_network, N(of_network), f } } };
}

/* -- times -------------------------------------------------------------- */

/* A line's own time, which its other times are before, and the present. */
struct times {
  int64_t line_ms;
  struct he_moment m;
};

static void put_ago(struct he_writer *w, struct he_moment m, he_time_ns t)
{
  he_time_ns age = he_age(t, m.now);
  he_put_text(w, "-");
  he_put_number(w, (uint64_t)(age / MS + (age % MS > 0)));
  he_put_text(w, "ms");
}

static bool is_never(struct he_moment m, he_time_ns t)
{
  return he_age(t, m.now) == HE_NEVER;
}

static bool read_ago(const struct times *at, struct he_word w, he_time_ns *t)
{
  uint64_t ago;
  int64_t ms;
  if(w.len < 4 || w.at[0] != '-' || memcmp(w.at + w.len - 2, "ms", 2) ||
     !he_read_number((struct he_word){ w.at + 1, w.len - 3 }, INT64_MAX / 2,
                     &ago))
    return false;
  ms = at->line_ms - (int64_t)ago;
  if(ms < at->m.wall_ms - YEAR_MS)
    *t = HE_LONG_AGO;
  else if(ms > at->m.wall_ms)
    *t = at->m.now;
  else
    *t = at->m.now - (at->m.wall_ms - ms) * MS;
  return true;
}

/* Takes a line's own time from *rest. */
static bool read_times(struct he_word *rest, struct he_moment m,
                       struct times *out)
{
  struct he_word w;
  out->m = m;
  return he_next_word(rest, &w) && he_read_time(w, &out->line_ms) &&
         out->line_ms <= m.wall_ms + FUTURE_MS;
}

/* -- writing a field ---------------------------------------------------- */

static void put_name(struct he_writer *w, const struct field *f)
{
  he_put_text(w, " ");
  he_put_text(w, f->name);
  he_put_text(w, "=");
}

static void put_number(struct he_writer *w, const struct field *f, uint64_t v)
{
  if(v) {
    put_name(w, f);
    he_put_number(w, v < f->most ? v : f->most);
  }
}

static void put_time(struct he_writer *w, const struct field *f,
                     struct he_moment m, he_time_ns t)
{
  if(!is_never(m, t)) {
    put_name(w, f);
    put_ago(w, m, t);
  }
}

/* One without points says since when there are none. */
static void put_charge(struct he_writer *w, const struct field *f,
                       struct he_moment m, const struct he_charge *c)
{
  if(is_never(m, c->at))
    return;
  put_name(w, f);
  he_put_number(w, c->points);
  he_put_text(w, ",");
  put_ago(w, m, c->at);
  if(c->points) {
    he_put_text(w, ",");
    he_put_number(w, c->port);
    he_put_text(w, ",");
    he_put_hex(w, c->by, 8);
  }
}

static void put_witness(struct he_writer *w, const struct field *f,
                        struct he_moment m, const struct he_witness *one)
{
  if(is_never(m, one->at))
    return;
  put_name(w, f);
  he_put_hex(w, one->host, 16);
  he_put_text(w, ",");
  he_put_hex(w, one->addr, 8);
  he_put_text(w, ",");
  put_ago(w, m, one->at);
}

static void put_field(struct he_writer *w, const struct field *f,
                      struct he_moment m, const void *in)
{
  const void *at = (const char *)in + f->at;
  switch(f->type) {
  case A_U8:
    put_number(w, f, *(const uint8_t *)at);
    break;
  case A_U16:
    put_number(w, f, *(const uint16_t *)at);
    break;
  case A_U32:
    put_number(w, f, *(const uint32_t *)at);
    break;
  case A_TIME:
    put_time(w, f, m, *(const he_time_ns *)at);
    break;
  case A_SPAN:
    put_number(w, f, (uint64_t)(*(const he_time_ns *)at / MS));
    break;
  case A_CHARGE:
    put_charge(w, f, m, at);
    break;
  case A_WITNESS:
    put_witness(w, f, m, at);
    break;
  }
}

static void put_section(struct he_writer *w, struct section s,
                        struct he_moment m)
{
  for(int p = 0; p < 2; p++)
    for(size_t i = 0; i < s.part[p].n; i++)
      put_field(w, &s.part[p].table[i], m, s.part[p].in);
}

/* -- reading a field ---------------------------------------------------- */

/* What a field is that a line leaves out. The rest of the struct is zeros. */
static void clear_section(struct section s)
{
  for(int p = 0; p < 2; p++)
    for(size_t i = 0; i < s.part[p].n; i++) {
      const struct field *f = &s.part[p].table[i];
      void *at = (char *)s.part[p].in + f->at;
      if(f->type == A_TIME)
        *(he_time_ns *)at = HE_LONG_AGO;
      else if(f->type == A_CHARGE)
        ((struct he_charge *)at)->at = HE_LONG_AGO;
      else if(f->type == A_WITNESS)
        ((struct he_witness *)at)->at = HE_LONG_AGO;
    }
}

/* Splits at commas; returns how many parts there are, 0 for more than n. */
static size_t split(struct he_word w, struct he_word *part, size_t n)
{
  for(size_t i = 0; i < n; i++) {
    const char *comma = w.len ? memchr(w.at, ',', w.len) : NULL;
    part[i] = (struct he_word){ w.at, comma ? (size_t)(comma - w.at) :
                                w.len };
    if(!comma)
      return i + 1;
    w.len -= part[i].len + 1;
    w.at = comma + 1;
  }
  return 0;
}

static bool read_charge(struct he_word w, const struct times *at,
                        struct he_charge *c)
{
  struct he_word part[4];
  uint64_t points, port = 0, by = 0;
  size_t n = split(w, part, 4);
  if(n < 2 || !he_read_number(part[0], HE_POINTS_BAD, &points) ||
     !read_ago(at, part[1], &c->at) || n != (points ? 4 : 2))
    return false;
  if(points && (!he_read_number(part[2], UINT16_MAX, &port) ||
                !he_read_hex(part[3], 8, &by)))
    return false;
  c->points = (uint8_t)points;
  c->port = (uint16_t)port;
  c->by = (uint32_t)by;
  return true;
}

static bool read_witness(struct he_word w, const struct times *at,
                         struct he_witness *one)
{
  struct he_word part[3];
  uint64_t addr;
  if(split(w, part, 3) != 3 || !he_read_hex(part[0], 16, &one->host) ||
     !he_read_hex(part[1], 8, &addr) || !read_ago(at, part[2], &one->at))
    return false;
  one->addr = (uint32_t)addr;
  return true;
}

static bool read_field(const struct field *f, struct he_word w,
                       const struct times *times, void *in)
{
  void *at = (char *)in + f->at;
  uint64_t v = 0;
  switch(f->type) {
  case A_TIME:
    return read_ago(times, w, at);
  case A_CHARGE:
    return read_charge(w, times, at);
  case A_WITNESS:
    return read_witness(w, times, at);
  case A_U8:
  case A_U16:
  case A_U32:
  case A_SPAN:
    if(!he_read_number(w, f->most, &v))
      return false;
    break;
  }
  if(f->type == A_U8)
    *(uint8_t *)at = (uint8_t)v;
  else if(f->type == A_U16)
    *(uint16_t *)at = (uint16_t)v;
  else if(f->type == A_U32)
    *(uint32_t *)at = (uint32_t)v;
  else
    *(he_time_ns *)at = (he_time_ns)v * MS;
  return true;
}

/* `w` is NAME=VALUE. */
static bool read_into(struct section s, struct he_word w,
                      const struct times *times)
{
  struct he_word name, value;
  if(!he_word_split(w, &name, &value))
    return false;
  for(int p = 0; p < 2; p++)
    for(size_t i = 0; i < s.part[p].n; i++)
      if(*name.at == *s.part[p].table[i].name &&
         he_word_is(name, s.part[p].table[i].name))
        return read_field(&s.part[p].table[i], value, times,
                          s.part[p].in);
  return true;
}

/* A time is of no use where there is nothing that was true at it. */
static void tidy(const struct he_estimate *e, he_time_ns *sampled)
{
  if(!e->srtt_us)
    *sampled = HE_LONG_AGO;
}

/* -- what a connect says by itself: it was then that the address was heard of,
   and measured, and that nothing was held against it but dead TLS ------- */

static const enum he_charge_kind acquitted[] = {
  HE_CHARGE_SILENT, HE_CHARGE_REFUSED
};

/* Before a track is written: without what its last connect says. */
static void leave_out(struct he_track *t)
{
  if(t->at == t->good_at)
    t->at = HE_LONG_AGO;
  if(t->sampled == t->good_at)
    t->sampled = HE_LONG_AGO;
  for(size_t i = 0; i < N(acquitted); i++) {
    struct he_charge *c = &t->charge[acquitted[i]];
    if(!c->points && c->at == t->good_at)
      c->at = HE_LONG_AGO;
  }
}

/* After one was read: with it. */
static void put_in(struct he_track *t)
{
  if(t->at == HE_LONG_AGO)
    t->at = t->good_at;
  if(t->sampled == HE_LONG_AGO)
    t->sampled = t->good_at;
  tidy(&t->rtt, &t->sampled);
  for(size_t i = 0; i < N(acquitted); i++) {
    struct he_charge *c = &t->charge[acquitted[i]];
    if(c->at == HE_LONG_AGO)
      *c = (struct he_charge){ .at = t->good_at };
  }
}

/* -- heads -------------------------------------------------------------- */

static const char *const family_name[HE_FAMILIES] = { "ipv6", "ipv4" };

static struct he_writer begin(struct he_record *out)
{
  return (struct he_writer){ .out = out->line, .size = sizeof(out->line) };
}

static bool finish(struct he_record *out, struct he_writer *w)
{
  he_put_sum(w, FORMAT);
  out->len = w->len;
  return !w->full;
}

static void put_about(struct he_writer *w, uint64_t network, const char *name)
{
  he_put_text(w, name ? "host " : "network ");
  he_put_hex(w, network, 16);
  if(name) {
    he_put_text(w, " ");
    he_put_escaped(w, name, strlen(name));
  }
  he_put_text(w, " ");
}

static void put_head(struct he_writer *w, uint64_t network, const char *name,
                     struct he_moment m)
{
  put_about(w, network, name);
  he_put_time(w, m.wall_ms);
}

/* A name as he_name_set() makes it. */
static bool read_name(struct he_word w, struct he_name *name)
{
  char text[HE_HISTORY_HOST_MAX + 1];
  return he_read_escaped(w, text, sizeof(text)) && he_name_set(name, text) &&
         !strcmp(name->text, text);
}

static bool read_forget(struct he_word *rest, struct he_record_head *head)
{
  struct he_word w;
  if(!he_next_word(rest, &w) || !he_read_time(w, &head->wall_ms) ||
     !he_next_word(rest, &w))
    return false;
  if(!he_word_is(w, "all"))
    head->some = true;
  return !rest->len &&
         (!head->some || he_read_hex(w, 16, &head->name_hash));
}

/* *rest is what follows. */
static bool read_head(struct he_word *rest, struct he_record_head *head,
                      struct he_name *name)
{
  const char *start = rest->at;
  struct he_word w;
  *head = (struct he_record_head){ .kind = HE_RECORD_NETWORK };
  name->len = 0;
  if(!he_next_word(rest, &w))
    return false;
  if(he_word_is(w, "forget")) {
    head->kind = HE_RECORD_FORGET;
    return read_forget(rest, head);
  }
  if(he_word_is(w, "host"))
    head->kind = HE_RECORD_HOST;
  else if(!he_word_is(w, "network"))
    return false;
  if(!he_next_word(rest, &w) || !he_read_hex(w, 16, &head->network))
    return false;
  if(head->kind == HE_RECORD_HOST) {
    if(!he_next_word(rest, &w) || !read_name(w, name))
      return false;
    head->name_hash = name->hash;
  }
  head->key_len = (size_t)(w.at + w.len - start);
  return true;
}

bool he_record_open(const char *line, size_t len, struct he_record_head *head,
                    struct he_name *name, struct he_word *rest)
{
  return len <= HE_RECORD_MAX &&
         he_read_sum((struct he_word){ line, len }, FORMAT, rest) &&
         read_head(rest, head, name);
}

bool he_record_head(const char *line, size_t len, struct he_record_head *out)
{
  struct he_name name;
  struct he_word rest;
  return he_record_open(line, len, out, &name, &rest);
}

size_t he_record_begin(char out[HE_RECORD_BEGIN_MAX], uint64_t network,
                       const char *host)
{
  struct he_writer w = { .out = out, .size = HE_RECORD_BEGIN_MAX };
  struct he_name name;
  if(host && !he_name_set(&name, host))
    return 0;
  put_about(&w, network, host ? name.text : NULL);
  return w.len;
}

bool he_record_forget(struct he_record *out, const char *host,
                      int64_t wall_ms)
{
  struct he_writer w = begin(out);
  struct he_name name;
  if(wall_ms < 0 || wall_ms > HE_WALL_MAX ||
     (host && !he_name_set(&name, host)))
    return false;
  he_put_text(&w, "forget ");
  he_put_time(&w, wall_ms);
  if(host) {
    he_put_text(&w, " ");
    he_put_hex(&w, name.hash, 16);
  }
  else
    he_put_text(&w, " all");
  return finish(out, &w);
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

/* In an order of its own, so that what is the same gives the same line. */
static void put_known(struct he_writer *w, const struct he_host *host,
                      struct he_moment m)
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
    char text[HE_ADDR_TEXT];
    leave_out(&one.track);
    he_put_text(w, " ");
    he_put_text(w, he_addr_text(&one.addr, text));
    put_section(w, known_section(&one), m);
  }
}

bool he_record_write_host(struct he_record *out, const struct he_host *host,
                          struct he_moment m)
{
  struct he_host_record r = { .used = host->used, .port = host->port };
  struct he_writer w = begin(out);
  put_head(&w, host->network, host->name, m);
  put_section(&w, host_section(&r), m);
  for(int f = 0; f < HE_FAMILIES; f++) {
    struct he_host_family one = host->family[f];
    leave_out(&one.track);
    he_put_text(&w, " ");
    he_put_text(&w, family_name[f]);
    put_section(&w, family_section(&one), m);
  }
  put_known(&w, host, m);
  return finish(out, &w);
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

static int family_of(struct he_word w)
{
  for(int f = 0; f < HE_FAMILIES; f++)
    if(he_word_is(w, family_name[f]))
      return f;
  return -1;
}

/* An address as it is written, so that none has two ways to be. */
static bool read_address(struct he_word w, struct he_addr *out)
{
  char text[HE_ADDR_TEXT], again[HE_ADDR_TEXT];
  if(w.len >= sizeof(text))
    return false;
  memcpy(text, w.at, w.len);
  text[w.len] = 0;
  return he_addr_parse(out, text) && !strcmp(he_addr_text(out, again), text);
}

/* A word that begins a section: a family or an address. */
static bool turn_to(struct he_host_record *out, struct he_word w,
                    struct section *s)
{
  int f = family_of(w);
  struct he_known *k = &out->known[out->n];
  if(f >= 0)
    *s = family_section(&out->family[f]);
  else if(out->n < HE_HISTORY_ADDRS && read_address(w, &k->addr)) {
    out->n++;
    *s = known_section(k);
    clear_section(*s);
  }
  else
    return false;
  return true;
}

static void begin_host(struct he_host_record *out)
{
  memset(out, 0, sizeof(*out));
  clear_section(host_section(out));
  for(int f = 0; f < HE_FAMILIES; f++)
    clear_section(family_section(&out->family[f]));
}

bool he_record_read_host(struct he_host_record *out, struct he_word rest,
                         struct he_moment m)
{
  struct section s = host_section(out);
  struct times times;
  struct he_word w;
  begin_host(out);
  if(!read_times(&rest, m, &times))
    return false;
  while(he_next_word(&rest, &w)) {
    bool names = !memchr(w.at, '=', w.len);
    if(!(names ? turn_to(out, w, &s) : read_into(s, w, &times)))
      return false;
  }
  for(int f = 0; f < HE_FAMILIES; f++)
    put_in(&out->family[f].track);
  for(unsigned i = 0; i < out->n; i++)
    put_in(&out->known[i].track);
  return !rest.len && fits(out);
}

/* -- networks ----------------------------------------------------------- */

bool he_record_write_network(struct he_record *out,
                             const struct he_network *n, struct he_moment m)
{
  struct he_writer w = begin(out);
  put_head(&w, n->id, NULL, m);
  for(int f = 0; f < HE_FAMILIES; f++) {
    struct he_network_family one = n->family[f];
    he_put_text(&w, " ");
    he_put_text(&w, family_name[f]);
    put_section(&w, network_section(&one), m);
  }
  return finish(out, &w);
}

bool he_record_read_network(struct he_network *out, struct he_word rest,
                            struct he_moment m)
{
  struct section s = { { { NULL, 0, NULL } } };
  struct times times;
  struct he_word w;
  memset(out, 0, sizeof(*out));
  for(int f = 0; f < HE_FAMILIES; f++)
    clear_section(network_section(&out->family[f]));
  if(!read_times(&rest, m, &times))
    return false;
  while(he_next_word(&rest, &w)) {
    int f = family_of(w);
    if(f >= 0)
      s = network_section(&out->family[f]);
    else if(!read_into(s, w, &times))
      return false;
  }
  for(int f = 0; f < HE_FAMILIES; f++)
    tidy(&out->family[f].rtt, &out->family[f].sampled);
  return !rest.len;
}
