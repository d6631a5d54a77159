/* SPDX-License-Identifier: MIT */
#ifndef HE_DRAW_H
#define HE_DRAW_H
/* draw.h - the same report as text, SVG, HTML or JSON.
 *
 * All of it is made from plain strings (plain.h). The drawing functions write
 * to a stream and leave its errors to who closes it. */
#include "spread.h"
#include "story.h"
#include "summary.h"

#include <stdio.h>

/* What history says of an address of the host. */
struct he_recalled {
  char address[72];
  int family;
  long verdict;                 /* CURL_HE_VERDICT_ */
  int64_t connect_us;           /* 0: never measured */
  int64_t age_ms;
  unsigned long successes;
  unsigned long failures;
  unsigned long losses;
};

struct he_report {
  const char *command;          /* "race" or "trace" */
  char title[320];
  const struct he_story *const *stories;
  size_t count;
  unsigned long more;           /* races that are not among them */
  const char *error;            /* why the (last) race failed; NULL */
  const struct he_story *alone;      /* libcurl alone, or NULL */
  const char *alone_error;
  const struct he_spread *spread;    /* of repeated races, or NULL */
  const struct he_spread *alone_spread;
  const struct he_summary *summary;  /* of a trace, or NULL */
  const struct he_recalled *recalled;
  size_t nrecalled;
  bool asked_history;           /* false: history was not used */
  int64_t slo_us;               /* the limit that was asked for; 0: none */
  int64_t slo_was_us;           /* and what it is held against */
};

/* Was the limit kept? */
bool he_report_met(const struct he_report *r);

struct he_terminal {
  bool colours;
  bool utf8;
  size_t columns;
};

/* What stdout is. */
void he_terminal_look(struct he_terminal *t);

void he_draw_text(FILE *out, const struct he_report *r,
                  const struct he_terminal *t);
/* These return false without memory. */
bool he_draw_svg(FILE *out, const struct he_report *r);
bool he_draw_html(FILE *out, const struct he_report *r);
bool he_draw_json(FILE *out, const struct he_report *r);

/* -- a time axis -- */

struct he_axis {
  int64_t span;                 /* us; what the whole width stands for */
  int64_t step;                 /* us between ticks; 1, 2 or 5 times 10^n */
};
/* An axis of at most `ticks` ticks after 0 that has room for `us`. */
struct he_axis he_axis_for(int64_t us, unsigned ticks);
/* Where a time is on it, 0 to 100. */
double he_axis_at(const struct he_axis *a, int64_t us);

#endif
