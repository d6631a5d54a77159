/* SPDX-License-Identifier: MIT */
#ifndef HE_TRACE_H
#define HE_TRACE_H
/* trace.h - what a race did, step by step. */
#include "base/addr.h"

/* in the order and with the meaning of CURLHEstep */
enum he_step_kind {
  HE_STEP_RESOLVE,
  HE_STEP_ANSWER,
  HE_STEP_START,
  HE_STEP_CONNECTED,
  HE_STEP_FAILED,
  HE_STEP_TIMED_OUT,
  HE_STEP_CANCELLED,
  HE_STEP_GONE,
  HE_STEP_PROVOKED,
  HE_STEP_HANDED_OVER,
  HE_STEP_ASIDE,
  HE_STEP_WON,
  HE_STEP_LOST,
  HE_STEP_REMEMBERED,
  HE_STEP_LOOKUP
};

struct he_step {
  struct he_addr addr;        /* valid where has_addr */
  union {
    const char *text;         /* HE_STEP_ASIDE: static, or NULL */
    struct {                  /* all others: */
      int error;
      unsigned count;
    };
  };
  uint64_t at_us : 40;        /* since the race began; never decreases */
  enum he_step_kind kind : 8;
  enum he_family family : 8;  /* valid where has_family */
  bool has_addr : 1;
  bool has_family : 1;
  bool native : 1;            /* libcurl's attempt */
};

/* Grows as needed, up to a limit that no race reaches in earnest; what is
   beyond it, or has no memory, is counted in `lost`. */
struct he_trace {
  struct he_step *steps;
  size_t count;
  uint32_t room;
  uint32_t lost;
};

/* Room for so many in all; false without. */
bool he_trace_reserve(struct he_trace *t, uint32_t room);

void he_trace_add(struct he_trace *t, const struct he_step *step);
void he_trace_clear(struct he_trace *t);
/* A copy of the steps; NULL without memory or without steps. The caller frees
   it. */
struct he_step *he_trace_copy(const struct he_trace *t);

#endif
