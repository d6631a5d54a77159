/* SPDX-License-Identifier: MIT */
/* print.c - the table, and the same as JSON lines. */
#include "series.h"

#include <stdio.h>

static void print_time(const struct series *s)
{
  char text[24];
  samples_time(s->samples, s->done, text, sizeof(text));
  printf(" %10s", text);
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

/* Further from the best than this, or slower than libcurl alone by more than
   this, is worth a mark. */
#define FAR_MS 20
#define SLOWER_MS 5

static bool is_far(const struct series *s)
{
  double ms;
  return distance(s, &ms) && ms > FAR_MS;
}

/* Slower than libcurl alone, or failed more often. */
static bool is_worse(const struct series *s, const struct series *alone)
{
  if(series_failed(s) * alone->done != series_failed(alone) * s->done)
    return series_failed(s) * alone->done > series_failed(alone) * s->done;
  return series_ms(s) - series_ms(alone) > SLOWER_MS;
}

static void print_verdict(const struct series *s, const struct series *alone)
{
  double ms;
  if(distance(s, &ms))
    printf(" %+7.1f", ms);
  else if(s->scenario->best_cold_ms == LAB_FAILS &&
          series_failed(s) == s->done)
    printf(" %7s", "must");
  else
    printf(" %2d of %d", series_failed(s), s->done);
  printf("%c%c", is_far(s) ? '!' : ' ', is_worse(s, alone) ? '>' : ' ');
}

static void print_row(const struct series *row)
{
  const struct lab_scenario *s = row->scenario;
  char best[16] = "fails";
  int mode;

  if(s->best_cold_ms > 0)
    snprintf(best, sizeof(best), "%d", s->best_cold_ms);
  printf("%2d %-38.38s %5s", s->number, s->title, best);
  for(mode = 0; mode < MODES; mode++) {
    print_time(&row[mode]);
    if(mode != MODE_CURL)
      print_verdict(&row[mode], &row[MODE_CURL]);
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

static void print_healthy(const struct series *row)
{
  int mode;
  printf("\nscenario 1 vs libcurl alone:");
  for(mode = MODE_EASY; mode < MODES; mode++)
    printf("%s %s %+.1f ms", mode == MODE_EASY ? "" : ",", mode_words[mode],
           series_ms(&row[mode]) - series_ms(row));
  putchar('\n');
}

void series_print_table(const struct series *all, size_t n)
{
  size_t i;
  int mode;

  puts("Milliseconds from the call to the connected socket, cold, median; "
       "SYNs sent to the host.\n"
       "curl: libcurl alone. With curl-he: easy: curl_easy_perform(), perform: "
       "curl_he_perform(),\n"
       "epoll: curl_multi_socket_action() in a strict event loop.\n"
       "+best: distance to the best that a cold start can do; ! more than "
       "20 ms. > slower than\n"
       "libcurl alone by more than 5 ms.\n");
  printf("%2s %-38s %5s %10s %3s", "#", "scenario", "best", "curl", "SYN");
  for(mode = MODE_EASY; mode < MODES; mode++)
    printf(" %10s %3s %7s  ", mode_words[mode], "SYN", "+best");
  putchar('\n');
  for(i = 0; i + MODES <= n; i += MODES)
    print_row(&all[i]);

  for(i = 0; i + MODES <= n; i += MODES)
    if(all[i].scenario->number == 1)
      print_healthy(&all[i]);
  puts("\nworst distance to best cold:");
  for(mode = 0; mode < MODES; mode++)
    print_worst(all, n, (enum mode)mode);
}

void series_print_json(const struct series *all, size_t n)
{
  size_t i;
  for(i = 0; i < n; i++) {
    const struct series *s = &all[i];
    int run;
    printf("{\"scenario\":%d,\"title\":\"%s\",\"mode\":\"%s\","
           "\"best_cold_ms\":%d,\"median_ms\":%.1f,\"failed\":%d,"
           "\"far\":%s,\"worse_than_libcurl\":%s,"
           "\"left_in_syn_sent\":%d,\"runs\":[",
           s->scenario->number, s->scenario->title, mode_words[s->mode],
           s->scenario->best_cold_ms, series_ms(s), series_failed(s),
           is_far(s) ? "true" : "false",
           is_worse(s, s - s->mode) ? "true" : "false", series_left(s));
    for(run = 0; run < s->done; run++)
      printf("%s{\"ms\":%.1f,\"syns\":%ld,\"code\":%d,\"winner\":\"%s\"}",
             run ? "," : "", s->samples[run].ms, s->samples[run].syns,
             s->samples[run].code, s->samples[run].winner);
    puts("]}");
  }
}
