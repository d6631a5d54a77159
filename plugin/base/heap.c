/* SPDX-License-Identifier: MIT */
/* heap.c - the heap. Places count from 1, so that 0 means "not in it" and
 * the parent of i is i / 2. */
#include "base/heap.h"

#include <stdlib.h>

void he_timers_free(struct he_timers *t)
{
  free(t->heap);
  t->heap = NULL;
  t->count = t->room = t->reserved = 0;
}

bool he_timers_reserve(struct he_timers *t)
{
  if(t->reserved + 1 >= t->room) {
    size_t room = t->room ? t->room * 2 : 16;
    struct he_timer **heap = realloc(t->heap, room * sizeof(*heap));
    if(!heap)
      return false;
    t->heap = heap;
    t->room = room;
  }
  t->reserved++;
  return true;
}

void he_timers_release(struct he_timers *t)
{
  t->reserved--;
}

static void put(struct he_timers *t, size_t i, struct he_timer *timer)
{
  t->heap[i] = timer;
  timer->place = i;
}

static void up(struct he_timers *t, size_t i, struct he_timer *timer)
{
  for(; i > 1 && t->heap[i / 2]->due > timer->due; i /= 2)
    put(t, i, t->heap[i / 2]);
  put(t, i, timer);
}

static void down(struct he_timers *t, size_t i, struct he_timer *timer)
{
  for(;;) {
    size_t child = i * 2;
    if(child < t->count && t->heap[child + 1]->due < t->heap[child]->due)
      child++;
    if(child > t->count || t->heap[child]->due >= timer->due)
      break;
    put(t, i, t->heap[child]);
    i = child;
  }
  put(t, i, timer);
}

static void take_out(struct he_timers *t, struct he_timer *timer)
{
  size_t hole = timer->place;
  struct he_timer *last = t->heap[t->count--];
  timer->place = 0;
  if(last == timer)
    return;
  if(hole > 1 && t->heap[hole / 2]->due > last->due)
    up(t, hole, last);
  else
    down(t, hole, last);
}

void he_timer_set(struct he_timers *t, struct he_timer *timer, he_time_ns due)
{
  if(timer->place) {
    if(timer->due == due)
      return;
    take_out(t, timer);
  }
  timer->due = due;
  if(due != HE_NEVER) {
    t->count++;
    up(t, t->count, timer);
  }
}

he_time_ns he_timers_due(const struct he_timers *t)
{
  return t->count ? t->heap[1]->due : HE_NEVER;
}

struct he_timer *he_timers_pop(struct he_timers *t, he_time_ns now)
{
  struct he_timer *first = t->count ? t->heap[1] : NULL;
  if(!first || first->due > now)
    return NULL;
  take_out(t, first);
  return first;
}
