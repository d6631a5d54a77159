/* SPDX-License-Identifier: MIT */
/* story.c - steps, put together. */
#include "story.h"
#include "../plain.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SILENT_US 250000
#define SILENT_FACTOR 3

static const char *const step_names[] = {
  [CURL_HE_STEP_RESOLVE] = "resolve", [CURL_HE_STEP_ANSWER] = "answer",
  [CURL_HE_STEP_START] = "start", [CURL_HE_STEP_CONNECTED] = "connected",
  [CURL_HE_STEP_FAILED] = "failed", [CURL_HE_STEP_TIMED_OUT] = "timed_out",
  [CURL_HE_STEP_CANCELLED] = "cancelled", [CURL_HE_STEP_GONE] = "gone",
  [CURL_HE_STEP_PROVOKED] = "provoked",
  [CURL_HE_STEP_HANDED_OVER] = "handed_over", [CURL_HE_STEP_ASIDE] = "aside",
  [CURL_HE_STEP_WON] = "won", [CURL_HE_STEP_LOST] = "lost",
  [CURL_HE_STEP_REMEMBERED] = "remembered", [CURL_HE_STEP_LOOKUP] = "lookup",
  [CURL_HE_STEP_SERVICES] = "services"
};
#define STEPS (sizeof(step_names) / sizeof(*step_names))

const char *he_step_name(CURLHEstep step)
{
  return (size_t)step < STEPS ? step_names[step] : "unknown";
}

int he_step_named(const char *name)
{
  for(size_t i = 0; i < STEPS; i++) {
    if(!strcmp(name, step_names[i]))
      return (int)i;
  }
  return -1;
}

const char *he_outcome_name(enum he_outcome outcome)
{
  static const char *const names[] = {
    "open", "connected", "failed", "timed_out", "cancelled", "gone"
  };
  return names[outcome];
}

void he_story_init(struct he_story *s, const char *host, int port)
{
  memset(s, 0, sizeof(*s));
  he_plain_string(s->host, sizeof(s->host), host);
  s->port = port;
  s->winner = -1;
  s->over = HE_NEVER_US;
}

/* -- telling -- */

static void story_resolve(struct he_story *s, const struct he_moment *m,
                          bool remembered)
{
  struct he_asked *a;
  if(s->nasked == HE_STORY_LOOKUPS) {
    s->left_out++;
    return;
  }
  a = &s->asked[s->nasked++];
  a->family = m->family;
  a->remembered = remembered;
  a->start = m->time_us;
  a->end = remembered ? m->time_us : HE_NEVER_US;
  a->count = m->count;
  he_plain_string(a->origin, sizeof(a->origin), m->origin);
}

/* An answer that nobody was seen to ask for was there when it was told. */
static void story_answer(struct he_story *s, const struct he_moment *m)
{
  struct he_asked *a = NULL;
  for(size_t i = 0; i < s->nasked && !a; i++) {
    if(s->asked[i].family == m->family && s->asked[i].end == HE_NEVER_US)
      a = &s->asked[i];
  }
  if(!a) {
    const size_t n = s->nasked;
    story_resolve(s, m, false);
    if(s->nasked == n)
      return;
    a = &s->asked[n];
  }
  a->end = m->time_us;
  a->count = m->count;
  he_plain_string(a->error, sizeof(a->error), m->error);
  if(m->origin)
    he_plain_string(a->origin, sizeof(a->origin), m->origin);
}

static void story_start(struct he_story *s, const struct he_moment *m)
{
  struct he_tried *t;
  if(s->ntried == HE_STORY_ATTEMPTS) {
    s->left_out++;
    return;
  }
  t = &s->tried[s->ntried++];
  t->family = m->family;
  t->libcurls = m->libcurls;
  t->start = m->time_us;
  t->end = HE_NEVER_US;
  t->delay_ms = m->delay_ms;
  he_plain_string(t->address, sizeof(t->address), m->address);
  he_plain_string(t->why, sizeof(t->why), m->why);
  he_plain_string(t->origin, sizeof(t->origin), m->origin);
}

/* The attempt that a step speaks of: one that goes on, else the last one. */
static struct he_tried *story_find(struct he_story *s,
                                   const struct he_moment *m, bool open)
{
  char address[sizeof(s->tried[0].address)];
  struct he_tried *found = NULL;
  if(!m->address)
    return NULL;
  he_plain_string(address, sizeof(address), m->address);
  for(size_t i = 0; i < s->ntried; i++) {
    struct he_tried *t = &s->tried[i];
    if(strcmp(t->address, address))
      continue;
    if(t->outcome == HE_OPEN && t->libcurls == m->libcurls)
      return t;
    if(!open && (!found || t->outcome == HE_CONNECTED))
      found = t;
  }
  return found;
}

static void story_end(struct he_story *s, const struct he_moment *m,
                      enum he_outcome outcome)
{
  struct he_tried *t = story_find(s, m, true);
  if(!t)
    return;
  t->outcome = outcome;
  t->end = m->time_us;
  t->code = m->code;
  if(m->local)
    he_plain_string(t->local, sizeof(t->local), m->local);
  he_plain_string(t->error, sizeof(t->error), m->error);
}

