/* SPDX-License-Identifier: MIT */
#ifndef HE_FIGURES_H
#define HE_FIGURES_H
/* figures.h - a race as the application sees it. The trace is the one record of
 * a race: every figure is computed from it. */
#include "trace/trail.h"

#include <curl_he/curl_he.h>

/* The last race. */
struct he_figures {
  const char *host;           /* NULL: there was none */
  uint16_t port;
  he_time_ns delay;           /* Connection Attempt Delay */
  uint64_t network;
  struct he_step *steps;
  size_t n;
};

/* One step, as the public header has it; its address is written there. */
void he_figures_publish(const struct he_step *s, uint64_t network,
                        struct curl_he_step *out, char address[HE_ADDR_TEXT]);

/* The first step of this kind; NULL: there is none. */
const struct he_step *he_figures_find(const struct he_figures *t,
                                      enum he_step_kind kind);
/* HE_STEP_WON of the last race, if there is a winner; else NULL. */
const struct he_step *he_figures_winner(const struct he_figures *t);

long he_figures_attempts(const struct he_figures *t);
curl_off_t he_figures_connect_time(const struct he_figures *t);
curl_off_t he_figures_resolve_time(const struct he_figures *t);

/* CURLHEINFO_RESOLVER. */
CURLHEcode he_figures_resolver(const struct he_figures *t);

/* CURLHEINFO_FAILURES, for the caller to free(); NULL without memory. */
char *he_figures_failures(const struct he_figures *t);
/* The same with ports; `late`: and with what still ran when the time was up. */
char *he_figures_failures_at(const struct he_figures *t, bool late);

/* CURLHEINFO_RACE: a copy in one piece, the steps, their addresses and the
   host, for the caller to free(). NULL without memory. */
void *he_figures_race(const struct he_figures *t, struct curl_he_steps *out);

#endif
