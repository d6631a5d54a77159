/* SPDX-License-Identifier: MIT */
#include "upstream/frames.h"

#include <stdlib.h>
#include <string.h>

#define PREFIX 2
/* For hundreds of usual answers; the buffer grows where one needs more. */
#define USUAL 16384
#define MOST (PREFIX + 65535)

void he_frames_init(struct he_frames *f)
{
  memset(f, 0, sizeof(*f));
}

void he_frames_free(struct he_frames *f)
{
  free(f->buffer);
  he_frames_init(f);
}

/* The length of the next message with its prefix; what the prefix itself takes
   where that is not there. */
static size_t next_takes(const struct he_frames *f)
{
  const unsigned char *p = f->buffer + f->from;
  return f->to - f->from < PREFIX ? PREFIX :
         PREFIX + ((size_t)p[0] << 8 | p[1]);
}

static bool resize(struct he_frames *f, size_t room)
{
  unsigned char *more = realloc(f->buffer, room);
  if(!more)
    return false;
  f->buffer = more;
  f->room = room;
  return true;
}

unsigned char *he_frames_space(struct he_frames *f, size_t *len)
{
  if(f->from) {
    memmove(f->buffer, f->buffer + f->from, f->to - f->from);
    f->to -= f->from;
    f->from = 0;
  }
  if(!f->room && !resize(f, USUAL))
    return NULL;
  if(f->to == f->room && !resize(f, MOST))
    return NULL;
  if(f->room > USUAL && f->to < USUAL && next_takes(f) <= USUAL)
    resize(f, USUAL);         /* in vain: it stays large */
  *len = f->room - f->to;
  return f->buffer + f->to;
}

void he_frames_fed(struct he_frames *f, size_t len)
{
  f->to += len;
}

enum he_frame he_frames_take(struct he_frames *f, const unsigned char **out,
                             size_t *len)
{
  size_t takes;
  if(f->to - f->from < PREFIX)
    return HE_FRAME_PART;
  takes = next_takes(f);
  if(takes < PREFIX + HE_DNS_HEADER)
    return HE_FRAME_BROKEN;
  if(f->to - f->from < takes)
    return HE_FRAME_PART;
  *out = f->buffer + f->from + PREFIX;
  *len = takes - PREFIX;
  f->from += takes;
  return HE_FRAME_WHOLE;
}
