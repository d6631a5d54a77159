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
/* What was written by a clock this far ahead is let pass. */
#define FUTURE_MS 60000

/* -- the fields --------------------------------------------------------- */

#define NUMBER(owner, name, member, most) \
  HE_FIELD(owner, name, HE_FIELD_NUMBER, member, most, NULL)
#define AGO(owner, name, member) \
  HE_FIELD(owner, name, HE_FIELD_AGO, member, 0, NULL)
#define HEX(owner, member) \
  HE_FIELD(owner, NULL, HE_FIELD_HEX, member, 0, NULL)
#define LIST(owner, name, member, fields) \
  HE_FIELD(owner, name, HE_FIELD_LIST, member, 0, fields)
#define FIELDS(table) { table, sizeof(table) / sizeof(*(table)) }

static const struct he_field charge_fields[] = {
  NUMBER(he_charge, NULL, points, HE_POINTS_BAD),
  AGO(he_charge, NULL, at),
  NUMBER(he_charge, NULL, port, UINT16_MAX),
  HEX(he_charge, by)
};
static const struct he_fields of_charge = FIELDS(charge_fields);

static const struct he_field witness_fields[] = {
  HEX(he_witness, host),
  HEX(he_witness, addr),
  AGO(he_witness, NULL, at)
};
static const struct he_fields of_witness = FIELDS(witness_fields);

/* `in` is the way to it in the struct: empty, or it ends in a dot. */
#define ESTIMATE(owner, in) \
  AGO(owner, "measured", in at), \
  NUMBER(owner, "rtt_us", in srtt_us, US_MAX), \
  NUMBER(owner, "rttvar_us", in rttvar_us, US_MAX)
#define TRACK(owner) \
  ESTIMATE(owner, track.rtt.), \
  AGO(owner, "connected", track.good_at), \
  AGO(owner, "seen", track.at), \
  LIST(owner, "silent", track.charge[HE_CHARGE_SILENT], &of_charge), \
  LIST(owner, "refused", track.charge[HE_CHARGE_REFUSED], &of_charge), \
  LIST(owner, "tls", track.charge[HE_CHARGE_TLS], &of_charge), \
  NUMBER(owner, "successes", track.successes, UINT32_MAX), \
  NUMBER(owner, "failures", track.failures, UINT32_MAX), \
  NUMBER(owner, "losses", track.losses, UINT32_MAX)

static const struct he_field host_fields[] = {
  AGO(he_record_body, "used", used),
  NUMBER(he_record_body, "port", port, UINT16_MAX)
};
static const struct he_fields of_host = FIELDS(host_fields);

static const struct he_field family_fields[] = {
  AGO(he_host_family, "answered", answered),
  AGO(he_host_family, "probed", probed),
  NUMBER(he_host_family, "probe_gap_ms", gap_ms, UINT32_MAX),
  TRACK(he_host_family)
};
const struct he_fields he_of_family = FIELDS(family_fields);

static const struct he_field known_fields[] = {
  AGO(he_known, "answered", answered),
  NUMBER(he_known, "place", place, UINT8_MAX),
  NUMBER(he_known, "ttl", ttl, UINT32_MAX),
  TRACK(he_known)
};
const struct he_fields he_of_known = FIELDS(known_fields);

#define SAID(name, kind) \
  AGO(he_network_family, name "_refuted", refuted[kind]), \
  LIST(he_network_family, name "1", witness[kind][0], &of_witness), \
  LIST(he_network_family, name "2", witness[kind][1], &of_witness), \
  LIST(he_network_family, name "3", witness[kind][2], &of_witness)

static const struct he_field network_fields[] = {
  ESTIMATE(he_network_family, rtt.),
  SAID("silent", HE_NETWORK_SILENT),
  SAID("tls", HE_NETWORK_TLS)
};
static const struct he_fields of_network = FIELDS(network_fields);

static const struct he_field estimate_fields[] = { ESTIMATE(he_estimate, ) };
const struct he_fields he_of_estimate = FIELDS(estimate_fields);

/* -- what a connect says by itself: it was then that the address was heard of,
   and measured, and that nothing was held against it but dead TLS ------- */

/* Before a track is written: without what its last connect says. */
static void leave_out(struct he_track *t)
{
  if(t->at == t->good_at)
    t->at = HE_LONG_AGO;
  if(t->rtt.at == t->good_at)
    t->rtt.at = HE_LONG_AGO;
  for(enum he_charge_kind i = 0; i < HE_CHARGE_TLS; i++) {
    struct he_charge *c = &t->charge[i];
    if(!c->points && c->at == t->good_at)
      c->at = HE_LONG_AGO;
  }
}

