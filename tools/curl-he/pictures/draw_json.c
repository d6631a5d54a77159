/* SPDX-License-Identifier: MIT */
/* draw_json.c - a report for machines. Times are in microseconds, as their
 * names say; what is not known is null or is not there. */
#include "draw.h"
#include "../json_write.h"
#include "../plain.h"
#include "../words.h"

#include <jansson.h>
#include <string.h>

/* A reference is passed on, and NULL (no memory) is noted. */
struct making {
  bool failed;
};

static void put(struct making *m, json_t *object, const char *key,
                json_t *value)
{
  if(!value || json_object_set_new(object, key, value))
    m->failed = true;
}

static void push(struct making *m, json_t *array, json_t *value)
{
  if(!value || json_array_append_new(array, value))
    m->failed = true;
}

static json_t *time_us(int64_t us)
{
  return us == HE_NEVER_US ? json_null() : json_integer(us);
}

static json_t *count_of(unsigned long n)
{
  return json_integer((json_int_t)n);
}

static void put_word(struct making *m, json_t *object, const char *key,
                     const char *word)
{
  if(word && *word)
    put(m, object, key, json_string(word));
}

static json_t *from_asked(struct making *m, const struct he_asked *a)
{
  json_t *o = json_object();
  if(a->family)
    put(m, o, "family", json_integer(a->family));
  put(m, o, "remembered", json_boolean(a->remembered));
  put(m, o, "start_us", time_us(a->start));
  put(m, o, "end_us", time_us(a->end));
  put(m, o, "count", json_integer(a->count));
  put_word(m, o, "error", a->error);
  put_word(m, o, "origin", a->origin);
  return o;
}

static json_t *from_tried(struct making *m, const struct he_story *s,
                          const struct he_tried *t)
{
  json_t *o = json_object();
  put(m, o, "address", json_string(t->address));
  put(m, o, "family", json_integer(t->family));
  put(m, o, "by", json_string(t->libcurls ? "libcurl" : "curl-he"));
  put(m, o, "start_us", time_us(t->start));
  put(m, o, "end_us", time_us(t->end));
  put(m, o, "outcome", json_string(he_outcome_name(t->outcome)));
  put(m, o, "winner", json_boolean(t->won));
  put(m, o, "silent", json_boolean(he_story_silent(s, t)));
  put(m, o, "handed_over", json_boolean(t->handed_over));
  if(t->code)
    put(m, o, "errno", json_integer(t->code));
  put_word(m, o, "error", t->error);
  put_word(m, o, "local", t->local);
  put_word(m, o, "origin", t->origin);
  if(t->delay_ms >= 0)
    put(m, o, "delay_ms", json_integer(t->delay_ms));
  put_word(m, o, "delay_why", t->why);
  return o;
}

static json_t *from_story(struct making *m, const struct he_story *s)
{
  json_t *o = json_object(), *asked = json_array(), *tried = json_array();
  json_t *asides = json_array();
  const struct he_tried *winner = he_story_winner(s);
  put_word(m, o, "race", s->id);
  put_word(m, o, "program", s->program);
  put_word(m, o, "network", s->network);
  put_word(m, o, "wall", s->wall);
  if(s->pid)
    put(m, o, "pid", json_integer(s->pid));
  put(m, o, "host", json_string(s->host));
  put(m, o, "port", json_integer(s->port));
  put(m, o, "in_lookup", json_boolean(s->in_lookup));
  put(m, o, "connect_us", time_us(he_story_connect_us(s)));
  put(m, o, "winner", winner ? json_string(winner->address) : json_null());
  put(m, o, "lost", json_boolean(he_story_is_lost(s)));
  put_word(m, o, "error", s->error);
  for(size_t i = 0; i < s->nasked; i++)
    push(m, asked, from_asked(m, &s->asked[i]));
  for(size_t i = 0; i < s->ntried; i++)
    push(m, tried, from_tried(m, s, &s->tried[i]));
  for(size_t i = 0; i < s->nasides; i++)
    push(m, asides, json_string(s->asides[i].text));
  put(m, o, "lookups", asked);
  put(m, o, "attempts", tried);
  put(m, o, "asides", asides);
  put(m, o, "left_out", json_integer(s->left_out));
  return o;
}

