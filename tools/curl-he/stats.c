/* SPDX-License-Identifier: MIT */
/* stats.c - curl-he stats: figures of a trace, or of the user's history. */
#include "stats.h"
#include "command.h"
#include "pictures/reading.h"
#include "remembered.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool prometheus, json;

struct work {
  struct he_summary summary;
  struct he_figures figures;
};

/* -- of a trace -- */

static void count_connect(struct he_figures *f, const struct he_tried *winner,
                          int64_t took)
{
  const int k = winner->family == 6;
  int i = 0;
  while(i < HE_BUCKETS && took > he_buckets_us[i])
    i++;
  f->connects[k]++;
  f->buckets[k][i]++;
  f->took_us[k] += took;
}

static bool stats_take(const struct he_story *s, void *data)
{
  struct work *w = data;
  struct he_figures *f = &w->figures;
  const struct he_tried *winner = he_story_winner(s);
  if(winner)
    count_connect(f, winner, he_story_connect_us(s));
  f->failed += he_story_is_lost(s);
  f->races += s->ntried > 1;
  for(size_t i = 0; i < s->ntried; i++) {
    f->attempts[s->tried[i].libcurls]++;
    f->handed_over += s->tried[i].handed_over;
  }
  f->asides += s->nasides > 0;
  return he_summary_add(&w->summary, s);
}

static bool stats_trace(struct work *w, const char *path)
{
  const struct he_reader reader = { stats_take, NULL, w, &w->summary };
  const bool from_stdin = !strcmp(path, "-");
  FILE *in = from_stdin ? stdin : fopen(path, "re");
  const int error = in ? he_reading_run(in, &reader) : errno;
  if(in && !from_stdin)
    fclose(in);
  if(error) {
    he_say("stats: %s: %s", from_stdin ? "standard input" : path,
           strerror(error == ECANCELED ? ENOMEM : error));
    return false;
  }
  w->figures.compared = w->summary.compared;
  w->figures.saved_us = w->summary.saved_us;
  w->figures.dropped = w->summary.dropped;
  w->figures.damaged = w->summary.damaged;
  w->figures.mistakes = w->summary.mistakes;
  return true;
}

/* -- of a history -- */

static int count_address(const struct curl_he_history_entry *e, void *data)
{
  struct he_figures *f = data;
  if(e->verdict >= CURL_HE_VERDICT_GOOD && e->verdict <= CURL_HE_VERDICT_BAD)
    f->addresses[e->verdict]++;
  return 0;
}

static bool stats_history(struct he_figures *f)
{
  struct he_memory m = { .n = 0 };
  bool read;
  f->of_history = true;
  if(!he_memory_file(&m)) {
    he_say("stats: neither XDG_CACHE_HOME nor HOME names a folder");
    return false;
  }
  read = he_memory_read(&m, "stats", 443);
  he_memory_free(&m);
  return read && !curl_he_history_foreach(NULL, count_address, f);
}

/* -- the command -- */

static int run(int argc, char **argv)
{
  struct work *w;
  bool good;
  if(json && prometheus) {
    he_say("stats: --json and --prometheus: one of them at a time");
    return HE_EXIT_USAGE;
  }
  if(argc > 1) {
    he_say("stats: one file at a time; see curl-he stats --help");
    return HE_EXIT_USAGE;
  }
  w = calloc(1, sizeof(*w));
  if(!w) {
    he_say("stats: out of memory");
    return HE_EXIT_FAILED;
  }
  good = argc ? stats_trace(w, argv[0]) : stats_history(&w->figures);
  if(good && json)
    good = he_stats_json(&w->figures, stdout);
  else if(good)
    (prometheus ? he_stats_prometheus : he_stats_print)(&w->figures, stdout);
  he_summary_free(&w->summary);
  free(w);
  return good ? HE_EXIT_OK : HE_EXIT_FAILED;
}

static bool set(const struct he_flag *f, const char *argument)
{
  (void)argument;
  *(!strcmp(f->name, "json") ? &json : &prometheus) = true;
  return true;
}

static const struct he_flag flags[] = {
  { "json", 'j', NULL, "print JSON" },
  { "prometheus", 0, NULL, "print the text format of Prometheus" },
  { NULL, 0, NULL, NULL }
};

const struct he_command he_command_stats = {
  .name = "stats",
  .operands = "[FILE]",
  .help = "Sums up a trace, or the user's history where none is named.",
  .flags = flags,
  .set = set,
  .run = run
};