/* After one was read: with it. */
static void put_in(struct he_track *t)
{
  if(t->at == HE_LONG_AGO)
    t->at = t->good_at;
  if(t->rtt.srtt_us && t->rtt.at == HE_LONG_AGO)
    t->rtt.at = t->good_at;
  for(enum he_charge_kind i = 0; i < HE_CHARGE_TLS; i++) {
    struct he_charge *c = &t->charge[i];
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

/* -- writing ------------------------------------------------------------ */

static void put_section(struct he_writer *w, const char *name,
                        const struct he_fields *fields, const void *in,
                        struct he_moment m)
{
  he_put_text(w, " ");
  he_put_text(w, name);
  he_fields_put(w, fields, in, m);
}

bool he_record_write_host(struct he_record *out, const struct he_host *host,
                          struct he_moment m)
{
  struct he_record_body head = { .used = host->used, .port = host->port };
  struct he_writer w = begin(out);
  char text[HE_ADDR_TEXT];
  put_about(&w, host->network, host->name);
  he_put_time(&w, m.wall_ms);
  he_fields_put(&w, &of_host, &head, m);
  for(int f = 0; f < HE_FAMILIES; f++) {
    struct he_host_family one = host->family[f];
    leave_out(&one.track);
    put_section(&w, family_name[f], &he_of_family, &one, m);
  }
  for(unsigned i = 0; i < host->n; i++) {
    struct he_known one = host->known[i];
    leave_out(&one.track);
    put_section(&w, he_addr_text(&one.addr, text), &he_of_known, &one, m);
  }
  return finish(out, &w);
}

bool he_record_write_network(struct he_record *out,
                             const struct he_network *n, struct he_moment m)
{
  struct he_writer w = begin(out);
  put_about(&w, n->id, NULL);
  he_put_time(&w, m.wall_ms);
  for(int f = 0; f < HE_FAMILIES; f++)
    put_section(&w, family_name[f], &of_network, &n->family[f], m);
  return finish(out, &w);
}

/* -- reading ------------------------------------------------------------ */

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

/* In their order, which also says that none is there twice; and no family has
   too many. */
static bool fits(const struct he_record_body *b)
{
  unsigned of[HE_FAMILIES] = { 0 };
  for(unsigned i = 0; i < b->n; i++) {
    const struct he_addr *a = &b->known[i].addr;
    if(++of[a->family] > HE_FAMILY_ADDRS ||
       (i && he_addr_order(&b->known[i - 1].addr, a) >= 0))
      return false;
  }
  return true;
}

/* What the words are about that follow. */
struct section {
  const struct he_fields *fields;
  void *in;
};

/* A word that begins a section: a family or, in a host's line, an address. */
static bool turn(struct section *s, enum he_record_kind kind,
                 struct he_record_body *b, struct he_word w)
{
  struct he_known *k = &b->known[b->n];
  for(int f = 0; f < HE_FAMILIES; f++)
    if(he_word_is(w, family_name[f])) {
      *s = kind == HE_RECORD_HOST ?
           (struct section){ &he_of_family, &b->family[f] } :
           (struct section){ &of_network, &b->network[f] };
      return true;
    }
  if(kind != HE_RECORD_HOST || b->n == HE_HISTORY_ADDRS ||
     !read_address(w, &k->addr))
    return false;
  b->n++;
  *s = (struct section){ &he_of_known, k };
  he_fields_clear(s->fields, k);
  return true;
}

bool he_record_read(struct he_record_body *out, enum he_record_kind kind,
                    struct he_word rest, struct he_moment m)
{
  struct section s = { &of_host, out };
  struct he_word w;
  int64_t line_ms;
  memset(out, 0, sizeof(*out));
  he_fields_clear(&of_host, out);
  for(int f = 0; f < HE_FAMILIES; f++) {
    he_fields_clear(&he_of_family, &out->family[f]);
    he_fields_clear(&of_network, &out->network[f]);
  }
  if(!he_next_word(&rest, &w) || !he_read_time(w, &line_ms) ||
     line_ms > m.wall_ms + FUTURE_MS)
    return false;
  while(he_next_word(&rest, &w))
    if(memchr(w.at, '=', w.len) ?
       !he_fields_read(s.fields, w, s.in, m, line_ms) :
       !turn(&s, kind, out, w))
      return false;
  for(int f = 0; f < HE_FAMILIES; f++)
    put_in(&out->family[f].track);
  for(unsigned i = 0; i < out->n; i++)
    put_in(&out->known[i].track);
  return !rest.len && fits(out);
}
