/* SPDX-License-Identifier: MIT */
/* share.c - how many connects to healthy hosts stay on IPv6, where packets are
 * late and get lost.
 *
 *   share [CONNECTS]
 *
 * By libcurl alone, by curl_easy_perform() with curl-he, and by
 * curl_he_perform(); all that it learns is kept for as long as that goes.
 * These are real packets: a check of what share_model.c says of the same
 * network. */
#include "easy/many.h"
#include "lab/labctl.h"

#include <curl_he/curl_he.h>
#include <stdio.h>
#include <stdlib.h>

#define CONNECTS 10000
#define THREADS MANY_THREADS
#define LIMIT_S 50

/* Of packets, each way, in percent. A handshake is two of them: IPv6 cannot
   have more than those that lose neither. */
static const double losses[] = { 0.5, 1 };

static void print_share(const char *mode, const struct many_came *came,
                        double seconds)
{
  double well = came->ipv6 + came->ipv4;
  printf("%-8s %6u IPv6 %5u IPv4: %6.2f %% IPv6, %.3f SYNs a connect, "
         "%u failed, %.0f s\n", mode, came->ipv6, came->ipv4,
         well > 0 ? 100 * came->ipv6 / well : 0,
         well > 0 ? (double)came->syns / well : 0, came->failed, seconds);
  fflush(stdout);
}

static bool measure(const char *mode, const struct many *m)
{
  struct many_came came;
  int64_t started = lab_now_ns();
  if(!many_go(m, &came)) {
    fprintf(stderr, "share: %s: not all threads could go\n", mode);
    return false;
  }
  print_share(mode, &came, (double)(lab_now_ns() - started) / 1e9);
  if(came.failed)
    printf("         such as: %s\n", curl_easy_strerror(came.error));
  /* what one has learned is not the next one's */
  curl_he_free(curl_he_default());
  return true;
}

int main(int argc, char **argv)
{
  unsigned n = argc > 1 ? (unsigned)atoi(argv[1]) : CONNECTS;
  const struct many alone = { false, curl_easy_perform, THREADS, n,
                             LIMIT_S };
  const struct many easy = { true, curl_easy_perform, THREADS, n,
                             LIMIT_S };
  const struct many perform = { true, curl_he_perform, THREADS, n,
                             LIMIT_S };
  bool ok = true;
  size_t i;
  if(curl_global_init(CURL_GLOBAL_ALL))
    return 1;
  for(i = 0; ok && i < sizeof(losses) / sizeof(*losses); i++) {
    const double whole = 1 - losses[i] / 100;
    char network[64];
    snprintf(network, sizeof(network), "rtt=20 jitter=10 loss=%g", losses[i]);
    if(!many_rule(network)) {
      fprintf(stderr, "share: %s\n", lab_error());
      return 1;
    }
    printf("LABORATORY, real packets: "
           "%u connects to %d healthy hosts, %d at a time; %s, each way: "
           "%.2f %% of handshakes lose no packet\n", n, MANY_HOSTS, THREADS,
           network, 100 * whole * whole);
    ok = measure("curl", &alone) && measure("easy", &easy) &&
      measure("perform", &perform);
  }
  many_rule(NULL);
  curl_global_cleanup();
  return ok ? 0 : 1;
}
