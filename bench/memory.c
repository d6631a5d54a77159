/* SPDX-License-Identifier: MIT */
/* memory.c - runs the scenarios in the laboratory and says what it is worth to
 * remember.
 *
 *   memory [--quick] AGAIN FOLDER [SCENARIO...]
 *
 * AGAIN is the measuring program, FOLDER takes the files of the histories. Of
 * all courses (course.h) only one is connecting at a time, but for those that
 * wait for long; and no two are at the same host.
 *
 * Nothing is asserted here: tests do that. */
#include "course.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_COURSES 64
#define FIRST_LOST 19
#define ONE_DEAD 23

/* -- whose turn it is -------------------------------------------------- */

static bool meets_another(const struct course *all, size_t n,
                          const struct course *c)
{
  size_t i;
  for(i = 0; i < n; i++)
    if(&all[i] != c && all[i].state != IDLE && course_meets(&all[i], c))
      return true;
  return false;
}

static bool anyone_connecting(const struct course *all, size_t n)
{
  size_t i;
  for(i = 0; i < n; i++)
    if(!all[i].background && all[i].state == CONNECTING)
      return true;
  return false;
}

static bool may_connect(const struct course *all, size_t n,
                        const struct course *c)
{
  if(c->state == PAUSING)
    return c->due_ms <= course_now_ms();
  return c->state == IDLE && c->done < c->wanted && !meets_another(all, n, c);
}

/* What has begun goes before what has not, and then what has fewer runs. */
static bool comes_before(const struct course *a, const struct course *b)
{
  if(a->state != b->state)
    return a->state == PAUSING;
  return a->state == PAUSING ? a->due_ms < b->due_ms : a->done < b->done;
}

/* The one to connect now, or NULL. */
static struct course *pick(struct course *all, size_t n)
{
  bool occupied = anyone_connecting(all, n);
  struct course *best = NULL;
  size_t i;
  for(i = 0; i < n; i++) {
    struct course *c = &all[i];
    if(!may_connect(all, n, c))
      continue;
    if(c->background)
      return c;
    if(!occupied && (!best || comes_before(c, best)))
      best = c;
  }
  return best;
}

/* -- all of them ------------------------------------------------------- */

static bool finished(const struct course *all, size_t n)
{
  size_t i;
  for(i = 0; i < n; i++)
    if(all[i].done < all[i].wanted)
      return false;
  return true;
}

/* Until the next pause is over, rounded up. */
static int patience(const struct course *all, size_t n)
{
  double now = course_now_ms();
  double ms = -1;
  size_t i;
  for(i = 0; i < n; i++)
    if(all[i].state == PAUSING && all[i].due_ms > now &&
       (ms < 0 || all[i].due_ms - now < ms))
      ms = all[i].due_ms - now;
  return ms < 0 ? -1 : (int)ms + 1;
}

static bool run_all(struct course *all, size_t n)
{
  struct pollfd fds[MAX_COURSES];
  size_t i;
  while(!finished(all, n)) {
    struct course *next;
    while((next = pick(all, n)))
      if(!course_connect(next))
        return false;
    for(i = 0; i < n; i++) {
      fds[i].fd = all[i].out;
      fds[i].events = POLLIN;
      fds[i].revents = 0;
    }
    if(poll(fds, (nfds_t)n, patience(all, n)) < 0)
      return false;
    for(i = 0; i < n; i++)
      if(fds[i].revents && !course_read(&all[i]))
        return false;
  }
  return true;
}

/* -- the table --------------------------------------------------------- */

/* The distance to what is best, if all have connected. */
static bool distance(const struct course *c, enum turn turn, double *ms)
{
  if(c->plan.best_ms <= 0 || samples_failed(c->samples[turn], c->done))
    return false;
  *ms = samples_ms(c->samples[turn], c->done) - c->plan.best_ms;
  return true;
}

static void print_turn(const struct course *c, enum turn turn)
{
  const struct sample *list = c->samples[turn];
  char text[24];
  double ms;
  samples_time(list, c->done, text, sizeof(text));
  printf(" %11s", text);
  if(turn == COLD)
    return;
  if(distance(c, turn, &ms))
    printf(" %+7.1f", ms);
  else if(c->plan.best_ms == LAB_FAILS &&
          samples_failed(list, c->done) == c->done)
    printf(" %7s", "must");
  else
    printf(" %2d of %d", samples_failed(list, c->done), c->done);
}

