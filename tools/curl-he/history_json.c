/* SPDX-License-Identifier: MIT */
/* history_json.c - a host, for machines. Networks are words of hexadecimal
 * digits, for JSON's numbers lose the last bits of them. */
#include "json_write.h"
#include "remembered.h"
#include "words.h"

#include <sys/socket.h>

static json_t *network_json(unsigned long long network)
{
  char text[20];
  snprintf(text, sizeof(text), "%016llx", network);
  return json_string(text);
}

static int family_number(int family)
{
  return family == AF_INET6 ? 6 : 4;
}

static json_t *seen_json(const struct he_memory *m, const struct he_seen *s)
{
  const struct curl_he_history_entry *e = &s->e;
  return json_pack("{s:s, s:i, s:o, s:b, s:s, s:f, s:f, s:I, s:I, s:I, s:I}",
                   "address", s->address, "family", family_number(e->family),
                   "network", network_json(e->network),
                   "here", e->network == m->network,
                   "verdict", he_verdict_word(e->verdict),
                   "connect_ms", (double)e->connect_us / 1000,
                   "deviation_ms", (double)e->deviation_us / 1000,
                   "age_ms", (json_int_t)e->age_ms,
                   "successes", (json_int_t)e->successes,
                   "failures", (json_int_t)e->failures,
                   "losses", (json_int_t)e->losses);
}

static const char *from_word(long from)
{
  switch(from) {
  case CURL_HE_DELAY_NETWORK:
    return "network";
  case CURL_HE_DELAY_LEARNED:
    return "host";
  case CURL_HE_DELAY_RULE:
    return "fixed";
  default:
    return "cold";
  }
}

static json_t *next_json(const struct he_remembered *r)
{
  json_t *turns = json_array();
  char why[512];
  for(size_t i = 0; i < r->turns_n; i++) {
    const struct he_turn *t = &r->turns[i];
    json_array_append_new(turns, json_pack("{s:s, s:i, s:s, s:I}",
                          "address", t->address,
                          "family", family_number(t->t.family),
                          "verdict", he_verdict_word(t->t.verdict),
                          "start_ms", (json_int_t)t->t.start_ms));
  }
  he_memory_next(r, why, sizeof(why));
  return json_pack("{s:o, s:s, s:s}", "attempts", turns, "delay_from",
                   r->turns_n ? from_word(r->turns[0].t.delay_from) : "cold",
                   "text", why);
}

json_t *he_memory_json(const struct he_memory *m,
                       const struct he_remembered *r)
{
  json_t *seen = json_array();
  for(size_t i = 0; i < r->n; i++)
    json_array_append_new(seen, seen_json(m, &r->seen[i]));
  return json_pack("{s:o, s:o, s:o}", "host", he_json_text(r->host),
                   "addresses", seen, "next", next_json(r));
}
