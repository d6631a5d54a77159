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
 * rounded up, so that nothing gets younger by being written. What the last
 * connect says by itself is left out. A line is taken whole or not at all. */
#include "history/record.h"

#include <string.h>

#define FORMAT 1                 /* seeds the checksum of every line */
#define US_MAX (HE_SAMPLE_MAX / 1000)
#define N(table) (sizeof(table) / sizeof(*(table)))

/* -- the fields --------------------------------------------------------- */

#define NUMBER(owner, name, member, most) \
  HE_FIELD(owner, name, HE_FIELD_NUMBER, member, most)
#define AGO(owner, name, member) \
  HE_FIELD(owner, name, HE_FIELD_AGO, member, 0)
#define HEX(owner, member) HE_FIELD(owner, NULL, HE_FIELD_HEX, member, 0)

static const struct he_field of_charge[] = {
  NUMBER(he_charge, NULL, points, HE_POINTS_BAD),
  AGO(he_charge, NULL, at),
  NUMBER(he_charge, NULL, port, UINT16_MAX),
  HEX(he_charge, by)
};

static const struct he_field of_witness[] = {
  HEX(he_witness, host),
  HEX(he_witness, addr),
  AGO(he_witness, NULL, at)
};

static const struct he_field of_host[] = {
  AGO(he_host_record, "used", used),
  NUMBER(he_host_record, "port", port, UINT16_MAX)
};

static const struct he_field of_track[] = {
  NUMBER(he_track, "rtt_us", rtt.srtt_us, US_MAX),
  NUMBER(he_track, "rttvar_us", rtt.rttvar_us, US_MAX),
  AGO(he_track, "measured", sampled),
  AGO(he_track, "connected", good_at),
  AGO(he_track, "seen", at),
  HE_FIELDS(he_track, "silent", charge[HE_CHARGE_SILENT], of_charge),
  HE_FIELDS(he_track, "refused", charge[HE_CHARGE_REFUSED], of_charge),
  HE_FIELDS(he_track, "tls", charge[HE_CHARGE_TLS], of_charge),
  NUMBER(he_track, "successes", successes, UINT32_MAX),
  NUMBER(he_track, "failures", failures, UINT32_MAX),
  NUMBER(he_track, "losses", losses, UINT32_MAX)
};

static const struct he_field of_family[] = {
  AGO(he_host_family, "answered", answered),
  AGO(he_host_family, "probed", probed),
  HE_FIELD(he_host_family, "probe_gap_ms", HE_FIELD_SPAN, gap, UINT32_MAX)
};

static const struct he_field of_known[] = {
  AGO(he_known, "answered", answered),
  NUMBER(he_known, "place", place, UINT8_MAX),
  NUMBER(he_known, "ttl", ttl, UINT32_MAX)
};

#define WITNESS(name, kind, i) \
  HE_FIELDS(he_network_family, name, witness[kind][i], of_witness)

static const struct he_field of_network[] = {
  NUMBER(he_network_family, "rtt_us", rtt.srtt_us, US_MAX),
  NUMBER(he_network_family, "rttvar_us", rtt.rttvar_us, US_MAX),
  AGO(he_network_family, "measured", sampled),
  AGO(he_network_family, "silent_refuted", refuted[HE_NETWORK_SILENT]),
  WITNESS("silent1", HE_NETWORK_SILENT, 0),
  WITNESS("silent2", HE_NETWORK_SILENT, 1),
  WITNESS("silent3", HE_NETWORK_SILENT, 2),
  AGO(he_network_family, "tls_refuted", refuted[HE_NETWORK_TLS]),
  WITNESS("tls1", HE_NETWORK_TLS, 0),
  WITNESS("tls2", HE_NETWORK_TLS, 1),
  WITNESS("tls3", HE_NETWORK_TLS, 2)
};

static struct he_section host_section(struct he_host_record *r)
{
  return (struct he_section){ { { of_host, N(of_host), r } } };
}