static void print_row(const struct course *c)
{
  char best[16] = "fails";
  int turn;
  if(c->plan.best_ms > 0)
    snprintf(best, sizeof(best), "%d", c->plan.best_ms);
  if(c->mode == MODE_EASY)
    printf("%2d %-44.44s %5s", c->plan.number, c->plan.title, best);
  else
    printf("%53s", "");
  printf(" %-7s", mode_words[c->mode]);
  for(turn = 0; turn < TURNS; turn++)
    print_turn(c, (enum turn)turn);
  printf(" %3ld\n", samples_syns(c->samples[PROCESS], c->done));
}

static void print_worst(const struct course *all, size_t n, enum mode mode,
                        enum turn turn)
{
  double worst = 0;
  int number = 0;
  size_t i;
  for(i = 0; i < n; i++) {
    double ms;
    if(all[i].mode == mode && !all[i].background &&
       distance(&all[i], turn, &ms) && (!number || ms > worst)) {
      worst = ms;
      number = all[i].plan.number;
    }
  }
  if(number)
    printf(" %+7.1f (scenario %d)", worst, number);
}

static void print_table(const struct course *all, size_t n)
{
  size_t i;
  int mode;
  puts("Milliseconds from the call to the TCP connection of an https URL, "
       "median.\n"
       "cold: nothing known. second: right after. later: 8 s after that, with "
       "probes.\n"
       "process: the first of another process, by the history file; the SYNs "
       "of that.\n"
       "+best: distance to the best with memory, of which 20 ms are DNS: "
       "curl_he_perform()\n"
       "need not wait for them.\n");
  printf("%2s %-44s %5s %-7s %11s %11s %7s %11s %7s %11s %7s %3s\n", "#",
         "scenario", "best", "", "cold", "second", "+best", "later", "+best",
         "process", "+best", "SYN");
  for(i = 0; i < n; i++)
    print_row(&all[i]);
  puts("\n20 (another network) and 21 (IPv6 heals) are tested: "
       "tests/engine/moving_test.c,\n"
       "tests/engine/healing_test.c.\n\n"
       "worst distance to best, second, later, process:");
  for(mode = MODE_EASY; mode <= MODE_PERFORM; mode++) {
    int turn;
    printf("  %-7s", mode_words[mode]);
    for(turn = SECOND; turn < TURNS; turn++)
      print_worst(all, n, (enum mode)mode, (enum turn)turn);
    putchar('\n');
  }
}

/* -- what to measure --------------------------------------------------- */

struct set {
  struct course all[MAX_COURSES];
  size_t n;
  int runs;
  const char *program;
  const char *folder;
};

static void add(struct set *set, const struct plan *plan)
{
  int mode;
  for(mode = MODE_EASY; mode <= MODE_PERFORM && set->n < MAX_COURSES; mode++)
    course_init(&set->all[set->n++], plan, (enum mode)mode, set->runs,
                set->program, set->folder);
}

/* The table's best for the first SYN lost is with one lost each time. Here
   that is the first of all, and no reason to doubt IPv6 later. */
static int best_ms(const struct lab_scenario *s)
{
  return s->number == FIRST_LOST ? 2 * LAB_RTT_MS : s->best_memory_ms;
}

static void add_chosen(struct set *set, char **list)
{
  const struct lab_scenario *s;
  for(s = lab_scenarios; s->host; s++) {
    const struct plan plan = {
      s->number, s->title, s, s, best_ms(s)
    };
    if(s->number && chosen(s->number, list))
      add(set, &plan);
  }
  if(chosen(ONE_DEAD, list)) {
    const struct plan plan = {
      ONE_DEAD, "7's IPv6 dead, then 1, whose IPv6 is fine",
      lab_scenario_number(7), lab_scenario_number(1),
      lab_scenario_number(1)->best_memory_ms
    };
    add(set, &plan);
  }
}

int main(int argc, char **argv)
{
  static struct set set = { .runs = 3 };
  argv++;
  if(argc > 1 && !strcmp(*argv, "--quick")) {
    set.runs = 1;
    argv++;
    argc--;
  }
  if(argc < 3 || **argv == '-') {
    fputs("usage: memory [--quick] AGAIN FOLDER [SCENARIO...]\n", stderr);
    return 2;
  }
  set.program = *argv++;
  set.folder = *argv++;
  signal(SIGPIPE, SIG_IGN);
  add_chosen(&set, argv);
  if(!run_all(set.all, set.n)) {
    fputs("bench: a run could not be started or watched\n", stderr);
    return 1;
  }
  print_table(set.all, set.n);
  return 0;
}
