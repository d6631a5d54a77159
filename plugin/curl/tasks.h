/* SPDX-License-Identifier: MIT */
#ifndef HE_TASKS_H
#define HE_TASKS_H
/* tasks.h - what runs for a handle: its last race, its lookup, and the gate in
 * front of the application's callbacks. A value of the handle's, with a lock.
 * Any thread, unless something else is said. */
#include "connect/connect.h"
#include "curl/gate.h"
#include "curl/refused.h"
#include "lookup/lookup.h"

struct he_tasks {
  struct he_connect *race;    /* the last one; the lock */
  struct he_lookup *lookup;   /* expected, running, or not yet taken from; the
                                 lock */
  struct he_app *app;         /* asked by the races; the lock */
  bool over;                  /* the handle was forgotten; the lock */
  struct he_refused *refused; /* in the last lookup, or NULL; the handle's
                                 thread */
  struct he_lookup *served;   /* the last one that was taken (ech.h), with a
                                 reference, or NULL; likewise */
};

void he_tasks_init(struct he_tasks *t);
/* The handle was forgotten: nothing new is taken, and what there is is called
   off. `traced`: waits, so that no trace callback comes after the return. */
void he_tasks_end(struct he_tasks *t, bool traced);
/* After the end, or when nothing was ever begun. */
void he_tasks_free(struct he_tasks *t);

/* The current race with a reference, or NULL. */
struct he_connect *he_tasks_race(struct he_tasks *t);
/* Replaces it (NULL: with none), calling the old one off; takes over the
   caller's reference. After the end the new one is called off: nobody else
   would do it. */
void he_tasks_set_race(struct he_tasks *t, struct he_connect *c);

/* The current lookup with a reference, or NULL. */
struct he_lookup *he_tasks_lookup(struct he_tasks *t);
/* Replaces it (NULL: with none), stopping the old one; takes over the caller's
   reference. After the end the new one is stopped. */
void he_tasks_set_lookup(struct he_tasks *t, struct he_lookup *l);
/* Ends the race in libcurl's lookup, for libcurl is about to wait for it. Does
   not wait itself. */
void he_tasks_stop_lookup(struct he_tasks *t);

/* The gate (gate.h) of the last race, with a reference; NULL: there is none. */
struct he_app *he_tasks_app(struct he_tasks *t);
/* Keeps this one, with a reference of its own. False after the end. */
bool he_tasks_keep_app(struct he_tasks *t, struct he_app *app);
/* No call to the application's callbacks comes from the racer's thread after
   the return, and none runs; what their race has is closed. Waits for that, but
   on the racer's thread itself. A race that begins later asks those declared
   then. */
void he_tasks_quit_app(struct he_tasks *t);

#endif