static void story_won(struct he_story *s, const struct he_moment *m)
{
  struct he_tried *t = story_find(s, m, false);
  if(s->over == HE_NEVER_US)
    s->over = m->time_us;
  if(!t || s->winner >= 0)
    return;
  if(t->outcome == HE_OPEN) {
    t->outcome = HE_CONNECTED;
    t->end = m->time_us;
  }
  t->won = true;
  s->winner = (int)(t - s->tried);
}

static void story_lost(struct he_story *s, const struct he_moment *m)
{
  if(s->over == HE_NEVER_US)
    s->over = m->time_us;
  s->lost = s->winner < 0;
  he_plain_string(s->error, sizeof(s->error), m->error);
}

static void story_aside(struct he_story *s, const struct he_moment *m)
{
  struct he_noted *n;
  if(s->nasides == HE_STORY_ASIDES) {
    s->left_out++;
    return;
  }
  n = &s->asides[s->nasides++];
  n->at = m->time_us;
  he_plain_string(n->text, sizeof(n->text), m->text);
}

static void story_take(struct he_story *s, const struct he_moment *m)
{
  struct he_tried *t = NULL;
  switch(m->step) {
  case CURL_HE_STEP_RESOLVE:
    story_resolve(s, m, false);
    break;
  case CURL_HE_STEP_REMEMBERED:
    if(m->count)
      story_resolve(s, m, true);
    break;
  case CURL_HE_STEP_ANSWER:
    story_answer(s, m);
    break;
  case CURL_HE_STEP_START:
    story_start(s, m);
    break;
  case CURL_HE_STEP_CONNECTED:
    story_end(s, m, HE_CONNECTED);
    break;
  case CURL_HE_STEP_FAILED:
    story_end(s, m, HE_FAILED);
    break;
  case CURL_HE_STEP_TIMED_OUT:
    story_end(s, m, HE_TIMED_OUT);
    break;
  case CURL_HE_STEP_CANCELLED:
    story_end(s, m, HE_CANCELLED);
    break;
  case CURL_HE_STEP_GONE:
    story_end(s, m, HE_GONE);
    break;
  case CURL_HE_STEP_PROVOKED:
    t = story_find(s, m, false);
    if(t)
      t->provoked = true;
    break;
  case CURL_HE_STEP_HANDED_OVER:
    t = story_find(s, m, false);
    if(t)
      t->handed_over = true;
    break;
  case CURL_HE_STEP_ASIDE:
    story_aside(s, m);
    break;
  case CURL_HE_STEP_WON:
    story_won(s, m);
    break;
  case CURL_HE_STEP_LOST:
    story_lost(s, m);
    break;
  case CURL_HE_STEP_LOOKUP:
    s->in_lookup = true;
    break;
  case CURL_HE_STEP_SERVICES:   /* the attempts show where it led */
    break;
  }
}

void he_story_tell(struct he_story *s, const struct he_moment *m)
{
  struct he_moment at = *m;
  if(at.time_us < s->last)
    at.time_us = s->last;
  if(at.time_us > HE_STORY_LONGEST_US)
    at.time_us = HE_STORY_LONGEST_US;
  s->last = at.time_us;
  story_take(s, &at);
}

/* -- asking -- */

const struct he_tried *he_story_winner(const struct he_story *s)
{
  return s->winner < 0 ? NULL : &s->tried[s->winner];
}

int64_t he_story_connect_us(const struct he_story *s)
{
  return s->winner < 0 ? HE_NEVER_US : s->tried[s->winner].end;
}

static bool story_addressless(const struct he_story *s)
{
  for(size_t i = 0; i < s->nasked; i++) {
    if(s->asked[i].end == HE_NEVER_US || s->asked[i].count)
      return false;
  }
  return s->nasked && !s->ntried;
}

bool he_story_is_lost(const struct he_story *s)
{
  return s->lost || (s->winner < 0 && story_addressless(s));
}

int64_t he_story_span_us(const struct he_story *s)
{
  int64_t span = s->over;
  for(size_t i = 0; i < s->nasked; i++) {
    if(s->asked[i].end > span)
      span = s->asked[i].end;
  }
  for(size_t i = 0; i < s->ntried; i++) {
    if(s->tried[i].end > span)
      span = s->tried[i].end;
  }
  if(span < s->last && s->over == HE_NEVER_US)
    span = s->last;
  return span > 0 ? span : 1;
}

bool he_story_silent(const struct he_story *s, const struct he_tried *t)
{
  const struct he_tried *winner = he_story_winner(s);
  const int64_t end = t->end == HE_NEVER_US ? he_story_span_us(s) : t->end;
  const int64_t silence = end - t->start;
  if(t->outcome == HE_CONNECTED ||
     (t->outcome == HE_FAILED && t->code != ETIMEDOUT))
    return false;
  if(silence >= SILENT_US || t->outcome == HE_TIMED_OUT)
    return true;
  return winner && silence > 0 &&
         silence >= SILENT_FACTOR * (winner->end - winner->start);
}

void he_story_bare(char *out, size_t size, const char *address)
{
  const char *colon = strrchr(address, ':');
  const char *close = strchr(address, ']');
  size_t n = colon ? (size_t)(colon - address) : strlen(address);
  if(*address == '[' && close) {
    address++;
    n = (size_t)(close - address);
  }
  snprintf(out, size, "%.*s", (int)n, address);
}
