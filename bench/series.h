/* SPDX-License-Identifier: MIT */
#ifndef BENCH_SERIES_H
#define BENCH_SERIES_H
/* series.h - the runs of one scenario in one mode, and what came of them. */
#include "sample.h"

#define MAX_SERIES 128

enum run_state { IDLE, CONNECTING, LINGERING };

struct series {
  const struct lab_scenario *scenario;
  enum mode mode;
  bool background; /* waits for long: others may be measured meanwhile */
  long limit_ms;   /* libcurl's connect time-out */
  int wanted;
  int done;        /* samples there are */
  struct sample samples[MAX_RUNS];
  /* the run that is under way */
  enum run_state state;
  pid_t pid;
  int fd;
  long syns_before;
  size_t filled;
  char said[1024];
};

void series_init(struct series *s, const struct lab_scenario *scenario,
                 enum mode mode, int runs);

/* Starts the next run of CONNECT; of CONNECT_alone for MODE_CURL. False: the
   system refused. */
bool series_start(struct series *s, const char *connect_path);

/* Takes what the run says, and its end. Blocks for that end at most. */
void series_read(struct series *s);

/* As in sample.h. */
double series_ms(const struct series *s);
long series_syns(const struct series *s);
int series_failed(const struct series *s);
int series_left(const struct series *s); /* the worst */

/* Series come by scenario, and by mode within one. */
void series_print_table(const struct series *all, size_t n);
void series_print_json(const struct series *all, size_t n);

#endif
