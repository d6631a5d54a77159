/* SPDX-License-Identifier: MIT */
/* trace.c - an array of steps. */
#include "trace/trace.h"

#include <stdlib.h>
#include <string.h>

/* 64 addresses a family, a few steps each */
#define MAX_STEPS 1024

bool he_trace_reserve(struct he_trace *t, uint32_t room)
{
  struct he_step *steps;
  if(room <= t->room)
    return true;
  steps = room > MAX_STEPS ? NULL : realloc(t->steps, room * sizeof(*steps));
  if(!steps)
    return false;
  t->steps = steps;
  t->room = room;
  return true;
}

void he_trace_add(struct he_trace *t, const struct he_step *step)
{
  if(t->count == t->room) {
    uint32_t room = t->room < 8 ? t->room + 2 : t->room + t->room / 4;
    if(!he_trace_reserve(t, room))
      return;
  }
  t->steps[t->count++] = *step;
}

void he_trace_clear(struct he_trace *t)
{
  free(t->steps);
  memset(t, 0, sizeof(*t));
}

struct he_step *he_trace_copy(const struct he_trace *t)
{
  struct he_step *copy;
  if(!t->count)
    return NULL;
  copy = malloc(t->count * sizeof(*copy));
  if(copy)
    memcpy(copy, t->steps, t->count * sizeof(*copy));
  return copy;
}
