/* SPDX-License-Identifier: MIT */
/* bench.c - runs the scenarios in the laboratory and says how long they took.
 *
 *   bench [--quick] [--json] CONNECT [SCENARIO...]
 *
 * CONNECT is the measuring program, started anew for each run; beside it lies
 * CONNECT_alone, which does not link libcurl-he. Only one run
 * is connecting at a time, save for the long waits of libcurl alone, which
 * take no processor and go on in the background; and no two runs are at the
 * same host at once, so that the SYNs counted there belong to one of them.
 *
 *   series: [run, run, run, ...]     one scenario in one mode
 *   run:    CONNECTING --1st line--> LINGERING --2nd line, end--> done
 *
 * Nothing is asserted here: tests do that. */
#include "series.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

static bool host_busy(const struct series *all, size_t n,
                      const struct lab_scenario *scenario)
{
  size_t i;
  for(i = 0; i < n; i++)
    if(all[i].scenario == scenario && all[i].state != IDLE)
      return true;
  return false;
}

static bool anyone_connecting(const struct series *all, size_t n)
{
  size_t i;
  for(i = 0; i < n; i++)
    if(!all[i].background && all[i].state == CONNECTING)
      return true;
  return false;
}

/* The one to start now: what waits long first, else the one with the fewest
   runs behind it. NULL: none can. */
static struct series *pick(struct series *all, size_t n)
{
  bool occupied = anyone_connecting(all, n);
  struct series *best = NULL;
  size_t i;

  for(i = 0; i < n; i++) {
    struct series *s = &all[i];
    if(s->state != IDLE || s->done == s->wanted ||
       host_busy(all, n, s->scenario))
      continue;
    if(s->background)
      return s;
    if(!occupied && (!best || s->done < best->done))
      best = s;
  }
  return best;
}

static bool finished(const struct series *all, size_t n)
{
  size_t i;
  for(i = 0; i < n; i++)
    if(all[i].done < all[i].wanted)
      return false;
  return true;
}

static bool run_all(struct series *all, size_t n, const char *connect_path)
{
  struct pollfd fds[MAX_SERIES];
  size_t i;

  while(!finished(all, n)) {
    struct series *next;
    while((next = pick(all, n)))
      if(!series_start(next, connect_path))
        return false;
    for(i = 0; i < n; i++) {
      fds[i].fd = all[i].state == IDLE ? -1 : all[i].fd;
      fds[i].events = POLLIN;
      fds[i].revents = 0;
    }
    if(poll(fds, (nfds_t)n, -1) < 0)
      return false;
    for(i = 0; i < n; i++)
      if(fds[i].revents)
        series_read(&all[i]);
  }
  return true;
}

int main(int argc, char **argv)
{
  static struct series all[MAX_SERIES];
  const struct lab_scenario *s;
  const char *connect_path;
  size_t n = 0;
  int runs = 5;
  bool json = false;

  for(argv++, argc--; argc && !strncmp(*argv, "--", 2); argv++, argc--) {
    if(!strcmp(*argv, "--quick"))
      runs = 1;
    else if(!strcmp(*argv, "--json"))
      json = true;
    else
      break;
  }
  if(!argc || **argv == '-') {
    fputs("usage: bench [--quick] [--json] CONNECT [SCENARIO...]\n", stderr);
    return 2;
  }
  connect_path = *argv++;
  for(s = lab_scenarios; s->host; s++) {
    int mode;
    if(!s->number || !chosen(s->number, argv))
      continue;
    for(mode = 0; mode < MODES && n < MAX_SERIES; mode++)
      series_init(&all[n++], s, (enum mode)mode, runs);
  }
  if(!run_all(all, n, connect_path)) {
    fputs("bench: a run could not be started or watched\n", stderr);
    return 1;
  }
  if(json)
    series_print_json(all, n);
  else
    series_print_table(all, n);
  return 0;
}
