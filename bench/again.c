/* SPDX-License-Identifier: MIT */
/* again.c - connects of one process, one after the other, with a history.
 *
 *   again easy|perform FILE LIMIT-MS [N]
 *
 * Each line read is a URL. It is asked for with a new handle over a new
 * connection, and answered by a line as client.h has it. N: the steps of the
 * N-th race go to stderr. Who asks for them waits until they are learned,
 * which most applications do not, so they are not asked for each time. FILE
 * keeps the history; it is named when the first URL is there, so that the
 * first connect has to wait for what it needs of it. */
#include "client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *step_name(CURLHEstep step)
{
  static const char *const names[] = {
    "resolve", "answer", "start", "connected", "failed", "timed out",
    "cancelled", "gone", "provoked", "handed over", "aside", "won", "lost",
    "remembered", "lookup"
  };
  return names[step];
}

static void print_race(CURL *easy)
{
  struct curl_he_steps s;
  size_t i;
  if(curl_he_easy_getinfo(easy, CURLHEINFO_RACE, &s))
    return;
  fprintf(stderr, "race to %s:%d\n", s.host ? s.host : "nobody", s.port);
  for(i = 0; i < s.count; i++) {
    const struct curl_he_step *t = &s.steps[i];
    fprintf(stderr, "%9.1f ms %-11s %s %s %s\n", (double)t->time_us / 1000,
            step_name(t->step), t->libcurls ? "libcurl" : "curl-he",
            t->address ? t->address : "", t->text ? t->text : "");
  }
}

static bool connect_once(const char *mode, const char *url, long limit_ms,
                         bool verbose)
{
  struct client c;
  if(!client_open(&c, mode, url, limit_ms))
    return false;
  client_go(&c);
  if(verbose)
    print_race(c.easy);
  client_close(&c);
  return true;
}

int main(int argc, char **argv)
{
  char url[256];
  long number = 0;
  if(argc < 4) {
    fputs("usage: again easy|perform FILE LIMIT-MS [N]\n", stderr);
    return 2;
  }
  if(curl_global_init(CURL_GLOBAL_ALL))
    return 1;
  while(fgets(url, sizeof(url), stdin)) {
    url[strcspn(url, "\n")] = 0;
    if(!number++ && curl_he_setopt(NULL, CURLHEOPT_HISTORY_FILE, argv[2]))
      return 1;
    if(!connect_once(argv[1], url, atol(argv[3]),
                     argc > 4 && atol(argv[4]) == number))
      return 1;
  }
  curl_he_free(curl_he_default());
  curl_global_cleanup();
  return 0;
}
