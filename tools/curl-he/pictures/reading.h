/* SPDX-License-Identifier: MIT */
#ifndef HE_READING_H
#define HE_READING_H
/* reading.h - a trace, line by line, as stories.
 *
 * However long the file, the memory is bounded: at most HE_READING_OPEN races
 * are in the making at a time. Where one more begins, that which was told of
 * longest ago counts as told to its end. */
#include "story.h"
#include "summary.h"

#include <stdio.h>

#define HE_READING_OPEN 512

/* A story that was told to its end. False: stop reading. */
typedef bool (*he_reading_take)(const struct he_story *s, void *data);

/* A damaged line; may be NULL. */
typedef void (*he_reading_damaged)(unsigned long line, const char *why,
                                   void *data);

struct he_reader {
  he_reading_take take;
  he_reading_damaged damaged;
  void *data;
  struct he_summary *summary;   /* gets what is said of lines alone */
};

/* Reads to the end. 0, or an errno: ENOMEM, what reading said, or ECANCELED
   where `take` stopped it. Stories come out in the order in which they were
   told to their ends. */
int he_reading_run(FILE *in, const struct he_reader *r);

#endif
