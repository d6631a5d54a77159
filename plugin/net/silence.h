/* SPDX-License-Identifier: MIT */
#ifndef HE_SILENCE_H
#define HE_SILENCE_H
/* silence.h - looks once at a connection that libcurl has: was something sent
 * over it that nobody answers? Then it is shut down, so that whoever waits for
 * it goes on.
 *
 * The first look is due 250 ms after the beginning. A connection has been
 * silent when nothing was received, and the last byte was sent so long ago that
 * one lost packet, sent again, would have been answered: the retransmission
 * time-out and 1.5 round trips of the path, 250 ms at least. */
#include "net/racer.h"

struct he_silence;

/* Watches the socket fd, which is somebody else's. NULL without memory or a
   thread. */
struct he_silence *he_silence_new(struct he_racer *r, int fd);

/* Was it shut down? From any thread. */
bool he_silence_struck(struct he_silence *s);

/* Stops watching. Blocks for nobody: a look that is under way may end a moment
   later. NULL is fine. */
void he_silence_free(struct he_silence *s);

#endif
