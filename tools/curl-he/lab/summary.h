/* SPDX-License-Identifier: MIT */
#ifndef HE_LAB_SUMMARY_H
#define HE_LAB_SUMMARY_H
/* summary.h - the client's row in the table of "Lazy Eye Inspection: Capturing
 * the State of Happy Eyeballs Implementations" (Sattler et al.). Each part
 * comes from one scenario, and is there where that was run. Pure. */
#include "facts.h"

/* How the client bears with an answer that comes late. */
struct he_lab_late {
  enum {
    HE_LAB_LATE_UNKNOWN,      /* the scenario was not run */
    HE_LAB_LATE_NOT_ASKED,    /* it does not ask for both families */
    HE_LAB_LATE_NO_TRY,       /* it tries no address */
    HE_LAB_LATE_WAITS,        /* for the late answer, before the first SYN */
    HE_LAB_LATE_STARTS        /* without it */
  } how;
  double ms;                  /* from the first answer to the first SYN */
};

struct he_lab_summary {
  /* healthy: the label of the address that it uses, "none"; and what it asks
     the name server for, as in "AAAA,A". "": unknown. */
  char prefers[8];
  char asks[16];
  /* v6-dead: from the first IPv6 SYN to the first IPv4 one. Below 0: it tries
     one family, or the scenario was not run. */
  bool dead_run;
  double attempt_delay_ms;
  /* aaaa-late and a-late: Resolution Delay, RFC 8305 section 3. */
  struct he_lab_late aaaa_late;
  struct he_lab_late a_late;
  /* four-and-four: addresses tried within the limit, and their families in
     order, each address once: "6 4 6 4". "": unknown. */
  unsigned v6;
  unsigned v4;
  char families[2 * HE_LAB_TRIES + 1];
};

void he_lab_summarize(const struct he_lab_result *all, size_t n,
                      struct he_lab_summary *s);

#endif
