/* SPDX-License-Identifier: MIT */
#ifndef HE_GALLERY_H
#define HE_GALLERY_H
/* gallery.h - the few of many races that are drawn: those that took longest,
 * a race that was lost longer than any that was won. */
#include "story.h"

#define HE_GALLERY_MAX 200

/* All zero, but for the limit. */
struct he_gallery {
  size_t limit;                 /* 1 to HE_GALLERY_MAX */
  size_t count;
  unsigned long seen;
  struct he_story *stories[HE_GALLERY_MAX];
  unsigned long order[HE_GALLERY_MAX];      /* in which they came */
};

/* Copies the story, if it belongs here. False: no memory. */
bool he_gallery_add(struct he_gallery *g, const struct he_story *s);
/* Hangs them in the order in which they came. */
void he_gallery_sort(struct he_gallery *g);
void he_gallery_free(struct he_gallery *g);

#endif
