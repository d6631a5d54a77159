/* SPDX-License-Identifier: MIT */
/* main.c - he-tuning: one handle, several hosts, and for each host the delay
 * between attempts that its own connects suggest.
 *
 * After each transfer the race tells how long the winner's handshake took. The
 * next connect to that host starts its second attempt after twice as long: a
 * rule of the context, so that every other handle has it, too. The handle's own
 * delay (-d) beats the rules; it is for the first round, and then taken back.
 *
 * curl-he chooses a delay by itself where nobody sets one; this is for those
 * who know better, and to show how to look and how to turn. */
#include <curl_he/curl_he.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS_MAX 1000
/* A tuned delay stays within these, ms. */
#define DELAY_LEAST 20L
#define DELAY_MOST 500L

struct line {
  long rounds;
  long delay;       /* of the handle, in the first round; -1: none */
  char **urls;
};

static size_t swallow(char *data, size_t size, size_t count, void *user)
{
  (void)data;
  (void)user;
  return size * count;
}

/* -- looking -- */

/* How long the handshake of the attempt that connected first took, ms; -1
   where none did. */
static double handshake(const struct curl_he_steps *race)
{
  for(size_t i = 0; i < race->count; i++) {
    const struct curl_he_step *done = &race->steps[i];
    if(done->step != CURL_HE_STEP_CONNECTED || !done->address)
      continue;
    for(size_t k = i; k-- > 0;) {
      const struct curl_he_step *start = &race->steps[k];
      if(start->step == CURL_HE_STEP_START && start->address &&
         !strcmp(start->address, done->address))
        return (double)(done->time_us - start->time_us) / 1000;
    }
  }
  return -1;
}

/* -- turning -- */

static long suggestion(double handshake_ms)
{
  double ms = 2 * handshake_ms + 10;
  if(ms < DELAY_LEAST)
    return DELAY_LEAST;
  return ms > DELAY_MOST ? DELAY_MOST : (long)ms;
}

/* The rule for the host of this race; where nothing connected it is taken
   back, and curl-he chooses again. */
static CURLHEcode tune(const struct curl_he_steps *race)
{
  double ms = handshake(race);
  long delay = ms < 0 ? -1 : suggestion(ms);
  CURLHEcode code = curl_he_host_setopt(NULL, race->host, CURLHEOPT_DELAY_MS,
                                        delay);
  if(code)
    printf("  no rule: %s\n", curl_he_strerror(code));
  else if(delay < 0)
    puts("  next delay: curl-he's");
  else
    printf("  handshake %.1f ms, next delay: %ld ms\n", ms, delay);
  return code;
}

/* -- a transfer -- */

static void report(CURL *easy, const char *url, CURLcode result)
{
  char *winner = NULL;
  long attempts = 0, delay = 0;
  curl_off_t us = 0;
  curl_he_easy_getinfo(easy, CURLHEINFO_WINNER, &winner);
  curl_he_easy_getinfo(easy, CURLHEINFO_ATTEMPTS, &attempts);
  curl_he_easy_getinfo(easy, CURLHEINFO_DELAY_MS, &delay);
  curl_he_easy_getinfo(easy, CURLHEINFO_CONNECT_TIME_T, &us);
  printf("%s: %s, %s, connect %.1f ms, attempts %ld, delay %ld ms\n", url,
         result ? curl_easy_strerror(result) : "OK",
         winner ? winner : "no winner", (double)us / 1000, attempts, delay);
}

/* The URL is set by curl_he_easy_setopt(), so that libcurl's own second family
   starts as the rule for this host has it. */
static bool fetch(CURL *easy, const char *url)
{
  struct curl_he_steps race;
  CURLcode result;
  if(curl_he_easy_setopt(easy, CURLOPT_URL, url))
    return false;
  result = curl_easy_perform(easy);
  report(easy, url, result);
  if(!curl_he_easy_getinfo(easy, CURLHEINFO_RACE, &race) && race.count)
    return !tune(&race) && !result;
  puts("  no race");
  return !result;
}

static bool fetch_all(CURL *easy, const struct line *line)
{
  bool ok = true;
  for(long round = 1; round <= line->rounds; round++) {
    CURLHEcode code = curl_he_easy_setopt(easy, CURLHEOPT_DELAY_MS,
                                          round == 1 ? line->delay : -1L);
    if(code) {
      fprintf(stderr, "he-tuning: -d: %s\n", curl_he_strerror(code));
      return false;
    }
    for(char **url = line->urls; *url; url++)
      ok = fetch(easy, *url) && ok;
  }
  return ok;
}

/* -- the command line -- */

static bool number(const char *text, long max, long *out)
{
  char *end;
  *out = strtol(text, &end, 10);
  return *text >= '0' && *text <= '9' && !*end && *out >= 1 && *out <= max;
}

static bool read_line(int argc, char **argv, struct line *line)
{
  int c;
  line->rounds = 3;
  line->delay = -1;
  while((c = getopt(argc, argv, "n:d:")) != -1) {
    if(c == 'n' ? !number(optarg, ROUNDS_MAX, &line->rounds) :
       c != 'd' || !number(optarg, 2000, &line->delay))
      return false;
  }
  line->urls = argv + optind;
  return *line->urls != NULL;
}

int main(int argc, char **argv)
{
  struct line line;
  CURL *easy;
  bool ok = false;
  if(!read_line(argc, argv, &line)) {
    fputs("usage: he-tuning [-n ROUNDS] [-d MS] URL...\n", stderr);
    return 2;
  }
  if(curl_global_init(CURL_GLOBAL_ALL))
    return 1;
  easy = curl_easy_init();
  if(easy && !curl_he_setup(easy)) {
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, swallow);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, 30L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);   /* a race each time */
    ok = fetch_all(easy, &line);
    curl_he_detach(easy);
  }
  curl_easy_cleanup(easy);
  curl_he_free(curl_he_default());
  curl_global_cleanup();
  return ok ? 0 : 1;
}