static json_t *from_spread(struct making *m, const struct he_spread *s)
{
  json_t *o = json_object(), *winners = json_array();
  put(m, o, "races", count_of(s->races));
  put(m, o, "connected", count_of(s->connected));
  put(m, o, "ipv6", count_of(s->by_family[1]));
  put(m, o, "ipv4", count_of(s->by_family[0]));
  put(m, o, "min_us", time_us(he_spread_at(s, 0)));
  put(m, o, "median_us", time_us(he_spread_at(s, 50)));
  put(m, o, "p95_us", time_us(he_spread_at(s, 95)));
  put(m, o, "max_us", time_us(he_spread_at(s, 100)));
  for(size_t i = 0; i < s->nwinners; i++) {
    json_t *w = json_object();
    put(m, w, "address", json_string(s->winners[i].address));
    put(m, w, "family", json_integer(s->winners[i].family));
    put(m, w, "count", count_of(s->winners[i].count));
    push(m, winners, w);
  }
  put(m, o, "winners", winners);
  return o;
}

static json_t *from_silent(struct making *m, const struct he_summary *s)
{
  struct he_silent silent[100];
  size_t n = he_summary_silent(s, silent, 100);
  json_t *array = json_array();
  for(size_t i = 0; i < n && i < 100; i++) {
    json_t *o = json_object();
    put(m, o, "address", json_string(silent[i].known->address));
    put(m, o, "family", json_integer(silent[i].known->family));
    put(m, o, "host", json_string(silent[i].host->host));
    put(m, o, "port", json_integer(silent[i].host->port));
    put(m, o, "tries", count_of(silent[i].known->tries));
    put(m, o, "longest_silence_us", time_us(silent[i].known->longest_us));
    push(m, array, o);
  }
  return array;
}

static json_t *from_summary(struct making *m, const struct he_summary *s)
{
  json_t *o = from_spread(m, &s->spread);
  put(m, o, "lost", count_of(s->lost));
  put(m, o, "unfinished", count_of(s->unfinished));
  put(m, o, "aside", count_of(s->aside));
  put(m, o, "compared", count_of(s->compared));
  put(m, o, "saved_us", json_integer(s->saved_us));
  put(m, o, "never_answer", from_silent(m, s));
  put(m, o, "addresses_not_counted", count_of(s->crowded));
  put(m, o, "lines", count_of(s->lines));
  put(m, o, "damaged_lines", count_of(s->damaged));
  if(s->damaged)
    put(m, o, "first_damaged_line", count_of(s->first_damaged));
  put(m, o, "dropped_lines", count_of(s->dropped));
  put(m, o, "mistakes", count_of(s->mistakes));
  return o;
}

static json_t *from_history(struct making *m, const struct he_report *r)
{
  json_t *array = json_array();
  for(size_t i = 0; i < r->nrecalled; i++) {
    const struct he_recalled *k = &r->recalled[i];
    json_t *o = json_object();
    put(m, o, "address", json_string(k->address));
    put(m, o, "family", json_integer(k->family));
    put(m, o, "verdict", json_string(he_verdict_word(k->verdict)));
    put(m, o, "connect_us", k->connect_us ? json_integer(k->connect_us) :
        json_null());
    put(m, o, "successes", count_of(k->successes));
    put(m, o, "failures", count_of(k->failures));
    put(m, o, "losses", count_of(k->losses));
    put(m, o, "age_ms", k->successes || k->failures || k->losses ?
        json_integer(k->age_ms) : json_null());
    push(m, array, o);
  }
  return array;
}

static void put_objective(struct making *m, json_t *o,
                          const struct he_report *r)
{
  json_t *slo = json_object();
  put(m, slo, "limit_us", json_integer(r->slo_us));
  put(m, slo, "connect_us", time_us(r->slo_was_us));
  put(m, slo, "met", json_boolean(he_report_met(r)));
  put(m, o, "slo", slo);
}

static json_t *from_report(struct making *m, const struct he_report *r)
{
  json_t *o = json_object(), *races = json_array();
  put(m, o, "v", json_integer(1));
  put(m, o, "command", json_string(r->command));
  put_word(m, o, "error", r->error);
  if(r->summary)
    put(m, o, "summary", from_summary(m, r->summary));
  for(size_t i = 0; i < r->count; i++)
    push(m, races, from_story(m, r->stories[i]));
  put(m, o, "races", races);
  put(m, o, "more_races", count_of(r->more));
  if(r->alone)
    put(m, o, "libcurl_alone", from_story(m, r->alone));
  put_word(m, o, "libcurl_alone_error", r->alone_error);
  if(r->spread)
    put(m, o, "spread", from_spread(m, r->spread));
  if(r->alone_spread)
    put(m, o, "libcurl_alone_spread", from_spread(m, r->alone_spread));
  if(r->asked_history)
    put(m, o, "history", from_history(m, r));
  if(r->slo_us)
    put_objective(m, o, r);
  return o;
}

bool he_draw_json(FILE *out, const struct he_report *r)
{
  struct making m = { false };
  json_t *o = from_report(&m, r);
  if(m.failed) {
    json_decref(o);
    return false;
  }
  /* what cannot be written is the stream's to tell */
  return he_json_write(o, out) || ferror(out);
}
