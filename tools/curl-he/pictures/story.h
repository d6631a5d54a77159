/* SPDX-License-Identifier: MIT */
#ifndef HE_STORY_H
#define HE_STORY_H
/* story.h - a race as plain data: what was asked, what was tried, who won.
 *
 * A story is told step by step, by the steps of the API (story_step.c) or by
 * the lines of a trace (line.c, reading.c), and drawn by draw.h. Its size is
 * fixed: what goes beyond its arrays is counted, not kept. Its strings are
 * plain (plain.h). Times are microseconds since the race began. No I/O, no
 * clock. */
#include <curl_he/curl_he.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HE_STORY_LOOKUPS 8
#define HE_STORY_ATTEMPTS 64
#define HE_STORY_ASIDES 4
#define HE_NEVER_US ((int64_t)-1)
/* No race is longer: 24 hours. */
#define HE_STORY_LONGEST_US ((int64_t)86400 * 1000000)

/* How an attempt ended. */
enum he_outcome {
  HE_OPEN,                      /* nothing was told of its end */
  HE_CONNECTED,
  HE_FAILED,
  HE_TIMED_OUT,
  HE_CANCELLED,                 /* another had won */
  HE_GONE                       /* libcurl closed it */
};

/* A question for the addresses of one family. */
struct he_asked {
  int family;                   /* 4 or 6 */
  bool remembered;              /* no question: what history had kept */
  int64_t start;
  int64_t end;                  /* HE_NEVER_US: no answer was told */
  unsigned count;               /* addresses in the answer */
  char error[80];               /* why it failed, or "" */
  char origin[16];              /* "query", "cache", ... or "" */
};

struct he_tried {
  int family;                   /* 4, 6, or 0: unknown */
  bool libcurls;                /* the attempt was libcurl's own */
  bool won;
  bool handed_over;
  bool provoked;                /* shut down, so that libcurl asks again */
  enum he_outcome outcome;
  int64_t start;
  int64_t end;                  /* HE_NEVER_US with HE_OPEN */
  int64_t delay_ms;             /* the delay in force, -1: not told */
  int code;                     /* the errno of HE_FAILED; 0: unknown */
  char address[72];             /* with its port */
  char local[72];               /* its own end, likewise, or "" */
  char error[80];               /* of HE_FAILED; or "" */
  char why[16];                 /* of delay_ms, or "" */
  char origin[16];              /* where the address came from, or "" */
};

struct he_noted {
  int64_t at;
  char text[160];
};

struct he_story {
  char id[80];                  /* of a trace, or "" */
  char host[264];
  char program[64];             /* of a trace, or "" */
  char network[40];             /* of a trace, or "" */
  char wall[40];                /* when it began, RFC 3339, or "" */
  int port;
  long pid;                     /* of a trace, or 0 */
  int64_t began_us;             /* CLOCK_MONOTONIC, of a trace, or 0 */
  bool in_lookup;               /* it ran in libcurl's lookup */
  bool lost;                    /* it is over without a winner */
  int winner;                   /* an index of tried, or -1 */
  int64_t over;                 /* when won or lost; or HE_NEVER_US */
  int64_t last;                 /* the last step's time */
  char error[80];               /* why it was lost, or "" */
  size_t nasked;
  size_t ntried;
  size_t nasides;
  unsigned left_out;            /* steps that found no room */
  struct he_asked asked[HE_STORY_LOOKUPS];
  struct he_tried tried[HE_STORY_ATTEMPTS];
  struct he_noted asides[HE_STORY_ASIDES];
};

/* One step, from whomever. Strings live as long as the call, may be NULL, and
   need not be plain. */
struct he_moment {
  CURLHEstep step;
  int family;                   /* 4, 6, or 0 */
  bool libcurls;
  int64_t time_us;
  unsigned count;
  int code;                     /* errno of an attempt, or 0 */
  int64_t delay_ms;             /* -1: not told */
  const char *address;
  const char *local;
  const char *error;            /* in words */
  const char *text;
  const char *origin;
  const char *why;
};

void he_story_init(struct he_story *s, const char *host, int port);

/* The next step of the story. A time that runs backwards counts as the last
   step's; steps that fit nothing are passed over. */
void he_story_tell(struct he_story *s, const struct he_moment *m);

/* The moment of a step of the API. `error` is room for words. Origins, delays
   and local ends are there where the race was traced. */
void he_story_step(struct he_moment *m, const struct curl_he_step *step,
                   char *error, size_t size);

/* The time from the race's begin to its connection; HE_NEVER_US: none. */
int64_t he_story_connect_us(const struct he_story *s);
const struct he_tried *he_story_winner(const struct he_story *s);

/* Is it over without a connection? Also where no address was found. */
bool he_story_is_lost(const struct he_story *s);

/* When the last thing ended that a picture shows. */
int64_t he_story_span_us(const struct he_story *s);

/* Was the attempt silent for so long that it would hardly have been answered?
   That is: nothing came for 250 ms, or for three times as long as the winner
   took to connect. */
bool he_story_silent(const struct he_story *s, const struct he_tried *t);

/* The address without brackets and port. */
void he_story_bare(char *out, size_t size, const char *address);

/* CURL_HE_STEP_x in lower case, and back (-1: none has that name). */
const char *he_step_name(CURLHEstep step);
int he_step_named(const char *name);

/* A word for an outcome, for machines. */
const char *he_outcome_name(enum he_outcome outcome);

#endif
