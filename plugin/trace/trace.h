/* SPDX-License-Identifier: MIT */
#ifndef HE_TRACE_H
#define HE_TRACE_H
/* trace.h - what a race did, step by step. */
#include "base/addr.h"

/* The table of steps, in the order and with the meaning of CURLHEstep;
   curl/getinfo.c compares. */
#define HE_STEP_TABLE(X) \
  X(RESOLVE) X(ANSWER) X(START) X(CONNECTED) X(FAILED) X(TIMED_OUT) \
  X(CANCELLED) X(GONE) X(PROVOKED) X(HANDED_OVER) X(ASIDE) X(WON) X(LOST) \
  X(REMEMBERED) X(LOOKUP) X(SERVICES)

enum he_step_kind {
#define HE_STEP_ENUM(name) HE_STEP_##name,
  HE_STEP_TABLE(HE_STEP_ENUM)
#undef HE_STEP_ENUM
};

/* What the connection attempt delay in force was derived from. As
   CURL_HE_DELAY_ has it. */
enum he_delay_why {
  HE_DELAY_COLD,              /* nothing: it is the one of first contact */
  HE_DELAY_NETWORK,           /* other hosts of the network */
  HE_DELAY_LEARNED,           /* the host itself */
  HE_DELAY_RULE               /* an option has it */
};

/* Where an answer, or an attempt's address, comes from. As CURL_HE_ORIGIN_ has
   it. */
enum he_origin {
  HE_ORIGIN_UNKNOWN,
  HE_ORIGIN_QUERY,            /* the resolver was asked, for this race */
  HE_ORIGIN_CACHE,            /* for an earlier one, and it is valid */
  HE_ORIGIN_REMEMBERED,       /* the history has it */
  HE_ORIGIN_GIVEN,            /* libcurl has it: its cache, or an option */
  HE_ORIGIN_HINT              /* an HTTPS record has it */
};

struct he_step {
  struct he_addr addr;        /* valid where has_addr */
  union {
    const char *text;         /* HE_STEP_ASIDE: static, or NULL */
    struct {                  /* HE_STEP_START, in a race that is traced */
      unsigned delay_ms;      /* the delay after it; 0: unknown */
      enum he_delay_why why;
    };
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
  enum he_origin origin : 3;  /* of HE_STEP_ANSWER, _REMEMBERED and, in a race
                                 that is traced, _START */
};

/* Grows as needed, up to a limit that no race reaches in earnest; what is
   beyond it, or has no memory, is not kept. */
struct he_trace {
  struct he_step *steps;
  size_t count;
  uint32_t room;
};

/* Room for so many in all; false without. */
bool he_trace_reserve(struct he_trace *t, uint32_t room);

void he_trace_add(struct he_trace *t, const struct he_step *step);
void he_trace_clear(struct he_trace *t);
/* A copy of the steps; NULL without memory or without steps. The caller frees
   it. */
struct he_step *he_trace_copy(const struct he_trace *t);

#endif
