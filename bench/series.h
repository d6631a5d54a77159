/* SPDX-License-Identifier: MIT */
#ifndef BENCH_SERIES_H
#define BENCH_SERIES_H
/* series.h - the runs of one scenario in one mode, and what came of them. */
#include "lab/scenarios.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#define MAX_RUNS 9
#define MAX_SERIES 96

enum mode {
  MODE_CURL,    /* libcurl alone */
  MODE_EASY,    /* curl_easy_perform() with curl-he */
  MODE_PERFORM, /* curl_he_perform() */
  MODES
};

enum run_state { IDLE, CONNECTING, LINGERING };

struct sample {
  double ms;    /* from the call to the connected socket, or to the error */
  int code;     /* libcurl's; -1: the program did not say */
  int left;     /* sockets in SYN-SENT a second later */
  long syns;    /* to the addresses of the host; -1: unknown */
  char winner[48];
};

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

/* Starts the next run. False: the system refused. */
bool series_start(struct series *s, const char *connect_path);

/* Takes what the run says, and its end. Blocks for that end at most. */
void series_read(struct series *s);

/* Medians. Those of time are over the runs that have connected, or over all
   where none has. */
double series_ms(const struct series *s);
long series_syns(const struct series *s);
int series_failed(const struct series *s);
int series_left(const struct series *s); /* the worst */

/* Series come by scenario, and by mode within one. */
void series_print_table(const struct series *all, size_t n);
void series_print_json(const struct series *all, size_t n);

#endif
