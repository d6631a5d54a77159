/* SPDX-License-Identifier: MIT */
#include "summary.h"

#include <stdlib.h>
#include <string.h>

/* -- hosts: a table that is probed from a name's hash on -- */

static size_t summary_hash(const char *host, int port)
{
  uint64_t h = UINT64_C(14695981039346656037) ^ (unsigned)port;
  for(; *host; host++)
    h = (h ^ (unsigned char)*host) * UINT64_C(1099511628211);
  return (size_t)(h % HE_SUMMARY_HOSTS);
}

/* NULL: there is no room, or no memory. */
static struct he_host *summary_host(struct he_summary *s,
                                    const struct he_story *story)
{
  size_t i = summary_hash(story->host, story->port);
  struct he_host *h;
  for(; s->hosts[i]; i = (i + 1) % HE_SUMMARY_HOSTS) {
    h = s->hosts[i];
    if(h->port == story->port && !strcmp(h->host, story->host))
      return h;
  }
  if(s->nhosts >= HE_SUMMARY_HOSTS - 1)
    return NULL;                /* one slot stays free, to end the search */
  h = calloc(1, sizeof(*h));
  if(!h)
    return NULL;
  memcpy(h->host, story->host, sizeof(h->host));
  h->port = story->port;
  s->hosts[i] = h;
  s->nhosts++;
  return h;
}

static struct he_known *summary_known(struct he_host *h,
                                      const struct he_tried *t)
{
  char bare[sizeof(h->known[0].address)];
  size_t i = 0;
  he_story_bare(bare, sizeof(bare), t->address);
  while(i < h->n && strcmp(h->known[i].address, bare))
    i++;
  if(i == HE_SUMMARY_ADDRESSES)
    return NULL;
  if(i == h->n) {
    h->n++;
    memcpy(h->known[i].address, bare, sizeof(bare));
    h->known[i].family = t->family;
  }
  return &h->known[i];
}

static void summary_attempt(struct he_known *k, const struct he_story *story,
                            const struct he_tried *t)
{
  const int64_t end = t->end == HE_NEVER_US ? he_story_span_us(story) : t->end;
  const int64_t took = end - t->start;
  const bool silent = he_story_silent(story, t);
  const bool answers = !silent && (t->outcome == HE_CONNECTED ||
                                   t->outcome == HE_FAILED);
  k->tries++;
  k->answers += answers;
  k->silent += silent;
  if(silent && took > k->longest_us)
    k->longest_us = took;
  if(!silent && !answers)
    return;
  k->seen = true;
  k->way.family = k->family;
  k->way.took = took;
  k->way.does = silent ? HE_DOES_NOTHING : t->outcome == HE_FAILED ?
                HE_DOES_FAIL : HE_DOES_CONNECT;
}

/* -- time saved -- */

/* When the answer of a family was there. What was not told before the end came
   no sooner than the end; what nobody asked for was there. */
static int64_t summary_answer(const struct he_story *s, int family)
{
  for(size_t i = 0; i < s->nasked; i++) {
    const struct he_asked *a = &s->asked[i];
    if(a->remembered || a->family != family)
      continue;
    return a->end == HE_NEVER_US ? s->over : a->end;
  }
  return 0;
}

static void summary_saved(struct he_summary *s, const struct he_host *h,
                          const struct he_story *story)
{
  const struct he_tried *winner = he_story_winner(story);
  struct he_way ways[HE_SUMMARY_ADDRESSES];
  int64_t alone;
  if(!winner)
    return;
  for(size_t i = 0; i < h->n; i++) {
    ways[i] = h->known[i].way;
    if(!h->known[i].seen)
      ways[i] = (struct he_way){ h->known[i].family, HE_DOES_CONNECT,
                                 winner->end - winner->start };
  }
  alone = he_saved_rfc8305_us(summary_answer(story, 6),
                              summary_answer(story, 4), ways, h->n);
  if(alone == HE_NEVER_US)
    return;
  s->compared++;
  s->saved_us += alone - winner->end;
}

bool he_summary_add(struct he_summary *s, const struct he_story *story)
{
  struct he_host *h;
  s->lost += he_story_is_lost(story);
  s->unfinished += story->winner < 0 && !he_story_is_lost(story);
  s->aside += story->nasides > 0;
  if(!he_spread_add(&s->spread, story))
    return false;
  if(!story->ntried)
    return true;
  h = summary_host(s, story);
  if(!h) {
    s->crowded += story->ntried;
    return s->nhosts >= HE_SUMMARY_HOSTS - 1;
  }
  for(size_t i = 0; i < story->ntried; i++) {
    struct he_known *k = summary_known(h, &story->tried[i]);
    if(k)
      summary_attempt(k, story, &story->tried[i]);
    else
      s->crowded++;
  }
  summary_saved(s, h, story);
  return true;
}

void he_summary_free(struct he_summary *s)
{
  for(size_t i = 0; i < HE_SUMMARY_HOSTS; i++)
    free(s->hosts[i]);
  he_spread_free(&s->spread);
  memset(s, 0, sizeof(*s));
}

/* -- silence -- */

static bool silent_before(const struct he_silent *a, const struct he_silent *b)
{
  const int order = strcmp(a->known->address, b->known->address);
  return a->known->tries > b->known->tries ||
         (a->known->tries == b->known->tries && order < 0);
}

size_t he_summary_silent(const struct he_summary *s, struct he_silent *out,
                         size_t room)
{
  size_t all = 0, n = 0;
  for(size_t i = 0; i < HE_SUMMARY_HOSTS; i++) {
    for(size_t k = 0; s->hosts[i] && k < s->hosts[i]->n; k++) {
      const struct he_silent one = { s->hosts[i], &s->hosts[i]->known[k] };
      size_t at = n;
      if(one.known->answers || !one.known->silent)
        continue;
      all++;
      while(at && silent_before(&one, &out[at - 1]))
        at--;
      if(at == room)
        continue;
      n += n < room;
      memmove(&out[at + 1], &out[at], (n - 1 - at) * sizeof(*out));
      out[at] = one;
    }
  }
  return all;
}
