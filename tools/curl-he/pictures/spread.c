/* SPDX-License-Identifier: MIT */
#include "spread.h"

#include <stdlib.h>
#include <string.h>

/* Room doubles, from 16 on. */
static bool spread_room(struct he_spread *s)
{
  const size_t n = s->count;
  int64_t *grown;
  if(n && (n < 16 || (n & (n - 1))))
    return true;
  grown = realloc(s->times, (n ? 2 * n : 16) * sizeof(*grown));
  if(grown)
    s->times = grown;
  return grown;
}

static bool spread_time(struct he_spread *s, int64_t us)
{
  if(s->count == HE_SPREAD_TIMES)
    return true;
  if(!spread_room(s))
    return false;
  s->times[s->count++] = us;
  return true;
}

static void spread_winner(struct he_spread *s, const struct he_tried *t)
{
  char bare[sizeof(s->winners[0].address)];
  size_t i = 0;
  he_story_bare(bare, sizeof(bare), t->address);
  while(i < s->nwinners && strcmp(s->winners[i].address, bare))
    i++;
  if(i == s->nwinners) {
    if(i == HE_SPREAD_WINNERS)
      return;
    memcpy(s->winners[i].address, bare, sizeof(bare));
    s->winners[i].family = t->family;
    s->winners[i].count = 0;
    s->nwinners++;
  }
  s->winners[i].count++;
}

bool he_spread_add(struct he_spread *s, const struct he_story *story)
{
  const struct he_tried *t = he_story_winner(story);
  s->races++;
  if(!t)
    return true;
  s->connected++;
  if(t->family)
    s->by_family[t->family == 6]++;
  spread_winner(s, t);
  return spread_time(s, he_story_connect_us(story));
}

static int spread_less(const void *a, const void *b)
{
  const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static int spread_more(const void *a, const void *b)
{
  const struct he_won *x = a, *y = b;
  return (x->count < y->count) - (x->count > y->count);
}

void he_spread_sort(struct he_spread *s)
{
  if(s->count)
    qsort(s->times, s->count, sizeof(*s->times), spread_less);
  qsort(s->winners, s->nwinners, sizeof(*s->winners), spread_more);
}

int64_t he_spread_at(const struct he_spread *s, unsigned percent)
{
  const size_t rank = (s->count * percent + 99) / 100;
  if(!s->count)
    return HE_NEVER_US;
  return s->times[rank ? rank - 1 : 0];
}

void he_spread_free(struct he_spread *s)
{
  free(s->times);
  memset(s, 0, sizeof(*s));
}
