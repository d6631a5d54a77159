/* SPDX-License-Identifier: MIT */
#ifndef HE_GATE_H
#define HE_GATE_H
/* gate.h - the application's socket callbacks, called for the racer's attempts.
 *
 * A value: the callbacks as they were declared when it was made. They can be
 * shut off once and for all. Reference-counted: its handle has one, and each
 * connect that asks it. */
#include "connect/app.h"
#include "net/racer.h"

struct he_declared;

/* One reference, the caller's; NULL without memory. Takes its own to the
   racer. */
struct he_app *he_app_new(const struct he_declared *d, struct he_racer *r);
void he_app_unref(struct he_app *a);   /* NULL is fine */

/* From now on only the close callback is called, for what is there. Does not
   wait. */
void he_app_wind_up(struct he_app *a);

/* From the return on no callback is called, and none runs: waits for one that
   does, but for one that this call comes from (on the racer's thread it does
   not wait at all). What is left of sockets is closed by close(). No lock may
   be held. */
void he_app_shut(struct he_app *a);

#endif