static struct he_section family_section(struct he_host_family *f)
{
  return (struct he_section){ { { of_family, N(of_family), f },
                                { of_track, N(of_track), &f->track } } };
}

static struct he_section known_section(struct he_known *k)
{
  return (struct he_section){ { { of_known, N(of_known), k },
                                { of_track, N(of_track), &k->track } } };
}

static struct he_section network_section(struct he_network_family *f)
{
  return (struct he_section){ { { of_network, N(of_network), f } } };
}

/* A new section begins: nothing is known of what it is about. */
static void turn_to(struct he_section *s, struct he_section to)
{
  *s = to;
  he_section_clear(s);
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
    struct he_section s;
    char text[HE_ADDR_TEXT];
    leave_out(&one.track);
    he_put_text(w, " ");
    he_put_text(w, he_addr_text(&one.addr, text));
    s = known_section(&one);
    he_section_put(w, &s, m);
  }
}

bool he_record_write_host(struct he_record *out, const struct he_host *host,
                          struct he_moment m)
{
  struct he_host_record r = { .used = host->used, .port = host->port };
  struct he_writer w = begin(out);
  struct he_section s;
  put_head(&w, host->network, host->name, m);
  s = host_section(&r);
  he_section_put(&w, &s, m);
  for(int f = 0; f < HE_FAMILIES; f++) {
    struct he_host_family one = host->family[f];
    leave_out(&one.track);
    he_put_text(&w, " ");
    he_put_text(&w, family_name[f]);
    s = family_section(&one);
    he_section_put(&w, &s, m);
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
static bool read_section(struct he_host_record *out, struct he_word w,
                         struct he_section *s)
{
  int f = family_of(w);
  struct he_known *k = &out->known[out->n];
  if(f >= 0)
    *s = family_section(&out->family[f]);
  else if(out->n < HE_HISTORY_ADDRS && read_address(w, &k->addr)) {
    out->n++;
    turn_to(s, known_section(k));
  }
  else
    return false;
  return true;
}

bool he_record_read_host(struct he_host_record *out, struct he_word rest,
                         struct he_moment m)
{
  struct he_section s;
  struct he_word w;
  int64_t line_ms;
  memset(out, 0, sizeof(*out));
  for(int f = 0; f < HE_FAMILIES; f++)
    turn_to(&s, family_section(&out->family[f]));
  turn_to(&s, host_section(out));
  if(!he_line_time(&rest, m, &line_ms))
    return false;
  while(he_next_word(&rest, &w))
    if(memchr(w.at, '=', w.len) ? !he_section_read(&s, w, m, line_ms) :
       !read_section(out, w, &s))
      return false;
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
  struct he_section s;
  put_head(&w, n->id, NULL, m);
  for(int f = 0; f < HE_FAMILIES; f++) {
    struct he_network_family one = n->family[f];
    he_put_text(&w, " ");
    he_put_text(&w, family_name[f]);
    s = network_section(&one);
    he_section_put(&w, &s, m);
  }
  return finish(out, &w);
}

bool he_record_read_network(struct he_network *out, struct he_word rest,
                            struct he_moment m)
{
  struct he_section s;
  struct he_word w;
  int64_t line_ms;
  memset(out, 0, sizeof(*out));
  for(int f = 0; f < HE_FAMILIES; f++)
    turn_to(&s, network_section(&out->family[f]));
  memset(&s, 0, sizeof(s));
  if(!he_line_time(&rest, m, &line_ms))
    return false;
  while(he_next_word(&rest, &w)) {
    int f = family_of(w);
    if(f >= 0)
      s = network_section(&out->family[f]);
    else if(!he_section_read(&s, w, m, line_ms))
      return false;
  }
  for(int f = 0; f < HE_FAMILIES; f++)
    tidy(&out->family[f].rtt, &out->family[f].sampled);
  return !rest.len;
}
