/* SPDX-License-Identifier: MIT */
/* lab.c - curl-he lab: the flags, and where the work is done: this command
 * runs itself once more inside the laboratory, by the same arguments. */
#include "lab.h"
#include "../command.h"
#include "../number.h"
#include "../program.h"
#include "expect.h"
#include "inside.h"
#include "outside.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MOST_RUNS 1000

static struct he_lab_work work = {
  .plan = { .add_url = true, .limit_s = 10 },
  .repeat = 1
};
static const char *expected;  /* a file */
static struct he_lab_expect expect;
static bool list;

/* What there is to see of a client, in half a minute or so. */
static const char usual[] =
  "healthy,v6-dead,v6-refused,v6-no-route,v6-slow,one-a-works,four-and-four,"
  "far,aaaa-late,a-late,aaaa-dropped,aaaa-fails,v6-syn-lost,v6-large-lost";

static bool choose(const struct lab_scenario *s)
{
  for(size_t i = 0; i < work.n; i++) {
    if(work.chosen[i] == s)
      return true;
  }
  if(work.n == HE_LAB_CHOSEN)
    return false;
  work.chosen[work.n++] = s;
  return true;
}

static bool choose_all(void)
{
  bool ok = true;
  for(const struct lab_scenario *s = lab_scenarios; s->host; s++)
    ok = ok && (!s->name || choose(s));
  return ok;
}

static bool choose_words(const char *words)
{
  for(;;) {
    char word[64];
    const size_t n = strcspn(words, ",");
    const struct lab_scenario *s;
    snprintf(word, sizeof(word), "%.*s", n < 60 ? (int)n : 60, words);
    s = lab_scenario_named(word);
    if(!strcmp(word, "all"))
      choose_all();
    else if(!s) {
      he_say("lab: %s: there is no such scenario; see curl-he lab --list",
             word);
      return false;
    }
    else
      choose(s);
    if(!words[n])
      return true;
    words += n + 1;
  }
}

/* Without --scenario the expectations say what is run. */
static void choose_expected(void)
{
  const bool free_choice = !work.n;
  for(size_t i = 0; free_choice && i < expect.n; i++) {
    if(expect.list[i].scenario)
      choose(expect.list[i].scenario);
  }
}

/* What can be read once only, as a pipe, is for the inside. */
static bool read_expected(void)
{
  struct stat st;
  if(!lab_available() && !stat(expected, &st) && !S_ISREG(st.st_mode))
    return true;
  if(!he_lab_expect_read(&expect, expected))
    return false;
  work.expect = &expect;
  choose_expected();
  return true;
}

static bool set(const struct he_flag *flag, const char *argument)
{
  long n;
  if(!strcmp(flag->name, "scenario"))
    return choose_words(argument);
  if(!strcmp(flag->name, "timeout")) {
    if(!he_number_timeout("lab", flag, argument, &n))
      return false;
    work.plan.limit_s = (double)n / 1000;
  }
  else if(!strcmp(flag->name, "repeat")) {
    if(!he_number_flag("lab", flag, argument, 1, MOST_RUNS, &n))
      return false;
    work.repeat = (unsigned)n;
  }
  else if(!strcmp(flag->name, "expect"))
    expected = argument;
  else if(!strcmp(flag->name, "https"))
    work.plan.https = true;
  else if(!strcmp(flag->name, "no-url"))
    work.plan.add_url = false;
  else if(!strcmp(flag->name, "json"))
    work.json = true;
  else if(!strcmp(flag->name, "list"))
    list = true;
  else
    work.verbose = true;
  return true;
}

static int print_list(void)
{
  work.n = 0;
  choose_words(usual);
  printf(" %2s  %-26s %s\n", "#", "scenario", "* without --scenario");
  for(const struct lab_scenario *s = lab_scenarios; s->host; s++) {
    char number[16] = "";
    bool mark = false;
    for(size_t i = 0; i < work.n; i++)
      mark = mark || work.chosen[i] == s;
    if(s->number)
      snprintf(number, sizeof(number), "%d", s->number);
    if(s->name)
      printf(" %2s  %-24s %c %s\n", number, s->name, mark ? '*' : ' ',
             s->title);
  }
  puts("\n     facts for --expect");
  for(const struct he_lab_fact *f = he_lab_facts; f->name; f++)
    printf("     %-26s %s%s\n", f->name, f->time ? "ms " : "", f->help);
  return HE_EXIT_OK;
}

static int run_client(char **argv)
{
  work.plan.command = argv;
  if(!work.n)
    choose_words(usual);
  /* The flags stand before the operands: optind is where these begin. */
  return lab_available() ? he_lab_inside(&work) :
         he_lab_outside(argv - optind);
}

static int run(int argc, char **argv)
{
  struct he_program p;
  int status;
  if(list)
    return print_list();
  if(!argc) {
    he_say("lab: no program; see curl-he lab --help");
    return HE_EXIT_USAGE;
  }
  if(!he_program_find(argv[0], &p)) {
    he_say("lab: %s: %s", argv[0], strerror(errno));
    return errno == ENOENT ? HE_EXIT_NOT_FOUND : HE_EXIT_NOT_RUN;
  }
  status = !expected || read_expected() ? run_client(argv) : HE_EXIT_USAGE;
  he_lab_expect_free(&expect);
  return status;
}

static const struct he_flag flags[] = {
  { "scenario", 's', "NAME,...", "only these, by name or number; or all" },
  { "list", 'l', NULL, "print the scenarios, and run nothing" },
  { "repeat", 'n', "N", "run the client N times; the median is shown" },
  { "timeout", 't', "SECONDS", "kill a client that takes longer [10]" },
  { "expect", 'e', "FILE", "end with status 1 unless all is as in the file" },
  { "https", 0, NULL, "URLs with https in all scenarios" },
  { "no-url", 0, NULL, "append no URL, though no {url} or {host} is there" },
  { "json", 'j', NULL, "print JSON" },
  { "verbose", 'v', NULL, "print all that was seen of each run" },
  { NULL, 0, NULL, NULL }
};

const struct he_command he_command_lab = {
  .name = "lab",
  .operands = "PROGRAM [ARGUMENT...]",
  .program = true,
  .help = "Shows what a client does behind broken IPv6, in a laboratory.",
  .flags = flags,
  .run = run,
  .set = set
};
