/* SPDX-License-Identifier: MIT */
#ifndef HE_PERFETTO_H
#define HE_PERFETTO_H
/* perfetto.h - stories as trace events of Chrome's JSON form, which
 * ui.perfetto.dev and the Firefox Profiler open. A process is a process there;
 * a race has a track of its own, and one more for each thing that goes on
 * beside another. */
#include "story.h"

#include <stdio.h>

#define HE_PERFETTO_PROCESSES 256

struct he_perfetto {
  FILE *out;
  unsigned long races;
  size_t nnamed;
  long named[HE_PERFETTO_PROCESSES];    /* processes that were named */
  bool begun;
  bool failed;                          /* there was no memory */
};

void he_perfetto_begin(struct he_perfetto *p, FILE *out);
void he_perfetto_story(struct he_perfetto *p, const struct he_story *s);
/* False: it is not complete. */
bool he_perfetto_end(struct he_perfetto *p);

#endif
