/* SPDX-License-Identifier: MIT */
#ifndef HE_FOLD_H
#define HE_FOLD_H
/* fold.h - a history's file written anew: one line for what many said. Pure,
 * but for memory.
 *
 * Lines about one host are merged to one, which stands where the last of them
 * stood. Damaged lines go, and so does what was forgotten. A line that says so
 * stays for a day, so that a process that reads seldom hears of it. Where
 * there is too much, what was written last stays. */
#include "base/base.h"

struct he_fold_limits {
  unsigned hosts;       /* 1 at least */
  size_t bytes;
};

/* Bytes that grow. */
struct he_bytes {
  char *at;             /* from malloc() */
  size_t len;
  size_t room;
};
/* False without memory, and nothing changed. */
bool he_bytes_add(struct he_bytes *b, const void *bytes, size_t n);
/* The same with an end of line behind them. */
bool he_bytes_add_line(struct he_bytes *b, const char *line, size_t n);

/* Adds to *out a header and the lines that stay. `now` and `wall_ms` are one
   moment. False without memory; *out is of no meaning then. */
bool he_fold(const char *bytes, size_t len,
             const struct he_fold_limits *limits, he_time_ns now,
             int64_t wall_ms, struct he_bytes *out);

#endif
