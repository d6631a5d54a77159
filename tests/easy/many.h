/* SPDX-License-Identifier: MIT */
#ifndef EASY_MANY_H
#define EASY_MANY_H
/* many.h - connects by many threads to healthy hosts of both families, m00 to
 * m59, while the network is shaky; and over which family they came about. For
 * a test, and to be measured. */
#include <curl/curl.h>
#include <stdbool.h>

#define MANY_HOSTS 60
#define MANY_THREADS 64   /* at most */

struct many {
  bool setup;                      /* with curl-he */
  CURLcode (*perform)(CURL *easy);
  unsigned threads;
  unsigned connects;
  double limit_s;                  /* no connect begins after that */
};

struct many_came {
  unsigned ipv6;
  unsigned ipv4;
  unsigned failed;
  CURLcode error;                  /* of one that failed */
  long syns;                       /* probes' too */
};

/* "rtt=20 loss=1", as for lab_rule(): how all addresses of the hosts fare.
   NULL: well. */
bool many_rule(const char *words);

/* False: a thread, or the laboratory, is not to be had. */
bool many_go(const struct many *m, struct many_came *came);

#endif
