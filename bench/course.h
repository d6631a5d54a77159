/* SPDX-License-Identifier: MIT */
#ifndef BENCH_COURSE_H
#define BENCH_COURSE_H
/* course.h - four connects to a scenario's host, each of which knows what the
 * ones before have taught; several times over, each time from nothing.
 *
 *   IDLE -> COLD, SECOND -> 8 s -> LATER -> end -> PROCESS -> end -> IDLE
 *
 * Each of the four is CONNECTING.
 */
#include "sample.h"

enum turn {
  COLD,      /* nothing is known */
  SECOND,    /* right after the first */
  LATER,     /* when a probe has confirmed what one lost SYN may mean */
  PROCESS,   /* the first of another process, by the same file */
  TURNS
};

enum course_state { IDLE, CONNECTING, PAUSING, ENDING };

struct plan {
  int number;
  const char *title;
  const struct lab_scenario *taught; /* asked for by COLD and SECOND */
  const struct lab_scenario *asked;  /* by LATER and PROCESS */
  int best_ms;                       /* everything known, as in the table */
};

struct course {
  struct plan plan;
  enum mode mode;
  const char *program;
  bool background; /* waits for long: others may be measured meanwhile */
  int wanted;
  int done;
  struct sample samples[TURNS][MAX_RUNS];
  /* what is under way */
  enum course_state state;
  enum turn turn;  /* the next one, or the one it is at */
  double due_ms;   /* when it may go on, if PAUSING */
  pid_t pid;
  int in, out;
  char file[256];
  long syns_before;
  size_t filled;
  char said[512];
};

double course_now_ms(void);

/* Its file lies in `folder`. */
void course_init(struct course *c, const struct plan *plan, enum mode mode,
                 int runs, const char *program, const char *folder);

/* Would they count each other's SYNs? */
bool course_meets(const struct course *a, const struct course *b);

/* Makes the next connect: of one that is IDLE, or PAUSING until now. False:
   the system refused. */
bool course_connect(struct course *c);

/* Takes what the program says, and its end. False: the system refused. */
bool course_read(struct course *c);

#endif
