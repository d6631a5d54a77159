/* SPDX-License-Identifier: MIT */
#ifndef BENCH_SAMPLE_H
#define BENCH_SAMPLE_H
/* sample.h - for what starts measuring programs: a connect that one of them
 * told of, and what several come to. */
#include "lab/scenarios.h"

#include <stdbool.h>
#include <sys/types.h>

#define MAX_RUNS 9

enum mode {
  MODE_CURL,    /* libcurl alone */
  MODE_EASY,    /* curl_easy_perform() with curl-he */
  MODE_PERFORM, /* curl_he_perform() */
  MODE_EPOLL,   /* curl_multi_socket_action() on a strict loop, with curl-he */
  MODES
};

/* As the measuring programs, and the tables, call them. */
extern const char *const mode_words[MODES];

struct sample {
  double ms;    /* from the call to the connected socket, or to the error */
  int code;     /* libcurl's; -1: the program did not say */
  int left;     /* sockets in SYN-SENT a second later */
  long syns;    /* to the addresses of the host; -1: unknown */
  char winner[48];
};

/* Takes the line of a measuring program: "MS WINNER CODE ...". */
bool sample_read(struct sample *sample, const char *line);

/* Medians. Those of time are over the runs that have connected, or over all
   where none has. */
double samples_ms(const struct sample *list, int n);
long samples_syns(const struct sample *list, int n);
int samples_failed(const struct sample *list, int n);

/* "41.3", or "fails 15054" where no run has connected. */
void samples_time(const struct sample *list, int n, char *text, size_t size);

/* Starts a program. *out: what it writes comes from there. *in: what it reads
   is written there; NULL: it has the caller's. -1: the system refused. */
pid_t start_program(const char *const *argv, int *out, int *in);
void end_program(pid_t pid, int out);

/* "syndrop=N" of a scenario begins again. */
void lose_again(const struct lab_scenario *s);

/* Is it one of these numbers? Of none, too. */
bool chosen(int number, char **list);

#endif
