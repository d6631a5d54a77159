/* SPDX-License-Identifier: MIT */
#include "gallery.h"

#include <stdlib.h>
#include <string.h>

static int64_t gallery_length(const struct he_story *s)
{
  const int64_t us = he_story_span_us(s);
  return s->winner < 0 ? us + HE_STORY_LONGEST_US : he_story_connect_us(s);
}

static size_t gallery_least(const struct he_gallery *g)
{
  size_t least = 0;
  for(size_t i = 1; i < g->count; i++) {
    if(gallery_length(g->stories[i]) < gallery_length(g->stories[least]))
      least = i;
  }
  return least;
}

bool he_gallery_add(struct he_gallery *g, const struct he_story *s)
{
  size_t i = g->count;
  g->seen++;
  if(g->count == g->limit) {
    i = gallery_least(g);
    if(gallery_length(s) <= gallery_length(g->stories[i]))
      return true;
  }
  else {
    g->stories[i] = malloc(sizeof(*s));
    if(!g->stories[i])
      return false;
    g->count++;
  }
  *g->stories[i] = *s;
  g->order[i] = g->seen;
  return true;
}

void he_gallery_sort(struct he_gallery *g)
{
  for(size_t i = 1; i < g->count; i++) {
    struct he_story *s = g->stories[i];
    const unsigned long order = g->order[i];
    size_t at = i;
    for(; at && g->order[at - 1] > order; at--) {
      g->order[at] = g->order[at - 1];
      g->stories[at] = g->stories[at - 1];
    }
    g->order[at] = order;
    g->stories[at] = s;
  }
}

void he_gallery_free(struct he_gallery *g)
{
  for(size_t i = 0; i < g->count; i++)
    free(g->stories[i]);
  memset(g, 0, sizeof(*g));
}
