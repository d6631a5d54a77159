/* SPDX-License-Identifier: MIT */
#ifndef HE_PROBES_H
#define HE_PROBES_H
/* probes.h - connects in the background, to find out whether what goes later
 * works again (he_history_next_probe()). Each is closed as soon as it has
 * connected, when the task is due, and given up after HE_PROBE_TIMEOUT. On the
 * racer's thread. */
#include "historian/recall.h"
#include "net/racer.h"

#define HE_PROBES_MAX 16      /* at once */

struct he_probes;

struct he_probe_try {
  struct he_watch watch;      /* first */
  struct he_probes *all;
  int fd;                     /* -1: none */
  he_time_ns began;
  struct he_probe probe;
};

struct he_probes {
  struct he_task *task;
  struct he_recall *recall;
  struct he_probe_try try[HE_PROBES_MAX];
};

void he_probes_init(struct he_probes *p, struct he_task *t,
                    struct he_recall *r);
bool he_probes_room(const struct he_probes *p);
/* Starts those that are due and ends those that have had their time. */
void he_probes_run(struct he_probes *p, he_time_ns now);
/* When to call that because of those that run; HE_NEVER: none does. */
he_time_ns he_probes_due(const struct he_probes *p);
/* Closes them all; nothing is learned of them. */
void he_probes_drop(struct he_probes *p);

#endif
