/* SPDX-License-Identifier: MIT */
#ifndef HE_LAB_CLIENT_H
#define HE_LAB_CLIENT_H
/* client.h - one run of the client in a scenario, and what was seen of it. */
#include "seen.h"

/* What the client is, and how it is run. */
struct he_lab_plan {
  char **command;             /* up to NULL; with placeholders */
  bool add_url;               /* behind a command that has no placeholder */
  bool https;                 /* in every scenario */
  double limit_s;             /* for one run */
};

#define HE_LAB_SAID 4096      /* bytes of its output that are kept, the last */

struct he_lab_run {
  struct he_lab_seen seen;
  bool killed;                /* it took longer than the limit */
  int status;                 /* as a shell has it; killed: 137 */
  double took_ms;
  int left;                   /* sockets in SYN-SENT when it ended */
  int left_after;             /* those of processes that outlived it */
  char said[HE_LAB_SAID + 1];
};

/* The URL of a scenario. */
void he_lab_url(const struct he_lab_plan *plan, const struct lab_scenario *s,
                char *out, size_t size);

/* Has the command a placeholder? */
bool he_lab_has_place(char **command);

/* Runs the client, inside the laboratory, and ends all its children with it.
   False, with a word on stderr: the laboratory fails. Blocks for the limit at
   most. */
bool he_lab_client(const struct he_lab_plan *plan,
                   const struct lab_scenario *s, struct he_lab_run *run);

#endif
