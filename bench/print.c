/* SPDX-License-Identifier: MIT */
/* print.c - the table, and the same as JSON lines. */
#include "series.h"

#include <stdio.h>

static void print_time(const struct series *s)
{
  char text[24];
  samples_time(s->samples, s->done, text, sizeof(text));
  printf(" %11s", text);
  if(series_syns(s) < 0)
    printf("   ?");
  else
    printf(" %3ld", series_syns(s));
}

/* The distance to what is best, in milliseconds, if both have connected. */
static bool distance(const struct series *s, double *ms)
{
  if(s->scenario->best_cold_ms <= 0 || series_failed(s))
    return false;
  *ms = series_ms(s) - s->scenario->best_cold_ms;
  return true;
}

static void print_verdict(const struct series *s)
{
  double ms;
  if(distance(s, &ms))
    printf(" %+8.1f", ms);
  else if(s->scenario->best_cold_ms == LAB_FAILS &&
          series_failed(s) == s->done)
    printf(" %8s", "must");
  else
    printf(" %4d of %d", series_failed(s), s->done);
}

static void print_row(const struct series *row)
{
  const struct lab_scenario *s = row->scenario;
  char best[16] = "fails";
  int mode;

  if(s->best_cold_ms > 0)
    snprintf(best, sizeof(best), "%d", s->best_cold_ms);
  printf("%2d %-44.44s %5s", s->number, s->title, best);
  for(mode = 0; mode < MODES; mode++) {
    print_time(&row[mode]);
    if(mode != MODE_CURL)
      print_verdict(&row[mode]);
  }
  for(mode = 0; mode < MODES; mode++)
    if(series_left(&row[mode]))
      printf("  %s left %d in SYN-SENT", mode_words[mode],
             series_left(&row[mode]));
  putchar('\n');
}

static void print_worst(const struct series *all, size_t n, enum mode mode)
{
  double worst = 0;
  int number = 0;
  size_t i;
  for(i = mode; i < n; i += MODES) {
    double ms;
    if(distance(&all[i], &ms) && (!number || ms > worst)) {
      worst = ms;
      number = all[i].scenario->number;
    }
  }
  if(number)
    printf("  %-8s %+8.1f ms, in scenario %d\n", mode_words[mode], worst,
           number);
}

void series_print_table(const struct series *all, size_t n)
{
  size_t i;

  puts("Milliseconds from the call to the connected socket, cold, median; "
       "SYNs sent to the host.\n"
       "curl: libcurl alone. easy: curl_easy_perform() with curl-he. perform: "
       "curl_he_perform().\n"
       "+best: distance to the best that a cold start can do.\n");
  printf("%2s %-44s %5s %11s %3s %11s %3s %8s %11s %3s %8s\n", "#",
         "scenario", "best", "curl", "SYN", "easy", "SYN", "+best", "perform",
         "SYN", "+best");
  for(i = 0; i + MODES <= n; i += MODES)
    print_row(&all[i]);

  for(i = 0; i + MODES <= n; i += MODES)
    if(all[i].scenario->number == 1) {
      double alone = series_ms(&all[i + MODE_CURL]);
      printf("\nscenario 1 vs libcurl alone: easy %+.1f ms, perform %+.1f ms"
             "\n", series_ms(&all[i + MODE_EASY]) - alone,
             series_ms(&all[i + MODE_PERFORM]) - alone);
    }
  puts("\nworst distance to best cold:");
  print_worst(all, n, MODE_CURL);
  print_worst(all, n, MODE_EASY);
  print_worst(all, n, MODE_PERFORM);
}

void series_print_json(const struct series *all, size_t n)
{
  size_t i;
  for(i = 0; i < n; i++) {
    const struct series *s = &all[i];
    int run;
    printf("{\"scenario\":%d,\"title\":\"%s\",\"mode\":\"%s\","
           "\"best_cold_ms\":%d,\"median_ms\":%.1f,\"failed\":%d,"
           "\"left_in_syn_sent\":%d,\"runs\":[",
           s->scenario->number, s->scenario->title, mode_words[s->mode],
           s->scenario->best_cold_ms, series_ms(s), series_failed(s),
           series_left(s));
    for(run = 0; run < s->done; run++)
      printf("%s{\"ms\":%.1f,\"syns\":%ld,\"code\":%d,\"winner\":\"%s\"}",
             run ? "," : "", s->samples[run].ms, s->samples[run].syns,
             s->samples[run].code, s->samples[run].winner);
    puts("]}");
  }
}
