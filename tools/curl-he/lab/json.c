/* SPDX-License-Identifier: MIT */
#include "json.h"
#include "../json_write.h"

#include <string.h>

static json_t *number(double value, bool time)
{
  if(value < 0)
    return json_null();
  return time ? json_real((double)(json_int_t)(value * 1000 + 0.5) / 1000) :
         json_integer((json_int_t)value);
}

static json_t *at(const struct he_lab_seen *s, int64_t ns)
{
  return number(he_lab_at_ms(s, ns), true);
}

static json_t *question(const struct he_lab_seen *s, int kind)
{
  const struct he_lab_asked *a = &s->asked[kind];
  if(!a->times)
    return json_null();
  return json_pack("{s:o, s:i, s:o, s:i, s:i}", "asked_ms",
                   at(s, a->asked_ns), "times", (int)a->times, "answered_ms",
                   at(s, a->answered_ns), "records", (int)a->answers, "rcode",
                   (int)a->rcode);
}

static json_t *try_of(const struct he_lab_seen *s, size_t i)
{
  const struct he_lab_try *t = &s->tries[i];
  return json_pack("{s:s, s:s, s:i, s:o, s:i, s:s, s:o, s:b, s:o, s:o}",
                   "address",
                   t->addr, "label", t->label, "port", (int)t->port, "at_ms",
                   at(s, t->at_ns), "syns", (int)t->syns,
                   "end", he_lab_end_word(t->end),
                   "connected_ms", at(s, t->connected_ns), "used",
                   (int)i == s->winner, "heard_ms", at(s, t->heard_ns),
                   "closed_ms", at(s, t->closed_ns));
}

static json_t *run_of(const struct he_lab_run *run)
{
  json_t *o = json_object(), *tries = json_array(), *delays = json_array();
  char word[HE_LAB_WORD];
  for(const struct he_lab_fact *f = he_lab_facts; f->name; f++)
    json_object_set_new(o, f->name, f->number ? number(f->number(run), f->time)
                        : json_string(f->word(run, word, sizeof(word))));
  json_object_set_new(o, "killed", json_boolean(run->killed));
  for(size_t i = 0; i < run->seen.ntries; i++) {
    json_array_append_new(tries, try_of(&run->seen, i));
    if(i)
      json_array_append_new(delays, number(he_lab_delay_ms(&run->seen, i),
                                           true));
  }
  json_object_set_new(o, "delays_ms", delays);
  json_object_set_new(o, "questions", json_pack(
    "{s:o, s:o, s:o}", "AAAA", question(&run->seen, HE_LAB_AAAA), "A",
    question(&run->seen, HE_LAB_A), "HTTPS",
    question(&run->seen, HE_LAB_HTTPS)));
  json_object_set_new(o, "attempts", tries);
  json_object_set_new(o, "said", he_json_text(run->said));
  return o;
}

json_t *he_lab_json(const struct he_lab_plan *plan,
                    const struct he_lab_result *r)
{
  const struct lab_scenario *s = r->scenario;
  char url[256];
  json_t *median = json_object(), *runs = json_array();
  he_lab_url(plan, s, url, sizeof(url));
  for(const struct he_lab_fact *f = he_lab_facts; f->name; f++) {
    if(f->time)
      json_object_set_new(median, f->name, number(he_lab_median(r, f), true));
  }
  for(size_t i = 0; i < r->n; i++)
    json_array_append_new(runs, run_of(&r->runs[i]));
  return json_pack("{s:s, s:o, s:s, s:s, s:s, s:o, s:o}", "name", s->name,
                   "number", s->number ? json_integer(s->number) :
                   json_null(), "title", s->title, "host", s->host, "url",
                   url, "median", median, "runs", runs);
}

static json_t *word(const char *text)
{
  return *text ? json_string(text) : json_null();
}

static json_t *late(const struct he_lab_late *l)
{
  if(l->how != HE_LAB_LATE_WAITS && l->how != HE_LAB_LATE_STARTS)
    return json_null();
  return json_pack("{s:b, s:o}", "waits", l->how == HE_LAB_LATE_WAITS, "ms",
                   number(l->ms, true));
}

json_t *he_lab_json_summary(const struct he_lab_summary *s)
{
  return json_pack("{s:o, s:o, s:o, s:o, s:o, s:i, s:i, s:o}", "prefers",
                   word(s->prefers), "asks", word(s->asks),
                   "attempt_delay_ms", number(s->attempt_delay_ms, true),
                   "aaaa_late", late(&s->aaaa_late), "a_late",
                   late(&s->a_late), "v6_addresses", (int)s->v6,
                   "v4_addresses", (int)s->v4, "families",
                   word(s->families));
}
