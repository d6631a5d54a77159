/* SPDX-License-Identifier: MIT */
#ifndef HE_FRAMES_H
#define HE_FRAMES_H
/* frames.h - DNS messages out of a byte stream: each stands behind its length,
 * two bytes in network order (RFC 1035 section 4.2.2). Pure.
 *
 * The stream may come in pieces of any size: a length in two of them, or many
 * messages in one. One owner. */
#include "base/base.h"

/* A DNS header: what is shorter is no message. */
#define HE_DNS_HEADER 12

struct he_frames {
  unsigned char *buffer;
  size_t room;                /* of the buffer */
  size_t from;                /* what was taken is before it */
  size_t to;                  /* what came is before it */
};

/* All 0 is an empty one, too. */
void he_frames_init(struct he_frames *f);
void he_frames_free(struct he_frames *f);

/* After HE_FRAME_PART: where the next bytes of the stream are to be written,
   *len of them, at least one. Valid until the next call of any function here.
   NULL without memory. No more than 64 KiB and a few are ever kept. */
unsigned char *he_frames_space(struct he_frames *f, size_t *len);
/* So many were written there. */
void he_frames_fed(struct he_frames *f, size_t len);

enum he_frame {
  HE_FRAME_PART,              /* the next message is not there as a whole */
  HE_FRAME_WHOLE,
  HE_FRAME_BROKEN             /* its length is that of no DNS message: what
                                 follows means nothing */
};

/* Takes the next message: *out, *len, valid until he_frames_space(). */
enum he_frame he_frames_take(struct he_frames *f, const unsigned char **out,
                             size_t *len);

#endif
